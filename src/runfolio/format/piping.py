"""Copying and hashing at once: one thread reads and hashes, the other writes."""

from __future__ import annotations

import contextlib
import os
import threading
from queue import SimpleQueue
from typing import Final

import blake3

from runfolio._hashing import hasher
from runfolio.model.ports import BlobFiles

__all__ = ["copy_hashed"]

_PIECE: Final = 1 << 20
_PIECES: Final = 4
# Below it a second thread costs more than it saves.
_SMALL: Final = 1 << 20


def copy_hashed(source: int, size: int, target: int, files: BlobFiles) -> tuple[str, int]:
    """Append a file's content to another, and return its hash and how many bytes it was.

    Parameters
    ----------
    source, target : int
        Descriptors.
    size : int
        How large the source is expected to be.

    Raises
    ------
    OSError
        Reading or writing failed.
    """
    if size <= _SMALL:
        return _small(source, size, target, files)
    into = hasher()
    behind, count = _Behind(target, files), 0
    try:
        while behind.error is None and (n := os.readv(source, [room := behind.room()])):
            behind.write(room[:n])
            into.update(room[:n])
            count += n
    finally:
        behind.finish()
    return into.hexdigest(), count


def _small(source: int, size: int, target: int, files: BlobFiles) -> tuple[str, int]:
    content = os.read(source, size + 1)
    while more := os.read(source, _SMALL):
        content += more
        if len(content) > size:
            break  # it grows: the caller refuses it
    if content:
        files.append(target, memoryview(content))
    return blake3.blake3(content).hexdigest(), len(content)


class _Behind:
    """Writes what it is given while the caller goes on; without a thread to be had, at once."""

    def __init__(self, fd: int, files: BlobFiles) -> None:
        self.error: BaseException | None = None
        self._fd, self._files = fd, files
        self._full: SimpleQueue[memoryview | None] = SimpleQueue()
        self._free: SimpleQueue[memoryview] = SimpleQueue()
        for _ in range(_PIECES):
            self._free.put(memoryview(bytearray(_PIECE)))
        self._thread: threading.Thread | None = None
        thread = threading.Thread(target=self._run, name="runfolio-copy", daemon=True)
        with contextlib.suppress(RuntimeError):  # the interpreter ends
            thread.start()
            self._thread = thread

    def room(self) -> memoryview:
        """Return room for a piece; waits for the writing where all is in use."""
        return self._free.get()

    def write(self, piece: memoryview) -> None:
        """Have a piece written; it is not to be changed any more."""
        self._full.put(piece)
        if self._thread is None:
            self._full.put(None)
            self._run()

    def finish(self) -> None:
        """Wait for the writing, and raise what it met with."""
        self._full.put(None)
        if self._thread is not None:
            self._thread.join()
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        while (piece := self._full.get()) is not None:
            if self.error is None:
                try:
                    self._files.append(self._fd, piece)
                except BaseException as error:  # noqa: BLE001 - it is raised to the caller
                    self.error = error
            self._free.put(memoryview(piece.obj))
