"""What the cells of a notebook read, kept for the runs that stand on these cells later."""

from __future__ import annotations

import time
from collections.abc import Sequence

from runfolio import settings
from runfolio.capture import opened
from runfolio.capture.opened_calls import unwatch_calls, watch_calls
from runfolio.model.context import CellExecution
from runfolio.query.lineage import Ancestry, Makers
from runfolio.record.data import data_of
from runfolio.record.run import Run

__all__ = ["CellInputs"]

_Cell = tuple[int, int]


class CellInputs:
    """Remembers which files each executed cell read, and gives them to runs that came from it."""

    def __init__(self) -> None:
        self._read: dict[_Cell, tuple[list[opened.Sighting], int]] = {}
        self._before: dict[str, set[_Cell]] = {}
        self._ancestry: dict[str, Ancestry] = {}
        self._makers = Makers()
        # Places among the executions: how many are known, and those of them that still run.
        self._known, self._running = 0, list[int]()
        self._follows = False

    def begin(self) -> None:
        """Listen from cell to cell, if data is to be detected at all."""
        if settings.flag("capture") and settings.flag("detect_data"):
            self._follows = True
            opened.follow()
            watch_calls()

    def end(self) -> None:
        """Listen no longer."""
        self._read.clear()
        if self._follows:
            opened.unfollow()
            if not opened.is_listening():
                unwatch_calls()

    def cell_ends(self, cell: CellExecution, begun: int) -> None:
        """Keep what a cell read since it began."""
        seen = opened.heard(begun) if self._follows else []
        if seen:
            self._read[_key(cell)] = (seen, time.time_ns())

    def run_opens(self, run: Run, begun: int | None) -> None:
        """Give a run what its cell read before it was opened, and remember which cells are earlier.

        Parameters
        ----------
        run : Run
        begun : int or None
            Where the log of opened files stood when the cell began, if one is being executed.
        """
        if not self._follows or run.disabled:
            return
        self._before[run.id] = set(self._read)
        run.life.before_end.append(lambda: self._forget(run.id))
        if begun is not None:
            data_of(run.life).add_earlier(opened.heard(begun), time.time_ns())

    def cell_joins(self, run: Run, executions: Sequence[CellExecution]) -> None:
        """Give a run what was read by the cells that its running cell stands on.

        Parameters
        ----------
        run : Run
        executions : sequence of CellExecution
            All of the kernel, in true order.
        """
        waiting = self._before.get(run.id)
        if not waiting:
            return
        self._take_in(executions)
        ancestry = self._ancestry.setdefault(run.id, Ancestry(self._makers))
        for place in self._running:
            for cell in (executions[place] for place in ancestry.grow(place, executions)):
                if _key(cell) in waiting:
                    waiting.discard(_key(cell))
                    data_of(run.life).add_earlier(*self._read[_key(cell)])

    def _take_in(self, executions: Sequence[CellExecution]) -> None:
        """Note what those executions did that have ended since the last time."""
        new = range(self._known, len(executions))
        self._known = len(executions)
        running = [*self._running, *new]
        self._running = [place for place in running if executions[place].status == "running"]
        for place in running:
            if executions[place].status != "running":
                self._makers.add(place, executions[place])

    def _forget(self, run_id: str) -> None:
        self._before.pop(run_id, None)
        self._ancestry.pop(run_id, None)


def _key(cell: CellExecution) -> _Cell:
    return cell.order, cell.started_at_ms
