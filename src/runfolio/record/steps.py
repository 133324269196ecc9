"""Which step a ``log`` belongs to, across threads."""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runfolio.record.writer import Gate

__all__ = ["Steps"]


class Steps:
    """Counts steps for a `Gate`.

    A ``log`` without a step takes the next whole number; a counter in C gives each number to
    one thread only. After an explicit, fractional or resumed step it goes on at
    ``floor(largest) + 1``. A ``log`` with ``commit=False`` leaves its step open for the next.

    Parameters
    ----------
    largest : float
        The largest step of earlier segments, -1 for a new run.
    """

    def __init__(self, gate: Gate, largest: float = -1) -> None:
        self._gate = gate
        # Re-entrant: leaving a step open asks for the next one first.
        self._lock = threading.RLock()
        self._largest = largest
        self._count: Callable[[], float] = itertools.count(
            math.floor(largest) + 1
        ).__next__
        gate.next_step = self._count

    def open(self) -> float:
        """Return the step of a ``log`` with ``commit=False``: the next one, which stays open."""
        with self._lock:
            step = self._gate.next_step()
            self._leave_open(step)
        return step

    def explicit(self, step: float, *, commit: bool | None) -> None:
        """Note that somebody named a step."""
        if commit is False:
            with self._lock:
                self._leave_open(step)
        elif step > self._largest:
            self._largest = step
            self._gate.next_step = self._after_explicit

    @property
    def next(self) -> float:
        """The step that the next ``log`` without one takes."""
        return self.open()

    def _after_explicit(self) -> float:
        with self._lock:
            if self._gate.next_step != self._after_explicit:
                return self._gate.next_step()  # another thread was here first
            following = self._count()
            step = max(math.floor(following), math.floor(self._largest) + 1)
            self._count = itertools.count(step + 1).__next__
            self._gate.next_step = self._count
        return step

    def _leave_open(self, step: float) -> None:
        """Let the next call give `step` once more, and the numbers after it follow."""
        following = max(self._count(), math.floor(max(step, self._largest)) + 1)
        self._count = itertools.chain((step,), itertools.count(following)).__next__
        self._gate.next_step = self._count
