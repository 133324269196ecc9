"""Which versions of a checkpoint stay: the best, and the last."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from runfolio.errors import UsageError
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.codec import parse_time
from runfolio.format.content_stamp import Stamp
from runfolio.format.letting_go import let_go
from runfolio.model.artifact import ArtifactVersion
from runfolio.model.metric import GOALS
from runfolio.record.artifacts.run_folder import take_out_of_run
from runfolio.record.artifacts.uses import Uses

if TYPE_CHECKING:
    from runfolio.record.life import Life

__all__ = ["Checkpoints", "Keep", "drop", "goal_of", "score_of"]

# Two machines' clocks differ.
_SLACK_S: Final = 60.0


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


class Checkpoints:
    """What a run made under policies: each version is read once, and its room comes back at once.

    Parameters
    ----------
    life : Life
    """

    def __init__(self, life: Life) -> None:
        self._life, self._own = life, life.folder.name
        self._uses = Uses(life.folder.parent, self._own)
        self._read: dict[str, dict[int, ArtifactVersion | None]] = {}
        # What nobody had before this process kept it, and the one version that it was kept for.
        self._made: dict[str, tuple[str, int, Stamp]] = {}
        self._numbers: set[tuple[str, int]] = set()

    def add(self, version: ArtifactVersion, made: Mapping[str, Stamp]) -> None:
        """Hear of a version that this process made, and which of its contents were new."""
        self._numbers.add((version.name, version.number))
        for entry in version.entries:
            stamp = made.get(entry.blake3)
            if stamp is None:
                self._made.pop(entry.blake3, None)  # two versions hold it
            else:
                self._made[entry.blake3] = (version.name, version.number, stamp)

    def apply(self, keep: Keep, versions: ArtifactVersions) -> None:
        """Drop what the run made and its policy does not keep, and give its room back.

        What has an alias or a stage stays, and what another run used.
        """
        now = versions.standing()
        mine = self._mine(versions, now.dropped)
        named = {*now.aliases.values(), *now.stages.values()}
        wanted = named | {version.number for version in mine[max(len(mine) - keep.last, 0) :]}
        wanted |= {version.number for version in _best(keep, goal_of(keep, self._life), mine)}
        spare = [version for version in mine if version.number not in wanted]
        used = self._uses.since(min(map(_made_at, spare)) - _SLACK_S) if spare else set()
        for version in spare:
            if (version.name, version.number) not in used:
                self._drop(versions, version, f"the policy of its run keeps {keep.told()}")

    def _mine(self, versions: ArtifactVersions, dropped: Container[int]) -> list[ArtifactVersion]:
        read = self._read.setdefault(versions.name, {})
        for number in versions.numbers():
            if number not in read and number not in dropped:
                version = versions.read(number)
                # Of what it holds the entries are the most, and nobody asks here.
                read[number] = replace(version, entries=()) if version.run_id == self._own else None
        return [
            one for number, one in sorted(read.items()) if one is not None and number not in dropped
        ]

    def _drop(self, versions: ArtifactVersions, version: ArtifactVersion, why: str) -> None:
        drop(versions, version.number, why, self._own)
        take_out_of_run(self._life, version)
        key = (version.name, version.number)
        going = {digest: made[2] for digest, made in self._made.items() if made[:2] == key}
        for digest in going:
            del self._made[digest]
        let_go(versions.folder.parent.parent, going, self._numbers)


def _made_at(version: ArtifactVersion) -> float:
    made = parse_time(version.created_at)
    return made.timestamp() if made is not None else 0.0


def _best(keep: Keep, goal: str, mine: Sequence[ArtifactVersion]) -> Sequence[ArtifactVersion]:
    scored = [v for v in mine if isinstance(v.metadata.get(keep.by or ""), (int, float))]
    scored.sort(key=lambda version: version.metadata[keep.by or ""], reverse=goal == "maximize")
    return scored[: keep.best]


def drop(versions: ArtifactVersions, number: int, why: str, run_id: str = "") -> None:
    """Say that the content of a version may go."""
    versions.drop(number, why, run_id)
