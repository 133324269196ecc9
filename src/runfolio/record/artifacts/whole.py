"""A version names contents that are there: they are asked for once more when it has been made.

Whoever sweeps the store reads all versions before it moves contents aside, and again before it
removes them. So of a version that is made meanwhile each content is in its place, aside, or gone;
and it is gone only if nobody asked for it within the hour before.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from runfolio.errors import CorruptRecord, UsageError
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.blobs import BlobStore
from runfolio.model.artifact import ArtifactVersion, Entry
from runfolio.model.artifact_history import as_said

__all__ = ["GONE", "assure", "lost_of", "require"]

_ROUNDS: Final = 3

GONE: Final = "its content is not in the store any more"


def lost_of(entries: Iterable[Entry], blobs: BlobStore, held: Path | None = None) -> list[str]:
    """Return the paths whose content is not in the store, after asking for all of them.

    Parameters
    ----------
    held : Path, optional
        A folder that holds them, too: what the store has lost is kept anew from there.
    """
    own = [entry for entry in entries if entry.blake3 and not entry.uri]
    wanted = {entry.blake3: entry.size or 0 for entry in own}
    lost = blobs.ask(wanted)
    if lost and held is not None:
        blobs.add_all([held / entry.path for entry in own if entry.blake3 in lost])
        lost = blobs.ask({digest: wanted[digest] for digest in lost})
    return [entry.path for entry in own if entry.blake3 in lost]


def require(version: ArtifactVersion, blobs: BlobStore) -> None:
    """Ask for the contents of a version.

    Raises
    ------
    CorruptRecord
        Some are not there any more.
    """
    if lost := lost_of(version.entries, blobs):
        more = f" and {len(lost) - 1:,} more" if len(lost) > 1 else ""
        raise CorruptRecord(
            f"{version.name}:v{version.number} is not whole: the content of {lost[0]!r}{more} is not "
            "in the store any more. Log its files again."
        )


def assure(
    versions: ArtifactVersions,
    version: ArtifactVersion,
    blobs: BlobStore,
    held: Path | None = None,
    *,
    new: bool = False,
    run_id: str = "",
) -> None:
    """Have a version that was made, or was there, be wanted and whole, whoever sweeps meanwhile.

    Parameters
    ----------
    held : Path, optional
        A folder that holds its contents, too.

    Raises
    ------
    CorruptRecord
        Contents are gone; the version does not stand then.
    """
    was_dropped = _wanted_again(versions, version, new=new, run_id=run_id)
    lost = lost_of(version.entries, blobs, held)
    if lost and (new or was_dropped):
        with contextlib.suppress(UsageError):  # it has a stage by now
            versions.drop(version.number, "its content was swept while it was logged", run_id)
    if lost:
        require(version, blobs)


def _wanted_again(
    versions: ArtifactVersions, version: ArtifactVersion, *, new: bool, run_id: str
) -> bool:
    """Say that a version is wanted until that counts, and return whether it had been dropped."""
    now = versions.standing()
    was_dropped = version.number in now.dropped
    says = was_dropped or (not new and as_said(version, now).ttl_days is not None)
    for _ in range(_ROUNDS):
        if not says:
            break
        versions.keep(version.number, "it was logged again", run_id)
        # Whoever dropped it at the same moment may have the last word in the log.
        says = version.number in versions.standing().dropped
    return was_dropped
