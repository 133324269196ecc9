"""At which steps of a training a costly look is taken."""

from __future__ import annotations

import time
from typing import Final

__all__ = ["Looks"]

_EVERY: Final = 100
_PART: Final = 0.02
"""Of the steps, beyond 100 times 50, and of the time."""


class Looks:
    """Counts steps and says when to look.

    Parameters
    ----------
    every : int, optional
        Every how many steps, the first included; nothing else counts then. Without it every 100,
        later every fiftieth part of the steps done, so that a long training keeps hundreds of looks
        and not thousands; and never so often that the looks take more than 2 % of the time.
    """

    def __init__(self, every: int | None = None) -> None:
        self._every = every
        self._due = 1
        self._spent_s = self._last_s = 0.0
        self._began = 0.0
        self.steps = 0

    def is_due(self) -> bool:
        """Count a step, and return whether it is one to look at."""
        self.steps += 1
        return self.steps >= self._due and self._is_affordable()

    def _is_affordable(self) -> bool:
        if self._every is not None or not self._began:
            return True
        spent = self._spent_s + self._last_s
        if spent <= _PART * (time.perf_counter() - self._began):
            return True
        self._due = self.steps + _EVERY // 10
        return False

    def took(self, seconds: float) -> None:
        """Take down how long the look took, and plan the next one."""
        if self._began:  # the first one loads what all the others find loaded
            self._last_s = seconds
            self._spent_s += seconds
        else:
            self._began = time.perf_counter()
        self._due = self.steps + (self._every or max(_EVERY, int(self.steps * _PART)))
