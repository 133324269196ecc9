"""Where the curves of two runs part, and where they cross: at the steps that both have."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runfolio.model.series import Series

__all__ = ["Course", "course"]


@dataclass(frozen=True, slots=True)
class Course:
    """One metric in both runs, point by point; steps that only one run has tell nothing.

    Attributes
    ----------
    n_was, n_now : int
        Points of each run: one a step.
    steps_was, steps_now : tuple of float and float
        The first and the last step.
    n_common : int
        Steps that both have.
    equal_until : float or None
        The last common step up to which all values are equal, bit for bit; ``None`` where the
        first ones differ.
    parts_at : float or None
        The first common step at which they differ; ``None`` where they never do.
    was, now : float or None
        The values there.
    crossings : int
        How often the curves cross.
    crosses_at : float or None
        The first step at which the other run is ahead for once.
    """

    n_was: int
    n_now: int
    steps_was: tuple[float, float]
    steps_now: tuple[float, float]
    n_common: int = 0
    equal_until: float | None = None
    parts_at: float | None = None
    was: float | None = None
    now: float | None = None
    crossings: int = 0
    crosses_at: float | None = None

    @property
    def is_same(self) -> bool:
        """Whether both runs have the same points."""
        return self.parts_at is None and self.n_was == self.n_now == self.n_common


def course(was: Series, now: Series) -> Course | None:
    """Return how two curves run beside each other; ``None`` where one of them has no point."""
    import numpy as np

    if not (len(was) and len(now)):
        return None
    steps, a, b = was.step, was.value, now.value
    # Mostly both have the same steps; to match them sorts them all.
    if not np.array_equal(was.step, now.step):
        steps, left, right = np.intersect1d(
            was.step, now.step, assume_unique=True, return_indices=True
        )
        a, b = a[left], b[right]
    spans = [(float(one.step[0]), float(one.step[-1])) for one in (was, now)]
    found = Course(len(was), len(now), spans[0], spans[1], len(steps))
    if not len(steps):
        return found
    differ = np.flatnonzero((a != b) & ~(np.isnan(a) & np.isnan(b)))
    if not len(differ):
        return replace(found, equal_until=float(steps[-1]))
    first = int(differ[0])
    # Where they are equal or one is no number, nobody is ahead: the sign before it goes on.
    with np.errstate(invalid="ignore"):
        ahead = np.sign(b - a)
    ahead, at = (part[np.isfinite(ahead) & (ahead != 0)] for part in (ahead, steps))
    turns = np.flatnonzero(ahead[1:] != ahead[:-1]) + 1
    return replace(
        found,
        equal_until=float(steps[first - 1]) if first else None,
        parts_at=float(steps[first]), was=float(a[first]), now=float(b[first]),
        crossings=len(turns), crosses_at=float(at[turns[0]]) if len(turns) else None,
    )  # fmt: skip
