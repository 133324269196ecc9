"""Files, folders and patterns as data: hash, size, rows and columns, and what DVC says of them."""

from __future__ import annotations

import glob
import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from runfolio.capture.data_hash import Hashed, PlainFiles, list_hash
from runfolio.capture.data_shape import shape_of_file
from runfolio.capture.dvc import POINTER, dvc_facts, pointed_at
from runfolio.model.data import DataUse

__all__ = ["HashesOf", "fixed_part", "is_pattern", "use_of_files", "use_of_path", "use_of_pattern"]

HashesOf = Callable[[Sequence[str]], list[Hashed | OSError]]
"""Takes paths, returns for each its hash, or why there is none, or why it cannot be read."""

_MAX_MEMBERS: Final = 1000
_MAX_ENDINGS: Final = 50
_MAGIC: Final = re.compile(r"[*?[]")


def is_pattern(text: str) -> bool:
    """Return whether a text is a pattern of paths, and no path that is there."""
    return glob.has_magic(text) and not os.path.lexists(text)


def use_of_path(path: Path, uri: str, name: str, hashes_of: HashesOf) -> DataUse:
    """Return what is known of a file, a folder, or the data that a pointer of DVC stands for.

    Raises
    ------
    OSError
        It is not there, cannot be read, or is neither a file nor a folder.
    """
    if path.suffix == POINTER or path.name in ("dvc.lock", "dvc.yaml"):
        use = _use_of_pointer(path, uri, name, hashes_of)
        if use is not None:
            return use
    about = path.stat()
    if stat.S_ISDIR(about.st_mode):
        use = use_of_files(_below(path), path, uri, name, hashes_of)
        return replace(use, kind="folder", dvc=dvc_facts(path))
    if not stat.S_ISREG(about.st_mode):
        return DataUse(name, uri, why="it is neither a file nor a folder")
    (found,) = hashes_of([str(path)])
    if isinstance(found, OSError):
        raise found
    digest, size, why = found
    shape = shape_of_file(path)
    return DataUse(
        name, uri, hash=digest, bytes=size, rows=shape.rows, columns=shape.columns,
        schema=shape.schema, dvc=dvc_facts(path), why=why,
    )  # fmt: skip


def use_of_pattern(pattern: str, uri: str, name: str, hashes_of: HashesOf) -> DataUse:
    """Return what is known of all files that a pattern matches.

    Raises
    ------
    OSError
        It matches none.
    """
    found = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 - the pattern may be absolute
    files = [path for path in found if os.path.isfile(path)]  # noqa: PTH113
    if not files:
        raise FileNotFoundError(f"{pattern} matches no file")
    return use_of_files(files, Path(fixed_part(pattern)), uri, name, hashes_of)


def fixed_part(path: str) -> str:
    """Return the folder that all files lie in that a pattern matches; a path that is none itself."""
    return _MAGIC.split(path, maxsplit=1)[0].rpartition(os.sep)[0] if is_pattern(path) else path


def use_of_files(
    files: Sequence[str], root: Path, uri: str, name: str, hashes_of: HashesOf
) -> DataUse:
    """Return what is known of several files together.

    Their hash is that of the list ``HASH  PATH``, a line each, with paths below `root`: what
    ``b3sum`` prints for them in this order. It is there only if each of them could be hashed.
    """
    start = f"{root}{os.sep}"
    shown = [path.removeprefix(start) for path in files]
    if os.sep != "/":
        shown = [path.replace(os.sep, "/") for path in shown]
    read: list[tuple[str, str]] = []
    members: list[dict[str, str | int | None]] = []
    unread: Counter[str] = Counter()
    total = 0
    for path, one in zip(shown, hashes_of(files), strict=True):
        if isinstance(one, OSError):
            unread[_why(one)] += 1
            continue
        digest, size, why = one
        total += size
        if digest is None:
            unread[why] += 1
        else:
            read.append((path, digest))
        if len(members) < _MAX_MEMBERS:
            members.append({"path": path, "hash": digest, "bytes": size})
    told = "; ".join(f"{count:,} of {len(files):,}: {words}" for words, count in unread.items())
    return DataUse(
        name, uri, kind="files", bytes=total, files=len(files),
        hash=None if unread else list_hash(read),
        endings=dict(Counter(map(_ending, files)).most_common(_MAX_ENDINGS)),
        members=tuple(members),
        why=told,
    )  # fmt: skip


def _ending(path: str) -> str:
    # Of many thousands of files: as splitext has it, in half its time.
    stem, dot, ending = path.rpartition(os.sep)[2].lstrip(".").rpartition(".")
    return f"{dot}{ending.lower()}" if stem else ""


def _why(error: OSError) -> str:
    return (error.strerror or "it is neither a file nor a folder").lower()


def _below(folder: Path) -> list[str]:
    """Return the files of a folder in the order of their paths; links to folders are not followed.

    Raises
    ------
    OSError
        The folder cannot be read; one below it that cannot is passed over.
    """
    found: list[str] = []
    are_plain = os.path.isabs(folder)  # noqa: PTH117
    pending = [str(folder)]
    while pending:
        place = pending.pop()
        files, folders = list[str](), list[str]()
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    if entry.is_file(follow_symlinks=False):
                        files.append(entry.name)
                    elif not _is_folder(entry):
                        files.append(entry.name)
                        are_plain = False
                    elif not entry.is_symlink():
                        folders.append(entry.name)
        except OSError:
            if place == str(folder):
                raise
        start = os.path.join(place, "")  # noqa: PTH118 - many thousands of files
        found += [start + name for name in sorted(files)]
        pending += [start + name for name in sorted(folders, reverse=True)]
    return PlainFiles(found) if are_plain else found


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link into a folder that is closed to the user
        return False


def _use_of_pointer(path: Path, uri: str, name: str, hashes_of: HashesOf) -> DataUse | None:
    """Return the data that DVC's file stands for; what was not pulled is known by its md5 alone."""
    pointer = path.with_name("dvc.lock") if path.name == "dvc.yaml" else path
    targets = pointed_at(pointer)
    if not targets:
        return None
    if len(targets) > 1:
        there = [str(target) for target, _ in targets if target.is_file()]
        use = use_of_files(there, path.parent, uri, name, hashes_of)
        return replace(use, dvc={target.name: facts.get("md5") for target, facts in targets})
    target, facts = targets[0]
    uri = uri.removesuffix(path.name) + target.name
    name = target.name if name == path.name else name
    if target.exists():
        return replace(use_of_path(target, uri, name, hashes_of), dvc=facts)
    size, md5 = facts.get("size"), facts.get("md5")
    return DataUse(
        name, uri, kind="pointer", hash=f"md5:{md5}" if md5 else None, dvc=facts,
        bytes=size if isinstance(size, int) else None, why="DVC's hash: the data is not here",
    )  # fmt: skip
