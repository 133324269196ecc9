"""A version of a data set: its files, schema, statistics and first rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from runfolio.capture.data_profile import profile_of
from runfolio.errors import UsageError
from runfolio.format.blobs import BlobStore
from runfolio.model.artifact import ArtifactVersion
from runfolio.model.data_profile import KEY, DataProfile
from runfolio.record.data_profiles import cleaned
from runfolio.store.artifacts import Artifacts
from runfolio.store.store import Store

__all__ = ["Contents", "DataVersion", "contents_of", "data_version"]

_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Contents:
    """Where the files of a version lie.

    Attributes
    ----------
    files : mapping of str to Path
        Name inside the artifact → its content.
    missing : mapping of str to str
        Name → why its content is not at hand.
    """

    files: Mapping[str, Path] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DataVersion:
    """A version and what is known of its tables.

    Attributes
    ----------
    kept : bool
        Whether the profile was made with the version; else it was made now.
    missing : mapping of str to str
        Files whose content is not at hand, and why.
    """

    version: ArtifactVersion
    profile: DataProfile
    kept: bool
    missing: Mapping[str, str]


def contents_of(store: Store, version: ArtifactVersion) -> Contents:
    """Return where the contents of a version lie, and which are missing."""
    blobs, files, missing = BlobStore(store.path), dict[str, Path](), dict[str, str]()
    for entry in version.entries:
        if not entry.blake3:
            missing[entry.path] = "it is an address, which is not fetched"
        elif blobs.holds(entry.blake3, entry.size or 0):
            files[entry.path] = blobs.path_of(entry.blake3)
        else:
            missing[entry.path] = "its content is not in the store"
    return Contents(files, missing)


def data_version(store: Store, wanted: str, *, seconds: float = _SECONDS) -> DataVersion:
    """Return a version with schema, statistics and first rows of its tables.

    What was kept with it is told; where nothing was, it is read from the contents.

    Parameters
    ----------
    wanted : str
        ``digits`` (the newest), ``digits:v2``, ``digits:best``, ``digits:production``.

    Raises
    ------
    ArtifactNotFound
        None is meant, or its content was dropped.
    CorruptRecord
        It was edited by hand.
    OSError
        It cannot be read.
    """
    version = Artifacts(store.path).resolve(wanted)
    contents = contents_of(store, version)
    profile = DataProfile.from_json(version.metadata.get(KEY))
    if profile is not None:
        return DataVersion(version, profile, kept=True, missing=contents.missing)
    try:
        made = cleaned(profile_of(contents.files, seconds=seconds))
    except UsageError:
        made = DataProfile()
    return DataVersion(version, made, kept=False, missing=contents.missing)
