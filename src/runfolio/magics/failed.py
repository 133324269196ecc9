"""The traceback of a failed cell, for the log of what the run printed."""

from __future__ import annotations

import traceback
from typing import Any

from runfolio.errors import StopRun
from runfolio.record.printed import STDERR
from runfolio.record.run import Run

__all__ = ["keep_traceback"]


def keep_traceback(shell: Any, run: Run | None, error: BaseException | None) -> None:
    """Put the traceback of a cell into the run's output, where the front end shows it apart.

    Parameters
    ----------
    shell : InteractiveShell
        In a terminal it prints tracebacks, which are heard as everything that is printed.
    run : Run or None
        The run that the cell belonged to.
    error : BaseException or None
        What ended the cell.
    """
    output = run.life.output if run is not None else None
    if output is None or error is None or isinstance(error, StopRun):
        return
    if getattr(shell, "kernel", None) is None:
        return
    lines = traceback.format_exception(type(error), error, _from_the_cell(error.__traceback__))
    output.take(STDERR, "".join(lines))


def _from_the_cell(trace: Any) -> Any:
    """Return a traceback without the frames of IPython around the cell."""
    whole = trace
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__"))
        if module.partition(".")[0] not in ("IPython", "ipykernel"):
            return trace
        trace = trace.tb_next
    return whole
