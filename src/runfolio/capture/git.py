"""The quick facts of a repository, from its files alone, and where its parts lie."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runfolio.capture.plumbing import GitFailed, Plumbing, unavailable
from runfolio.capture.reading import read_regular
from runfolio.capture.secrets.addresses import clean_remote
from runfolio.model.context import GitState

__all__ = ["Head", "Repository", "head_of", "locate", "operation", "quick", "unavailable"]

_SMALL: Final = 1 << 20
_PACKED_REFS: Final = 64 << 20
_OBJECT_ID: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REF: Final = re.compile(r"refs/[^\s~^:?*\[\\\x00-\x1f]{1,500}")
_BRANCHES: Final = "refs/heads/"
_SECTION: Final = re.compile(r"\[\s*(?P<name>[A-Za-z0-9.-]+)\s*(?:\"(?P<sub>[^\"]*)\")?\s*\]")
_ENTRY: Final = re.compile(r"(?P<key>[A-Za-z][A-Za-z0-9-]*)\s*=\s*(?P<value>.*)")

_PLACES: Final = (
    "--show-toplevel",
    "--absolute-git-dir",
    "--git-common-dir",
    "--git-path", "objects",
    "--git-path", "index",
    "--git-path", "info/exclude",
    "--git-path", "info/sparse-checkout",
    "--show-object-format",
)  # fmt: skip
# Rebasing comes first: it also picks commits, one after the other.
_OPERATIONS: Final = {
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "BISECT_LOG": "bisect",
}
# A name without a value is on, too.
_TRUE: Final = frozenset({"true", "yes", "on", "1", ""})
_NO_REPOSITORY: Final = ("not a git repository", "must be run in a work tree")


@dataclass(frozen=True, slots=True)
class Repository:
    """Where the parts of a repository lie: absolute paths, and the kind of its object ids."""

    top: str
    git_dir: str
    common_dir: str
    objects: str
    index: str
    exclude: str
    sparse: str
    object_format: str


@dataclass(frozen=True, slots=True)
class Head:
    """What is checked out, and the settings that a snapshot follows.

    ``settings`` holds every setting in force, by lower-case name, the last one counting.
    """

    sha: str | None
    tree: str | None
    branch: str | None
    remote: str | None
    settings: dict[str, str]

    def says(self, setting: str, *, default: bool = False) -> bool:
        """Return whether a setting is on."""
        value = self.settings.get(setting)
        return default if value is None else value.lower() in _TRUE


def quick(cwd: Path) -> GitState | None:
    """Return root, commit, branch and remote, read from the repository's files in about 1 ms.

    Neither git nor GitPython is needed. ``dirty`` is not looked at.

    Returns
    -------
    GitState or None
        ``None`` where no repository is. What cannot be read is ``None`` in it.
    """
    found = _find(Path(os.path.abspath(cwd)))  # noqa: PTH100 - links stay as the user has them
    if found is None:
        return None
    root, git_dir = found
    common = _common_dir(git_dir)
    text = _text(git_dir / "HEAD")
    branch: str | None = None
    sha: str | None = text if _OBJECT_ID.fullmatch(text) else None
    ref = text.removeprefix("ref:").strip()
    if sha is None and _REF.fullmatch(ref) and ".." not in ref:
        branch = ref.removeprefix(_BRANCHES) if ref.startswith(_BRANCHES) else None
        # A repository with reftables shows this name to those who only know files.
        branch = None if branch == ".invalid" else branch
        sha = _resolved(git_dir, common, ref)
    url = _remote(_text(common / "config"))
    remote = clean_remote(url) if url else None
    return GitState(root=str(root), sha=sha, branch=branch, remote=remote, dirty=False)


def locate(git: Plumbing) -> Repository | None:
    """Return where the repository around a folder lies; git checks there who owns it.

    Returns
    -------
    Repository or None
        ``None`` outside a work tree.

    Raises
    ------
    GitFailed
        Git refuses the repository, or is older than 2.31.
    """
    answer = git.ask("rev-parse", "--path-format=absolute", *_PLACES)
    if answer.status != 0:
        if any(words in answer.message for words in _NO_REPOSITORY):
            return None
        if "dubious ownership" in answer.message:
            raise GitFailed(
                "git does not trust this repository, which belongs to another user: "
                "git config --global --add safe.directory its folder"
            )
        raise GitFailed(f"git cannot read the repository: {answer.message}")
    lines = os.fsdecode(answer.output).split("\n")[:-1]
    # A newline in the path, or a git that repeats options it does not know.
    if len(lines) != len(Repository.__slots__) or not lines[0].startswith(os.sep):
        raise GitFailed("git gives no usable paths here; version 2.31 or newer is needed")
    return Repository(*lines)


def head_of(git: Plumbing) -> Head:
    """Return what is checked out in a repository."""
    settings: dict[str, str] = {}
    for item in git.run("config", "--null", "--list").items():
        key, _, value = item.decode("utf-8", "surrogateescape").partition("\n")
        settings[key] = value
    commit = git.ask("rev-parse", "-q", "--verify", "--end-of-options", "HEAD^{commit}")
    sha = tree = None
    if commit.status == 0:
        sha = commit.output.decode().strip()
        tree = git.run("rev-parse", "-q", "--verify", "HEAD^{tree}").output.decode().strip()
    branch = git.ask("symbolic-ref", "-q", "--short", "HEAD")
    url = settings.get("remote.origin.url", "")
    return Head(
        sha=sha,
        tree=tree,
        branch=branch.output.decode("utf-8", "replace").strip() or None,
        remote=clean_remote(url) if url else None,
        settings=settings,
    )


def operation(repository: Repository) -> str | None:
    """Return what is going on in a repository: ``merge``, ``rebase`` …; ``None`` for nothing."""
    folder = Path(repository.git_dir)
    return next((word for name, word in _OPERATIONS.items() if (folder / name).exists()), None)


def _find(start: Path) -> tuple[Path, Path] | None:
    for folder in (start, *start.parents):
        entry = folder / ".git"
        try:
            mode = entry.stat().st_mode
        except OSError:
            continue
        if stat.S_ISDIR(mode) and (entry / "HEAD").exists():
            return folder, entry
        # A worktree or submodule: a file that says where the rest is.
        pointer = _text(entry) if stat.S_ISREG(mode) else ""
        if pointer.startswith("gitdir:"):
            return folder, folder / pointer.removeprefix("gitdir:").strip()
    return None


def _common_dir(git_dir: Path) -> Path:
    pointer = _text(git_dir / "commondir")
    return git_dir / pointer if pointer else git_dir


def _resolved(git_dir: Path, common: Path, ref: str) -> str | None:
    for folder in (git_dir, common):
        text = _text(folder / ref)
        if _OBJECT_ID.fullmatch(text):
            return text
    packed = read_regular(common / "packed-refs", _PACKED_REFS) or b""
    match = re.search(
        rb"^([0-9a-f]{40,64}) " + re.escape(os.fsencode(ref)) + rb"$", packed, re.MULTILINE
    )
    return match[1].decode() if match is not None else None


def _remote(config: str) -> str | None:
    """Return the address of ``origin`` in the text of a git configuration, includes not followed."""
    inside, url = False, None
    for line in config.splitlines():
        text = line.strip()
        section = _SECTION.match(text)
        if section is not None:
            inside = section["name"].lower() == "remote" and section["sub"] == "origin"
            text = text[section.end() :].strip()
        entry = _ENTRY.match(text)
        if inside and entry is not None and entry["key"].lower() == "url":
            url = entry["value"].partition(" #")[0].partition(" ;")[0].strip().strip('"')
    return url


def _text(path: Path) -> str:
    content = read_regular(path, _SMALL)
    return content.decode("utf-8", "surrogateescape").strip() if content is not None else ""
