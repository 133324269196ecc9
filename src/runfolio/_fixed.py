"""A clock that stands still and ids that count up, for the test kit."""

from __future__ import annotations

import itertools

__all__ = ["FixedClock", "FixedIds"]


class FixedClock:
    """A clock that stands still until it is told to go on.

    Parameters
    ----------
    start_ms : int
        Milliseconds since 1970-01-01 UTC; 2026-11-22T21:30:45.123Z by default.
    tick_ms : int
        How far each reading moves it on.
    """

    def __init__(self, start_ms: int = 1_795_383_045_123, *, tick_ms: int = 0) -> None:
        self._now_ns = start_ms * 1_000_000
        self._start_ns = self._now_ns
        self._tick_ns = tick_ms * 1_000_000

    def time_ns(self) -> int:
        """Return nanoseconds since 1970-01-01 UTC."""
        now, self._now_ns = self._now_ns, self._now_ns + self._tick_ns
        return now

    def monotonic(self) -> float:
        """Return seconds since the clock was made."""
        return (self._now_ns - self._start_ns) / 1e9

    def advance(self, seconds: float) -> None:
        """Move the clock on."""
        self._now_ns += round(seconds * 1e9)


class FixedIds:
    """Tokens that count up, from ``000001``."""

    def __init__(self) -> None:
        self._count = itertools.count(1)

    def token(self) -> str:
        """Return six hexadecimal digits."""
        return f"{next(self._count):06x}"
