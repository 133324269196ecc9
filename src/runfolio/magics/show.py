"""What appears below a tracked cell when its run has ended."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runfolio import settings
from runfolio.format.manifest import read_record
from runfolio.record.guard import guard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from runfolio.magics.live import LiveOutputs
    from runfolio.record.run import Run
    from runfolio.verbs.live import LiveOutput

__all__ = ["after", "in_place", "put"]


def put(view: Any) -> None:
    """Show a view in the output of the cell that is being executed; as styled text in a terminal."""
    from IPython import display, get_ipython

    shell = get_ipython()
    if shell is not None and shell.display_formatter.active_types == ["text/plain"]:
        # The other forms of a view would be made in vain: a card's picture takes its time.
        from rich.console import Console

        # As on the command line: a view knows the width, and a line of JSON must stay one.
        Console(soft_wrap=True).print(view)
        return
    show: Callable[..., Any] = display.display
    show(view)


def after(run: Run, outputs: LiveOutputs) -> None:
    """Show the card of a run and its journal entry; at the first run of a store, what was captured.

    Nothing is shown of a disabled run, or where ``RUNFOLIO_SILENT`` asks for silence.

    Parameters
    ----------
    run : Run
    outputs : LiveOutputs
        Where its live card stands, if it has one: the card takes that place.
    """
    live = outputs.take(run)
    if run.disabled or settings.flag("silent"):
        return
    entry, has_cell = _tell_page(run, live, outputs, here=True)
    with guard("showing the card"):
        _card(run.path, live)
    with guard("showing what was captured"):
        if _is_first(run.path):
            _captured(run.path)
    if not has_cell:
        with guard("showing the journal entry"):
            _journal(run.path, entry)


def in_place(outputs: LiveOutputs) -> None:
    """Put the cards of runs that are over in the place of their live ones, wherever those stand."""
    for run, live in outputs.ended():
        _tell_page(run, live, outputs)
        with guard("showing the card"):
            _card(run.path, live)


def _tell_page(
    run: Run, live: LiveOutput | None, outputs: LiveOutputs, *, here: bool = False
) -> tuple[Mapping[str, Any] | None, bool]:
    """Return the run's entry for a journal cell, and whether it has one by now."""
    entry: Mapping[str, Any] | None = None
    has_cell = False
    with guard("telling the page of the journal cell"):
        entry = outputs.journal.ended(run.path, here=here)
        has_cell = entry is not None and live is not None and live.tell_journal(entry)
    return entry, has_cell


def _card(path: Path, live: LiveOutput | None) -> None:
    from runfolio.charts.export import BUDGET_BYTES
    from runfolio.store.reader import RunReader
    from runfolio.verbs.show import ShowView
    from runfolio.verbs.shown import shown_run

    # Made from the folder itself: a store of ten thousand runs is not read for one card.
    reader = RunReader(path)
    record = reader.record
    # What it printed stands above the card already.
    shown = replace(shown_run(record, reader), output=())
    view = ShowView([shown], [record], limit=BUDGET_BYTES)
    if live is None:
        put(view)
    else:
        live.settle(*view.stays())


def _captured(path: Path) -> None:
    from runfolio.verbs.status import StatusView

    put(StatusView(read_record(path), (), None, ""))


def _journal(path: Path, entry: Mapping[str, Any] | None) -> None:
    from runfolio.logbook.mark import run_mark
    from runfolio.logbook.page import entry_markdown
    from runfolio.store.recent import recent_runs
    from runfolio.verbs.view import Prose

    # As `finish` wrote it: a store of ten thousand runs is not read for one entry.
    page = entry_markdown(path, recent_runs(path.parent))
    # Marked, so that "journal insert" takes it away when the run gets a cell of its own.
    view = Prose(page, {"path": path, "markdown": page}, run_mark(path.name))
    if entry is None:
        put(view)
        return
    from IPython.display import display

    # The extension of JupyterLab makes a cell of it; nobody saves what is passing.
    bundle, marks = view._repr_mimebundle_()
    show: Callable[..., Any] = display
    show(bundle, metadata=marks, raw=True, transient={"runfolio": dict(entry)})


def _is_first(path: Path) -> bool:
    """Return whether this is the only run in its store: no other state says "seen before"."""
    with os.scandir(path.parent) as entries:
        return not any(
            entry.name != path.name and not entry.name.startswith(".") and entry.is_dir()
            for entry in entries
        )
