"""Upkeep of contents: versions whose time is over are dropped, and what no version names goes.

A process that saves meanwhile loses nothing. What it asked for last hour is left; the rest is
moved aside, looked at once more, and what somebody has asked for or a version names by now is put
back. Whoever takes longer from a content to its version has to look whether it is there then.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from runfolio.errors import CorruptRecord, UsageError
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.blobs import ASIDE, FOLDER, BlobStore, is_digest
from runfolio.format.codec import parse_time
from runfolio.format.events import read_events
from runfolio.format.lease import started_at
from runfolio.format.manifest import read_manifest
from runfolio.model.artifact import ArtifactVersion
from runfolio.model.artifact_history import LogEntry, as_said, standing
from runfolio.store.artifacts import Artifacts
from runfolio.store.deed import Deed
from runfolio.store.gc_copies import sweep_copies
from runfolio.store.scan import scan

__all__ = ["YOUNG_S", "sweep_contents"]

YOUNG_S: Final = 3600.0
"""What was kept or asked for so lately may belong to a version that is being made."""

_IN_MANIFEST: Final = 50
"""So many uses stand in a manifest; who has more tells the rest in its events."""


@dataclass(slots=True)
class _Wanted:
    """What the versions of a store name.

    Attributes
    ----------
    digests : set of str
        Of versions that were not dropped.
    dropped : list of ArtifactVersion
    unread : list of (str, str)
        Versions that cannot be read, and why: nobody knows what they name.
    """

    digests: set[str] = field(default_factory=set)
    dropped: list[ArtifactVersion] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)


def sweep_contents(store: Path, *, dry_run: bool = False) -> Iterator[Deed]:
    """Drop versions whose time is over, and remove contents that nobody names; yield what was done."""
    over = dict[tuple[str, int], str]()
    for deed, key in _expired(store, dry_run=dry_run):
        if deed.what == "dropped":
            over[key] = deed.why
        yield deed
    wanted = _wanted(store, over if dry_run else {})
    for place, why in wanted.unread:
        yield Deed("kept", "", place, why=f"{why}; so no content is removed")
    going = dict[tuple[int, int], int]()
    yield from sweep_copies(store, wanted.dropped, going, dry_run=dry_run)
    if not (store / FOLDER).is_symlink():
        yield from _returned(store, wanted, dry_run=dry_run)
        if not wanted.unread:
            yield from _would_remove(store, wanted, going) if dry_run else _removed(store, wanted)


def _wanted(store: Path, over: Iterable[tuple[str, int]] = ()) -> _Wanted:
    """Read all versions; those in `over` count as dropped."""
    found, over, artifacts = _Wanted(), set(over), Artifacts(store)
    for name, fault in artifacts.faults():
        found.unread.append((f".artifacts/{name}", fault))
    for name in artifacts.names():
        versions = artifacts.versions(name)
        dropped = versions.standing().dropped
        for number in versions.numbers():
            try:
                version = versions.read(number)
            except FileNotFoundError:
                continue
            except (CorruptRecord, OSError) as error:
                found.unread.append((f".artifacts/{name}/v{number}.json", str(error)))
                continue
            if number in dropped or (name, number) in over:
                found.dropped.append(version)
            else:
                found.digests |= {entry.blake3 for entry in version.entries if entry.blake3}
    if (store / ".artifacts").is_symlink():
        found.unread.append((".artifacts", "it is a link, which is not followed"))
    return found


def _expired(store: Path, *, dry_run: bool) -> Iterator[tuple[Deed, tuple[str, int]]]:
    """Drop versions that were wanted for some days only; what has a name or was used stays."""
    artifacts, used = Artifacts(store), None
    for name in artifacts.names():
        versions = artifacts.versions(name)
        said, _ = versions.log.read()
        for version in _over(versions, said):
            used = _used(store) if used is None else used
            if (name, version.number) in used:
                continue
            key = (name, version.number)
            why = f"it was wanted for {_told(version.ttl_days or 0)}"
            place = f".artifacts/{name}/v{version.number}.json"
            try:
                if not dry_run:
                    versions.drop(version.number, why)
                    if _is_wanted_since(versions, version.number, said):
                        versions.keep(
                            version.number, "it was named, described or logged at that moment"
                        )
                        continue
                yield Deed("dropped", "", place, why=why), key
            except UsageError:
                continue  # promoted meanwhile
            except (CorruptRecord, OSError) as error:
                yield Deed("kept", "", place, why=str(error)), key


def _told(days: float) -> str:
    """Return how long a version was wanted: a checkpoint may be for hours only."""
    units = {"day": 1, "hour": 24, "minute": 1440}
    unit = next((unit for unit, share in units.items() if days * share >= 1), "minute")
    text = f"{days * units[unit]:.3g}"
    return f"{text} {unit}{'' if text == '1' else 's'}"


def _over(versions: ArtifactVersions, said: Sequence[LogEntry]) -> Iterator[ArtifactVersion]:
    """Yield versions whose days are over, counted from when they were logged last."""
    now, last = standing(said, versions.numbers()), dict[int | None, str]()
    for entry in said:
        if entry.op == "keep" and not entry.foreign:
            last[entry.version] = entry.time
    named = {*now.aliases.values(), *now.stages.values(), *now.dropped}
    for number in versions.numbers():
        if number in named:
            continue
        with contextlib.suppress(CorruptRecord, OSError):
            version = as_said(versions.read(number), now)
            logged = parse_time(last.get(number, version.created_at))
            if version.ttl_days is not None and logged is not None and (
                logged.timestamp() + timedelta(days=version.ttl_days).total_seconds() < time.time()
            ):  # fmt: skip
                yield version


def _is_wanted_since(versions: ArtifactVersions, number: int, said: Collection[LogEntry]) -> bool:
    """Return whether somebody named a version, or logged it again, after this was said."""
    return any(
        entry.version == number and entry.op in ("alias", "keep", "describe") and entry not in said
        for entry in versions.log.read()[0]
    )


def _used(store: Path) -> set[tuple[str, int]]:
    """Return the versions that some run says it used."""
    found: set[tuple[str, int]] = set()
    for entry in scan(store):
        if entry.fault:
            continue
        listed: object = None
        with contextlib.suppress(CorruptRecord, OSError):
            about = read_manifest(entry.path).get("artifacts")
            listed = about.get("used") if isinstance(about, dict) else None
        uses = [(one[0], one[1]) for one in listed if isinstance(one, list) and len(one) > 1
                ] if isinstance(listed, list) else []  # fmt: skip
        if len(uses) >= _IN_MANIFEST:
            uses += [(event.get("name"), event.get("version"))
                     for event in read_events(entry.path, ["artifact"]) if event.get("op") == "used"]  # fmt: skip
        found |= {(name, number) for name, number in uses
                  if isinstance(name, str) and type(number) is int}  # fmt: skip
    return found


def _returned(store: Path, wanted: _Wanted, *, dry_run: bool) -> Iterator[Deed]:
    """Deal with what a sweep that was killed had moved aside."""
    for path in _entries(store / FOLDER):
        match = ASIDE.match(path.name)
        if match is None or started_at(int(match["pid"])):
            continue
        place = f"{FOLDER}/{path.name}"
        is_wanted = bool(wanted.unread) or match["digest"] in wanted.digests
        try:
            info = path.lstat()
            # Another machine's sweep may be at it: only what lies there for long is left behind.
            if not is_wanted and time.time() - info.st_ctime < YOUNG_S:
                continue
            if not dry_run:
                BlobStore(store).put_back(path) if is_wanted else path.unlink()
        except OSError as error:
            yield Deed("kept", "", place, why=str(error.strerror or error))
            continue
        if is_wanted:
            yield Deed("returned", "", place, why="a sweep that was killed had moved it aside")
        else:
            yield Deed("removed", "", place, info.st_size, "a sweep that was killed left it")


@dataclass(slots=True)
class _Sum:
    """Contents that were removed, or would be."""

    n: int = 0
    freed: int = 0
    in_runs: int = 0

    def add(self, size: int, *, alone: bool) -> None:
        """Count one; it frees nothing where it has another name in a run."""
        self.n += 1
        self.freed += size if alone else 0
        self.in_runs += not alone

    def deeds(self) -> Iterator[Deed]:
        """Yield one line for all of them."""
        if self.n:
            why = f"{self.n:,} content{'' if self.n == 1 else 's'} that no version names"
            if self.in_runs:
                why += (
                    f"; {self.in_runs:,} of them also in runs, so that removing these frees nothing"
                )
            yield Deed("removed", "", FOLDER, self.freed, why)


def _would_remove(
    store: Path, wanted: _Wanted, going: dict[tuple[int, int], int]
) -> Iterator[Deed]:
    found = _Sum()
    for _, info in _unnamed(store, wanted):
        links = info.st_nlink - going.get((info.st_dev, info.st_ino), 0)
        found.add(info.st_size, alone=links == 1)
    yield from found.deeds()


def _removed(store: Path, wanted: _Wanted) -> Iterator[Deed]:
    """Remove contents that no version names, and that nobody asked for lately."""
    blobs, aside = BlobStore(store), list[tuple[Path, str]]()
    for path, _ in _unnamed(store, wanted):
        try:
            aside.append((blobs.put_aside(path), path.name))
        except FileNotFoundError:
            continue
        except OSError as error:
            yield Deed("kept", "", f"{FOLDER}/{path.name}", why=str(error.strerror or error))
    again, done = _wanted(store) if aside else wanted, _Sum()
    for gone, digest in aside:
        try:
            info = gone.lstat()
            if _is_young(info) or again.unread or digest in again.digests:
                blobs.put_back(gone)
                continue
            gone.unlink()
        except FileNotFoundError:
            continue  # whoever made a version of it has taken it back
        except OSError as error:
            yield Deed("kept", "", f"{FOLDER}/{gone.name}", why=str(error.strerror or error))
            continue
        done.add(info.st_size, alone=info.st_nlink == 1)
    yield from done.deeds()


def _is_young(info: os.stat_result) -> bool:
    return time.time() - info.st_mtime < YOUNG_S


def _unnamed(store: Path, wanted: _Wanted) -> Iterator[tuple[Path, os.stat_result]]:
    for path in _contents(store):
        if path.name not in wanted.digests:
            with contextlib.suppress(OSError):
                info = path.lstat()
                if stat.S_ISREG(info.st_mode) and not _is_young(info):
                    yield path, info


def _contents(store: Path) -> Iterator[Path]:
    for folder in _entries(store / FOLDER):
        if len(folder.name) == 2 and not folder.is_symlink() and folder.is_dir():
            for path in _entries(folder):
                if is_digest(path.name) and path.name.startswith(folder.name):
                    yield path


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
