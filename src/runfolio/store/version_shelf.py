"""The versions of a store's artifacts as they lie there, each read once by this process."""

from __future__ import annotations

import functools
import os
import threading
import time
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from runfolio.capture.data_hash import PREFIX, list_hash
from runfolio.errors import RunfolioError, UsageError
from runfolio.format.artifact_versions import FOLDER, ArtifactVersions
from runfolio.format.codec import parse_time
from runfolio.format.disk import unread
from runfolio.model.artifact import ArtifactVersion

__all__ = ["Dates", "ShelvedVersion", "VersionShelf", "artifact_dates", "is_settled"]

# A folder that changed less than this ago may change again and keep its time.
_SETTLED_NS: Final = 2_000_000_000
_MOST_FILES: Final = 1000
"""Of a version with more, no single file is known again when a run uses it."""


Dates = tuple[int, int]
"""When an artifact's folder and its log changed last, in nanoseconds; 0 for no log."""


def artifact_dates(store: Path) -> dict[str, Dates]:
    """Return when each folder among the artifacts of a store changed last, and its log; no file is read."""
    folder, found = store / FOLDER, dict[str, Dates]()
    try:
        entries = [] if folder.is_symlink() else list(os.scandir(folder))
    except OSError:
        return found
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                of_log = _changed_ns(f"{entry.path}/log")
                found[entry.name] = entry.stat(follow_symlinks=False).st_mtime_ns, of_log
        except OSError:
            continue
    return found


def is_settled(changed: Dates) -> bool:
    """Return whether what is changed from now on gets another date."""
    return time.time_ns() - max(changed) > _SETTLED_NS


class ShelvedVersion(NamedTuple):
    """What lineage needs of a version.

    Attributes
    ----------
    digest : str
        Empty where it cannot be read.
    hashes : tuple of str
        What data of this content is hashed as: its one file, and the list of its files.
    parts : tuple of str
        Hashes of its files where there are several.
    dropped : bool
        Whether its content may go, or went.
    fault : str
        Why it cannot be read.
    """

    name: str
    number: int
    type: str = ""
    digest: str = ""
    created_at: datetime | None = None
    run_id: str = ""
    hashes: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    files: int = 0
    bytes: int = 0
    dropped: bool = False
    fault: str = ""


class VersionShelf:
    """The versions of all artifacts of a store.

    Parameters
    ----------
    store : Path
    """

    def __init__(self, store: Path) -> None:
        self._store = store
        self._known: dict[str, dict[int, ShelvedVersion]] = {}
        self._listed: dict[str, Dates] = {}
        self._lock = threading.Lock()

    @staticmethod
    def of(store: Path) -> VersionShelf:
        """Return the shelf of a store: the same each time, so that a version is read once."""
        return _shelf_of(store)

    def versions(
        self, names: Collection[str] = (), *, at_most: int | None = None
    ) -> dict[str, dict[int, ShelvedVersion]]:
        """Return the versions by name and number as they lie there now.

        Parameters
        ----------
        names, at_most
            Where the store has more artifacts than that, only these are read.
        """
        with self._lock:  # a server asks from several threads
            return self._versions(names, at_most)

    def _versions(
        self, names: Collection[str], at_most: int | None
    ) -> dict[str, dict[int, ShelvedVersion]]:
        there = artifact_dates(self._store)
        few = at_most is None or len(there) <= at_most

        def wanted(name: str) -> bool:
            return few or name in names

        self._known = {name: self._known.get(name, {}) for name in sorted(there)}
        for name, changed in there.items():
            if wanted(name) and self._listed.get(name) != changed:
                self._list(name, changed)
        return {name: known for name, known in self._known.items() if wanted(name)}

    def _list(self, name: str, changed: Dates) -> None:
        try:
            versions = ArtifactVersions(self._store, name)
        except UsageError:  # a folder that no artifact has
            self._known.pop(name, None)
            return
        known = self._known[name]
        # What could not be read may be whole by now.
        found = {
            number: known[number]
            if number in known and not known[number].fault
            else _shelved(versions, number)
            for number in versions.numbers()
        }
        dropped = versions.standing().dropped if changed[1] else {}
        self._known[name] = {
            number: one
            if one.dropped == (number in dropped)
            else one._replace(dropped=number in dropped)
            for number, one in found.items()
        }
        faults = any(version.fault for version in self._known[name].values())
        if is_settled(changed) and not faults:
            self._listed[name] = changed
        else:
            self._listed.pop(name, None)


def _changed_ns(folder: str) -> int:
    try:
        return os.lstat(folder).st_mtime_ns
    except OSError:
        return 0


@functools.lru_cache(maxsize=4)
def _shelf_of(store: Path) -> VersionShelf:
    return VersionShelf(store)


def _shelved(versions: ArtifactVersions, number: int) -> ShelvedVersion:
    try:
        version = versions.read(number)
    except RunfolioError as error:
        return ShelvedVersion(versions.name, number, fault=str(error))
    except OSError as error:  # whose words would tell where the store lies
        return ShelvedVersion(versions.name, number, fault=unread(f"v{number}.json", error))
    hashes, parts = _hashes(version)
    return ShelvedVersion(
        version.name, number, version.type, version.digest, parse_time(version.created_at),
        version.run_id, hashes, parts, len(version.entries), version.size,
    )  # fmt: skip


def _hashes(version: ArtifactVersion) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what the content of a version is hashed as, and what its files are."""
    found = [(entry.path, PREFIX + entry.blake3) for entry in version.entries if entry.blake3]
    if not found or len(found) != len(version.entries):
        return (), tuple(digest for _, digest in found[:_MOST_FILES])
    whole = (list_hash(found),)
    if len(found) == 1:
        return (*whole, found[0][1]), ()
    return whole, tuple(digest for _, digest in found) if len(found) <= _MOST_FILES else ()
