"""Where an artifact stands: its project, its collection, and the version that it was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from runfolio.errors import ArtifactNotFound
from runfolio.record.artifacts.described import Described

if TYPE_CHECKING:
    from runfolio.record.artifacts.collections import Collection

__all__ = ["LINKED_FROM", "Placed"]

LINKED_FROM: Final = "linked_from"
"""What the metadata of a version of a collection call the version that it was made from."""


class Placed(Described):
    """What W&B's artifacts tell of their places; see `Artifact`."""

    entity = source_entity = ""
    """Empty: there is no account."""

    url = history_step = None
    """``None``: there is no server."""

    @property
    def state(self) -> str:
        """``PENDING`` until it is logged, then ``COMMITTED``."""
        return "PENDING" if self.is_draft() else "COMMITTED"

    @property
    def created_at(self) -> str:
        """When its version was made, in RFC 3339."""
        return self.logged("created_at").created_at

    updated_at = created_at

    @property
    def id(self) -> str:
        """Its name: there is no account to number it."""
        return self.name

    qualified_name = id  # noqa: A003 - as W&B has it

    @property
    def project(self) -> str:
        """The project of the run that made it; of a draft that of the run that is open."""
        from runfolio.record.artifacts.using import maker
        from runfolio.record.session import current

        if self._version is None:
            run = current()
            return run.project if run is not None else ""
        made = maker(self, self._version)
        return made.project if made is not None else ""

    @property
    def collection(self) -> Collection:
        """All versions of its name."""
        from runfolio.record.artifacts.collections import Collection

        return Collection(self.versions.folder.parent.parent, self.plain_name)

    @property
    def is_link(self) -> bool:
        """Whether it was made from a version of another artifact; see `Artifact.link`."""
        return self._version is not None and LINKED_FROM in self._version.metadata

    @property
    def source_artifact(self) -> Any:
        """The version that it was made from; itself where it is no link, or that one is gone."""
        from runfolio.record.artifacts.using import find

        if not self.is_link:
            return self
        try:
            text = str(self.logged("it").metadata[LINKED_FROM])
            return find(self.versions.folder.parent.parent, text)
        except ArtifactNotFound:
            return self

    @property
    def source_name(self) -> str:
        """The name of `source_artifact`."""
        return str(self.source_artifact.name)

    source_qualified_name = source_name

    @property
    def source_version(self) -> str:
        """The version of `source_artifact`."""
        return str(self.source_artifact.version)

    @property
    def source_project(self) -> str:
        """The project of `source_artifact`."""
        return str(self.source_artifact.project)

    @property
    def source_collection(self) -> Collection:
        """The collection of `source_artifact`."""
        found: Collection = self.source_artifact.collection
        return found
