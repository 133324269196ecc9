"""The last lines of a stream that goes back up to write over them, as several progress bars do."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["Screen", "goes_up", "shown"]

# Up, down, to the beginning of a line below or above, and what is erased: after the cursor, or all.
_MOVE: Final = re.compile(rb"\x1b\[([0-9]{0,3})([ABEFJK])|(\n)")
_UP: Final = re.compile(rb"\x1b\[[0-9]{0,3}[AF]")
_CUT: Final = re.compile(rb"\x1b(?:\[[0-9]{0,3})?\Z")
_MOST_UP: Final = 200


def goes_up(data: bytes) -> bool:
    """Return whether a terminal would go back to an earlier line."""
    return b"\x1b[" in data and _UP.search(data) is not None


def shown(line: bytes) -> bytes:
    """Return what a terminal shows of a line at last: what follows its last carriage return."""
    if b"\r" not in line:
        return line
    return line.rstrip(b"\r").rpartition(b"\r")[2]


class Screen:
    """As many lines as the stream goes back, and one more."""

    def __init__(self) -> None:
        self._rows = [b""]
        self._row = 0
        self._above = self._reach = 0
        self._cut = b""

    @property
    def rows(self) -> list[bytes]:
        """What is shown."""
        return [shown(row) for row in self._rows]

    @property
    def size(self) -> int:
        """How many bytes that are."""
        return sum(map(len, self._rows))

    def feed(self, data: bytes) -> list[bytes]:
        """Take what was printed next, and return the lines that are out of reach for good."""
        data = self._cut + data
        cut = _CUT.search(data)
        self._cut = b"" if cut is None else cut[0]
        place, end = 0, len(data) - len(self._cut)
        for move in _MOVE.finditer(data, 0, end):
            self._put(data[place : move.start()])
            place = move.end()
            if move[3]:
                self._down(1)
            else:
                self._move(move[2], move[1])
        self._put(data[place:end])
        over = max(min(len(self._rows) - self._reach - 1, self._row), 0)
        gone, self._rows = self._rows[:over], self._rows[over:]
        self._row -= over
        return [shown(row) for row in gone]

    def _put(self, text: bytes) -> None:
        if text:
            row = self._rows[self._row] + text
            returned = b"\r" if row.endswith(b"\r") else b""
            self._rows[self._row] = shown(row) + returned

    def _move(self, kind: bytes, count: bytes) -> None:
        if kind == b"J":
            if count in (b"", b"0"):
                del self._rows[self._row + 1 :]
        elif kind == b"K":
            if count == b"2":
                self._rows[self._row] = b""
        elif kind in (b"A", b"F"):
            self._up(min(int(count or 1), _MOST_UP))
        else:
            self._down(min(int(count or 1), _MOST_UP))
        if kind in (b"E", b"F"):
            self._put(b"\r")

    def _up(self, lines: int) -> None:
        self._above = min(self._above + lines, _MOST_UP)
        self._reach = max(self._reach, self._above)
        self._row = max(self._row - lines, 0)

    def _down(self, lines: int) -> None:
        self._above = max(self._above - lines, 0)
        self._row += lines
        self._rows += [b""] * (self._row + 1 - len(self._rows))
