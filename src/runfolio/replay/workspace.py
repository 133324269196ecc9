"""The code of a run, put back onto a clone: the tree that was there when it began."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from runfolio.capture.plumbing import Plumbing
from runfolio.errors import CorruptRecord
from runfolio.format.codec import loads
from runfolio.format.disk import read_small
from runfolio.format.layout import RunPaths

__all__ = ["PutBack", "put_back", "put_back_submodule", "submodules"]

_SECONDS: Final = 120.0
_MAX_PATCH: Final = 1 << 30
_MAX_FILE: Final = 64 << 20
_LINK: Final = "120000"
_GITLINK: Final = b"160000"
_OPTIONS: Final = (
    "-c", "core.autocrlf=false",
    "-c", "core.safecrlf=false",
    "-c", "core.fsync=none",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PutBack:
    """What came of putting code back.

    Attributes
    ----------
    tree : str or None
        Git's id of the tree that is there now; ``None`` without version control.
    recorded : str or None
        That of the tree which the run began with. They differ where secrets were taken out of the
        record, or where the clone is not at the run's commit.
    import_from : tuple of Path
        Folders for the front of ``sys.path``: local modules from elsewhere.
    """

    tree: str | None
    recorded: str | None
    import_from: tuple[Path, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether the tree is the recorded one."""
        return self.tree == self.recorded


def put_back(folder: Path, clone: Path, *, modules: Path | None = None) -> PutBack:
    """Turn a clone at the run's commit into the tree that the run began with.

    The files that differ are written byte by byte as they were recorded: no filter, no conversion
    of line ends and no hook runs, whatever the clone's settings say.

    Parameters
    ----------
    folder : Path
        The run.
    clone : Path
        A work tree with nothing uncommitted, at ``sha`` of ``code/git.json``; an empty repository
        if that is null; any folder if there is no ``git.json``.
    modules : Path, optional
        Where local modules that did not lie in the project go; without it they are left out.

    Raises
    ------
    CorruptRecord
        The record names files outside of the clone, or cannot be read.
    GitFailed
        The patch does not apply.
    """
    code = RunPaths(folder).code
    facts = _facts(code / "git.json")
    tree = recorded = None
    if facts is not None:
        tree = _put_changes_back(code, facts, clone)
        recorded = facts.get("tree") or (tree if facts.get("dirty") is False else None)
    elif not any("__main__" in (entry.get("modules") or ()) for entry in _modules(code)):
        _put_script_back(code, clone)
    import_from = _put_modules_back(code, clone, modules)
    return PutBack(tree, recorded, import_from)


def submodules(folder: Path) -> list[dict[str, Any]]:
    """Return what is known of each repository within the code, first of all its ``path``."""
    found = (_facts(RunPaths(folder).code / "git.json") or {}).get("submodules", [])
    return [one for one in found if isinstance(one, dict) and isinstance(one.get("path"), str)]


def put_back_submodule(folder: Path, submodule: Mapping[str, Any], clone: Path) -> PutBack:
    """Do for a submodule's own clone, at its ``sha``, what `put_back` does for the whole.

    Parameters
    ----------
    submodule : mapping
        One of `submodules`.
    """
    code = RunPaths(folder).code
    changes = code / PurePosixPath(_inside(str(submodule.get("folder") or "submodules/none")))
    tree = _put_changes_back(changes, submodule, clone)
    return PutBack(tree, submodule.get("tree"))


def _put_changes_back(changes: Path, facts: Mapping[str, Any], clone: Path) -> str:
    git = Plumbing(os.fspath(clone), time.monotonic() + _SECONDS, options=_OPTIONS)
    before = git.run("write-tree").output.decode().strip()
    if (changes / "uncommitted.patch").exists():
        patch = read_small(changes / "uncommitted.patch", _MAX_PATCH)
        git.run("apply", "--cached", "--binary", "--whitespace=nowarn", "-", stdin=patch)
    _write_difference(git, before, clone)
    modes = facts.get("modes") or {}
    for name in facts.get("overlay") or ():
        kept = read_small(changes / "overlay" / PurePosixPath(_inside(name)), _MAX_FILE)
        kept_mode = str(modes.get(name, "100644"))
        _write(clone, os.fsencode(name), kept_mode, kept)
        _stage(git, name, kept_mode, kept)
    return git.run("write-tree").output.decode().strip()


