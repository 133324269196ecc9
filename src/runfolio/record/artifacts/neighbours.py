"""The runs that made and used a version, as a program that walks along a lineage meets them."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runfolio.errors import ArtifactNotFound
from runfolio.format.events import read_events
from runfolio.record.artifacts.using import find

if TYPE_CHECKING:
    from runfolio.model.run import RunRecord
    from runfolio.record.artifacts.artifact import Artifact

__all__ = ["NeighbourRun", "told_in"]


class NeighbourRun:
    """A run beside an artifact: all that its record tells, and the versions that it made and used.

    Parameters
    ----------
    record : RunRecord
    """

    entity = ""
    """Empty: there is no account."""

    url = None
    """``None``: there is no server."""

    def __init__(self, record: RunRecord) -> None:
        self.record = record

    @property
    def state(self) -> str:
        """``finished``, ``failed``, ``running`` and so on."""
        return self.record.status.value

    def logged_artifacts(self, **_: Any) -> list[Artifact]:
        """Return the versions that it made and that are there."""
        return told_in(self.record.path, "made")

    def used_artifacts(self, **_: Any) -> list[Artifact]:
        """Return the versions that it used and that are there."""
        return told_in(self.record.path, "used")

    def __getattr__(self, name: str) -> Any:
        if name == "record":  # of one that is being copied
            raise AttributeError(name)
        return getattr(self.record, name)

    def __repr__(self) -> str:
        return repr(self.record)


def told_in(folder: Path, what: str) -> list[Artifact]:
    """Return the versions that a run says it ``made`` or ``used``, as far as they are there."""
    # The manifest has the newest fifty only.
    told = dict.fromkeys(
        (event["name"], event["version"])
        for event in read_events(folder, ("artifact",))
        if event.get("op") == what
    )
    found: list[Artifact] = []
    for name, number in told:
        with contextlib.suppress(ArtifactNotFound):  # it was dropped
            found.append(find(folder.parent, f"{name}:v{number}"))
    return found
