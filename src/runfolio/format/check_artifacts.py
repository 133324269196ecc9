"""Are artifacts as they were made? In a run's folder, and in the store itself."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from runfolio.errors import CorruptRecord
from runfolio.format.artifact_versions import FOLDER, ArtifactVersions
from runfolio.format.blobs import FOLDER as BLOBS
from runfolio.format.blobs import BlobStore, hash_of, is_digest
from runfolio.format.disk import unread
from runfolio.format.finding import Finding
from runfolio.format.layout import is_run_id
from runfolio.model.artifact import ArtifactVersion
from runfolio.model.artifact_history import standing

__all__ = ["ArtifactCheck"]

_SAID: Final = re.compile(r"v[0-9]+\.json\Z")
_NAMED: Final = 5
"""So many missing contents of a version are named one by one."""


class ArtifactCheck:
    """Looks at the artifacts of a store; what has several names is read once.

    Parameters
    ----------
    store : Path
    """

    def __init__(self, store: Path) -> None:
        self._store = store
        self._blobs = BlobStore(store)
        self._hashes: dict[tuple[int, int], str] = {}

    def of_run(self, run: Path) -> list[Finding]:
        """Return what is wrong with the artifacts in a run's folder: files that were edited by hand."""
        return list(self._of_run(run))

    def of_store(self) -> list[Finding]:
        """Return what is wrong with versions, logs and contents of the store."""
        return [*self._versions(), *self._contents()]

    def _of_run(self, run: Path) -> Iterator[Finding]:
        for own in [run, *sorted(run.glob("rank[0-9]*"))]:
            top = own / "artifacts"
            if own.is_symlink() or not os.path.lexists(top):
                continue
            if top.is_symlink():
                yield Finding(_below(run, top), None, "it is a link; it is not followed")
                continue
            for name in _names(top):
                for number in _names(top / name):
                    if _SAID.match(number) and (top / name / number).is_file():
                        continue  # what the version says, for whoever has the run alone
                    yield from self._kept(run, top / name / number, name, number)

    def _kept(self, run: Path, folder: Path, name: str, number: str) -> Iterator[Finding]:
        """Yield what differs in one folder ``artifacts/<name>/v<N>`` from its version."""
        below = _below(run, folder)
        if folder.is_symlink() or folder.parent.is_symlink() or not folder.is_dir():
            yield Finding(below, None, "it is a link or no folder; it is not followed")
            return
        if not is_run_id(name) or not (number[:1] == "v" and number[1:].isdecimal()):
            yield Finding(below, None, "it is no version of an artifact", "note")
            return
        try:
            version = ArtifactVersions(self._store, name).read(int(number[1:]))
        except (CorruptRecord, OSError):
            yield Finding(below, None, "this store has no such version that can be read", "note")
            return
        wanted = {entry.path: entry for entry in version.entries if not entry.uri}
        there = dict(_files(folder))
        dropped = version.number in ArtifactVersions(self._store, name).standing().dropped
        for path in [] if dropped else sorted(wanted.keys() - there.keys()):
            yield Finding(f"{below}/{path}", None, f"{name}:{number} has it, and it is missing")
        for path, fault in sorted(there.items()):
            if path not in wanted:
                yield Finding(f"{below}/{path}", None, f"{name}:{number} has no such file")
            elif fault or self._hash(folder / path) != wanted[path].blake3:
                told = f"it is not as {name}:{number} was made; it was edited by hand"
                yield Finding(f"{below}/{path}", None, fault or told)

    def _versions(self) -> Iterator[Finding]:
        top = self._store / FOLDER
        if top.is_symlink():
            yield Finding(FOLDER, None, "it is a link; it is not followed")
            return
        for name in _names(top):
            place = f"{FOLDER}/{name}"
            if (top / name).is_symlink() or not (top / name).is_dir() or not is_run_id(name):
                yield Finding(place, None, "it is a link, or no folder that an artifact can have")
                continue
            yield from self._artifact(ArtifactVersions(self._store, name), place)

    def _artifact(self, versions: ArtifactVersions, place: str) -> Iterator[Finding]:
        numbers = versions.numbers()
        entries, problems = versions.log.read()
        now = standing(entries, numbers)
        yield from (Finding(f"{place}/{one.partition(' ')[0]}", None, one.partition(" ")[2] or one)
                    for one in problems)  # fmt: skip
        last = {(entry.op, entry.name): entry for entry in entries if not entry.foreign}
        for (op, word), entry in last.items():
            if entry.version is not None and entry.version not in numbers:
                what = f"the {op} {word!r}" if word else f"what was said last of a {op}"
                fault = f"{what} points to v{entry.version}, which is not there"
                yield Finding(place, None, fault)
        for number in numbers:
            try:
                version = versions.read(number)
            except (CorruptRecord, OSError) as error:
                told = unread("it", error) if isinstance(error, OSError) else str(error)
                yield Finding(f"{place}/v{number}.json", None, told)
                continue
            if number not in now.dropped:
                yield from self._content(version, f"{place}/v{number}.json")

    def _content(self, version: ArtifactVersion, place: str) -> Iterator[Finding]:
        missing = [
            entry.path
            for entry in version.entries
            if not entry.uri and not self._blobs.holds(entry.blake3, entry.size or 0)
        ]
        for path in missing[:_NAMED]:
            yield Finding(place, None, f"the content of {path} is missing in {BLOBS}")
        if len(missing) > _NAMED:
            yield Finding(place, None, f"and that of {len(missing) - _NAMED} more files")

    def _contents(self) -> Iterator[Finding]:
        top = self._store / BLOBS
        if top.is_symlink():
            yield Finding(BLOBS, None, "it is a link; it is not followed")
            return
        for two in _names(top):
            if (top / two).is_symlink() or not (top / two).is_dir():
                yield Finding(f"{BLOBS}/{two}", None, "it is no folder of contents", "note")
                continue
            for name, fault in sorted(_files(top / two)):
                place = f"{BLOBS}/{two}/{name}"
                if not is_digest(name) or not name.startswith(two):
                    yield Finding(place, None, "its name is no hash of its content", "note")
                elif fault or self._hash(top / two / name) != name:
                    yield Finding(place, None, fault or "its content is not that of its name")

    def _hash(self, path: Path) -> str:
        try:
            info = path.lstat()
            key = (info.st_dev, info.st_ino)
            if key not in self._hashes:
                self._hashes[key] = hash_of(path)
            return self._hashes[key]
        except OSError as error:
            return f"unread: {error.strerror}"


def _names(folder: Path) -> list[str]:
    try:
        found = [] if folder.is_symlink() else os.listdir(folder)  # noqa: PTH208 - names alone
    except OSError:
        return []
    return sorted(name for name in found if not name.startswith("."))


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the path of all that is no folder below one, and why it is no file."""
    for parent, folders, names in os.walk(folder, followlinks=False):
        for name in [*names, *(one for one in folders if Path(parent, one).is_symlink())]:
            path = Path(parent, name)
            is_file = path.is_file() and not path.is_symlink()
            yield _below(folder, path), "" if is_file else "it is a link or no file"


def _below(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()
