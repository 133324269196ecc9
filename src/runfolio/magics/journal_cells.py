"""Which run of which cell gets a journal cell, and what the page is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runfolio.capture.cell_text import source_hash
from runfolio.verbs.journal_cell import Cell, journal_entry

__all__ = ["JournalCells", "executing_cell"]


def executing_cell() -> tuple[str, str] | None:
    """Return id and source of the cell that is being executed, where the front end tells."""
    from IPython import get_ipython

    shell = get_ipython()
    parent = shell.get_parent() if hasattr(shell, "get_parent") else None
    if not isinstance(parent, dict):
        return None
    cell_id = parent.get("metadata", {}).get("cellId")
    source = parent.get("content", {}).get("code")
    if not isinstance(cell_id, str) or not cell_id or not isinstance(source, str):
        return None
    return cell_id, source


class JournalCells:
    """The journal cells of one kernel.

    A tracked cell's run gets one, and so does one of many cells, below the last of them. Of the
    runs that a cell opens by itself the first does: a loop over fifty settings is no fifty cells.
    """

    def __init__(self) -> None:
        self._execution: object = None
        self._runs: list[str] = []
        self._cells: dict[str, Cell] = {}

    def begin(self, run_id: str, execution: object, *, tracked: bool) -> None:
        """Note that a run begins in the cell that is being executed.

        Parameters
        ----------
        execution : object
            What tells this execution of a cell from the others.
        tracked : bool
            Whether the cell is one run, and not just calls ``init``.
        """
        if execution != self._execution:
            self._execution, self._runs = execution, []
        found = executing_cell()
        if found is not None and (tracked or not self._runs):
            self._cells[run_id] = Cell(found[0], source_hash(found[1]), self._runs)
        self._runs.append(run_id)

    def begun(self, path: Path) -> Mapping[str, Any] | None:
        """Return what the page is told of a run that goes on."""
        return journal_entry(path, self._cells.get(path.name))

    def ended(self, path: Path, *, here: bool = False) -> Mapping[str, Any] | None:
        """Return what the page is told of a run that is over.

        Parameters
        ----------
        here : bool
            Whether a run of many cells ends in the cell that is being executed: that is its cell.
        """
        cell = self._cells.pop(path.name, None)
        found = executing_cell() if here else None
        if found is not None:
            cell = Cell(found[0], source_hash(found[1]), [path.name])
        return journal_entry(path, cell)
