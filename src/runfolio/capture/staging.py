"""Bringing the work tree into the scratch index, within limits."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, field
from typing import Final

from runfolio.capture import lfs
from runfolio.capture.generated import CODE_ENDS, generated
from runfolio.capture.left_out import LeftOut
from runfolio.capture.plumbing import GitFailed, GitTooSlow
from runfolio.capture.scratch import GITLINK, Scratch

__all__ = [
    "MAX_FILE_BYTES",
    "MAX_NOTEBOOK_BYTES",
    "MAX_TOTAL_BYTES",
    "MAX_UNTRACKED",
    "NO_INDEX",
    "NO_ROOM",
    "Room",
    "Staged",
    "is_notebook",
    "stage",
]

MAX_FILE_BYTES: Final = 10 * 1024 * 1024
MAX_TOTAL_BYTES: Final = 50 * 1024 * 1024
MAX_UNTRACKED: Final = 2000
MAX_NOTEBOOK_BYTES: Final = 64 * 1024 * 1024
"""A notebook with its outputs; without them it has to keep to `MAX_FILE_BYTES`."""

NO_ROOM: Final = f"more than {MAX_TOTAL_BYTES >> 20} MB of changes in all"
NO_INDEX: Final = (
    "git's index is missing, broken or cannot be read; the files were compared with the commit"
)

_ORDINARY: Final = (b"H 100644", b"H 100755", b"H 120000")
# What programs put there by themselves, and remake.
_REMADE: Final = re.compile(
    rb"(?:^|/)(?:__pycache__|\.ipynb_checkpoints|node_modules|\.[a-z]+_cache)/"
)
# Untracked files that are source come first: a cut, by count or by size, takes data before code.
_SOURCE_ENDS: Final = (
    *CODE_ENDS, b".toml", b".yaml", b".yml", b".json", b".cfg", b".ini", b".md", b".txt",
)  # fmt: skip


class Room:
    """How many bytes a record of code may still take in: one for a repository and its submodules."""

    def __init__(self) -> None:
        self._bytes = MAX_TOTAL_BYTES

    def takes(self, size: int) -> bool:
        """Return whether so much fits, and keep it taken."""
        if size > self._bytes:
            return False
        self._bytes -= size
        return True


@dataclass(slots=True)
class Staged:
    """What `stage` found on its way.

    ``entries`` has mode and object id of the index entry of each tracked notebook;
    ``notebooks`` those, tracked or not, whose file differs from the index: they are not staged;
    ``counted`` the files whose sizes are added up already; ``repositories`` the untracked ones.
    """

    entries: dict[bytes, tuple[bytes, bytes]] = field(default_factory=dict)
    notebooks: list[bytes] = field(default_factory=list)
    counted: set[bytes] = field(default_factory=set)
    submodules: dict[bytes, str] = field(default_factory=dict)
    repositories: list[bytes] = field(default_factory=list)


class _Budget:
    """Decides which files go in: one at a time, their sizes added up."""

    def __init__(
        self, top: bytes, ignored: tuple[bytes, ...], left_out: LeftOut, room: Room
    ) -> None:
        self._top = top
        self._ignored = ignored
        self._left_out = left_out
        self._room = room

    def ignores(self, path: bytes) -> bool:
        return is_below(path, self._ignored)

    def takes(self, path: bytes, *, must_exist: bool) -> bool:
        """Return whether a path is to be staged; what is not is noted, but a vanished file."""
        full = os.path.join(self._top, path)  # noqa: PTH118 - bytes
        try:
            status = os.lstat(full)
        except OSError:
            return not must_exist
        if stat.S_ISDIR(status.st_mode):
            return not must_exist
        return self._fits(path, full, status)

    def _fits(self, path: bytes, full: bytes, status: os.stat_result) -> bool:
        if stat.S_ISLNK(status.st_mode):
            return True
        if not stat.S_ISREG(status.st_mode):
            return self._refuse(path, "neither a file nor a link")
        limit = MAX_NOTEBOOK_BYTES if is_notebook(path) else MAX_FILE_BYTES
        if status.st_size > limit:
            return self._refuse(path, f"larger than {limit >> 20} MB")
        if not os.access(full, os.R_OK):
            return self._refuse(path, "not readable")
        if is_notebook(path):
            return True
        if not self._room.takes(status.st_size):
            return self._refuse(path, NO_ROOM)
        return True

    def _refuse(self, path: bytes, why: str) -> bool:
        self._left_out.add(path, why)
        return False


def is_notebook(path: bytes) -> bool:
    """Return whether a path is a notebook's by its ending."""
    return path.endswith(b".ipynb")


def is_below(path: bytes, folders: tuple[bytes, ...]) -> bool:
    """Return whether a path is one of `folders`, or lies in one."""
    return any(path == folder or path.startswith(folder + b"/") for folder in folders)


def stage(
    work: Scratch, ignored: tuple[bytes, ...], left_out: LeftOut, room: Room, *, uses_lfs: bool
) -> Staged:
    """Make the scratch index hold the work tree, all but notebooks and what is over a limit.

    Parameters
    ----------
    work : Scratch
    ignored : tuple of bytes
        Files and folders, relative to the top, that are no code.
    left_out : LeftOut
        Told of everything that does not go in.
    room : Room
        What there is of it for all files together.
    uses_lfs : bool
        Whether files may be kept by Git LFS.
    """
    staged = _index(work, left_out)
    budget = _Budget(work.top, ignored, left_out, room)
    changed = {path: old for path, old in _changed(work).items() if not budget.ignores(path)}
    same = lfs.as_committed(work, changed.items()) if uses_lfs and changed else frozenset()
    gone = _behind_links(work, changed)
    if gone:
        work.write("update-index", "--force-remove", "-z", "--stdin", stdin=_joined(gone))
    tracked = [path for path in changed if path not in same and path not in gone]
    _add(work, _admitted(work, tracked, budget, staged, must_exist=False), left_out)
    untracked = _untracked(work, budget, staged, left_out)
    _add(work, _admitted(work, untracked, budget, staged, must_exist=True), left_out)
    return staged


