"""The repositories that lie within a repository: its submodules, and untracked ones."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from runfolio.capture.left_out import LeftOut, shown
from runfolio.capture.staging import Staged
from runfolio.model.context import GitState, Submodule

__all__ = ["Look", "look_into"]

MAX_SUBMODULES: Final = 20

Look = Callable[[str, str], GitState | None]
"""Takes the state of a repository: its folder, and its path from the outermost top."""


def look_into(
    staged: Staged, top: str, within: str, look: Look | None, left_out: LeftOut
) -> tuple[Submodule, ...]:
    """Return what the repositories below another one hold, those within them included.

    Parameters
    ----------
    staged : Staged
    top : str
        The work tree around them.
    within : str
        The path of that, ending with a slash, from the outermost one; empty for that itself.
    look : callable or None
        ``None`` where they lie too deep to be looked into.
    left_out : LeftOut
        Told what nobody can fetch.
    """
    inner: list[tuple[bytes, str | None]] = [*staged.submodules.items()]
    inner += [(path, None) for path in staged.repositories]
    if look is None:
        left_out.add_many(len(inner), f"submodules of {within.rstrip('/')}", "they lie too deep")
        return ()
    left_out.add_many(max(len(inner) - MAX_SUBMODULES, 0), "submodules", "not looked into")
    found: list[Submodule] = []
    for path, recorded in inner[:MAX_SUBMODULES]:
        folder = os.path.join(os.fsencode(top), path)  # noqa: PTH118 - bytes
        name = within + shown(path)
        # One that is not checked out would be taken for its parent.
        state = None
        if os.path.lexists(os.path.join(folder, b".git")):  # noqa: PTH118
            state = look(os.fsdecode(folder), f"{name}/")
        elif _holds_files(folder):
            left_out.add_thing(name, "a submodule that is not checked out, with files in its place")
        found.append(Submodule(name, recorded, _alone(state)))
        if state is not None:
            _note(name, recorded, state, left_out)
            found += state.submodules
    return tuple(found)


def _holds_files(folder: bytes) -> bool:
    try:
        return bool(os.listdir(folder))  # noqa: PTH208 - bytes
    except OSError:
        return False  # no folder: that is a change like any other


def _alone(state: GitState | None) -> GitState | None:
    """Return a state without its submodules, and without what is told for all together."""
    return None if state is None else replace(state, submodules=(), not_captured=())


def _note(name: str, recorded: str | None, state: GitState, left_out: LeftOut) -> None:
    if recorded is None:
        left_out.add_thing(
            name, "a git repository of its own, no submodule: its changes and commit are kept, "
            "its history is not",
        )  # fmt: skip
    elif state.sha is None:
        left_out.add_thing(f"submodule {name}", "it has no commit, or git does not read it")
    left_out.take_over(state.not_captured)
