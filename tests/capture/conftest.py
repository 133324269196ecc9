"""Real repositories to take snapshots of, away from this machine's own git settings."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runfolio.format.layout import RunPaths
from runfolio.model.context import GitState
from runfolio.record.code import CodeRecord
from runfolio.record.redaction import Redaction

_IDENTITY = {
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}


class Repo:
    """A work tree with a git in it, driven by plain commands."""

    def __init__(self, path: Path, *init: str) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main", *init)

    def git(self, *arguments: str, check: bool = True, stdin: bytes = b"") -> str:
        done = subprocess.run(
            ["git", "-c", "core.fsync=none", "-c", "maintenance.auto=false", *arguments],
            cwd=self.path,
            env={**os.environ, **_IDENTITY},
            input=stdin,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0 or not check, done.stderr.decode()
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def write(self, name: str, content: str | bytes = "x\n") -> Path:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def commit(self, **files: str) -> str:
        for name, content in files.items():
            self.write(name.replace("__", "/").replace("_", "."), content)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "c")
        return self.git("rev-parse", "HEAD")


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give git a home without settings, and take the caller's ``GIT_*`` variables away."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in [*os.environ]:
            if name.startswith(("GIT_", "XDG_CONFIG")):
                patch.delenv(name)
        patch.setenv("HOME", str(home))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        yield home


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A repository with one commit of two files."""
    made = Repo(tmp_path / "repo")
    made.commit(a_py="a = 1\n", src__b_py="b = 1\n")
    return made


def _fingerprint(folder: Path) -> dict[str, tuple[object, ...]]:
    found: dict[str, tuple[object, ...]] = {}
    for root, folders, files in os.walk(folder):
        for name in [".", *folders, *files]:
            path = Path(root) / name
            status = path.lstat()
            content: object = None
            if stat.S_ISLNK(status.st_mode):
                content = path.readlink()
            elif stat.S_ISREG(status.st_mode) and status.st_size < 1 << 22:
                content = path.read_bytes()
            found[str(path)] = (
                status.st_mode,
                status.st_mtime_ns,
                status.st_ctime_ns,
                status.st_ino,
                status.st_size,
                content,
            )
    return found


@pytest.fixture(scope="session")
def fingerprint() -> Callable[[Path], dict[str, tuple[object, ...]]]:
    """Return content, date and mode of everything below a folder, the git directory included."""
    return _fingerprint


def _cloned(state: GitState, target: Path) -> Repo:
    if state.sha is None:
        return Repo(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["git", "clone", "-q", "--no-checkout", state.root, str(target)],
        check=True,
        capture_output=True,
    )
    clone = Repo(target)
    clone.git("checkout", "-q", "--detach", state.sha)
    return clone


def _rebuilt(state: GitState, target: Path) -> str:
    """Return the tree of a clone at the commit with the patch and the overlay put on it."""
    clone = _cloned(state, target)
    if state.patch:
        clone.git(
            "-c", "core.autocrlf=false", "-c", "core.safecrlf=false",
            "apply", "--binary", "--index", "--whitespace=nowarn", stdin=state.patch,
        )  # fmt: skip
    for name, content in state.overlay.items():
        clone.write(name, content)
        digest = clone.git("hash-object", "-w", "--no-filters", "--", name)
        mode = state.modes.get(name, "100644")
        clone.git("update-index", "--add", "--cacheinfo", f"{mode},{digest},{name}")
    return clone.git("write-tree")


@pytest.fixture(scope="session")
def rebuilt() -> Callable[[GitState, Path], str]:
    """Return the function that puts a snapshot on a fresh clone and gives its tree."""
    return _rebuilt


@pytest.fixture(scope="session")
def cloned() -> Callable[[GitState, Path], Repo]:
    """Return the function that makes a fresh clone at the commit of a snapshot."""
    return _cloned


def _recorded(state: GitState, folder: Path) -> Path:
    def put(path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    CodeRecord(RunPaths(folder), put, Redaction()).write_git(state)
    return folder


@pytest.fixture(scope="session")
def recorded() -> Callable[[GitState, Path], Path]:
    """Return the function that writes a snapshot into the folder of a run."""
    return _recorded


@pytest.fixture(scope="session")
def new_repo() -> type[Repo]:
    """Return the class that makes further repositories."""
    return Repo
