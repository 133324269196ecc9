"""The metadata that says which run a cell of a notebook, or an output of one, is the journal of."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["marked_run", "run_mark"]

_KEY: Final = "runfolio"
_VERSION: Final = 1


def run_mark(run_id: str) -> dict[str, Any]:
    """Return the metadata of a journal cell, or of an output that shows an entry."""
    return {_KEY: {"run_id": run_id, "version": _VERSION}}


def marked_run(metadata: Any) -> str | None:
    """Return the run that metadata names, or ``None``."""
    marked = metadata.get(_KEY) if isinstance(metadata, dict) else None
    run_id = marked.get("run_id") if isinstance(marked, dict) else None
    return run_id if isinstance(run_id, str) else None
