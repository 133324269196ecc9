"""Append-only files of whole lines: written in parts, summed at every fsync, read past damage.

A file is never opened again once its process is gone. Each fsync adds a line to the ``.sums``
file beside it, ``{"end": bytes, "crc32": hex}``: the CRC-32 of the bytes since the line before.
After a write or fsync error other than a full disk the file is given up, because a second
fsync may succeed although the data is gone: whatever was not yet synced is written again into
the next part, whose sums begin with ``{"after": [file, offset]}``, and readers ignore the old
file past that offset.
"""

from __future__ import annotations

import contextlib
import errno
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runfolio.errors import CorruptRecord
from runfolio.format.codec import MAX_BYTES, dumps, loads
from runfolio.format.disk import read_small
from runfolio.format.layout import PartName, RunPaths
from runfolio.model.ports import Files

__all__ = ["LineWriter", "Mark", "Part", "live_parts", "read_blocks", "read_lines"]

ROLL_BYTES: Final = 64 * 1024 * 1024
"""A part is closed and the next begun after this many bytes."""

_CHUNK: Final = 1024 * 1024
# These mean "no room now": the same file may be tried again later.
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EAGAIN})


@dataclass(frozen=True, slots=True)
class Mark:
    """What one sync covers: the part, its descriptor and size, and how many chunks."""

    name: PartName
    fd: int
    size: int
    chunks: int


