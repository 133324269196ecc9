"""Which cell of a notebook made which run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from runfolio.capture.cell_text import source_hash
from runfolio.format.cells import executed_cells
from runfolio.format.manifest import created_order
from runfolio.logbook.notebook_file import source_of
from runfolio.model.context import CellExecution
from runfolio.model.run import RunRecord

__all__ = ["Maker", "made_by", "place"]

_START: Final = re.compile(r"^\s*%track\s+start\b", re.MULTILINE)
# The hooks note the cell and open the run one after the other.
_SKEW_MS: Final = 20
_TRACK: Final = re.compile(r"^\s*%%?track\b.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Maker:
    """A run, and the execution of a cell that made it."""

    record: RunRecord
    cell: CellExecution

    @property
    def execution(self) -> tuple[int, int]:
        """What two runs share that were made by one execution of one cell."""
        return self.cell.started_at_ms, self.cell.order


def made_by(record: RunRecord) -> Maker | None:
    """Return the execution that made a run; ``None`` for one from outside a notebook.

    It is the cell that ran when the run began. A run that ``%track start`` began goes on over
    several cells: there it is the last of them.
    """
    cells = [c for c in executed_cells(record.path) if c.status != "before-tracking"]
    if not cells:
        return None
    cells.sort(key=lambda cell: (cell.started_at_ms, cell.order))
    if record.created_at is None:
        return Maker(record, cells[-1])
    began_ms = record.created_at.timestamp() * 1000 + _SKEW_MS
    # What was run before the run belongs to its record too, but did not make it.
    begun = [cell for cell in cells if cell.started_at_ms <= began_ms]
    first = begun[-1] if begun else cells[0]
    return Maker(record, cells[-1] if _START.search(first.source) else first)


def place(makers: Iterable[Maker], cells: Sequence[Any], path: Path) -> dict[str, int]:
    """Return run id → index of the notebook's cell that made the run, where there is one.

    A cell is known by its id, else by its text, else by its ``%%track`` line; the last only for
    runs that are not known to come from another notebook.
    """
    code = [(n, cell) for n, cell in enumerate(cells) if cell.get("cell_type") == "code"]
    by_id = {cell["id"]: n for n, cell in code if cell.get("id")}
    by_hash = _unique((source_hash(source_of(cell)), n) for n, cell in code)
    by_line = _unique((line, n) for n, cell in code for line in _lines(source_of(cell)))
    found: dict[str, int] = {}
    for maker in makers:
        cell = maker.cell
        at = by_id.get(cell.cell_id) if cell.cell_id else None
        if at is None:
            at = by_hash.get(cell.hash)
        if at is None and _may_come_from(maker.record, path):
            at = next((by_line[line] for line in _lines(cell.source) if line in by_line), None)
        if at is not None:
            found[maker.record.id] = at
    return found


def newest_first(records: Iterable[RunRecord]) -> list[RunRecord]:
    """Return runs, the one that began last first."""
    return sorted(records, key=created_order, reverse=True)


def _may_come_from(record: RunRecord, path: Path) -> bool:
    return record.notebook is None or Path(record.notebook).name == path.name


def _unique(pairs: Iterable[tuple[str, int]]) -> Mapping[str, int]:
    """Return the pairs whose key occurs once: two cells with one text cannot be told apart."""
    found: dict[str, int | None] = {}
    for key, n in pairs:
        found[key] = None if key in found and found[key] != n else n
    return {key: n for key, n in found.items() if n is not None}


def _lines(source: str) -> list[str]:
    return [" ".join(line.split()) for line in _TRACK.findall(source)]
