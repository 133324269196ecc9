"""Whether two runs ran the same code, as far as it was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runfolio.errors import CorruptRecord
from runfolio.format.cells import executed_cells
from runfolio.format.disk import read_small
from runfolio.format.layout import RunPaths
from runfolio.model.run import RunRecord
from runfolio.query.cell_essence import essence

__all__ = ["code_changes", "code_recorded"]

# The hooks note the cell and open the run one after the other.
_SKEW_MS: Final = 20
_MAX_CELLS: Final = 200
_MAX_EVENTS: Final = 4 * 1024 * 1024
_MAX_PATCH: Final = 16 * 1024 * 1024


def code_recorded(record: RunRecord) -> bool:
    """Return whether a run holds a commit or the cells that made it."""
    return isinstance(record.git.get("sha"), str) or bool(_cells(record))


def code_changes(was: RunRecord, now: RunRecord) -> Iterator[str]:
    """Yield what of the code is not the same, commits aside: its cells, its uncommitted part.

    Cells that differ only in the literals they assign count as the same: those are settings,
    and told as such.
    """
    before, after = _cells(was), _cells(now)
    if before and after and before != after:
        yield "cell" if len(after) == 1 else "cells"
    sha = was.git.get("sha")
    if sha and sha == now.git.get("sha") and _patch(was) != _patch(now):
        yield "uncommitted code"


def _cells(record: RunRecord) -> list[str]:
    """Return what was executed while the run was open, without names and literals."""
    if record.created_at is None:
        return []
    try:
        parts = RunPaths(record.path).parts("events", "jsonl")
        if sum(path.stat().st_size for _, path in parts) > _MAX_EVENTS:
            return []
        cells = executed_cells(record.path)
    except OSError:
        return []
    cells = [cell for cell in cells if cell.status != "before-tracking"]
    cells.sort(key=lambda cell: (cell.started_at_ms, cell.order))
    began_ms = record.created_at.timestamp() * 1000 + _SKEW_MS
    first = sum(cell.started_at_ms <= began_ms for cell in cells) - 1
    sources = [essence(cell.source) for cell in cells[max(first, 0) :][:_MAX_CELLS]]
    return [source for source in sources if source]


def _patch(record: RunRecord) -> bytes:
    try:
        return read_small(RunPaths(record.path).code / "uncommitted.patch", _MAX_PATCH)
    except (OSError, CorruptRecord):
        return b""