class LineWriter:
    """Appends lines to the parts of one kind; used by one thread at a time.

    Parameters
    ----------
    folder : Path
        The run directory.
    name : PartName
        First part; later ones count up from it.
    files : Files
        How the disk is reached.
    roll_bytes : int
        Size after which the next part is begun.
    """

    def __init__(
        self,
        folder: Path,
        name: PartName,
        files: Files,
        *,
        roll_bytes: int = ROLL_BYTES,
    ) -> None:
        self._folder = folder
        self._name = name
        self._files = files
        self._roll_bytes = roll_bytes
        self._fd: int | None = None
        self._sums_fd: int | None = None
        self._size = 0
        self._synced = 0
        # Bytes of the open part since its last good fsync: what the next part would repeat.
        self._unsynced: list[bytes] = []
        # Synced bytes of a line that a full disk cut: they belong to no part but the line's own.
        self._head = b""
        self._waiting = b""
        self._sums_waiting = b""
        self._after: tuple[str, int] | None = None
        self._closed: dict[str, int] = {}
        self._syncing = False
        self._abandoned = False
        self._left_open: list[int] = []

    @property
    def waiting(self) -> int:
        """Bytes accepted but not yet taken by the disk."""
        return len(self._waiting)

    @property
    def waiting_lines(self) -> int:
        """Whole lines among the bytes that wait."""
        return self._waiting.count(b"\n")

    @property
    def sizes(self) -> dict[str, int]:
        """Bytes that count in each part so far, by file name."""
        return {**self._closed, self._name.filename: self._size}

    def append(self, lines: bytes) -> None:
        """Write whole lines, each with its newline.

        Raises
        ------
        OSError
            The disk did not take all of it. Nothing is lost: the rest waits here and goes
            first at the next call, ``append(b"")`` included.
        """
        if self._abandoned:
            return
        at_line_start = not self._waiting
        self._waiting += lines
        if not self._waiting:
            return
        if at_line_start and self._size >= self._roll_bytes:
            self._roll()
        self._open()
        self._drain()

    def sync(self) -> None:
        """Bring what was appended to stable storage and note its sum.

        Raises
        ------
        OSError
            As `append`; what was not synced is kept and goes into the next part.
        """
        mark = self.mark()
        if mark is not None:
            error = self.reach(mark)
            self.settle(mark, error)
            if error is not None:
                raise error

    def mark(self) -> Mark | None:
        """Return what a sync would cover now, or ``None`` where all of it is synced.

        `mark`, `reach`, `settle` are `sync` in three steps: the first and the last need the
        caller's lock, the slow one in the middle does not, so that appending goes on meanwhile.
        """
        if self._fd is None or self._synced == self._size:
            return None
        self._syncing = True
        return Mark(self._name, self._fd, self._size, len(self._unsynced))

    def reach(self, mark: Mark) -> OSError | None:
        """Wait until the marked bytes are on stable storage; return what went wrong."""
        try:
            self._files.fsync(mark.fd)
        except OSError as error:
            return error
        return None

    def settle(self, mark: Mark, error: OSError | None) -> None:
        """Note that the marked bytes are safe, or give the part up."""
        self._syncing = False
        for fd in self._left_open:
            self._close_one(fd)
        self._left_open.clear()
        if mark.name != self._name:
            return  # the part was closed meanwhile, and synced for it
        if error is not None:
            # A full disk too: the system may have dropped what it could not bring there.
            self._give_up()
            return
        done = b"".join(self._unsynced[: mark.chunks])
        # A sum that cannot be written yet waits; the bytes are "unverified" until then.
        with contextlib.suppress(OSError):
            self._write_sum({"end": mark.size, "crc32": f"{zlib.crc32(done):08x}"})
        self._synced = mark.size
        del self._unsynced[: mark.chunks]
        whole = done.rfind(b"\n") + 1
        self._head = done[whole:] if whole else self._head + done

    def close(self) -> None:
        """Sync and close; raises as `sync`, with the descriptors closed all the same."""
        try:
            try:
                self.append(b"")
                self.sync()
            except OSError as error:
                if error.errno in _FULL:
                    raise
                # There is no later call that could bring it into the next part.
                self.append(b"")
                self.sync()
        finally:
            self._close_descriptors()

    def abandon(self) -> None:
        """Close the descriptors and write nothing more: the files belong to another process."""
        self._abandoned = True
        self._waiting = b""
        self._close_descriptors()

    def _open(self) -> None:
        if self._fd is not None:
            return
        while True:
            try:
                if self._sums_fd is None:
                    self._open_sums(self._folder / self._sums_name)
                self._fd = self._files.create(self._folder / self._name.filename)
            except FileExistsError:
                self._close_descriptors()
                self._name = self._name.next_part()
            else:
                return

    def _open_sums(self, path: Path) -> None:
        self._sums_fd = self._files.create(path)
        self._sums_waiting = b""
        if self._after is None:
            return
        try:
            # Before any data: a reader must never count the repeated bytes twice.
            self._write_sum({"after": list(self._after)})
            self._files.fsync(self._sums_fd)
        except OSError:
            # It would be taken for a part that repeats nothing.
            self._close_descriptors()
            with contextlib.suppress(OSError):
                self._files.unlink(path)
            raise
        self._after = None

    @property
    def _sums_name(self) -> str:
        return self._name.with_ext("sums").filename

    def _drain(self) -> None:
        fd = self._fd
        if fd is None:
            return
        while self._waiting:
            try:
                taken = self._files.write(fd, self._waiting)
            except InterruptedError:
                continue
            except OSError as error:
                if error.errno not in _FULL:
                    self._give_up()
                elif error.errno == errno.EFBIG and self._size:
                    self._move_on()
                raise
            done = self._waiting[:taken]
            self._waiting = self._waiting[taken:]
            self._unsynced.append(done)
            self._size += taken

    def _roll(self) -> None:
        self.sync()
        self._begin_next(self._size)

    def _begin_next(self, size: int) -> None:
        self._close_descriptors()
        self._closed[self._name.filename] = size
        self._name = self._name.next_part()
        self._size = self._synced = 0
        self._head = b""

    def _move_on(self) -> None:
        """Leave a part that may not grow, all but its torn last line on stable storage."""
        with contextlib.suppress(OSError):
            self.sync()
            self._give_up()

    def _give_up(self) -> None:
        """Leave this part at its last good line; the rest goes first into the next one."""
        good = self._synced - len(self._head)
        self._waiting = self._head + b"".join(self._unsynced) + self._waiting
        self._after = (self._name.filename, good)
        self._unsynced.clear()
        self._begin_next(good)

    def _write_sum(self, entry: dict[str, object]) -> None:
        self._sums_waiting += dumps(entry) + b"\n"
        while self._sums_waiting and self._sums_fd is not None:
            taken = self._files.write(self._sums_fd, self._sums_waiting)
            self._sums_waiting = self._sums_waiting[taken:]

    def _close_descriptors(self) -> None:
        if self._fd is not None and self._syncing:
            # A sync waits on this very descriptor; its number must not be given away.
            self._left_open.append(self._fd)
        else:
            self._close_one(self._fd)
        self._close_one(self._sums_fd)
        self._fd = self._sums_fd = None

    def _close_one(self, fd: int | None) -> None:
        if fd is not None:
            with contextlib.suppress(OSError):
                self._files.close(fd)


