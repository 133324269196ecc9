"""What the record of a run holds, as far as it decides whether the run can be repeated."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from runfolio.errors import CorruptRecord
from runfolio.format.codec import loads
from runfolio.format.disk import read_small
from runfolio.format.layout import RunPaths
from runfolio.model.context import CellExecution

__all__ = ["INSTALLED", "Held", "holdings"]

INSTALLED: Final = "what was installed by the end"
"""What ``not_captured.json`` calls it where the last look at the environment came too late."""

# What not_captured.json names beside files.
_ENVIRONMENT: Final = "the program's environment"
_GIT: Final = "code under version control"
_MARK: Final = "[redacted:"
_MAX_CELLS: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a record holds, as far as it decides about its completeness.

    Attributes
    ----------
    commit : bool
        Whether a commit of git is named.
    work_tree : bool
        Whether git told what differs from that: from nothing where there is no commit yet.
    git_why : str
        Why git told nothing.
    changed_files : int
        Files that differ from it, kept in the patch or beside it.
    script : bool
        Whether the text of the script is kept, be it in the command line, or none is needed
        because the program is an installed one.
    typed : bool
        Whether the program was typed, or given in another way of which no text is kept.
    left_out : tuple of str
        What of the code was not captured.
    notebook : bool
        Whether cells were executed.
    cells : int or None
        How many of them are known; ``None`` where none was written down.
    early : int
        How many of them ran before anybody looked, and did more than import.
    without_text : int
        How many of them are known by their place alone.
    settings, data, metrics, files : int
        How many there are.
    data_seen : bool
        Whether the files that the program read were looked for.
    without_hash : tuple of str
        Data sets whose content is not known.
    lock : bool
        Whether the distributions are kept.
    not_installable : tuple of str
        Distributions that were imported, and that nothing in the record can install again.
    environment_why : str
        Why the environment is another than the program's.
    installed_why : str
        Why it is not known what was installed by the end.
    seeds : bool
        Whether generator states, or seeds that were set, are kept.
    secrets : int
        How many stood where a repetition needs them.
    """

    commit: bool = False
    work_tree: bool = False
    git_why: str = ""
    changed_files: int = 0
    script: bool = False
    typed: bool = False
    left_out: tuple[str, ...] = ()
    notebook: bool = False
    cells: int | None = None
    early: int = 0
    without_text: int = 0
    settings: int = 0
    data: int = 0
    data_seen: bool = False
    without_hash: tuple[str, ...] = ()
    lock: bool = False
    not_installable: tuple[str, ...] = ()
    environment_why: str = ""
    installed_why: str = ""
    seeds: bool = False
    metrics: int = 0
    files: int = 0
    secrets: int = 0


def holdings(
    folder: Path, body: Mapping[str, Any], cells: Sequence[CellExecution] | None = None
) -> Held:
    """Return what the folder and the manifest of a run hold; see `completeness.completeness`."""
    paths = RunPaths(folder)
    git, data = body.get("git") or {}, body.get("data") or []
    left_out = _left_out(paths)
    known = [(c.source, c.status) for c in cells] if cells is not None else _cells(paths)
    texts = known or []
    counts = body.get("counts") or {}
    # Earlier versions did not tell where those stood that they took out.
    secrets = counts.get("to_supply", counts.get("redacted", 0))
    return Held(
        commit=bool(git.get("sha")),
        work_tree="files_changed" in git,
        changed_files=git.get("files_changed") or 0,
        script=_has_script(paths, body.get("command")),
        git_why=_clause(left_out.get(_GIT, "")),
        left_out=tuple(what for what in left_out if what not in (_ENVIRONMENT, _GIT, INSTALLED)),
        typed=not texts and not body.get("kernel_id") and _is_typed(body.get("command")),
        notebook=bool(body.get("kernel_id") or texts),
        cells=None if known is None else len(texts),
        early=sum(how == "before-tracking" and not _only_imports(text) for text, how in texts),
        without_text=sum(not text for text, _ in texts),
        settings=len(body.get("config") or ()),
        data=len(data),
        data_seen=_was_seen(paths),
        without_hash=tuple(str(item.get("name")) for item in data if not item.get("hash")),
        lock=(paths.environment / "requirements.lock").is_file(),
        not_installable=_not_installable(paths),
        environment_why=_clause(left_out.get(_ENVIRONMENT, "")),
        installed_why=_clause(left_out.get(INSTALLED, "")),
        seeds=bool(body.get("seeds")) or paths.rng.is_dir(),
        metrics=len(body.get("metrics") or ()),
        files=int(_has_files(paths, body.get("artifacts"))),
        secrets=secrets or _marks(body.get("config")),
    )


