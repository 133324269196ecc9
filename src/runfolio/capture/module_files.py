"""The files of imported local modules that neither the commit nor the patch holds."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import blake3

from runfolio.capture import git
from runfolio.capture.modules import imported_hash, is_elsewhere, local_file, was_imported
from runfolio.capture.opened import Place, sightings
from runfolio.capture.plumbing import GitFailed, Plumbing
from runfolio.capture.reading import read_regular
from runfolio.model.context import GitState, NotCaptured

__all__ = ["ModuleFile", "ModuleFiles", "Root"]

MAX_FILE_BYTES: Final = 10 * 1024 * 1024
MAX_TOTAL_BYTES: Final = 20 * 1024 * 1024
MAX_FILES: Final = 2000
_SECONDS: Final = 3.0
_NAMED: Final = 50
_EDITED: Final = "its file was edited since"
_ARCHIVES: Final = frozenset({".zip", ".egg", ".pyz", ".whl"})


@dataclass(frozen=True, slots=True)
class Root:
    """A folder with modules below it.

    Attributes
    ----------
    name : str
        ``project`` for the work tree of the run, else the folder's name, numbered if taken.
    kind : str
        ``project``, ``repository`` (of another one) or ``folder``.
    sha, branch, remote : str or None
        What is checked out there, of a repository.
    """

    name: str
    kind: str
    sha: str | None = None
    branch: str | None = None
    remote: str | None = None


@dataclass(frozen=True, slots=True)
class ModuleFile:
    """One file to be kept.

    Attributes
    ----------
    modules : tuple of str
        The modules that it gave, mostly one.
    root : Root
    path : str
        From the root, with slashes.
    entry : str
        The folder on ``sys.path``, from the root; empty for the root itself.
    content : bytes
    as_imported : bool
        Whether it is what was imported; else it was edited since.
    """

    modules: tuple[str, ...]
    root: Root
    path: str
    entry: str
    content: bytes
    as_imported: bool


@dataclass(slots=True)
class _Repository:
    """A repository whose code is in the record: its top, its commit, what differs from that."""

    top: str
    sha: str | None
    changed: Mapping[bytes, str]
    asked: dict[bytes, str] = field(default_factory=dict)


class ModuleFiles:
    """Finds what has to be kept, at first all, later what has been imported since.

    Parameters
    ----------
    cwd : Path
        The project's folder where there is no repository.
    state : GitState or None
        The code that is in the record.
    without : iterable of str, optional
        Paths that are not in the record's patch after all.
    script : Path, optional
        The script that runs, to be kept like a module.
    ignore : iterable of str, optional
        Folders that hold no code: above all the store, whose runs keep copies of modules.
    """

    def __init__(
        self,
        cwd: Path,
        state: GitState | None,
        without: Iterable[str] = (),
        script: Path | None = None,
        ignore: Iterable[str] = (),
    ) -> None:
        self._project = os.path.realpath(state.root if state is not None else cwd)
        self._repositories = list(_repositories(state, frozenset(without)))
        self._roots: dict[str, Root] = {
            self._project: Root("project", "project") if state is None else
            Root("project", "project", state.sha, state.branch, state.remote)
        }  # fmt: skip
        self._script = script
        self._ignored = tuple(os.path.realpath(path) + os.sep for path in ignore)
        self._seen: dict[str, tuple[int, int]] = {}
        self._bytes = 0
        self._count = 0
        self._refused: dict[str, list[str]] = {}
        # Module → hash of its file, which was edited since it was imported.
        self._doubtful: dict[str, str] = {}

    @property
    def left_out(self) -> list[NotCaptured]:
        """What could not be kept; beyond 50 modules for one reason they are only counted.

        A module that was edited since its import counts until the program reloads it.
        """
        told: list[NotCaptured] = []
        edited = [
            f"{name} as it was imported"
            for name, digest in self._doubtful.items()
            if not was_imported(name, digest)
        ]
        for why, names in {**self._refused, _EDITED: edited}.items():
            told += [NotCaptured(f"module {name}", why) for name in names[:_NAMED]]
            if len(names) > _NAMED:
                told.append(NotCaptured(f"{len(names) - _NAMED:,} more modules", why))
        return told

    def look(self) -> Iterator[ModuleFile]:
        """Yield each file that is not in the record yet; `left_out` grows by what cannot be kept."""
        deadline = time.monotonic() + _SECONDS
        found = self._new_files()
        for repository in self._repositories:
            paths = [path for path in found if self._repository_of(path) is repository]
            _ask(repository, [_below(path, repository.top) for path in paths], deadline)
        for path, names in found.items():
            if time.monotonic() > deadline:
                self._leave_out(names, "there was no time to copy it")
                continue
            kept = self._kept(path, names, again=path in self._seen)
            self._seen[path] = _stamp(path) or (0, 0)
            if kept is not None:
                yield kept

    def _new_files(self) -> dict[str, list[str]]:
        """Return path → modules of files that are new here, or another content since."""
        found: dict[str, list[str]] = {}
        for name, file in self._local_files():
            path = _archive(os.path.realpath(file))
            stamp = _stamp(path)
            if path in found:
                found[path].append(name)
            elif self._seen.get(path) != (stamp or (0, 0)):
                found[path] = [name]
        for path in self._opened_sources():
            if path not in self._seen:
                found.setdefault(path, [Path(path).stem])
        return found

    def _opened_sources(self) -> Iterator[str]:
        """Yield the project's files that were executed without an import, as far as was heard."""
        for one in sightings(Place(0, 0))[0]:
            if one.path.endswith(".py") and one.how != "written":
                path = os.path.realpath(one.path)
                inside = path.startswith(self._project + os.sep)
                if inside and not (path.startswith(self._ignored) or is_elsewhere(path)):
                    yield path

    def _local_files(self) -> Iterator[tuple[str, str]]:
        for name, module in sys.modules.copy().items():
            file = local_file(module, compiled=True)
            if file is not None and name != "__main__":
                yield name, file
        if self._script is not None and not is_elsewhere(str(self._script)):
            yield "__main__", str(self._script)

    def _kept(self, path: str, names: list[str], *, again: bool) -> ModuleFile | None:
        content = read_regular(path, MAX_FILE_BYTES)
        if content is None:
            if not again:
                self._leave_out(names, _why_unread(path))
            return None
        imported = imported_hash(names[0])
        as_imported = imported is None or imported == blake3.blake3(content).hexdigest()
        if not as_imported:
            if again:
                return None  # edited, and never imported so
            self._doubtful[names[0]] = blake3.blake3(content).hexdigest()
        repository = self._repository_of(path)
        if repository is not None and _is_held(repository, path, content):
            return None
        self._bytes += len(content)
        self._count += 1
        if self._bytes > MAX_TOTAL_BYTES or self._count > MAX_FILES:
            self._bytes -= len(content)
            self._leave_out(
                names, f"more than {MAX_TOTAL_BYTES >> 20} MB or {MAX_FILES:,} files of modules"
            )
            return None
        entry = _entry(path, names[0])
        folder, root = self._root_of(path, entry)
        relative = _below(path, folder)
        inside = os.path.relpath(entry, folder)
        try:
            relative.encode()
        except UnicodeEncodeError:
            self._leave_out(names, "the name of its file is not UTF-8")
            return None
        inside = "" if inside == os.curdir else inside
        return ModuleFile(tuple(names), root, relative, inside, content, as_imported)

    def _leave_out(self, names: list[str], why: str) -> None:
        self._refused.setdefault(why, []).append(names[0])

    def _repository_of(self, path: str) -> _Repository | None:
        around = [one for one in self._repositories if path.startswith(one.top + os.sep)]
        return max(around, key=lambda one: len(one.top), default=None)

    def _root_of(self, path: str, entry: str) -> tuple[str, Root]:
        if path.startswith(self._project + os.sep):
            return self._project, self._roots[self._project]
        known = next((top for top in self._roots if path.startswith(top + os.sep)), None)
        if known is not None:
            return known, self._roots[known]
        state = git.quick(Path(path).parent)
        folder = os.path.realpath(state.root) if state is not None else entry
        name = self._free_name(Path(folder).name or "root")
        root = Root(name, "folder")
        if state is not None:
            root = Root(name, "repository", state.sha, state.branch, state.remote)
        self._roots[folder] = root
        return folder, root

    def _free_name(self, name: str) -> str:
        name = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        taken = {root.name for root in self._roots.values()}
        number = 2
        free = name
        while free in taken:
            free, number = f"{name}-{number}", number + 1
        return free


