"""Which of the seven things a run's record holds, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from runfolio.errors import CorruptRecord
from runfolio.format.codec import loads
from runfolio.format.disk import read_small
from runfolio.format.layout import RunPaths

__all__ = ["SEVEN", "completeness"]

SEVEN: Final = (
    "code",
    "config",
    "data",
    "environment",
    "seeds",
    "metrics",
    "artifacts",
)
"""What makes a run repeatable, in the order in which it is told."""


def completeness(folder: Path, body: Mapping[str, Any]) -> dict[str, str]:
    """Return for each of the seven ``whole``, ``partly: why`` or ``missing: why``.

    Parameters
    ----------
    body : mapping
        The manifest as it is about to be written.
    """
    paths = RunPaths(folder)
    environment = paths.environment / "requirements.lock"
    saved = paths.files.is_dir() and any(paths.files.iterdir())
    return {
        "code": _code(paths, body),
        "config": "whole" if body.get("config") else "missing: no settings were given",
        "data": "whole" if body.get("data") else "missing: no data set was declared",
        "environment": "whole" if environment.is_file() else "missing: it was not captured",
        "seeds": _seeds(paths, body),
        "metrics": "whole" if body.get("metrics") else "missing: nothing was logged",
        "artifacts": "whole" if saved else "missing: no file was saved",
    }


def _code(paths: RunPaths, body: Mapping[str, Any]) -> str:
    git = body.get("git") or {}
    cells = (paths.code / "cells.ipynb").is_file()
    if not git.get("sha"):
        if git.get("files_changed"):
            return "partly: uncommitted files, no git commit"
        if (paths.code / "script").is_dir():
            return "partly: the script only, no git commit"
        return "partly: executed cells only, no commit" if cells else "missing: no git commit"
    left_out = _left_out(paths)
    return f"partly: {left_out} not captured" if left_out else "whole"


def _left_out(paths: RunPaths) -> str:
    try:
        items = loads(read_small(paths.code / "not_captured.json"), "not_captured.json")
    except (OSError, CorruptRecord):
        return ""
    if not isinstance(items, list) or not items:
        return ""
    return "1 thing" if len(items) == 1 else f"{len(items)} things"


def _seeds(paths: RunPaths, body: Mapping[str, Any]) -> str:
    if body.get("seeds"):
        return "whole"
    if paths.rng.is_dir():
        return "partly: generator states kept, no seed was set"
    return "missing: they were not captured"
