"""The files that two runs saved beside each other: by name, size and hash."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from blake3 import blake3

from runfolio.errors import CorruptRecord
from runfolio.format.seal import read_seal
from runfolio.model.run import RunRecord

__all__ = ["FilesDiff", "SavedFile", "files_diff"]

MAX_FILES: Final = 5_000
"""Files of a run that are looked at."""

_FOLDERS: Final = ("files", "artifacts")
_STARTS: Final = tuple(f"{folder}/" for folder in _FOLDERS)
# What no seal tells of yet is read again, so much of it in all.
_MAX_HASHED: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class SavedFile:
    """One saved file that is not the same.

    Attributes
    ----------
    path : str
        In the run directory.
    kind : str
        ``added``, ``removed``, ``changed`` or ``renamed``.
    was_path : str
        Of a renamed file.
    was_bytes, now_bytes : int or None
    was_hash, now_hash : str or None
        ``None`` where it is not known.
    """

    path: str
    kind: str
    was_path: str = ""
    was_bytes: int | None = None
    now_bytes: int | None = None
    was_hash: str | None = None
    now_hash: str | None = None


@dataclass(frozen=True, slots=True)
class FilesDiff:
    """The saved files that differ.

    Attributes
    ----------
    files : tuple of SavedFile
    n_same : int
    by_size : tuple of str
        Files of equal size whose content was not compared: no seal tells of it, and they are large.
    """

    files: tuple[SavedFile, ...] = ()
    n_same: int = 0
    by_size: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Held:
    sizes: Mapping[str, int]
    seal: Mapping[str, str]
    lost: frozenset[str]


def files_diff(a: RunRecord, b: RunRecord) -> tuple[FilesDiff, list[str]]:
    """Return which saved files differ between two runs, and what was not compared.

    The seals are believed; :func:`runfolio.check` is what tests them.
    """
    why: list[str] = []
    was, now = _held(a, why), _held(b, why)
    room = _MAX_HASHED
    found: list[SavedFile] = []
    by_size: list[str] = []
    n_same = 0
    for path in sorted((was.sizes.keys() | now.sizes.keys()) - was.lost - now.lost):
        sizes = was.sizes.get(path), now.sizes.get(path)
        hashes = was.seal.get(path), now.seal.get(path)
        size = sizes[0]
        if size is not None and size == sizes[1]:
            if None in hashes and room >= 2 * size:
                room -= 2 * size
                hashes = _hash(a.path / path), _hash(b.path / path)
            if None in hashes:
                by_size.append(path)
                continue
            if hashes[0] == hashes[1]:
                n_same += 1
                continue
        kind = "added" if size is None else "removed" if sizes[1] is None else "changed"
        found.append(SavedFile(path, kind, "", *sizes, *hashes))
    return FilesDiff(tuple(_renamed(found)), n_same, tuple(by_size)), why


def _renamed(files: list[SavedFile]) -> Iterator[SavedFile]:
    gone = {one.was_hash: one for one in files if one.kind == "removed" and one.was_hash}
    to = {one.path: gone.pop(one.now_hash) for one in files
          if one.kind == "added" and one.now_hash in gone}  # fmt: skip
    taken = {one.path for one in to.values()}
    for one in files:
        if one.path in to:
            was = to[one.path]
            yield SavedFile(one.path, "renamed", was.path, was.was_bytes, one.now_bytes,
                            was.was_hash, one.now_hash)  # fmt: skip
        elif one.path not in taken:
            yield one


def _held(record: RunRecord, why: list[str]) -> _Held:
    found = list(islice(_walk(record.path), MAX_FILES + 1))
    if len(found) > MAX_FILES:
        why.append(f"the files of {record.short_id} beyond the first {MAX_FILES:,}")
    seal: Mapping[str, str] = {}
    try:
        seal = read_seal(record.path)
    except (CorruptRecord, OSError) as error:
        why.append(f"seal.json of {record.short_id} cannot be read: {error}")
    sizes = dict(found[:MAX_FILES])
    lost = [path for path in seal if path.startswith(_STARTS) and path not in sizes]
    if lost and len(found) <= MAX_FILES:
        more = f" and {len(lost) - 1:,} more" if len(lost) > 1 else ""
        why.append(f"{lost[0]}{more}, which {record.short_id} has lost")
    return _Held(sizes, seal, frozenset(lost))


def _walk(run: Path) -> Iterator[tuple[str, int]]:
    """Yield each saved file with its size, those of all ranks; links are not followed."""
    ranks = sorted(path for path in run.glob("rank[0-9]*") if path.is_dir())
    for folder in (own / name for own in (run, *ranks) for name in _FOLDERS):
        for place, folders, files in os.walk(folder):
            folders.sort()
            for name in sorted(files):
                path = Path(place, name)
                try:
                    about = path.lstat()
                except OSError:
                    continue
                if stat.S_ISREG(about.st_mode):
                    yield path.relative_to(run).as_posix(), about.st_size


def _hash(path: Path) -> str | None:
    try:
        return blake3(path.read_bytes()).hexdigest()
    except OSError:
        return None
