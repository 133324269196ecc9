"""Copying and hashing at once: one thread copies, another hashes what has been written."""

from __future__ import annotations

import os
import threading
from typing import Final

import blake3

from runfolio._hashing import hasher
from runfolio.format.kernel_copy import reserve
from runfolio.model.ports import BlobFiles

__all__ = ["SMALL", "copy_hashed", "read_whole"]

SMALL: Final = 1 << 20
"""A file of at most so many bytes is read into memory: a second thread costs more than it saves."""

# Large enough that a change of threads is nothing beside it, small enough to be still in the cache.
_COPIED: Final = 8 << 20
_HASHED: Final = 1 << 20


def copy_hashed(
    source: int, size: int, target: int, files: BlobFiles, *, durable: bool = False
) -> tuple[str, int]:
    """Give an empty file the content of another, and return its hash and how many bytes it was.

    Parameters
    ----------
    source, target : int
        Descriptors; the target's is for reading and writing, and not for appending.
    size : int
        How large the source is; what it has grown by meanwhile is left.
    durable : bool
        The copy will be waited for until it is on stable storage.

    Raises
    ------
    OSError
        Reading or writing failed.

    Notes
    -----
    Of a large file the copy is hashed, as it can be read again: what is hashed is what was written,
    whatever becomes of the source meanwhile, and of that each byte is read once.
    """
    if size <= SMALL:
        content = read_whole(source, size)
        if content:
            files.append(target, memoryview(content))
        return blake3.blake3(content).hexdigest(), len(content)
    reserve(target, size)
    copying = _Copying(source, size, target, files, durable=durable)
    into, at, room = hasher(beside=1), 0, memoryview(bytearray(_HASHED))
    try:
        while at < (there := copying.there(at)):
            while at < there and (n := os.preadv(target, [room[: there - at]], at)):
                into.update(room[:n])
                at += n
    finally:
        copying.finish()
    return into.hexdigest(), at


def read_whole(source: int, size: int) -> bytes:
    """Return a small file's content, and a bit more where it grows: whoever asked refuses it then."""
    content = os.read(source, size + 1)
    while len(content) <= size and (more := os.read(source, SMALL)):
        content += more
    return content


class _Copying:
    """Copies a file while the caller goes on; without a thread to be had, at once."""

    def __init__(
        self, source: int, size: int, target: int, files: BlobFiles, *, durable: bool
    ) -> None:
        self._source, self._size, self._target, self._files = source, size, target, files
        self._durable = durable
        self._done, self._ended, self._unwanted = 0, False, False
        self._error: BaseException | None = None
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        thread = threading.Thread(target=self._run, name="runfolio-copy", daemon=True)
        try:
            thread.start()
            self._thread = thread
        except RuntimeError:  # there are too many, or the interpreter ends
            self._run()

    def there(self, at: int) -> int:
        """Return how many bytes are written: more than `at`, unless no more come."""
        with self._changed:
            self._changed.wait_for(lambda: self._done > at or self._ended)
            return self._done

    def finish(self) -> None:
        """Wait for the copying to end, and raise what it met with."""
        self._unwanted = True
        if self._thread is not None:
            self._thread.join()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        at = 0
        try:
            while at < self._size and not self._unwanted:
                count = min(_COPIED, self._size - at)
                n = self._files.copy(self._source, self._target, at, count, soon=self._durable)
                if n == 0:
                    break  # it was cut short: the caller sees that
                at += n
                with self._changed:
                    self._done = at
                    self._changed.notify()
        except BaseException as error:  # noqa: BLE001 - it is raised to the caller
            self._error = error
        with self._changed:
            self._ended = True
            self._changed.notify()
