"""What a ``log`` passes through on its way into the buffer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from runfolio.record.encoder import Row

__all__ = ["NEVER", "Gate"]

NEVER: Final = 2**63
"""A time that does not come."""


class Gate:
    """What every ``log`` passes through; the thread changes it, the caller only looks.

    Attributes
    ----------
    append : callable
        Takes a row: the buffer's own ``append``, or what refuses it, or raises.
    due : int
        Time in ns from which a caller should lend a hand.
    """

    __slots__ = ("append", "due", "now")

    def __init__(self, append: Callable[[Row], None], now: Callable[[], int]) -> None:
        self.append = append
        self.now = now
        self.due = 0

    def swap(self, old: Callable[[Row], None], new: Callable[[Row], None]) -> None:
        """Put `new` where `old` stands; what ended or stopped the run meanwhile stays."""
        if self.append == old:
            self.append = new
