"""Stages of artifacts: what had one when, and what a rollback goes back to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from runfolio.errors import UsageError
from runfolio.format.codec import parse_time
from runfolio.model.artifact_history import LogEntry
from runfolio.store.artifacts import Artifact

__all__ = ["back_to", "entry_at", "history", "stage_at"]

_NEVER = datetime.max.replace(tzinfo=UTC)


def history(artifact: Artifact, stage: str | None = None) -> list[LogEntry]:
    """Return the promotions of an artifact in their order, of one stage or of all."""
    return [
        entry for entry in artifact.entries if entry.op == "stage" and stage in (None, entry.name)
    ]


def stage_at(artifact: Artifact, stage: str, moment: datetime) -> int | None:
    """Return which version had a stage at a moment.

    Entries keep their order; by a clock that was set back, the one made later counts from the
    time it bears.

    Parameters
    ----------
    moment : datetime
        Aware.
    """
    entry = entry_at(artifact, stage, moment)
    return None if entry is None else entry.version


def entry_at(artifact: Artifact, stage: str, moment: datetime) -> LogEntry | None:
    """Return the promotion that held at a moment; ``None`` where none had been made."""
    found = [
        entry
        for entry in history(artifact, stage)
        if not entry.foreign and (parse_time(entry.time) or _NEVER) <= moment
    ]
    return found[-1] if found else None


def back_to(artifact: Artifact, stage: str) -> int:
    """Return the version to which a rollback of a stage goes: the one before, if it is still there.

    Raises
    ------
    UsageError
        There is none.
    """
    before: Sequence[int | None] = artifact.standing.before.get(stage, [])
    now = artifact.standing.stages.get(stage)
    there = {version.number for version in artifact.versions}
    for version in reversed(before):
        if version is None or version == now or version in artifact.standing.dropped:
            continue
        if version in there:
            return version
    told = f"v{now} is the only one" if now is not None else "none"
    raise UsageError(
        f"{artifact.name} has no version that was {stage!r} before ({told}), so there is nothing to "
        "go back to; promote the version you want, or take the stage away with --clear."
    )
