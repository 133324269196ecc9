"""The cells a kernel executes, kept in the order in which they really ran."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from runfolio.capture.bindings import bindings
from runfolio.capture.cell_text import source_hash, text_hash
from runfolio.model.context import CellExecution

__all__ = ["CellLog", "told_by_text", "with_text_hash"]

# Of a longer text whoever reads the record can take it.
_LONGEST: Final = 16_384


def told_by_text(source: str) -> dict[str, Any]:
    """Return what the text alone tells of a cell's names, by the names of `CellExecution`."""
    if len(source) > _LONGEST:
        return {}
    told = bindings(source)
    return {
        "bound": tuple(sorted(told.bound)),
        "changed": tuple(sorted(told.changed)),
        "deleted": tuple(sorted(told.deleted)),
        "read": tuple(sorted(told.read)),
    }


def with_text_hash(cell: CellExecution) -> CellExecution:
    """Return an execution with the hash of its text; not taken while the user waits."""
    if cell.text_hash is not None or len(cell.source) > _LONGEST:
        return cell
    return replace(cell, text_hash=text_hash(cell.source))


class CellLog:
    """Keeps executions in true order, from the first cell of a kernel to the one that runs.

    Parameters
    ----------
    monotonic : callable, optional
        Seconds that never go back, for the durations.

    Examples
    --------
    >>> log = CellLog()
    >>> log.start("x = 1", order=1, cell_id=None, now_ms=0).status
    'running'
    >>> log.end("ok").status
    'ok'
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._executions: list[CellExecution] = []
        self._running: list[tuple[int, float]] = []
        self._sources: dict[str, str] = {}

    @property
    def executions(self) -> Sequence[CellExecution]:
        """All executions so far, in true order; nobody may change what is returned."""
        return self._executions

    @property
    def running(self) -> CellExecution | None:
        """The innermost execution that has not ended."""
        return self._executions[self._running[-1][0]] if self._running else None

    def start(self, raw_source: str, order: int, cell_id: str | None, now_ms: int) -> CellExecution:
        """Note that a cell begins, and return its execution with status ``running``.

        Parameters
        ----------
        raw_source : str
            The text as the user wrote it.
        order : int
            IPython's execution count.
        cell_id : str or None
        now_ms : int
            Milliseconds UTC.
        """
        execution = self._execution(raw_source, order, cell_id, now_ms, "running")
        self._running.append((len(self._executions), self._monotonic()))
        self._executions.append(execution)
        return execution

    def end(self, status: str, **found: Any) -> CellExecution | None:
        """Note that the innermost running cell is over, and return its execution.

        Parameters
        ----------
        status : str
            ``ok``, ``error``, ``interrupted`` or ``stopped``.
        **found
            What else is known of it, by the names of :class:`CellExecution`.

        Returns
        -------
        CellExecution or None
            ``None`` when no cell runs: its start was before this log began.
        """
        if not self._running:
            return None
        place, began = self._running.pop()
        duration_s = max(self._monotonic() - began, 0.0)
        ended = replace(self._executions[place], duration_s=duration_s, status=status, **found)
        self._executions[place] = ended
        return ended

    def before_tracking(self, raw_source: str, order: int) -> CellExecution:
        """Add a cell that ran before the log began, known from the kernel's history only.

        When it ran and for how long is not known: ``started_at_ms`` is 0. What it did to names
        is what its text tells.
        """
        execution = self._execution(raw_source, order, None, 0, "before-tracking")
        execution = replace(execution, **told_by_text(raw_source))
        self._executions.append(execution)
        return execution

    def _execution(
        self, source: str, order: int, cell_id: str | None, now_ms: int, status: str
    ) -> CellExecution:
        digest = source_hash(source)
        # A cell run a thousand times is held once.
        source = self._sources.setdefault(digest, source)
        return CellExecution(
            source=source, hash=digest, order=order, cell_id=cell_id,
            started_at_ms=now_ms, duration_s=None, status=status,
        )  # fmt: skip
