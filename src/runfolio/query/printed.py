"""What a run printed, by the numbers of its lines: a part of it, or where a text stands.

A file of any size is looked through once, block by block; kept are the places of some lines and
the numbers of those that match, never its text.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from runfolio.format.layout import PartName, RunPaths
from runfolio.query.output import as_seen, without_escapes

__all__ = ["Matches", "PrintedLog"]

_BLOCK: Final = 1 << 20
_EVERY: Final = 512
_NEWLINE: Final = 10
_LONGEST: Final = 2000
_MOST_MATCHES: Final = 100_000
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True, slots=True)
class Matches:
    """Where a text stands.

    Attributes
    ----------
    n : int
        Lines that hold it.
    lines : list of int
        The numbers of the first 100,000 of them, from 0.
    whole : bool
        Whether all was looked through; not where something newer was wanted meanwhile.
    """

    n: int
    lines: list[int]
    whole: bool = True


@dataclass(slots=True)
class _Part:
    """One file of it: how much of it was looked through, and where each 512th line begins."""

    path: Path
    inode: int = 0
    size: int = 0
    lines: int = 0
    starts: list[int] = field(default_factory=lambda: [0])

    def look(self) -> None:
        """Look through what is new; a file that became smaller is looked through anew."""
        with _opened(self.path) as file:
            info = os.fstat(file.fileno())
            if info.st_ino != self.inode or info.st_size < self.size:
                self.inode, self.size, self.lines, self.starts = info.st_ino, 0, 0, [0]
            file.seek(self.size)
            while block := file.read(_BLOCK):
                self._take(block)

    def _take(self, block: bytes) -> None:
        import numpy as np

        ends = np.flatnonzero(np.frombuffer(block, np.uint8) == _NEWLINE) + 1
        first = _EVERY - self.lines % _EVERY - 1
        self.starts += (ends[first::_EVERY] + self.size).tolist()
        self.lines += len(ends)
        self.size += len(block)

    def total(self) -> int:
        """Return how many lines it has, one that is not ended yet included."""
        with _opened(self.path) as file:
            file.seek(max(self.size - 1, 0))
            return self.lines + (self.size > 0 and file.read(1) != b"\n")

    def read(self, first: int, end: int) -> list[str]:
        """Return lines from the first to before the last one, counted from 0."""
        found: list[str] = []
        with _opened(self.path) as file:
            place = min(first // _EVERY, len(self.starts) - 1)
            file.seek(self.starts[place])
            at = place * _EVERY
            while at < end and file.tell() < self.size:
                line, whole = file.readline(_BLOCK), b""
                # Of a line of many megabytes only its end is seen: what a progress bar left.
                while line and not line.endswith(b"\n") and file.tell() < self.size:
                    whole, line = (whole + line)[-_BLOCK:], file.readline(_BLOCK)
                if at >= first:
                    text = (whole + line).decode("utf-8", "replace")
                    found.append(as_seen(without_escapes(text))[:_LONGEST])
                at += 1
        return found

    def blocks(self) -> Iterator[tuple[int, bytes]]:
        """Yield whole lines in blocks, each with the number of its first one."""
        at, rest, left = 0, b"", self.size
        with _opened(self.path) as file:
            while left > 0 and (block := file.read(min(_BLOCK, left))):
                left -= len(block)
                head, mark, tail = block.rpartition(b"\n")
                if not mark and len(rest) < 8 * _BLOCK:
                    rest += tail
                    continue
                lines = rest + head + mark
                yield at, lines
                at += lines.count(b"\n")
                rest = tail
        if rest:
            yield at, rest


class PrintedLog:
    """The lines that a run printed, in all files of the first rank that printed.

    Parameters
    ----------
    run_dir : Path
    """

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir
        self._parts: dict[PartName, _Part] = {}
        self._firsts: list[int] = [0]

    @property
    def n(self) -> int:
        """Lines that are known."""
        return self._firsts[-1]

    def look(self) -> int:
        """Look through what was printed since; return how many lines there are.

        Raises
        ------
        OSError
            A file cannot be read.
        """
        found = RunPaths(self._run_dir).parts("output", "log")
        names = [name for name, _ in found if name.rank == found[0][0].rank]
        self._parts = {
            name: self._parts.get(name) or _Part(path) for name, path in found if name in names
        }
        self._firsts = [0]
        for part in self._parts.values():
            part.look()
            self._firsts.append(self._firsts[-1] + part.total())
        return self.n

    def read(self, first: int, end: int) -> list[str]:
        """Return lines from the first to before the last one, counted from 0.

        Each is at most 2,000 characters long, without terminal escapes; other control characters
        are as they were.

        Raises
        ------
        OSError
            A file cannot be read.
        """
        found: list[str] = []
        for begin, stop, part in zip(
            self._firsts, self._firsts[1:], self._parts.values(), strict=False
        ):
            if begin < end and stop > first:
                found += part.read(max(first - begin, 0), min(end, stop) - begin)
        return found

    def find(self, text: str, is_over: Callable[[], bool] = lambda: False) -> Matches:
        """Return which lines hold a text; large and small letters are one.

        Parameters
        ----------
        is_over : callable
            Whether the answer is still wanted; looked at block by block.

        Raises
        ------
        OSError
            A file cannot be read.
        """
        wanted, n = text.casefold(), 0
        lines: list[int] = []
        for begin, part in zip(self._firsts, self._parts.values(), strict=False):
            for at, block in part.blocks():
                if is_over():
                    return Matches(n, lines, whole=False)
                for line in _places(block, wanted):
                    n += 1
                    if len(lines) < _MOST_MATCHES:
                        lines.append(begin + at + line)
        return Matches(n, lines)


def _places(block: bytes, wanted: str) -> Iterator[int]:
    """Yield the numbers of the lines of a block that hold a text, as they are seen."""
    text = without_escapes(block.decode("utf-8", "replace")).casefold()
    at, line, counted = 0, 0, 0
    while wanted and (at := text.find(wanted, at)) >= 0:
        begin = text.rfind("\n", 0, at) + 1
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line += text.count("\n", counted, begin)
        counted = begin
        # What a progress bar wrote over is not seen.
        if wanted in as_seen(text[begin:end]):
            yield line
        at = end


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading: no link, no device, nothing that blocks."""
    with os.fdopen(os.open(path, _FLAGS), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(f"{path.name} is not a regular file")
        yield file
