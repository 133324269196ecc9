"""What really ran, in true order: the cells of a run, from its events, and as a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from runfolio.format.codec import dumps
from runfolio.format.events import read_events
from runfolio.model.context import CellExecution

__all__ = ["cell_event", "cells_from", "cells_notebook", "executed_cells"]

_NAMES: Final = ("bound", "rebound", "changed", "deleted", "read", "unseen", "opened", "written")
# nbclient goes on after an error in a cell that has this tag.
_MAY_FAIL: Final = "raises-exception"
_FAILED: Final = ("error", "before-tracking")


def cell_event(cell: CellExecution, *, source: bool) -> dict[str, Any]:
    """Return the fields of a ``cell`` event; what is not known of the cell is left out.

    Parameters
    ----------
    source : bool
        Whether its text goes along.
    """
    more = {
        "text_hash": cell.text_hash,
        "run": cell.run,
        "error": dict(cell.error),
        "outputs": cell.outputs,
        "steps": cell.steps,
        **{name: getattr(cell, name) for name in _NAMES},
        "values": dict(cell.values),
        "source": cell.source if source else None,
    }
    return {
        "order": cell.order,
        "cell_id": cell.cell_id,
        "hash": cell.hash,
        "started_at": cell.started_at_ms,
        "duration_s": cell.duration_s,
        "status": cell.status,
        **{key: value for key, value in more.items() if value or value == ""},
    }


def executed_cells(folder: Path) -> list[CellExecution]:
    """Return the cells that a run saw executed, in order; empty outside a notebook.

    The source of a cell lies in the first event that has its hash. An execution that is told
    twice (at its start, at its end) counts once, as it was told last.
    """
    return cells_from(read_events(folder, ["cell"]))


def cells_from(events: Iterable[Mapping[str, Any]]) -> list[CellExecution]:
    """Return the executed cells that a run's events tell of."""
    sources: dict[str, str] = {}
    cells: dict[tuple[int, str], CellExecution] = {}
    for event in events:
        if event.get("kind") != "cell" or not isinstance(event.get("hash"), str):
            continue
        digest = event["hash"]
        if isinstance(event.get("source"), str):
            sources[digest] = event["source"]
        order, cell_id = event.get("order"), event.get("cell_id")
        started, took = event.get("started_at"), event.get("duration_s")
        cells[order if isinstance(order, int) else 0, digest] = CellExecution(
            source=sources.get(digest, ""),
            hash=digest,
            order=order if isinstance(order, int) else 0,
            cell_id=cell_id if isinstance(cell_id, str) else None,
            started_at_ms=started if isinstance(started, int) else 0,
            duration_s=float(took) if isinstance(took, (int, float)) else None,
            status=str(event.get("status", "")),
            text_hash=_text(event.get("text_hash")),
            run=_text(event.get("run")),
            error=_texts(event.get("error")),
            outputs=_text(event.get("outputs")),
            steps=_steps(event.get("steps")),
            values=_values(event.get("values")),
            **{name: _names(event[name]) for name in _NAMES if name in event},
        )
    return list(cells.values())


def cells_notebook(cells: Iterable[CellExecution]) -> bytes:
    """Return the executed cells as a notebook without outputs (nbformat 4.5).

    It can be executed: a cell that ended with an error may do so again.
    """
    body = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "runfolio": {"executed_cells": True},
        },
        "cells": [_notebook_cell(place, cell) for place, cell in enumerate(cells, start=1)],
    }
    return dumps(body, indent=True) + b"\n"


def _notebook_cell(place: int, cell: CellExecution) -> dict[str, Any]:
    may_fail = {"tags": [_MAY_FAIL]} if cell.status in _FAILED else {}
    return {
        "id": f"cell-{place}",
        "cell_type": "code",
        "execution_count": cell.order or None,
        "metadata": {
            **may_fail,
            "runfolio": {
                "cell_id": cell.cell_id,
                "duration_s": cell.duration_s,
                "hash": cell.hash,
                "status": cell.status,
            },
        },
        "outputs": [],
        "source": cell.source,
    }


def _text(found: object) -> str | None:
    return found if isinstance(found, str) and found else None


def _texts(found: object) -> dict[str, str]:
    items = found.items() if isinstance(found, dict) else ()
    return {key: value for key, value in items if isinstance(value, str)}


def _names(found: object) -> tuple[str, ...]:
    items = found if isinstance(found, list) else ()
    return tuple(name for name in items if isinstance(name, str))


def _values(found: object) -> dict[str, dict[str, Any]]:
    items = found.items() if isinstance(found, dict) else ()
    return {key: value for key, value in items if isinstance(value, dict)}


def _steps(found: object) -> tuple[float, float] | None:
    match found:
        case [int() | float() as first, int() | float() as last]:
            return first, last
    return None
