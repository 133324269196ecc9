"""All versions of a name, and all names of a type, as W&B's public interface lists them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runfolio.errors import ArtifactNotFound, CorruptRecord
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.layout import is_run_id
from runfolio.model.artifact_history import Standing
from runfolio.record.artifacts.using import names_in, of_name

if TYPE_CHECKING:
    from runfolio.record.artifacts.artifact import Artifact

__all__ = ["ArtifactType", "Collection", "types_in"]


class Collection:
    """The versions of one artifact.

    Parameters
    ----------
    store : Path
    name : str

    Raises
    ------
    ArtifactNotFound
        There is none of that name.
    """

    def __init__(self, store: Path, name: str) -> None:
        self.name = name
        self.id = name
        self._versions = of_name(store, name)

    @property
    def type(self) -> str:
        """What kind of thing its versions are; empty where none can be read."""
        for number in self._there(self._versions.standing()):
            with contextlib.suppress(CorruptRecord, OSError):
                return self._versions.read(number).type
        return ""

    @property
    def aliases(self) -> list[str]:
        """All aliases that one of its versions has."""
        return list(self._versions.aliases())

    def artifacts(self, **_: Any) -> list[Artifact]:
        """Return its versions, the newest first; those that were dropped are left out."""
        from runfolio.record.artifacts.artifact import Artifact

        versions, now = self._versions, self._versions.standing()
        return [Artifact.of(versions.read(n), versions, now) for n in self._there(now)]

    versions = artifacts

    def _there(self, now: Standing) -> list[int]:
        numbers = reversed(self._versions.numbers())
        return [number for number in numbers if number not in now.dropped]

    def __len__(self) -> int:
        return len(self._there(self._versions.standing()))

    def __repr__(self) -> str:
        return f"<artifact collection {self.name}>"


class ArtifactType:
    """All artifacts of one type.

    Parameters
    ----------
    store : Path
    name : str
        ``model``, ``dataset`` and so on.
    """

    def __init__(self, store: Path, name: str) -> None:
        self.name = name
        self._store = store

    def collections(self, **_: Any) -> list[Collection]:
        """Return the artifacts of this type, by name."""
        return [one for one in _all(self._store) if one.type == self.name]

    def collection(self, name: str) -> Collection:
        """Return the artifact of a name.

        Raises
        ------
        ArtifactNotFound
            There is none of this type.
        """
        found = Collection(self._store, name)
        if found.type != self.name:
            raise ArtifactNotFound(f"The artifact {name!r} is a {found.type!r}, no {self.name!r}.")
        return found

    def __repr__(self) -> str:
        return f"<artifact type {self.name}>"


def types_in(store: Path) -> list[ArtifactType]:
    """Return the types of all artifacts of a store."""
    return [ArtifactType(store, name) for name in sorted({one.type for one in _all(store)}) if name]


def _all(store: Path) -> Iterator[Collection]:
    for name in names_in(store):
        if is_run_id(name) and ArtifactVersions(store, name).numbers():
            yield Collection(store, name)