def _index(work: Scratch, left_out: LeftOut) -> Staged:
    """Read the index; one that is broken or missing is made anew from the commit."""
    if not work.lacks_index:
        try:
            return _entries(work)
        except GitTooSlow:
            raise
        except GitFailed:
            pass  # of a kind that this git does not know
    work.start_over()
    left_out.add_thing("what was staged", NO_INDEX, needed=False)
    return _entries(work)


def _entries(work: Scratch) -> Staged:
    """Read the index, and make visible what its owner told git to overlook."""
    staged = Staged()
    assumed: list[bytes] = []
    skipped: list[bytes] = []
    for item in work.read("ls-files", "-v", "-s", "-z").items():
        ordinary = item.startswith(_ORDINARY)
        if ordinary and not is_notebook(item):
            continue
        facts, _, path = item.partition(b"\t")
        tag, mode, object_id, number = facts.split()
        if mode == GITLINK:
            staged.submodules[path] = object_id.decode()
        if tag.islower():
            assumed.append(path)
        # Left out of a sparse work tree, unless a file is there all the same.
        if tag in (b"S", b"s") and os.path.lexists(os.path.join(work.top, path)):  # noqa: PTH118
            skipped.append(path)
        if is_notebook(path) and number == b"0":
            staged.entries[path] = (mode, object_id)
    for option, paths in (("--no-assume-unchanged", assumed), ("--no-skip-worktree", skipped)):
        if paths:
            work.write("update-index", option, "-z", "--stdin", stdin=_joined(paths))
    return staged


def _changed(work: Scratch) -> dict[bytes, bytes]:
    """Return the tracked files that differ from the index, with the object ids that it has."""
    items = work.read(
        "diff-files", "--raw", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=dirty"
    ).items()
    # Facts and path take turns; a path in conflict comes twice.
    return {path: facts.split()[2] for facts, path in zip(items[::2], items[1::2], strict=True)}


def _behind_links(work: Scratch, changed: dict[bytes, bytes]) -> list[bytes]:
    """Return tracked files that are gone because a link took the place of a folder above them.

    By its path such a file may still be there: another one, which the link leads to.
    """
    folders: dict[bytes, bool] = {b"": False}

    def is_behind(folder: bytes) -> bool:
        if folder not in folders:
            here = os.path.islink(os.path.join(work.top, folder))  # noqa: PTH114, PTH118 - bytes
            folders[folder] = here or is_behind(os.path.dirname(folder))  # noqa: PTH120
        return folders[folder]

    return [path for path in changed if is_behind(os.path.dirname(path))]  # noqa: PTH120


def _untracked(work: Scratch, budget: _Budget, staged: Staged, left_out: LeftOut) -> list[bytes]:
    names = work.read("ls-files", "-o", "--exclude-standard", "-z").items()
    made = generated(names, lambda: work.read("ls-files", "-z").items())
    for folder, why in made.named.items():
        left_out.add_thing(left_out.path(folder), why, needed=False)
    files: list[bytes] = []
    for path in names:
        if made.holds(path) or budget.ignores(path.rstrip(b"/")):
            continue
        if path.endswith(b"/"):
            staged.repositories.append(path.rstrip(b"/"))
        else:
            files.append(path)
    files.sort(key=_rank)
    if len(files) > MAX_UNTRACKED:
        left_out.add_many(
            len(files) - MAX_UNTRACKED,
            "untracked files",
            f"only {MAX_UNTRACKED:,} untracked files are kept; .gitignore names those that are no code",
        )
        files = files[:MAX_UNTRACKED]
    return files


def _rank(path: bytes) -> tuple[bool, bool, int]:
    """Return where an untracked file stands, should there not be room for all of them."""
    is_source = path.lower().endswith(_SOURCE_ENDS)
    return _REMADE.search(path) is not None, not is_source, path.count(b"/")


def _admitted(
    work: Scratch, paths: list[bytes], budget: _Budget, staged: Staged, *, must_exist: bool
) -> list[bytes]:
    admitted: list[bytes] = []
    for path in paths:
        if not budget.takes(path, must_exist=must_exist):
            continue
        full = os.path.join(work.top, path)  # noqa: PTH118 - bytes
        if is_notebook(path) and os.path.isfile(full) and not os.path.islink(full):  # noqa: PTH113, PTH114
            staged.notebooks.append(path)
        else:
            staged.counted.add(path)
            admitted.append(path)
    return admitted


def _add(work: Scratch, paths: list[bytes], left_out: LeftOut) -> None:
    """Stage paths in one call; where that fails, halve them until the one that fails is alone."""
    if not paths:
        return
    try:
        work.write(
            "update-index", "--add", "--remove", "--replace", "-z", "--stdin", stdin=_joined(paths)
        )
    except GitTooSlow:
        raise
    except GitFailed:
        # A file that vanished, shrank or was locked while it was read.
        if len(paths) == 1:
            left_out.add(paths[0], "git could not read it")
            return
        middle = len(paths) // 2
        _add(work, paths[:middle], left_out)
        _add(work, paths[middle:], left_out)


def _joined(paths: list[bytes]) -> bytes:
    return b"".join(path + b"\0" for path in paths)
