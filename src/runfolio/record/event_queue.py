"""Events on their way to the disk; they are written with the next rows."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from runfolio.format.codec import dumps
from runfolio.record.values import plain

__all__ = ["EventQueue"]


class EventQueue:
    """Takes events from any thread, needs no lock, and gives them out as lines.

    Parameters
    ----------
    now : callable
        Returns the time in ns UTC.
    """

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._lines: deque[bytes] = deque()

    def __len__(self) -> int:
        return len(self._lines)

    def note(self, kind: str, **fields: Any) -> int:
        """Take an event and return its time."""
        now = self._now()
        event = {"time": now // 1_000_000, "kind": kind, **fields}
        try:
            line = dumps(event)
        except TypeError:  # a text that no UTF-8 holds, a number that no JSON reader takes
            line = dumps(plain(event))
        self._lines.append(line + b"\n")
        return now

    def take(self) -> bytes:
        """Return the lines that wait, and forget them."""
        return b"".join([self._lines.popleft() for _ in range(len(self._lines))])

    def clear(self) -> None:
        """Forget what waits."""
        self._lines.clear()
