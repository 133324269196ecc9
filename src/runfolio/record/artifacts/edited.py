"""``artifact.save()`` of a version: what was said of it since, beside the version and never in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runfolio.record.artifacts.described import said_of
from runfolio.record.artifacts.keeping import move_aliases
from runfolio.record.artifacts.names import listed_aliases
from runfolio.record.data_profiles import without_profile
from runfolio.record.session import current
from runfolio.record.values import plain

if TYPE_CHECKING:
    from runfolio.record.artifacts.artifact import Artifact
    from runfolio.record.redaction import Redaction

__all__ = ["save"]


def save(artifact: Artifact) -> None:
    """Record aliases, description, metadata, tags and ttl that a version has by now.

    Raises
    ------
    UsageError
        An alias that nobody gives, or metadata too large to stand beside a version.
    """
    version, versions = artifact.logged("save"), artifact.versions
    run = current()
    run_id = run.id if run is not None and run.path.parent == versions.folder.parent.parent else ""
    move_aliases(artifact, listed_aliases(artifact.aliases), run_id)
    meant = versions.aliases()
    for alias in artifact.taken_away():
        if alias != "latest" and meant.get(alias) == version.number:
            versions.move(alias, None, run_id)
    changed = _changed(artifact, _redaction())
    if changed:
        versions.describe(version.number, changed, run_id)
    artifact.became(versions.read(version.number), versions)
    artifact.named(artifact.aliases)


def _changed(artifact: Artifact, redaction: Redaction) -> dict[str, Any]:
    """Return what is said otherwise than the version has it, without secrets."""
    version = artifact.logged("it")
    said = said_of(artifact)
    place = f"the metadata of the artifact {version.name!r}"
    said["metadata"] = redaction.value(plain(said["metadata"]), place)
    said["description"] = redaction.value(said["description"], place)
    was = {
        "description": version.description, "ttl_days": version.ttl_days,
        "metadata": without_profile(version.metadata),
    }  # fmt: skip
    return {key: value for key, value in said.items() if value != was[key]}


def _redaction() -> Redaction:
    from runfolio.record.redaction import Redaction

    run = current()
    return run.life.redaction if run is not None else Redaction()
