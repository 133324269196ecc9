"""An artifact that several processes put together: each adds its part, the last makes a version of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from runfolio.errors import UsageError
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.model.artifact import ArtifactVersion
from runfolio.record.artifacts.names import listed_aliases

if TYPE_CHECKING:
    from runfolio.record.artifacts.artifact import Artifact
    from runfolio.record.run import Run

__all__ = ["finish", "upsert"]

_ID: Final = "distributed_id"
"""What the metadata of a part call the artifact that it belongs to."""


def upsert(run: Run, artifact: Artifact, aliases: Any, distributed_id: str | None) -> Artifact:
    """Log a part; see `Run.upsert_artifact`."""
    artifact.metadata[_ID] = _known_by(run, distributed_id)
    return run.log_artifact(artifact, aliases=aliases)


def finish(run: Run, artifact: Artifact, aliases: Any, distributed_id: str | None) -> Artifact:
    """Log what all parts hold; see `Run.finish_artifact`."""
    known_by = _known_by(run, distributed_id)
    if run.life.disabled or run.life.disowned:
        return run.log_artifact(artifact, aliases=aliases)
    versions = ArtifactVersions(run.path.parent, artifact.plain_name)
    parts = _parts(versions, artifact.type, known_by)
    draft = artifact.draft("finish_artifact")
    for part in reversed(parts):  # of two files of one name the later counts
        for entry in part.entries:
            if entry.path not in draft.items:
                draft.add_entry(entry)
    numbers = {part.number for part in parts}
    named = [alias for alias, number in versions.aliases().items() if number in numbers]
    done = run.log_artifact(artifact, aliases=[*listed_aliases(aliases), *named])
    if done.is_draft():
        return done  # the disk refused, which was said: the parts stay
    stays = {*versions.standing().stages.values(), done.logged("it").number}
    for number in sorted(numbers - stays):
        versions.drop(number, f"it was a part of {done.name}", run.id)
    return done


def _known_by(run: Run, distributed_id: str | None) -> str:
    known_by = distributed_id or run.group
    if not known_by:
        raise UsageError(
            "An artifact of several processes needs a word that all of them know: give distributed_id=, "
            "or runfolio.init(group=…)."
        )
    return str(known_by)


def _parts(versions: ArtifactVersions, kind: str, known_by: str) -> list[ArtifactVersion]:
    dropped = versions.standing().dropped
    there = [versions.read(number) for number in versions.numbers() if number not in dropped]
    return [one for one in there if one.type == kind and one.metadata.get(_ID) == known_by]
