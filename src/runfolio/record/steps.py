"""Which step each row belongs to, decided in the order in which the rows were logged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from runfolio.record.media.writer import Job

__all__ = ["Asked", "Steps"]


# Counting beyond would leave the 64 bits that every reader takes.
_TOP: Final = 2**62


@dataclass(frozen=True, slots=True)
class Asked:
    """What a ``log`` said beyond plain values at a plain step.

    Attributes
    ----------
    step : int, float or None
        The step it named.
    stays_open : bool
        Whether the next ``log`` without a step belongs to the same one (``commit=False``).
    texts : mapping of str to str
        Values that are text; they become events at the row's step.
    media : list of Job
        Images and the like, taken; they get the row's step.
    """

    step: float | None = None
    stays_open: bool = False
    texts: dict[str, Any] = field(default_factory=dict)
    media: list[Job] = field(default_factory=list)

    @property
    def extras(self) -> int:
        """How many values it holds that are no numbers."""
        return len(self.texts) + len(self.media)


class Steps:
    """The step counter of one run.

    A row without a step takes the next whole number; after an explicit, fractional or resumed
    step that is ``floor(largest) + 1``. Rows reach it one after the other, in the order in which
    ``log`` took them: so it needs no lock, and two threads never get one number.

    Parameters
    ----------
    largest : float
        The largest step of earlier segments, -1 for a new run.
    """

    def __init__(self, largest: float = -1) -> None:
        self.following = _after(largest)
        self._open: float | None = None
        self._taken: tuple[float, float] | None = None

    @property
    def next(self) -> float:
        """The step that the next row without one takes."""
        return self.following if self._open is None else self._open

    @property
    def is_open(self) -> bool:
        """Whether a ``commit=False`` left its step open."""
        return self._open is not None

    def mark(self) -> tuple[int, float | None]:
        """Return where it stands, for `go_back`."""
        return self.following, self._open

    def go_back(self, mark: tuple[int, float | None]) -> None:
        """Stand again where it stood then."""
        self.following, self._open = mark

    def take(self, asked: float | Asked | None) -> float:
        """Return the step of the next row."""
        stays_open = isinstance(asked, Asked) and asked.stays_open
        step = asked.step if isinstance(asked, Asked) else asked
        if step is None:
            step = self.next
        self._open = step if stays_open else None
        if step >= self.following:
            self.following = _after(step)
        return step

    def has_taken(self, steps: Sequence[float]) -> None:
        """Note the steps of rows that were written."""
        if steps:
            first, last = min(steps), max(steps)
            before = self._taken or (first, last)
            self._taken = min(first, before[0]), max(last, before[1])

    def taken(self) -> tuple[float, float] | None:
        """Return the smallest and the largest step since this was asked last."""
        taken, self._taken = self._taken, None
        return taken


def _after(step: float) -> int:
    return min(math.floor(step) + 1, _TOP)
