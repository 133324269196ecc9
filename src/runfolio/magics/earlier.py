"""Which runs a notebook's cells opened before this kernel was started."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Final

from runfolio.errors import FormatError
from runfolio.format.cells import executed_cells
from runfolio.format.manifest import read_record
from runfolio.model.context import CellExecution
from runfolio.model.run import RunRecord

__all__ = ["earlier_runs"]

# So many of the newest runs are looked at: a notebook is run again soon, or nobody remembers.
_LOOKED_AT: Final = 50
_BY_TIME: Final = re.compile(r"\d{8}T\d{6}-")


def earlier_runs(store: Path, notebook: str) -> dict[str, list[str]]:
    """Return the runs that each cell of a notebook opened when it was last executed.

    Parameters
    ----------
    store : Path
    notebook : str
        As it stands in the manifests of its runs.

    Returns
    -------
    dict of str to list of str
        Cell id → ids of its runs, in order. Empty where the store cannot be read.
    """
    found: dict[str, list[str]] = {}
    executions: dict[str, int] = {}
    for record in _newest(store):
        if record.notebook != notebook:
            continue
        cell = _opened_by(record, executed_cells(record.path))
        if cell is None or cell.cell_id is None:
            continue
        # Newest first: what an earlier execution of the same cell opened is of no interest.
        if executions.setdefault(cell.cell_id, cell.started_at_ms) == cell.started_at_ms:
            found.setdefault(cell.cell_id, []).insert(0, record.id)
    return found


def _newest(store: Path) -> Iterable[RunRecord]:
    try:
        with os.scandir(store) as entries:
            names = sorted((e.name for e in entries if _BY_TIME.match(e.name)), reverse=True)
    except OSError:
        return
    for name in islice(names, _LOOKED_AT):
        try:
            yield read_record(store / name)
        except (FormatError, OSError):
            continue


def _opened_by(record: RunRecord, cells: Iterable[CellExecution]) -> CellExecution | None:
    """Return the cell that was being executed when the run was opened."""
    if record.created_at is None:
        return None
    moment = round(record.created_at.timestamp() * 1000)
    before = [cell for cell in cells if 0 < cell.started_at_ms <= moment]
    return max(before, key=lambda cell: cell.started_at_ms, default=None)
