"""What a run is told of its notebook: the settings of its cells, and how it stands at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runfolio.capture.cells import told_by_text
from runfolio.capture.saved_notebook import saved_notebook
from runfolio.format.notebooks import notebook_event
from runfolio.model.context import CellExecution
from runfolio.model.notebook import SavedNotebook
from runfolio.record.config_sources import note_cell
from runfolio.record.guard import guard
from runfolio.record.last_looks import LOOKING_S
from runfolio.record.life import Life
from runfolio.record.patience import within
from runfolio.record.run import Run

__all__ = ["note_notebook", "note_settings"]


def note_settings(run: Run, cell: CellExecution | None, variables: Mapping[str, Any]) -> None:
    """Note the settings that a cell made or used, of one that is still running so far.

    Parameters
    ----------
    run : Run
    cell : CellExecution or None
        ``None`` for what is no cell of the notebook.
    variables : mapping
        What names stand for now.
    """
    with guard("looking for settings"):
        if cell is None:
            return
        bound, read = (*cell.bound, *cell.rebound), cell.read
        if cell.status == "running":
            # What it did is looked at when it has ended, and then this run has, too.
            told = told_by_text(cell.source)
            bound, read = told.get("bound", ()), told.get("read", ())
        note_cell(run.config, cell.source, bound, read, variables)


def note_notebook(life: Life, file: str | None) -> None:
    """Write which cells stand in the notebook's file; a disk that hangs is not waited for.

    Parameters
    ----------
    life : Life
        Of the run that is about to end.
    file : str or None
        ``None`` where the front end tells none.
    """
    found = within(LOOKING_S, lambda: saved_notebook(file))
    late = SavedNotebook(unknown="the file of the notebook did not answer in time")
    life.writer.event("notebook", **notebook_event(found or late))