def _has_files(paths: RunPaths, artifacts: Any) -> bool:
    made = artifacts.get("made") if isinstance(artifacts, dict) else None
    return bool(made) or (paths.files.is_dir() and any(paths.files.iterdir()))


def _has_script(paths: RunPaths, command: Any) -> bool:
    if (paths.code / "script").is_dir():
        return True
    if not (paths.code / "not_captured.json").is_file():
        return False  # nobody looked
    words = command if isinstance(command, list) else []
    is_installed = bool(words) and (words[0] != "python" or words[1:2] == ["-m"])
    return is_installed or bool(_inline(command))


def _is_typed(command: Any) -> bool:
    """Return whether a command line starts Python, and neither it nor a file says what to do."""
    words = command[:2] if isinstance(command, list) else []
    return words in (["python"], ["python", "-"]) or _inline(command).endswith("…")


def _inline(command: Any) -> str:
    """Return the program that a command line holds itself, cut where it is long; else nothing."""
    words = command if isinstance(command, list) else []
    return str(words[2]) if words[:2] == ["python", "-c"] and len(words) > 2 else ""


def _cells(paths: RunPaths) -> list[tuple[str, str]] | None:
    """Return text and status of each executed cell; ``None`` where none was written down."""
    try:
        body = loads(read_small(paths.code / "cells.ipynb", _MAX_CELLS), "cells.ipynb")
        return [
            (str(cell["source"]), str(cell["metadata"]["runfolio"]["status"]))
            for cell in body["cells"]
        ]
    except (OSError, CorruptRecord, KeyError, TypeError):
        return None


def _was_seen(paths: RunPaths) -> bool:
    """Return whether the files that the program read were looked for, and none was passed over."""
    try:
        found = loads(read_small(paths.root / "data.json"), "data.json")
    except (OSError, CorruptRecord):
        return False
    detection = found.get("detection") if isinstance(found, dict) else None
    return isinstance(detection, dict) and not detection.get("dropped")


def _left_out(paths: RunPaths) -> dict[str, str]:
    """Return what ``not_captured.json`` names and a repetition needs, and why."""
    try:
        items = loads(read_small(paths.code / "not_captured.json"), "not_captured.json")
    except (OSError, CorruptRecord):
        return {}
    named = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    needed = [item for item in named if item.get("needed") is not False]
    return {str(item.get("what")): str(item.get("why")) for item in needed}


def _not_installable(paths: RunPaths) -> tuple[str, ...]:
    """Return the imported distributions among those that cannot be pinned."""
    try:
        missing = loads(read_small(paths.environment / "environment.json"), "environment.json")[
            "not_pinned"
        ]
        names = [str(item["what"]) for item in missing]
    except (OSError, CorruptRecord, LookupError, TypeError):
        return ()
    try:
        used = loads(read_small(paths.environment / "used.json"), "used.json")
        imported = {f"{name} {version}" for name, version in used["distributions"].items()}
    except (OSError, CorruptRecord, LookupError, TypeError, AttributeError):
        imported = set(names)  # not known: each may have been
    return tuple(name for name in names if name in imported)


def _only_imports(text: str) -> bool:
    """Return whether a cell does nothing that a run could depend on but import and document."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith(("%", "!"))]
    try:
        statements = ast.parse("\n".join(lines)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return all(
        isinstance(one, (ast.Import, ast.ImportFrom))
        or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
        for one in statements
    )


def _marks(value: Any) -> int:
    """Return how many settings are marks in the place of secrets."""
    if isinstance(value, str):
        return int(value.startswith(_MARK))
    items = value.values() if isinstance(value, Mapping) else value
    return sum(map(_marks, items)) if isinstance(items, Iterable) else 0


def _clause(text: str) -> str:
    """Return the first part of a text: what joins reasons must not stand in one."""
    return text.partition(";")[0]
