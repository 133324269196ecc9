"""One cell while it is executed, and what IPython's events tell of it."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field
from typing import Any, Final

from runfolio.errors import StopRun
from runfolio.magics.watch import Begun
from runfolio.model.context import CellExecution
from runfolio.model.run import Status
from runfolio.record.process import status_of
from runfolio.record.run import Run

__all__ = ["Executing", "cell_id_of", "order_of", "outcome"]

_WORDS: Final = {
    Status.FINISHED: "ok",
    Status.FAILED: "error",
    Status.INTERRUPTED: "interrupted",
    Status.STOPPED: "stopped",
}


@dataclass(slots=True, eq=False)
class Executing:
    """A cell between its two events.

    Attributes
    ----------
    info : object
        IPython's ``ExecutionInfo``: the same object comes with both events.
    execution : CellExecution or None
        Its place in the log; ``None`` for code that is no cell of the notebook.
    begun : Begun or None
        What was seen before it began.
    key : str
        What the cell is known by when it is executed again.
    run : Run or None
        The run that its ``%%track`` opened.
    outer : tuple of Run and str, or None
        The run that was open around it, and who had opened that.
    runs : list of str
        Ids of the runs opened while it was executed, in order.
    stacked : bool
        Whether a cell magic follows its ``%%track``.
    last_shown : object
        The exception that was shown last before it began.
    """

    info: Any
    execution: CellExecution | None = None
    begun: Begun | None = None
    key: str = ""
    run: Run | None = None
    outer: tuple[Run, str] | None = None
    runs: list[str] = field(default_factory=list)
    stacked: bool = False
    last_shown: Any = field(default_factory=lambda: getattr(sys, "last_value", None))

    def ends_with(self, result: Any) -> bool:
        """Return whether IPython's ``ExecutionResult`` is that of this cell."""
        if result is None or result.info is self.info:
            return True
        # A cell that IPython itself could not run ends with another, equal info.
        return bool(result.info.raw_cell == self.info.raw_cell)

    def error(self, result: Any) -> BaseException | None:
        """Return the exception that ended the cell, ``None`` after a good end."""
        if result is None:  # the execution itself was cancelled from outside
            return KeyboardInterrupt()
        error: BaseException | None = result.error_before_exec or result.error_in_exec
        shown = getattr(sys, "last_value", None)
        if error is None and self.stacked and shown is not self.last_shown:
            # %%time of older IPython shows the exception itself and tells nobody.
            return shown if isinstance(shown, BaseException) else None
        return error


def outcome(error: BaseException | None) -> tuple[Status, str, str]:
    """Return how a run ends with this exception, why, and the word for the cell."""
    # ipykernel turns the interrupt of a cell with await into a cancellation.
    cancelled = isinstance(error, asyncio.CancelledError)
    status = Status.INTERRUPTED if cancelled else status_of(error)
    reason = f"{type(error).__name__}: {error}".removesuffix(": ")[:500]
    if status in (Status.FINISHED, Status.INTERRUPTED) or isinstance(error, StopRun):
        reason = ""
    return status, reason, _WORDS[status]


def order_of(shell: Any, *, counted: bool) -> int:
    """Return the number under which IPython's history will hold the cell that begins.

    Parameters
    ----------
    counted : bool
        Whether the cell goes into the history.
    """
    count: int = shell.execution_count
    history = getattr(shell, "history_manager", None)
    # IPython 9 counts before the event, 8 after the cell; the history is filled between.
    if counted and history is not None and len(history.input_hist_raw) == count - 1:
        return count - 1
    return count


def cell_id_of(shell: Any, info: Any) -> str | None:
    """Return the notebook's own id of a cell; ``None`` where the front end sends none."""
    found = getattr(info, "cell_id", None)
    if found is None:
        parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
        metadata = parent.get("metadata") if isinstance(parent, dict) else None
        found = metadata.get("cellId") if isinstance(metadata, dict) else None
    return found if isinstance(found, str) and found else None
