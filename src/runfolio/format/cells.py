"""What really ran, in true order: the cells of a run, from its events, and as a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from runfolio.format.codec import dumps
from runfolio.format.events import read_events
from runfolio.model.context import CellExecution

__all__ = ["cells_notebook", "executed_cells"]


def executed_cells(folder: Path) -> list[CellExecution]:
    """Return the cells that a run saw executed, in order; empty outside a notebook.

    The source of a cell lies in the first event that has its hash. An execution that is told
    twice (at its start, at its end) counts once, as it was told last.
    """
    return cells_from(read_events(folder))


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
        )
    return list(cells.values())


def cells_notebook(cells: Iterable[CellExecution]) -> bytes:
    """Return the executed cells as a notebook without outputs (nbformat 4.5)."""
    body = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"runfolio": {"executed_cells": True}},
        "cells": [
            {
                "id": f"cell-{place}",
                "cell_type": "code",
                "execution_count": cell.order or None,
                "metadata": {
                    "runfolio": {
                        "cell_id": cell.cell_id,
                        "duration_s": cell.duration_s,
                        "hash": cell.hash,
                        "status": cell.status,
                    }
                },
                "outputs": [],
                "source": cell.source,
            }
            for place, cell in enumerate(cells, start=1)
        ],
    }
    return dumps(body, indent=True) + b"\n"