def _write_difference(git: Plumbing, before: str, clone: Path) -> None:
    """Make the files what the index says, where that is no longer the tree it was."""
    items = git.run("diff-index", "--cached", "--raw", "-z", "--no-renames", before).items()
    changed: dict[bytes, tuple[str, bytes]] = {}
    for facts, path in zip(items[::2], items[1::2], strict=True):
        _, mode, _, object_id, _ = facts.split()
        if not mode.strip(b"0"):
            _remove(clone, path)
        elif mode != _GITLINK:
            changed[path] = mode.decode(), object_id
    contents = git.contents(object_id for _, object_id in changed.values())
    for path, (kind, object_id) in changed.items():
        _write(clone, path, kind, contents[object_id])


def _stage(git: Plumbing, name: str, mode: str, content: bytes) -> None:
    object_id = git.run(
        "hash-object", "-w", "--no-filters", "--stdin", stdin=content
    ).output.split()
    entry = mode.encode() + b" " + object_id[0] + b"\t" + os.fsencode(name) + b"\0"
    git.run("update-index", "-z", "--index-info", stdin=entry)


def _put_script_back(code: Path, clone: Path) -> None:
    """Write the script of another program, of which nothing else is known."""
    folder = code / "script"
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        _write(clone, os.fsencode(file.name), "100644", read_small(file, _MAX_FILE))


def _put_modules_back(code: Path, clone: Path, modules: Path | None) -> tuple[Path, ...]:
    import_from: dict[Path, None] = {}
    done: set[tuple[str, str]] = set()
    for entry in _modules(code):
        root, path = str(entry.get("root")), str(entry.get("path"))
        target = clone if root == "project" else modules / _inside(root) if modules else None
        # The first is what the run began with; others were imported later under the same name.
        if target is None or (root, path) in done:
            continue
        done.add((root, path))
        content = read_small(code / PurePosixPath(_inside(str(entry.get("file")))), _MAX_FILE)
        _write(target, os.fsencode(path), "100644", content)
        if root != "project":
            import_from[target / _inside(str(entry.get("entry") or "."))] = None
    return tuple(import_from)


def _modules(code: Path) -> Iterator[Mapping[str, Any]]:
    table = _facts(code / "modules.json") or {}
    for entry in table.get("modules") or ():
        if isinstance(entry, dict):
            yield entry


def _write(top: Path, path: bytes, mode: str, content: bytes) -> None:
    """Give a path below a folder its content; links on the way, and what is in the place, go."""
    target = top / PurePosixPath(_inside(os.fsdecode(path)))
    for parent in _folders(top, target):
        if parent.is_symlink() or parent.is_file():
            parent.unlink()
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    if mode == _LINK:
        target.symlink_to(os.fsdecode(content))
        return
    target.write_bytes(content)
    target.chmod(0o755 if mode == "100755" else 0o644)


def _remove(top: Path, path: bytes) -> None:
    """Delete a file, and the folders that are empty without it."""
    target = top / PurePosixPath(_inside(os.fsdecode(path)))
    folders = _folders(top, target)
    if not all(folder.is_dir() and not folder.is_symlink() for folder in folders):
        return
    if target.is_dir() and not target.is_symlink():
        return  # a submodule, or what came in the file's place
    target.unlink(missing_ok=True)
    for folder in reversed(folders):
        if any(folder.iterdir()):
            break
        folder.rmdir()


def _folders(top: Path, target: Path) -> list[Path]:
    """Return the folders between the top and what lies below it, the upper ones first."""
    return [*target.parents][: len(target.relative_to(top).parts) - 1][::-1]


def _inside(name: str) -> str:
    """Return a path that stays below the folder it is put on.

    Raises
    ------
    CorruptRecord
        It does not, or leads into a git directory.
    """
    path = PurePosixPath(name)
    parts = [part.lower() for part in path.parts]
    if path.is_absolute() or ".." in parts or ".git" in parts or "\0" in name:
        raise CorruptRecord(f"The record names a file outside of the code: {name!r}.")
    return name


def _facts(path: Path) -> dict[str, Any] | None:
    try:
        found = loads(read_small(path), path.name)
    except FileNotFoundError:
        return None
    if not isinstance(found, dict):
        raise CorruptRecord(f"{path.name} holds no facts.")
    return found
