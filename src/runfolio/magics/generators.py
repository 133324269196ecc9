"""The states of the random generators before each cell, for the runs that are open and to come."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, Final

from runfolio import settings
from runfolio.capture.at_import import forget, when_imported
from runfolio.capture.state_history import StateChange, StateHistory
from runfolio.model.context import CellExecution
from runfolio.record.guard import guard
from runfolio.record.run import Run

__all__ = ["GeneratorWatch"]

# Module → its generators. They seed themselves when they are imported, and a cell that imports
# them may draw from them at once.
_COME_WITH: Final = {"numpy.random": ("numpy",), "torch": ("torch", "torch.flags")}
_SETS_BACK: Final = ("set_state", "restore_seeds")
_DOING: Final = "taking the states of the random generators"


class GeneratorWatch:
    """Keeps what the cells of one shell found the random generators like.

    Parameters
    ----------
    shell : InteractiveShell
    open_runs : callable
        Returns the runs that are open now: they are told at once.
    """

    def __init__(self, shell: Any, open_runs: Callable[[], Iterable[Run]]) -> None:
        self._shell = shell
        self._open_runs = open_runs
        self._history = StateHistory()
        self._is_on = False
        self._quick = True
        self._cell = 0
        self._touched: set[str] = set()
        self._imported = [functools.partial(self._came, keys) for keys in _COME_WITH.values()]

    def begin(self, cell: int, *, within: bool) -> None:
        """Take the first states; `within` a cell that is being executed, or before it.

        A run that is open by then is told of them by `opened`, as of all later ones.
        """
        self._cell = cell
        self._is_on = settings.flag("capture")
        if not self._is_on:
            return
        with guard(_DOING):
            self._history.look(cell, self._shell.user_ns, began=within)
            for module, then in zip(_COME_WITH, self._imported, strict=True):
                when_imported(module, then)

    def before_cell(self, cell: CellExecution, read: Iterable[str] | None) -> None:
        """Take what has changed before a cell is executed.

        Parameters
        ----------
        cell : CellExecution
        read : iterable of str or None
            Variables that it may read: what it draws from is one of them, or lies in one. ``None``
            where nobody knows.
        """
        self._cell = cell.order
        # What is set back by hand may look unchanged, then and ever after.
        self._quick = self._quick and not any(word in cell.source for word in _SETS_BACK)
        if self._is_on:
            with guard(_DOING):
                within = None if read is None else self._touched.union(read)
                self._touched = set()
                change = self._history.look(
                    cell.order, self._shell.user_ns, quick=self._quick, within=within
                )
                self._tell(change)

    def after_cell(self, cell: CellExecution) -> None:
        """Remember what a cell bound and changed: it may hold generators now."""
        self._touched.update(cell.bound, cell.rebound, cell.changed)

    def opened(self, run: Run) -> None:
        """Tell a new run of all cells before, whose shuffle may have made its data."""
        for change in self._history.changes:
            run.life.add_states(change)

    def end(self) -> None:
        """Wait for no import any longer."""
        for then in self._imported:
            forget(then)

    def _came(self, keys: tuple[str, ...]) -> None:
        with guard(_DOING):
            self._tell(self._history.look_at_new(self._cell, keys))

    def _tell(self, change: StateChange | None) -> None:
        if change is not None:
            for run in self._open_runs():
                run.life.add_states(change)
