"""Every name in a store and in a run directory, and which names are allowed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from runfolio.errors import UsageError

__all__ = [
    "FORMAT",
    "PartName",
    "RunPaths",
    "check_run_id",
    "is_manifest",
    "is_run_id",
    "manifest_name",
    "run_id_at",
]

FORMAT: Final = 1
"""The format this runfolio writes; it reads this one and older ones."""

# No name that some file system would take for a device, whatever its ending; no dot at the end.
_ID = re.compile(
    r"(?!(?i:con|prn|aux|nul|(?:com|lpt)[1-9])(?:\.|\Z))[A-Za-z0-9][A-Za-z0-9._-]{0,127}(?<!\.)\Z"
)


def is_run_id(text: str) -> bool:
    """Return whether `text` may name a run directory, on every operating system."""
    return _ID.match(text) is not None


def check_run_id(text: str) -> str:
    """Return `text` if it may name a run directory.

    Raises
    ------
    UsageError
        It is empty, too long, a path, a device's name, or ends with a dot.
    """
    if not is_run_id(text):
        shown = text if len(text) <= 60 else text[:57] + "..."
        raise UsageError(
            f"{shown!r} cannot be a run's id: expected 1 to 128 letters, digits, '.', '_' or '-', "
            "beginning with a letter or digit, no dot at the end and no device name such as CON."
        )
    return text


def run_id_at(time_text: str, token: str) -> str:
    """Return a new id, ``20261122T213045-7f3a9c``.

    Parameters
    ----------
    time_text : str
        RFC 3339 time in UTC.
    token : str
        Six hexadecimal digits.
    """
    return f"{re.sub('[-:]', '', time_text[:19])}-{token}"


_MANIFEST = re.compile(r"run\.(?:s(?P<segment>[0-9]{1,9})\.)?(?:rank(?P<rank>[0-9]{1,9})\.)?json\Z")


def is_manifest(filename: str) -> bool:
    """Return whether a file of this name is a manifest: ``run.json`` or another writer's."""
    return _MANIFEST.match(filename) is not None


def manifest_name(segment: int, rank: int = 0) -> str:
    """Return the name of a manifest that is not ``run.json``: ``run.s2.json``, ``run.rank3.json``.

    Parameters
    ----------
    segment : int
        Rank 0 always says it, for ``run.json`` is the newest segment's; other ranks leave the
        first one out, as in every name.
    """
    middle = (f".s{segment}" if segment > 1 or not rank else "") + (f".rank{rank}" if rank else "")
    return f"run{middle}.json"


_PART = re.compile(
    r"(?P<kind>[a-z]+)(?:\.s(?P<segment>[0-9]+))?(?:\.rank(?P<rank>[0-9]+))?"
    r"(?:\.p(?P<part>[0-9]+))?(?:\.(?P<ext>[a-z]+))?\Z"
)


@dataclass(frozen=True, slots=True, order=True)
class PartName:
    """The name of a file that one process writes: ``metrics.s2.rank1.p3.jsonl``.

    Attributes
    ----------
    rank : int
        Process of a distributed run, from 0.
    segment : int
        Opening of the run by a process, from 1; a resume is the next one.
    part : int
        File of that segment, from 1.
    """

    kind: str
    rank: int = 0
    segment: int = 1
    part: int = 1
    ext: str = "jsonl"

    @property
    def filename(self) -> str:
        """The name on disk; the first segment, rank and part are left out of it."""
        middle = (
            (f".s{self.segment}" if self.segment > 1 else "")
            + (f".rank{self.rank}" if self.rank else "")
            + (f".p{self.part}" if self.part > 1 else "")
        )
        return self.kind + middle + (f".{self.ext}" if self.ext else "")

    def next_part(self) -> PartName:
        """Return the part that follows."""
        return replace(self, part=self.part + 1)

    def with_ext(self, ext: str) -> PartName:
        """Return the same part under another ending."""
        return replace(self, ext=ext)

    @classmethod
    def parse(cls, filename: str) -> PartName | None:
        """Return what a file name says, or ``None`` where it is no such name."""
        match = _PART.match(filename)
        if match is None:
            return None
        number = {k: int(match[k] or d) for k, d in (("segment", 1), ("rank", 0), ("part", 1))}
        found = cls(match["kind"], ext=match["ext"] or "", **number)
        return found if found.filename == filename else None


@dataclass(frozen=True, slots=True)
class RunPaths:
    """Where each thing of one run lies.

    Attributes
    ----------
    root : Path
        The run directory.
    rank : int
        Process of a distributed run; what one above 0 saves lies below ``rank<r>/``.
    """

    root: Path
    rank: int = 0

    @property
    def own(self) -> Path:
        """What this rank alone may fill: the run directory, or ``rank<r>/`` in it."""
        return self.root / f"rank{self.rank}" if self.rank else self.root

    @property
    def manifest(self) -> Path:
        """The manifest of the newest segment of rank 0."""
        return self.root / "run.json"

    @property
    def edits(self) -> Path:
        """What others than the writer said, one small file each."""
        return self.root / "edits"

    @property
    def journal(self) -> Path:
        """The journal entry as a page."""
        return self.root / "journal.md"

    @property
    def files(self) -> Path:
        """What ``save`` and ``run.dir`` hold."""
        return self.own / "files"

    @property
    def artifacts(self) -> Path:
        """Versions of artifacts that the run made: ``<name>/v<N>/``."""
        return self.own / "artifacts"

    @property
    def code(self) -> Path:
        """Git's short facts, the patch, files kept whole, the executed cells."""
        return self.root / "code"

    @property
    def environment(self) -> Path:
        """Interpreter, hardware, distributions, copies of lock files."""
        return self.root / "environment"

    @property
    def seeds(self) -> Path:
        """Seeds that were set."""
        return self.root / "seeds.json"

    @property
    def rng(self) -> Path:
        """Full generator states, one file per content."""
        return self.root / "rng"

    @property
    def seal(self) -> Path:
        """Hashes of all that was captured."""
        return self.root / "seal.json"

    def other_manifests(self) -> list[tuple[int, int, Path]]:
        """Return ``(rank, segment, path)`` of each manifest beside ``run.json``.

        Ordered by rank, and within it the newest segment first.
        """
        found = []
        # Names first: a store of ten thousand runs is listed by this.
        for entry in _entries_of(self.root):
            match = _MANIFEST.match(entry.name) if entry.name.startswith("run.") else None
            if match is not None and entry.name != "run.json":
                rank, segment = int(match["rank"] or 0), int(match["segment"] or 1)
                named = manifest_name(segment, rank) == entry.name
                if named and entry.is_file(follow_symlinks=False):
                    found.append((rank, segment, Path(entry.path)))
        return sorted(found, key=lambda one: (one[0], -one[1]))

    def parts(self, kind: str, *extensions: str) -> list[tuple[PartName, Path]]:
        """Return the files of one kind, ordered by rank, segment and part.

        Only regular files count: a link or a device under such a name is left alone.
        """
        return sorted(
            (name, path)
            for name, path in _entries(self.root)
            if name.kind == kind and name.ext in extensions
        )


def _entries(folder: Path) -> Iterator[tuple[PartName, Path]]:
    for entry in _entries_of(folder):
        name = PartName.parse(entry.name)
        if name is not None and entry.is_file(follow_symlinks=False):
            yield name, Path(entry.path)


def _entries_of(folder: Path) -> list[os.DirEntry[str]]:
    """Return what lies in a folder; nothing where it cannot be listed."""
    try:
        return list(os.scandir(folder))
    except OSError:
        return []
