"""The code as it lies in the work tree: commit, patch with untracked files, notebooks."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from runfolio.capture import lfs
from runfolio.capture.content_hashes import ContentHashes
from runfolio.capture.git import Head, Repository, head_of, locate, operation, quick, unavailable
from runfolio.capture.left_out import LeftOut
from runfolio.capture.overlay import Overlay
from runfolio.capture.patch import changes, patch
from runfolio.capture.plumbing import GitFailed, Plumbing
from runfolio.capture.scratch import Scratch, scratch
from runfolio.capture.staging import Room, is_below, stage
from runfolio.capture.submodules import look_into
from runfolio.capture.tree import changed_tree
from runfolio.model.context import GitState, NotCaptured

__all__ = ["MAX_SECONDS", "UNCOMMITTED", "snapshot"]

MAX_SECONDS: Final = 10.0
"""No snapshot takes longer; what it has by then is lost but for commit and branch."""

UNCOMMITTED: Final = "the uncommitted part of the code"
"""What is missing where only the commit is known."""

_MAX_DEPTH: Final = 3


@dataclass(frozen=True, slots=True)
class _Limits:
    """What a repository and its submodules have together."""

    deadline: float
    depth: int = 0
    room: Room = field(default_factory=Room)
    hashes: ContentHashes = field(default_factory=ContentHashes)


def snapshot(cwd: Path, *, ignore: Sequence[str | os.PathLike[str]] = ()) -> GitState | None:
    """Return the code of the repository around a folder, the repository left as it is.

    No file of the repository is written, no date of one is touched, and no program that its
    settings name (filters, hooks, file monitors) is run: all work is done in a scratch git
    directory over the same work tree. ``git clone`` at ``sha``, ``git apply --binary --index``
    of ``patch`` and the files of ``overlay`` give ``tree`` again.

    Parameters
    ----------
    cwd : Path
        Any folder of the work tree.
    ignore : sequence of path, optional
        Files and folders that are no code (the store, the project's journal): they count
        neither as dirty nor in the patch. Relative ones are meant from the top of the work
        tree and from `cwd`.

    Returns
    -------
    GitState or None
        ``None`` outside a work tree, and where git or GitPython is missing (see
        `git.unavailable`). What is over a limit (10 MB a file, 50 MB in all, 2,000 untracked
        files, 10 s) or cannot be read is named in ``not_captured``; where nothing could be
        taken, ``dirty`` is true, because nobody knows. Submodules, and repositories that are
        none, have their own patches in ``submodules``.
    """
    # For a folder that is gone, GitPython would take the one this process is in.
    if not os.access(cwd, os.X_OK) or unavailable() is not None:
        return None
    limits = _Limits(time.monotonic() + MAX_SECONDS)
    return _state(os.fspath(cwd), "", tuple(os.fspath(path) for path in ignore), limits)


def _state(cwd: str, within: str, ignore: tuple[str, ...], limits: _Limits) -> GitState | None:
    git = Plumbing(cwd, limits.deadline)
    state = GitState(root=cwd, sha=None, branch=None, remote=None, dirty=True)
    try:
        repository = locate(git)
        if repository is None:
            return None
        head = head_of(git)
        state = _known(state, repository, head)
        ignored = _ignored(repository, cwd, ignore)
        return _taken(state, repository, head, within, ignored, limits)
    except (GitFailed, OSError) as error:
        # Of a repository that git refuses, or does not understand, its files tell as much.
        known = quick(Path(cwd)) if state.sha is None else None
        state = replace(known, dirty=True) if known is not None else state
        return replace(state, not_captured=(NotCaptured(_missing(state, within), _reason(error)),))


def _known(state: GitState, repository: Repository, head: Head) -> GitState:
    return replace(
        state,
        root=repository.top,
        sha=head.sha,
        branch=head.branch,
        remote=head.remote,
        operation=operation(repository),
        sparse=head.says("core.sparsecheckout"),
        lfs=lfs.is_used(os.fsencode(repository.top), head.settings),
    )


def _taken(
    state: GitState,
    repository: Repository,
    head: Head,
    within: str,
    ignored: tuple[bytes, ...],
    limits: _Limits,
) -> GitState:
    left_out = LeftOut(os.fsencode(state.root), limits.hashes, within)
    with scratch(repository, head, limits.deadline) as work:
        staged = stage(work, ignored, left_out, limits.room, uses_lfs=state.lfs)
        found = changes(work)
        overlay = Overlay(work, staged, left_out, limits.room)
        overlay.undo([change for change in found if is_below(change.path, ignored)])
        overlay.take(change for change in found if not is_below(change.path, ignored))
        state = _with_changes(state, work, overlay, left_out)
    inner = replace(limits, depth=limits.depth + 1)
    below = look_into(
        staged, state.root, within,
        None if limits.depth == _MAX_DEPTH else lambda top, path: _state(top, path, (), inner),
        left_out,
    )  # fmt: skip
    state = replace(state, submodules=below)
    return replace(state, not_captured=left_out.told())


def _with_changes(state: GitState, work: Scratch, overlay: Overlay, left_out: LeftOut) -> GitState:
    if overlay.count == 0:
        return replace(state, dirty=False, tree=work.base if state.sha else None)
    tree, difference = None, b""
    try:
        tree, difference = _tree_and_patch(work, overlay)
    except GitFailed as error:
        # What is large is what takes time, and seldom code.
        overlay.leave_out_large(str(error))
        try:
            tree, difference = _tree_and_patch(work, overlay)
        except GitFailed as again:
            left_out.add_thing("the difference to the commit", str(again))
    return replace(
        state,
        tree=tree,
        patch=difference,
        overlay=overlay.files,
        modes=overlay.modes,
        files_changed=overlay.count,
        changed={
            change.path: "" if change.letter == b"D" else change.new_id.decode()
            for change in overlay.in_patch
        },
    )


def _tree_and_patch(work: Scratch, overlay: Overlay) -> tuple[str, bytes]:
    tree = changed_tree(work, overlay.changes())
    overlay.take_out()
    if not overlay.in_patch:
        return tree, b""
    deleted = [change for change in overlay.in_patch if change.letter == b"D"]
    return tree, patch(work, deleted)


def _ignored(repository: Repository, cwd: str, ignore: tuple[str, ...]) -> tuple[bytes, ...]:
    top = os.path.realpath(repository.top)
    found: dict[bytes, None] = {}
    for path in ignore:
        for start in (repository.top, cwd):
            # Links on the way are followed, the last name is taken as it stands.
            parent, name = os.path.split(os.path.abspath(os.path.join(start, path)))  # noqa: PTH100, PTH118
            relative = os.path.relpath(os.path.join(os.path.realpath(parent), name), top)  # noqa: PTH118
            if relative != os.curdir and not relative.startswith(os.pardir):
                found[os.fsencode(relative)] = None
    return tuple(found)


def _missing(state: GitState, within: str) -> str:
    what = "code under version control" if state.sha is None else UNCOMMITTED
    return f"{what} of {within.rstrip('/')}" if within else what


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error)
