"""Which versions of a checkpoint stay: the best, and the last."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runfolio.errors import UsageError
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.model.artifact import ArtifactVersion
from runfolio.model.metric import GOALS
from runfolio.record.artifacts.run_folder import take_out_of_run
from runfolio.record.artifacts.using import users_of

if TYPE_CHECKING:
    from runfolio.record.life import Life

__all__ = ["Keep", "apply", "drop", "goal_of", "score_of"]


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

    def told(self) -> str:
        """Return what stays, in words."""
        best = [f"the best {self.best} by {self.by}"] if self.best else []
        return " and ".join([*best, *([f"the last {self.last}"] if self.last else [])])

    def __post_init__(self) -> None:
        counts = (self.best, self.last)
        if any(type(count) is not int or count < 0 for count in counts) or not any(counts):
            raise UsageError("Keep: best and last are whole numbers, at least one of them above 0.")
        if self.best and not self.by:
            raise UsageError("Keep: the best by what? Give by='val/loss', or another metric.")
        if self.goal not in (None, "min", "max", "minimize", "maximize"):
            raise UsageError(f"Keep: goal is {self.goal!r}; expected 'min' or 'max'.")


def goal_of(keep: Keep, life: Life) -> str:
    """Return which way the metric of a policy is better.

    Raises
    ------
    UsageError
        Nobody said so.
    """
    said = life.definitions.of(keep.by or "")
    goal = GOALS.get(keep.goal or "") or (said.goal if said is not None else None)
    if keep.best and goal is None:
        raise UsageError(
            f"Keep: which way is {keep.by!r} better? Give goal='min' or 'max', or "
            f"run.define_metric({keep.by!r}, goal='minimize')."
        )
    return goal or ""


def score_of(keep: Keep, life: Life) -> float | None:
    """Return the last value of the metric of a policy; ``None`` where there is none."""
    life.writer.flush()
    found = life.writer.encoder.summaries().get(keep.by or "")
    last = found.last if found is not None else None
    return float(last) if last is not None and math.isfinite(last) else None


def apply(keep: Keep, life: Life, versions: ArtifactVersions) -> None:
    """Drop what a run made and its policy does not keep, and take its files out of the run.

    What has an alias or a stage stays, and what another run used.
    """
    now, store = versions.standing(), versions.folder.parent.parent
    mine = [
        version for number in versions.numbers()
        if number not in now.dropped and (version := versions.read(number)).run_id == life.folder.name
    ]  # fmt: skip
    named = {*now.aliases.values(), *now.stages.values()}
    wanted = named | {version.number for version in mine[max(len(mine) - keep.last, 0) :]}
    wanted |= {version.number for version in _best(keep, goal_of(keep, life), mine)}
    for version in mine:
        if version.number in wanted or any(
            one != life.folder.name for one in users_of(store, version)
        ):
            continue
        drop(
            versions, version.number, f"the policy of its run keeps {keep.told()}", life.folder.name
        )
        take_out_of_run(life, version)


def _best(keep: Keep, goal: str, mine: Sequence[ArtifactVersion]) -> Sequence[ArtifactVersion]:
    scored = [v for v in mine if isinstance(v.metadata.get(keep.by or ""), (int, float))]
    scored.sort(key=lambda version: version.metadata[keep.by or ""], reverse=goal == "maximize")
    return scored[: keep.best]


def drop(versions: ArtifactVersions, number: int, why: str, run_id: str = "") -> None:
    """Say that the content of a version may go."""
    versions.drop(number, why, run_id)