def _repositories(state: GitState | None, without: frozenset[str]) -> Iterator[_Repository]:
    if state is None:
        return
    hidden = dict.fromkeys((os.fsencode(path) for path in without), "")
    top = os.path.realpath(state.root)
    yield _Repository(top, state.sha, {**state.changed, **hidden})
    for inner in state.submodules:
        if inner.state is not None:
            top = os.path.realpath(inner.state.root)
            yield _Repository(top, inner.state.sha, inner.state.changed)


def _ask(repository: _Repository, paths: list[str], deadline: float) -> None:
    """Find out the object ids that files have in the commit, with one call for all."""
    names = [os.fsencode(path) for path in paths]
    names = [name for name in names if b"\n" not in name and name not in repository.asked]
    if not names or repository.sha is None:
        return
    sha = repository.sha.encode()
    try:
        answer = Plumbing(repository.top, deadline).run(
            "cat-file",
            "--batch-check=%(objectname)",
            stdin=b"".join(sha + b":" + name + b"\n" for name in names),
        )
    except GitFailed:
        return
    for name, line in zip(names, answer.output.splitlines(), strict=False):
        # Of what is missing it says so, after the name it was asked for.
        repository.asked[name] = line.decode("ascii", "replace") if b" " not in line else ""


def _is_held(repository: _Repository, path: str, content: bytes) -> bool:
    name = os.fsencode(_below(path, repository.top))
    recorded = repository.changed.get(name, repository.asked.get(name, ""))
    if not recorded:
        return False
    make = hashlib.sha256 if len(recorded) == 64 else hashlib.sha1
    return make(b"blob %d\0" % len(content) + content).hexdigest() == recorded


def _entry(path: str, module: str) -> str:
    """Return the folder from which a module was imported, by its name."""
    parts = module.split(".")
    file = Path(path)
    if file.suffix in _ARCHIVES:
        return path
    stem = file.name.partition(".")[0]
    place = [*file.parent.parts, stem] if stem != "__init__" else [*file.parent.parts]
    if place[-len(parts) :] == parts and len(place) > len(parts):
        return str(Path(*place[: -len(parts)]))
    return str(file.parent)


def _archive(path: str) -> str:
    """Return the archive that a module's file lies in, where it is none on the disk."""
    if _stamp(path) is None:
        for above in Path(path).parents:
            if above.suffix in _ARCHIVES and above.is_file():
                return str(above)
    return path


def _below(path: str, folder: str) -> str:
    return path[len(folder.rstrip(os.sep)) + 1 :]


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        about = os.stat(path)  # noqa: PTH116 - thousands of modules
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size


def _why_unread(path: str) -> str:
    stamp = _stamp(path)
    if stamp is not None and stamp[1] > MAX_FILE_BYTES:
        return f"larger than {MAX_FILE_BYTES >> 20} MB"
    return "its file cannot be read"
