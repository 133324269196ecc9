"""Which cell of a notebook made which run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from runfolio.capture.cells import source_hash
from runfolio.format.cells import executed_cells
from runfolio.format.manifest import created_order
from runfolio.logbook.notebook_file import source_of
from runfolio.model.context import CellExecution
from runfolio.model.run import RunRecord

__all__ = ["Maker", "made_by", "place"]

_TRACK: Final = re.compile(r"^\s*%%?track\b.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Maker:
    """The execution that made a run: of the cells it saw, the one that tracks it."""

    record: RunRecord
    cell: CellExecution

    @property
    def execution(self) -> tuple[int, int]:
        """What two runs share that were made by one execution of one cell."""
        return self.cell.started_at_ms, self.cell.order


def made_by(record: RunRecord) -> Maker | None:
    """Return the execution that made a run; ``None`` for one from outside a notebook.

    It is the last cell with ``%%track``, else the last one with ``%track``, else the last that
    ran at all.
    """
    cells = [c for c in executed_cells(record.path) if c.status != "before-tracking"]
    if not cells:
        return None
    cells.sort(key=lambda cell: (cell.started_at_ms, cell.order))
    for begins in ("%%track", "%track", ""):
        fitting = [cell for cell in cells if cell.source.lstrip().startswith(begins)]
        if fitting:
            return Maker(record, fitting[-1])
    return None  # pragma: no cover - every text begins with the empty one


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
