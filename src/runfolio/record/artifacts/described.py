"""What an artifact is called, what is known of it, and what stands behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from runfolio.errors import UsageError
from runfolio.format.artifact_versions import ArtifactVersions, content_digest
from runfolio.model.artifact import ArtifactVersion, Entry
from runfolio.model.artifact_history import Standing, as_said
from runfolio.model.data_profile import KEY as PROFILE
from runfolio.record.artifacts.draft import Draft
from runfolio.record.artifacts.names import folder_name
from runfolio.record.media.medium import warn_of_unknown

if TYPE_CHECKING:
    from runfolio.record.artifacts.entries import Manifest

__all__ = ["Described", "said_of"]

_TAGS: Final = "artifact_tags"
"""Where a version's metadata hold its tags: it has no other place for them."""

_KNOWN: Final = ("name", "type", "description", "metadata", "incremental", "use_as")


class Described:
    """The names and facts of one artifact; see `Artifact` for the parameters."""

    def __init__(
        self,
        name: str,
        type: str = "unspecified",  # noqa: A002 - as W&B has it
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        incremental: bool = False,  # noqa: FBT002
        use_as: Any = None,
        storage_region: Any = None,  # noqa: ARG002
        **unknown: Any,
    ) -> None:
        warn_of_unknown("Artifact", unknown, _KNOWN)
        self._name, self._type = folder_name(name), str(type)
        self.description, self.incremental = description, bool(incremental)
        self.metadata = metadata
        self.use_as = use_as
        self.aliases: list[str] = []
        self._named: list[str] = []
        self.tags: Sequence[str] | str = []
        self._ttl: timedelta | None = None
        self._draft: Draft | None = None
        self._version: ArtifactVersion | None = None
        self._versions: ArtifactVersions | None = None
        self._manifest: Manifest | None = None
        self.objects: dict[str, Any] = {}
        self._made: Path | None = None
        self._pretended = False

    @property
    def name(self) -> str:
        """Its name, with the version behind a colon once it has one."""
        return f"{self._name}:{self.version}" if self._version or self._pretended else self._name

    @property
    def type(self) -> str:
        """What kind of thing it is: ``model``, ``dataset`` and so on."""
        return self._type

    @property
    def metadata(self) -> dict[str, Any]:
        """What is known of it."""
        return self._metadata

    @metadata.setter
    def metadata(self, value: Mapping[str, Any] | None) -> None:
        if value is not None and not isinstance(value, Mapping):
            raise UsageError(
                f"metadata is a {value.__class__.__name__}; expected a mapping such as {{'rows': 3}}."
            )
        self._metadata = dict(value or {})

    @property
    def ttl(self) -> timedelta | None:
        """How long it is wanted; ``None`` for good."""
        return self._ttl

    @ttl.setter
    def ttl(self, value: Any) -> None:
        if not (value is None or (isinstance(value, timedelta) and value > timedelta(0))):
            raise UsageError(f"ttl is {value!r}; expected a datetime.timedelta above 0, or None.")
        self._ttl = value

    @property
    def version(self) -> str:
        """``v3``: the number of its version.

        Raises
        ------
        UsageError
            It was not logged.
        """
        return "v0" if self._pretended else f"v{self.logged('version').number}"

    @property
    def digest(self) -> str:
        """The hash of what it holds: two of one digest hold the same."""
        if self._version is not None:
            return self._version.digest
        return content_digest(self.draft().entries)

    commit_hash = digest

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(entry.size or 0 for entry in self.held())

    @property
    def file_count(self) -> int:
        """How many files it holds."""
        return len(self.held())

    def is_draft(self) -> bool:
        """Return whether it was not logged yet."""
        return self._version is None and not self._pretended

    # What stands behind it ------------------------------------------------------------------------

    def draft(self, call: str = "it") -> Draft:
        """Return what is put into it.

        Raises
        ------
        UsageError
            It was logged.
        """
        if self._version is not None:
            raise UsageError(f"{call}: {self.name} was logged and stays; change its new_draft().")
        if self._draft is None:
            from runfolio.record.artifacts.keeping import store_of_drafts

            self._draft = Draft(store_of_drafts(), self._name)
        return self._draft

    def logged(self, call: str) -> ArtifactVersion:
        """Return its version.

        Raises
        ------
        UsageError
            It was not logged.
        """
        if self._version is None:
            raise UsageError(
                f"{call}: the artifact {self._name!r} was not logged; run.log_artifact() makes a "
                "version of it."
            )
        return self._version

    def held(self) -> Sequence[Entry]:
        """Return what it holds, or will."""
        return self._version.entries if self._version is not None else self.draft().entries

    @property
    def plain_name(self) -> str:
        """Its name without a version."""
        return self._name

    @property
    def versions(self) -> ArtifactVersions:
        """All versions of this name, where this one lies.

        Raises
        ------
        UsageError
            It was not logged.
        """
        if self._versions is None:
            self.logged("it")
            raise UsageError(f"{self._name!r} lies in no store.")
        return self._versions

    def became(
        self, version: ArtifactVersion, versions: ArtifactVersions, now: Standing | None = None
    ) -> None:
        """Take note that it is a version now, and what is said of that by now."""
        self._versions, self._manifest = versions, None
        self._version = version = as_said(version, now or versions.standing())
        self._name, self._draft = version.name, None
        self.metadata = {
            key: value for key, value in version.metadata.items() if key not in (PROFILE, _TAGS)
        }
        self.description, tags = version.description, version.metadata.get(_TAGS)
        self.tags = list(map(str, tags)) if isinstance(tags, list) else []
        days = version.ttl_days
        self._ttl = timedelta(days=days) if days is not None else None

    def named(self, aliases: Iterable[str]) -> None:
        """Take note of the aliases that it has."""
        self.aliases = list(aliases)
        self._named = list(self.aliases)

    def taken_away(self) -> list[str]:
        """Return the aliases that it had and that the program took out of its list."""
        return [alias for alias in self._named if alias not in self.aliases]

    def pretend(self) -> None:
        """Be called a version where nothing is recorded."""
        self._pretended = True

    @classmethod
    def of(
        cls, version: ArtifactVersion, versions: ArtifactVersions, now: Standing | None = None
    ) -> Self:
        """Return what stands for a version that is there.

        Parameters
        ----------
        now : Standing, optional
            What was read a moment ago: of many versions it is read once.
        """
        now = now or versions.standing()
        made = cls(version.name, version.type)
        made.became(version, versions, now)
        made.named(a for a, n in versions.aliases(now).items() if n == version.number)
        return made


def said_of(artifact: Described) -> dict[str, Any]:
    """Return what a program says of an artifact, as a version has it; not yet without secrets."""
    tags = [artifact.tags] if isinstance(artifact.tags, str) else list(map(str, artifact.tags))
    return {
        "description": artifact.description,
        "metadata": {**artifact.metadata, **({_TAGS: tags} if tags else {})},
        "ttl_days": None if artifact.ttl is None else artifact.ttl / timedelta(days=1),
    }
