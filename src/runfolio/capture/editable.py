"""What lies in the folders of editable distributions: their code can change under their version."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from runfolio.capture import git
from runfolio.capture.snapshot import snapshot
from runfolio.model.context import Distribution

__all__ = ["TRACKER", "with_states"]

TRACKER: Final = "runfolio"
"""No part of what is tracked: whoever repeats a run has one, and its own folder is not looked at."""

# A repository takes 20 to 70 ms; after so long the rest stays unlooked at.
_PATIENCE_S: Final = 5.0


def with_states(found: Iterable[Distribution], root: Path) -> tuple[Distribution, ...]:
    """Return the distributions, those that are editable with the state of their repository.

    Parameters
    ----------
    found : iterable of Distribution
    root : Path
        The project's root: what lies below it, or in its repository, is captured as the run's
        own code.
    """
    around = git.quick(root)
    project = {os.path.realpath(root), os.path.realpath(around.root if around else root)}
    states: dict[str, Mapping[str, Any] | None] = {}
    deadline = time.monotonic() + _PATIENCE_S
    looked_at = []
    for one in found:
        if one.folder and _is_below(one.folder, project):
            looked_at.append(replace(one, in_project=True))
        elif one.folder and one.name != TRACKER:
            looked_at.append(replace(one, git=_state(one.folder, states, deadline)))
        else:
            looked_at.append(one)
    return tuple(looked_at)


def _is_below(folder: str, project: Iterable[str]) -> bool:
    real = os.path.join(os.path.realpath(folder), "")  # noqa: PTH118 - text in, text out
    return any(real.startswith(os.path.join(above, "")) for above in project)  # noqa: PTH118


def _state(
    folder: str, known: dict[str, Mapping[str, Any] | None], deadline: float
) -> Mapping[str, Any] | None:
    around = git.quick(Path(folder))
    if around is None:
        return None
    if around.root not in known and time.monotonic() < deadline:
        state = snapshot(Path(folder))
        known[around.root] = None if state is None else {
            "sha": state.sha, "remote": state.remote, "dirty": state.dirty, "tree": state.tree,
        }  # fmt: skip
    return known.get(around.root)
