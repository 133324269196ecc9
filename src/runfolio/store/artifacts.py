"""The artifacts of a store: what there is, and which version a text means."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from runfolio.errors import ArtifactNotFound, CorruptRecord, did_you_mean
from runfolio.format.artifact_versions import FOLDER, ArtifactVersions
from runfolio.format.disk import unread
from runfolio.format.fetching import copies_in
from runfolio.format.layout import is_run_id
from runfolio.model.artifact import ArtifactVersion
from runfolio.model.artifact_history import LogEntry, Standing, as_said, standing
from runfolio.store import trash

__all__ = ["Artifact", "Artifacts", "Told", "copies_of"]

_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Told:
    """An artifact in a list.

    Attributes
    ----------
    newest : ArtifactVersion or None
        The highest version that can be read.
    versions : int
        How many it has, those that were dropped and those that cannot be read included.
    aliases, stages : mapping of str to int
        ``latest`` included where there is a version it could mean.
    dropped : int
    problems : tuple of str
        What cannot be read of it.
    """

    name: str
    newest: ArtifactVersion | None
    versions: int
    aliases: Mapping[str, int]
    stages: Mapping[str, int]
    dropped: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Artifact:
    """One artifact: its versions, and what was said of them.

    Attributes
    ----------
    numbers : tuple of int
        Of all versions, those that cannot be read included.
    versions : tuple of ArtifactVersion
        Those that can be read, by number; none where they were not asked for.
    entries : tuple of LogEntry
        All that was said of them.
    standing : Standing
        What it adds up to.
    problems : tuple of str
    """

    name: str
    numbers: tuple[int, ...]
    versions: tuple[ArtifactVersion, ...]
    entries: tuple[LogEntry, ...]
    standing: Standing
    problems: tuple[str, ...] = ()

    @property
    def aliases(self) -> dict[str, int]:
        """Aliases, ``latest`` included."""
        return _with_latest(self.standing, self.numbers)

    def names_of(self, number: int) -> tuple[list[str], list[str]]:
        """Return aliases and stages of a version."""
        return (
            [alias for alias, one in self.aliases.items() if one == number],
            [stage for stage, one in self.standing.stages.items() if one == number],
        )


class Artifacts:
    """The artifacts of a store. Looking at them changes nothing.

    Parameters
    ----------
    store : Path
        The folder ``folio/``; it need not exist.
    """

    def __init__(self, store: Path) -> None:
        self.store = store

    def names(self) -> list[str]:
        """Return the names of all, in order."""
        return [name for name, fault in self._folders() if not fault]

    def faults(self) -> list[tuple[str, str]]:
        """Return what lies where artifacts lie and is none: its name and why."""
        return [(name, fault) for name, fault in self._folders() if fault]

    def versions(self, name: str) -> ArtifactVersions:
        """Return the versions of an artifact, which need not exist."""
        return ArtifactVersions(self.store, name)

    def told(self) -> list[Told]:
        """Return all artifacts by name; of each only the newest version is read.

        The folder of one whose first version was not made, as the disk refused, is none.
        """
        told = (self.told_of(name) for name in self.names())
        return [one for one in told if one.versions or one.problems]

    def one(self, name: str) -> Artifact:
        """Return an artifact with all its versions and what was said of them.

        Raises
        ------
        ArtifactNotFound
            There is none of that name.
        """
        versions, artifact = self.known(name), self.said_of(name)
        found: list[ArtifactVersion] = []
        problems: list[str] = []
        for number in artifact.numbers:
            _read(versions, number, found, problems)
        told = tuple(as_said(version, artifact.standing) for version in found)
        return replace(artifact, versions=told, problems=(*problems, *artifact.problems))

    def said_of(self, name: str) -> Artifact:
        """Return an artifact with what was said of its versions; none of them is read.

        Raises
        ------
        ArtifactNotFound
            There is none of that name.
        """
        versions = self.known(name)
        numbers = versions.numbers()
        entries, problems = versions.log.read()
        now = standing(entries, numbers)
        return Artifact(name, tuple(numbers), (), tuple(entries), now, tuple(problems))

    def resolve(self, text: str) -> ArtifactVersion:
        """Return the version that ``name``, ``name:v3``, ``name:alias`` or ``name:stage`` means.

        Raises
        ------
        ArtifactNotFound
            None is meant, or its content was dropped.
        CorruptRecord
            The version was edited by hand.
        """
        name, _, wanted = text.partition(":")
        versions = self.known(name)
        return versions.described(versions.resolve(wanted or "latest"))

    def maker(self, version: ArtifactVersion) -> str:
        """Return whether the run that made a version is ``there``, in the ``trash``, ``gone`` or ``none``."""
        if not is_run_id(version.run_id):
            return "gone" if version.run_id else "none"
        if (self.store / version.run_id).is_dir():
            return "there"
        lies = any((layer / version.run_id).is_dir() for layer in trash.layers(self.store))
        return "trash" if lies else "gone"

    def known(self, name: str) -> ArtifactVersions:
        """Return the versions of an artifact that exists.

        Raises
        ------
        ArtifactNotFound
            There is none of that name.
        """
        known = self.names()
        if name not in known:
            shown = name if len(name) <= _SHOWN else name[: _SHOWN - 1] + "…"
            raise ArtifactNotFound(
                f"There is no artifact {shown!r} in this store.{did_you_mean(name, known)} "
                "The verb artifacts lists all."
            )
        return self.versions(name)

    def _folders(self) -> list[tuple[str, str]]:
        folder = self.store / FOLDER
        try:
            entries = [] if folder.is_symlink() else list(os.scandir(folder))
        except OSError:
            entries = []
        return sorted(
            (entry.name, _fault(entry)) for entry in entries if not entry.name.startswith(".")
        )

    def told_of(self, name: str) -> Told:
        """Return an artifact as a list tells it: of its versions the newest is read."""
        versions = self.versions(name)
        numbers = versions.numbers()
        found: list[ArtifactVersion] = []
        problems: list[str] = []
        for number in reversed(numbers):
            if not found:
                _read(versions, number, found, problems)
        entries, unreadable = versions.log.read()
        now = standing(entries, numbers)
        if entries and not numbers:
            problems.append("it has no version")
        return Told(
            name, as_said(found[0], now) if found else None, len(numbers), _with_latest(now, numbers), now.stages,
            len(now.dropped), (*problems, *unreadable),
        )  # fmt: skip


def _fault(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "it is a link; it is not followed"
    if not entry.is_dir(follow_symlinks=False):
        return "it is no folder"
    return "" if is_run_id(entry.name) else "it cannot be an artifact's name"


def _read(
    versions: ArtifactVersions, number: int, found: list[ArtifactVersion], problems: list[str]
) -> None:
    try:
        found.append(versions.read(number))
    except CorruptRecord as error:
        problems.append(str(error).removeprefix(f"{versions.name}/"))
    except OSError as error:
        problems.append(unread(f"v{number}.json", error))


def _with_latest(now: Standing, numbers: Sequence[int]) -> dict[str, int]:
    there = [number for number in numbers if number not in now.dropped]
    return now.aliases | ({"latest": there[-1]} if there else {})


def copies_of(store: Path, version: ArtifactVersion) -> list[Path]:
    """Return the folders in which the run that made a version keeps it, in the trash, too."""
    if not is_run_id(version.run_id):
        return []
    return copies_in((place / version.run_id for place in (store, *trash.layers(store))), version)
