"""The code of two runs beside each other: both trees, each a commit and what was not committed.

The user's repository is only read: blobs come out of it by their ids, patches are applied to
copies of the files they touch, in a folder of their own. Where the repository is not at hand the
patches themselves are compared, which is said.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from runfolio.capture.git import quick
from runfolio.capture.plumbing import GitFailed, Plumbing, unavailable
from runfolio.errors import CorruptRecord
from runfolio.format.codec import loads
from runfolio.format.disk import read_small
from runfolio.format.layout import RunPaths
from runfolio.format.seal import read_seal
from runfolio.model.run import RunRecord
from runfolio.query.diff_text import text_diff
from runfolio.query.patches import patched_files
from runfolio.replay.file_changes import MAX_FILES, Content, FileChange, file_changes

__all__ = ["CodeDiff", "code_diff"]

_SECONDS: Final = 8.0
_MAX_PATCH: Final = 16 << 20
_MAX_FILE: Final = 1 << 20
_PATCH: Final = "uncommitted.patch"
_ASIDE: Final = ("code/cells.ipynb", "code/not_captured.json")
_TOLD: Final = 5


@dataclass(frozen=True, slots=True)
class CodeDiff:
    """What differs between the code of two runs.

    Attributes
    ----------
    was, now : str
        Commit and what came on top of it, in a few words.
    changes : tuple of FileChange
    note : str
        What could not be compared, and why; empty where all of it was.
    left_out : int
        Changed files beyond those that are told.
    """

    was: str
    now: str
    changes: tuple[FileChange, ...] = ()
    note: str = ""
    left_out: int = 0

    @property
    def is_same(self) -> bool:
        """Whether nothing differs, as far as it was recorded."""
        return not self.changes and not self.note and self.was == self.now


@dataclass(frozen=True, slots=True)
class _Side:
    """The code of one run, as its directory has it."""

    record: RunRecord
    code: Path
    facts: Mapping[str, Any]
    fault: str = ""

    @property
    def overlay(self) -> list[str]:
        """The files that are kept whole beside the patch."""
        names = self.facts.get("overlay")
        return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []

    @property
    def sha(self) -> str | None:
        sha = self.facts.get("sha")
        return sha if isinstance(sha, str) and sha.isalnum() else None

    @property
    def words(self) -> str:
        if not self.facts:
            return "no repository"
        sha = self.sha[:7] if self.sha else "no commit"
        return f"{sha} + changes" if self.facts.get("dirty") else sha

    @property
    def patch(self) -> bytes:
        try:
            return read_small(self.code / _PATCH, _MAX_PATCH)
        except FileNotFoundError:
            return b""


def code_diff(was: RunRecord, now: RunRecord, near: Path | None = None) -> CodeDiff:
    """Return what differs between the code that two runs began with.

    Parameters
    ----------
    near : Path, optional
        A folder of the repository; the current one by default.
    """
    a, b = _side(was), _side(now)
    notes = [side.fault for side in (a, b) if side.fault]
    notes += [f"{path}, which {one.short_id} has lost" for one in (was, now) for path in _lost(one)]
    files: dict[str, tuple[Content, Content]] = {}
    changes: list[FileChange] = []
    try:
        files = _of_trees(a, b, near or Path.cwd(), notes)
    except (GitFailed, CorruptRecord, OSError) as error:
        why = str(error).rstrip(".")
        notes.append(f"the commits themselves: {why}")
        changes = list(_of_patches(a, b))
        files = _of_overlays(a, b, notes)
    files |= {path: pair for path, pair in _of_modules(a, b).items() if path not in files}
    changes += file_changes(files)
    return CodeDiff(a.words, b.words, tuple(changes[:MAX_FILES]), "; ".join(notes),
                    max(len(changes) - MAX_FILES, 0))  # fmt: skip


def _side(record: RunRecord) -> _Side:
    code = RunPaths(record.path).code
    facts, fault = _json(code / "git.json")
    if not code.is_dir():
        fault = "no code was recorded"
    return _Side(record, code, facts, f"{record.short_id}: {fault}" if fault else "")


def _lost(record: RunRecord) -> list[str]:
    """Return files of the code that the seal tells of and that are no longer there."""
    try:
        sealed = [path for path in read_seal(record.path) if path.startswith("code/")]
    except (CorruptRecord, OSError):
        return []
    # The others tell nothing here, or are told one by one.
    used = [path for path in sealed if not path.startswith(("code/overlay/", *_ASIDE))]
    return [path for path in used if not (record.path / path).exists()][:_TOLD]


def _json(path: Path) -> tuple[Mapping[str, Any], str]:
    """Return what a file of the record holds, and why it cannot be read."""
    try:
        found = loads(read_small(path), path.name)
    except FileNotFoundError:
        return {}, ""
    except (CorruptRecord, OSError) as error:
        return {}, f"{path.name} cannot be read: {error}"
    return (found, "") if isinstance(found, dict) else ({}, f"{path.name} is no object")


# Both trees ------------------------------------------------------------------------------------


def _of_trees(
    a: _Side, b: _Side, near: Path, notes: list[str]
) -> dict[str, tuple[Content, Content]]:
    """Return the content of each path that may differ, on both sides.

    Where a run came out of no repository there are no trees to compare.

    Raises
    ------
    GitFailed
        The repository is not at hand, or a patch does not apply.
    """
    if not (a.facts and b.facts):
        notes += [f"{side.record.short_id}: there was no repository" for side in (a, b)
                  if (a.facts or b.facts) and not (side.facts or side.fault)]  # fmt: skip
        return {}
    if (why := unavailable()) is not None:
        raise GitFailed(why)
    here = quick(near)
    if here is None:
        raise GitFailed("there is no repository here")
    git = Plumbing(here.root, time.monotonic() + _SECONDS)
    for side in (a, b):
        if side.sha and git.ask("cat-file", "-e", f"{side.sha}^{{commit}}").status:
            raise GitFailed(f"this repository does not have the commit {side.sha[:7]}")
    trees = [_paths_of(git, side.sha) for side in (a, b)]
    lost: dict[str, str] = {}
    touched = [_touched(git, side, tree, lost) for side, tree in zip((a, b), trees, strict=True)]
    notes += [f"{path}, {why}" for path, why in sorted(lost.items())[:_TOLD]]
    moved = {path for path in trees[0].keys() | trees[1].keys()
             if trees[0].get(path) != trees[1].get(path)}  # fmt: skip
    paths = sorted((moved | touched[0].keys() | touched[1].keys()) - lost.keys())
    wanted = {tree[path] for tree, mine in zip(trees, touched, strict=True)
              for path in paths if path in tree and path not in mine}  # fmt: skip
    contents = _contents(git, wanted)

    def content(n: int, path: str) -> Content:
        if path in touched[n]:
            return touched[n][path]
        return contents.get(trees[n].get(path, b""))

    return {path: (content(0, path), content(1, path)) for path in paths}


def _paths_of(git: Plumbing, sha: str | None) -> dict[str, bytes]:
    """Return the files of a commit: path → id of what it holds."""
    if sha is None:
        return {}
    found = {}
    for entry in git.run("ls-tree", "-r", "-z", "--full-tree", sha).items():
        about, _, path = entry.partition(b"\t")
        _, kind, object_id = about.split()
        if kind == b"blob":
            found[os.fsdecode(path)] = object_id
    return found


def _contents(git: Plumbing, ids: Iterable[bytes]) -> dict[bytes, bytes]:
    """Return what objects hold; of one that is too large only that it is."""
    asked = sorted(set(ids))
    if not asked:
        return {}
    sizes = git.run("cat-file", "--batch-check=%(objectname) %(objectsize)",
                    stdin=b"\n".join(asked) + b"\n").output.splitlines()  # fmt: skip
    pairs = [line.split() for line in sizes]
    small = [name for name, size in pairs if size.isdigit() and int(size) <= _MAX_FILE]
    large = {name: b"\0 too large: " + name for name, size in pairs if name not in set(small)}
    return git.contents(small) | large


def _touched(
    git: Plumbing, side: _Side, tree: Mapping[str, bytes], lost: dict[str, str]
) -> dict[str, Content]:
    """Return what the run's uncommitted part makes of the files it touches."""
    found: dict[str, Content] = {}
    patch = side.patch
    if patch:
        folder = Path(tempfile.mkdtemp(prefix="runfolio-diff-"))
        try:
            found = _applied(git, folder, patch, tree)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return found | _overlay(side, lost)


