"""Which of the seven things a run's record holds, what is missing, and whether it can be replayed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final

from runfolio.format.holdings import Held, holdings
from runfolio.model.context import CellExecution

__all__ = [
    "REPLAYABLE",
    "SEVEN",
    "completeness",
    "in_a_line",
    "parts",
    "reasons",
    "verdict",
]

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

REPLAYABLE: Final = "replayable"
"""Beside the seven: ``yes``, or ``no: why; why``."""

_NO_GIT: Final = "no git repository"
_NO_CODE: Final = "the code was not captured"
_NAMED: Final = 2
_TOLD: Final = 2

# A file left out for its size is data by these endings, and code by any other.
_DATA: Final = frozenset(
    {".7z", ".arrow", ".avi", ".avro", ".bin", ".bmp", ".bz2", ".ckpt", ".csv", ".db", ".duckdb",
     ".feather", ".flac", ".gguf", ".gif", ".gz", ".h5", ".hdf5", ".jpeg", ".jpg", ".jsonl",
     ".keras", ".log", ".mat", ".mov", ".mp3", ".mp4", ".msgpack", ".nc", ".npy", ".npz",
     ".onnx", ".orc", ".parquet", ".pdf", ".pickle", ".pkl", ".png", ".pt", ".pth", ".rar",
     ".safetensors", ".sqlite", ".svg", ".tar", ".tfrecord", ".tgz", ".tif", ".tiff", ".tsv",
     ".wav", ".webm", ".webp", ".xls", ".xlsx", ".xz", ".zarr", ".zip", ".zst"}
)  # fmt: skip


def completeness(
    folder: Path, body: Mapping[str, Any], cells: Sequence[CellExecution] | None = None
) -> dict[str, str]:
    """Return what a manifest says under ``complete``.

    Each of the seven is ``whole``, ``partly: why`` or ``missing: why``; `REPLAYABLE` is ``yes`` or
    ``no: why; why``.

    Parameters
    ----------
    body : mapping
        The manifest as it is about to be written.
    cells : sequence of CellExecution, optional
        The executed cells; by default those of ``code/cells.ipynb``.
    """
    found = holdings(folder, body, cells)
    why = reasons(found)
    return parts(found) | {REPLAYABLE: f"no: {'; '.join(why)}" if why else "yes"}


def verdict(complete: Mapping[str, Any], most: int = _TOLD) -> str:
    """Return whether a run can be replayed, in words: ``yes``, or ``no, because …``.

    Parameters
    ----------
    complete : mapping
        What the manifest says; one that is older says nothing of it, and so does this.
    most : int
        So many reasons are named, the others counted.
    """
    answer, _, said = str(complete.get(REPLAYABLE) or "").partition(": ")
    why = said.split("; ") if said else []
    if not why:
        return answer
    more = len(why) - most
    counted = [f"{more} more reason{'s' * (more != 1)}"] if more > 0 else []
    return f"{answer}, because {_listed([*why[:most], *counted])}"


def in_a_line(complete: Mapping[str, Any]) -> str:
    """Return what is there, what is missing, and whether the run can be replayed."""
    states: dict[str, list[str]] = {"whole": [], "partly": [], "missing": []}
    for name in SEVEN:
        state = str(complete.get(name, "")).partition(": ")[0]
        states.get(state, []).append(name)
    words = [f"{state} {', '.join(names)}" for state, names in states.items() if names]
    answer = verdict(complete)
    return " · ".join([*words, *([f"replayable: {answer}"] if answer else [])])


def reasons(held: Held) -> tuple[str, ...]:
    """Return why a run cannot be replayed from its record; nothing if it can.

    Each reason is a clause that can follow "because".
    """
    if not (_has_code(held) or held.lock or held.seeds):
        return ("only metrics and settings were recorded",)
    return (*_reasons_of_code(held), *_reasons_around(held))


def _reasons_of_code(held: Held) -> Iterator[str]:
    if held.typed:
        yield "what was typed is not known"
    elif not _has_code(held):
        yield f"the code was not captured ({held.git_why})" if held.git_why else _NO_CODE
    elif not held.commit and held.git_why not in ("", _NO_GIT):
        yield f"git could not tell the rest of the code ({held.git_why})"
    code = [name for name in held.left_out if _is_code(name)]
    if code:
        yield f"{_named(code)} {_was(code)} not captured"
    if held.notebook and held.cells is None:
        yield "the executed cells are not known"
    if held.without_text:
        yield f"the text of {_counted(held.without_text, 'cell')} is not known"
    if held.early:
        yield f"{_counted(held.early, 'cell')} ran before tracking"


def _reasons_around(held: Held) -> Iterator[str]:
    if not held.lock:
        yield "the environment was not captured"
    elif held.environment_why:
        yield f"the environment of the program was not captured ({held.environment_why})"
    elif held.not_installable:
        yield f"{_named(held.not_installable)} cannot be installed again"
    elif held.installed_why:
        yield f"it is not known what was installed by the end ({held.installed_why})"
    if not held.seeds:
        yield "the seeds were not captured"
    if held.without_hash:
        has = "has" if len(held.without_hash) == 1 else "have"
        yield f"{_named(held.without_hash)} {has} no hash"
    elif not held.data and not held.data_seen:
        yield "no data set was declared"
    if held.secrets:
        was = "was" if held.secrets == 1 else "were"
        yield f"{_counted(held.secrets, 'secret')} {was} taken out and must be supplied"


def parts(held: Held) -> dict[str, str]:
    """Return for each of the seven ``whole``, ``partly: why`` or ``missing: why``."""
    return {
        "code": _code(held),
        "config": "whole" if held.settings else "missing: no settings were given",
        "data": _data(held),
        "environment": _environment(held),
        "seeds": "whole" if held.seeds else "missing: they were not captured",
        "metrics": "whole" if held.metrics else "missing: nothing was logged",
        "artifacts": "whole" if held.files else "missing: no file was saved",
    }


def _code(held: Held) -> str:
    if not _has_code(held):
        return f"missing: {held.git_why or 'no git commit'}"
    if not held.commit and held.git_why not in ("", _NO_GIT):
        return f"partly: {held.git_why}"
    if held.typed:
        return "partly: what was typed is not known"
    if held.left_out:
        return f"partly: {_counted(len(held.left_out), 'thing')} not captured"
    if held.without_text:
        return f"partly: the text of {_counted(held.without_text, 'cell')} is not known"
    return f"partly: {_counted(held.early, 'cell')} ran before tracking" if held.early else "whole"


def _has_code(held: Held) -> bool:
    """Return whether there is something to execute: a tree of git's, a script, or cells."""
    return bool(held.commit or held.work_tree or held.script or held.cells)


def _data(held: Held) -> str:
    if held.without_hash:
        return f"partly: no hash of {_named(held.without_hash)}"
    if held.data:
        return "whole"
    seen = "no data set was declared, and no file was seen to be read"
    return f"missing: {seen if held.data_seen else 'no data set was declared'}"


def _environment(held: Held) -> str:
    if not held.lock:
        return "missing: it was not captured"
    if held.environment_why:
        return f"partly: {held.environment_why}"
    if held.not_installable:
        return f"partly: {_named(held.not_installable)} cannot be installed again"
    if held.installed_why:
        return f"partly: what was installed by the end is not known ({held.installed_why})"
    return "whole"


def _is_code(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() not in _DATA


def _was(names: Sequence[str]) -> str:
    # One name may stand for many: "198,002 untracked files".
    return "was" if len(names) == 1 and not names[0].endswith(" files") else "were"


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}{'s' * (n != 1)}"


def _named(names: Sequence[str]) -> str:
    """Return one or two names, of more the first and how many others."""
    clean = [name.replace(";", ",") for name in names]
    if len(clean) > _NAMED:
        return f"{clean[0]} and {len(clean) - 1} others"
    return " and ".join(clean)


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
