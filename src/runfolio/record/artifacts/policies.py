"""Which versions of a checkpoint stay: the best, and the last."""

from __future__ import annotations

from dataclasses import dataclass

from runfolio.errors import UsageError
from runfolio.format.artifact_versions import ArtifactVersions

__all__ = ["Keep", "drop"]


@dataclass(frozen=True, slots=True)
class Keep:
    """Which versions of a checkpoint stay; see `Run.log_artifact`.

    Parameters
    ----------
    best : int
        So many of the best by a metric.
    by : str, optional
        The metric.
    goal : str, optional
        ``min`` or ``max``; by default what `Run.define_metric` says of the metric.
    last : int
        So many of the newest.

    Raises
    ------
    UsageError
        It keeps nothing, or the best by no metric.
    """

    best: int = 0
    by: str | None = None
    goal: str | None = None
    last: int = 1

    def __post_init__(self) -> None:
        counts = (self.best, self.last)
        if any(type(count) is not int or count < 0 for count in counts) or not any(counts):
            raise UsageError("Keep: best and last are whole numbers, at least one of them above 0.")
        if self.best and not self.by:
            raise UsageError("Keep: the best by what? Give by='val/loss', or another metric.")
        if self.goal not in (None, "min", "max", "minimize", "maximize"):
            raise UsageError(f"Keep: goal is {self.goal!r}; expected 'min' or 'max'.")


def drop(versions: ArtifactVersions, number: int, why: str, run_id: str = "") -> None:
    """Say that the content of a version may go."""
    versions.drop(number, why, run_id)
