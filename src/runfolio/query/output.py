"""The lines a run printed, as a person would have seen them."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from runfolio.format.layout import RunPaths

__all__ = ["as_seen", "matching_lines", "output_lines", "output_tail", "without_escapes"]

_BYTES: Final = 64 * 1024
_LENGTH: Final = 400
_LINE_BYTES: Final = 1 << 20
# Colours and cursor moves (CSI), titles and links (OSC, up to BEL or ST), and other escapes; none
# goes on in the next line.
_ESCAPES: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]|\x9b[0-?]*[ -/]*[@-~]"
)
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def output_tail(run_dir: Path, lines: int = 10) -> list[str]:
    """Return the last lines that a run printed, of a progress bar its last state.

    Terminal escapes are gone; other control characters are as they were. Empty where nothing was
    printed or kept. Of a distributed run those of its first rank that printed.
    """
    found: list[str] = []
    parts = RunPaths(run_dir).parts("output", "log")
    # While a program goes on, the newest of what it printed may lie in a later part.
    for _, path in reversed([part for part in parts if part[0].rank == parts[0][0].rank]):
        with contextlib.suppress(OSError):
            found = _lines_of(_end_of(path)) + found
        if len(found) >= lines:
            break
    return [line[:_LENGTH] for line in found[-lines:]]


def output_lines(run_dir: Path) -> Iterator[str]:
    """Yield all lines that a run printed and that were kept, as `output_tail` gives the last.

    A line of more than 1 MB comes in pieces.
    """
    parts = RunPaths(run_dir).parts("output", "log")
    for name, path in parts:
        if name.rank != parts[0][0].rank:
            continue
        with contextlib.suppress(OSError), os.fdopen(os.open(path, _FLAGS), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                continue
            while line := file.readline(_LINE_BYTES):
                yield as_seen(without_escapes(line.decode("utf-8", "replace")))


def matching_lines(lines: Iterable[str], text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that hold a text, each with its number from 1; large and small are one."""
    wanted = text.casefold()
    for number, line in enumerate(lines, 1):
        if wanted in line.casefold():
            yield number, line


def without_escapes(text: str) -> str:
    """Return text of any number of lines without what a terminal would obey."""
    return _ESCAPES.sub("", text) if "\x1b" in text or "\x9b" in text else text


def as_seen(line: str) -> str:
    """Return a line as it was left: of a progress bar its last state."""
    return line.rstrip("\r\n").rpartition("\r")[2].rstrip()


def _lines_of(end: bytes) -> list[str]:
    text = without_escapes(end.decode("utf-8", "replace"))
    found = [as_seen(line) for line in text.split("\n")]
    while found and not found[-1]:
        found.pop()
    return found


def _end_of(path: Path) -> bytes:
    """Return the end of a regular file, from the beginning of a line where it has one."""
    fd = os.open(path, _FLAGS)
    try:
        info = os.fstat(fd)
        if not stat.S_ISREG(info.st_mode):
            return b""
        start = max(info.st_size - _BYTES, 0)
        os.lseek(fd, start, os.SEEK_SET)
        data = os.read(fd, _BYTES)
    finally:
        os.close(fd)
    return data if not start else data.partition(b"\n")[2] or data