def _overlay(side: _Side, lost: dict[str, str]) -> dict[str, Content]:
    """Return the files that the run keeps whole; those that cannot be read are `lost`."""
    found: dict[str, Content] = {}
    for name in side.overlay:
        path = side.code / "overlay" / _inside(name)
        try:
            found[name] = read_small(path, _MAX_FILE)
        except FileNotFoundError:
            lost[name] = f"which {side.record.short_id} has lost"
        except (CorruptRecord, OSError) as error:
            lost[name] = f"which cannot be read: {error}"
    return found


def _applied(
    git: Plumbing, folder: Path, patch: bytes, tree: Mapping[str, bytes]
) -> dict[str, Content]:
    # Outside of any repository: nothing is written where the user's objects are in sight.
    ceiling = {"GIT_CEILING_DIRECTORIES": str(folder.parent)}
    outside = Plumbing(str(folder), time.monotonic() + _SECONDS, ceiling)
    paths = set(_paths_in(outside, patch))
    before = _contents(git, (tree[path] for path in paths if path in tree))
    for path in paths:
        if path in tree:
            target = folder / _inside(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(before[tree[path]])
    outside.run("apply", "--binary", "--whitespace=nowarn", "-", stdin=patch)
    return {path: _read(folder / _inside(path)) for path in paths}


def _paths_in(git: Plumbing, patch: bytes) -> Iterator[str]:
    """Yield the paths that a patch touches, of a renamed file both."""
    for entry in git.run("apply", "--numstat", "-z", "-", stdin=patch).items():
        path = entry.split(b"\t", 2)[-1]
        if path:
            yield os.fsdecode(path)


def _read(path: Path) -> Content:
    try:
        return os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise CorruptRecord(f"the record names a file outside of the code: {name!r}")
    return path


# What else was recorded --------------------------------------------------------------------------


def _of_modules(a: _Side, b: _Side) -> dict[str, tuple[Content, Content]]:
    """Return script and local modules that no repository holds, on both sides."""
    was, now = (dict(_modules(side)) for side in (a, b))
    return {path: (was.get(path), now.get(path)) for path in sorted(was.keys() | now.keys())}


def _modules(side: _Side) -> Iterator[tuple[str, bytes]]:
    listed = _json(side.code / "modules.json")[0].get("modules")
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("file"), str):
            try:
                content = read_small(side.code / _inside(entry["file"]), _MAX_FILE)
            except (CorruptRecord, OSError):
                continue
            root, path = entry.get("root"), str(entry.get("path"))
            yield (path if root == "project" else f"{root}/{path}"), content
    script = side.code / "script"
    for file in sorted(script.iterdir()) if script.is_dir() and not side.sha else ():
        if file.is_file() and not file.is_symlink() and file.stat().st_size <= _MAX_FILE:
            yield file.name, file.read_bytes()


def _of_overlays(a: _Side, b: _Side, notes: list[str]) -> dict[str, tuple[Content, Content]]:
    """Return the files that both runs keep whole; of others the other side is not known."""
    try:
        lost: dict[str, str] = {}
        was, now = _overlay(a, lost), _overlay(b, lost)
    except CorruptRecord as error:
        notes.append(str(error))
        return {}
    alone = sorted(was.keys() ^ now.keys())
    if alone:
        notes.append(f"what one run alone keeps whole: {', '.join(alone[:_TOLD])}")
    return {path: (was[path], now[path]) for path in sorted(was.keys() & now.keys())}


def _of_patches(a: _Side, b: _Side) -> Iterator[FileChange]:
    """Yield the files whose uncommitted part is not the same, from the patches alone."""
    try:
        was, now = (patched_files(side.patch) for side in (a, b))
    except (CorruptRecord, OSError):
        return
    for path in sorted(was.keys() | now.keys()):
        before, after = was.get(path, ""), now.get(path, "")
        if before != after:
            yield FileChange(path, "patch", text=text_diff(before, after))
