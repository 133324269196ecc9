"""How a notebook stood when a run ended, as an event of the run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from runfolio.model.notebook import SavedCell, SavedNotebook

__all__ = ["changed_modules", "notebook_event", "noted_notebook"]

_NOT_NOTED: Final = "the run could not read its notebook"


def notebook_event(notebook: SavedNotebook) -> dict[str, Any]:
    """Return the fields of a ``notebook`` event."""
    if notebook.unknown:
        return {"unknown": notebook.unknown}
    return {
        "saved_at": notebook.saved_at_ms,
        "cells": [
            {
                "id": cell.cell_id,
                "hash": cell.hash,
                "text_hash": cell.text_hash,
                "bound": list(cell.bound),
            }
            for cell in notebook.cells
        ],
    }


def noted_notebook(events: Iterable[Mapping[str, Any]]) -> SavedNotebook | None:
    """Return the notebook as the last of its events tells, ``None`` without any."""
    found = [event for event in events if event.get("kind") == "notebook"]
    if not found:
        return None
    cells, saved, unknown = (found[-1].get(key) for key in ("cells", "saved_at", "unknown"))
    if not isinstance(cells, list) or not isinstance(saved, int):
        return SavedNotebook(unknown=unknown if isinstance(unknown, str) else _NOT_NOTED)
    return SavedNotebook(tuple(_cell(cell) for cell in cells if isinstance(cell, dict)), saved)


def changed_modules(events: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the modules that had changed on disk since they were imported."""
    found = [event.get("changed") for event in events if event.get("kind") == "modules"]
    names = found[-1] if found and isinstance(found[-1], list) else []
    return [name for name in names if isinstance(name, str)]


def _cell(cell: Mapping[str, Any]) -> SavedCell:
    cell_id, bound = cell.get("id"), cell.get("bound")
    return SavedCell(
        cell_id if isinstance(cell_id, str) else None,
        str(cell.get("hash")),
        str(cell.get("text_hash")),
        tuple(name for name in bound if isinstance(name, str)) if isinstance(bound, list) else (),
    )