@dataclass(frozen=True, slots=True)
class Part:
    """One part a reader has to read, and how far.

    ``limit`` is an offset in bytes, or ``None`` for the whole file.
    """

    name: PartName
    path: Path
    limit: int | None = None


def live_parts(folder: Path, kind: str) -> list[Part]:
    """Return the parts of one kind that hold lines, cut where a later part took over."""
    found = RunPaths(folder).parts(kind, "jsonl", "parquet", "sums")
    # A writer killed before it made the part itself has repeated nothing.
    there = {name.with_ext("sums") for name, _ in found if name.ext != "sums"}
    limits: dict[str, int] = {}
    for name, path in found:
        if name.ext == "sums" and name.part > 1 and name in there:
            after = _after(path)
            if after is not None:
                limits[after[0]] = after[1]
    return [
        Part(name, path, limits.get(name.filename)) for name, path in found if name.ext == "jsonl"
    ]


def _after(path: Path) -> tuple[str, int] | None:
    with contextlib.suppress(OSError, CorruptRecord):
        first = loads(read_small(path).split(b"\n", 1)[0] or b"{}", path.name)
        after = first.get("after") if isinstance(first, dict) else None
        if isinstance(after, list) and len(after) == 2 and type(after[1]) is int and after[1] >= 0:
            return str(after[0]), after[1]
    return None


def read_lines(path: Path, start: int = 0, limit: int | None = None) -> Iterator[tuple[int, bytes]]:
    """Yield ``(offset, line)`` of each whole line, without its newline; see `read_blocks`."""
    for begin, block in read_blocks(path, start, limit):
        offset = begin
        for line in block[:-1].split(b"\n"):
            yield offset, line
            offset += len(line) + 1


def read_blocks(
    path: Path, start: int = 0, limit: int | None = None
) -> Iterator[tuple[int, bytes]]:
    """Yield ``(offset, lines)`` of about a megabyte of whole lines each, newlines included.

    Parameters
    ----------
    start : int
        Offset to begin at; it must be the beginning of a line.
    limit : int, optional
        Bytes from here on are not read.

    Notes
    -----
    A last line without newline is torn, or still being written: it is not yielded. Lines above
    16 MiB are passed over. `RunReader` and the series count what they could not read.
    """
    with path.open("rb") as file:
        file.seek(start)
        offset, rest, skipping = start, b"", False
        while True:
            room = _CHUNK if limit is None else min(_CHUNK, limit - offset - len(rest))
            chunk = file.read(room) if room > 0 else b""
            if not chunk:
                return
            if skipping:
                begin = chunk.find(b"\n") + 1
                offset += begin or len(chunk)
                chunk = chunk[begin:] if begin else b""
                skipping = not begin
            end = chunk.rfind(b"\n") + 1
            block, rest = (rest + chunk[:end], chunk[end:]) if end else (b"", rest + chunk)
            # Only a line that began in an earlier chunk can be too long.
            if len(block) > MAX_BYTES and (first := block.index(b"\n") + 1) > MAX_BYTES + 1:
                offset, block = offset + first, block[first:]
            if block:
                yield offset, block
                offset += len(block)
            if len(rest) > MAX_BYTES:
                offset, rest, skipping = offset + len(rest), b"", True
