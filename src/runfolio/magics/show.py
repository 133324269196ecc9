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
    from collections.abc import Callable

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


def after(run: Run, live: LiveOutput | None = None) -> None:
    """Show the card of a run and its journal entry; at the first run of a store, what was captured.

    Nothing is shown of a disabled run, or where ``RUNFOLIO_SILENT`` asks for silence.

    Parameters
    ----------
    run : Run
    live : LiveOutput, optional
        Where its live card stands: the card takes that place.
    """
    if run.disabled or settings.flag("silent"):
        return
    with guard("showing the card"):
        _card(run.path, live)
    with guard("showing what was captured"):
        if _is_first(run.path):
            _captured(run.path)
    with guard("showing the journal entry"):
        _journal(run.path)


def in_place(run: Run, live: LiveOutput) -> None:
    """Put the card of a run that is over in the place of its live one, wherever that stands."""
    with guard("showing the card"):
        _card(run.path, live)


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


def _journal(path: Path) -> None:
    from runfolio.logbook.mark import run_mark
    from runfolio.logbook.page import entry_markdown
    from runfolio.store.recent import recent_runs
    from runfolio.verbs.view import Prose

    # As `finish` wrote it: a store of ten thousand runs is not read for one entry.
    page = entry_markdown(path, recent_runs(path.parent))
    # Marked, so that "journal insert" takes it away when the run gets a cell of its own.
    put(Prose(page, {"path": path, "markdown": page}, run_mark(path.name)))


def _is_first(path: Path) -> bool:
    """Return whether this is the only run in its store: no other state says "seen before"."""
    with os.scandir(path.parent) as entries:
        return not any(
            entry.name != path.name and not entry.name.startswith(".") and entry.is_dir()
            for entry in entries
        )
