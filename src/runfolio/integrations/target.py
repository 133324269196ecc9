"""Which run a library's training goes into: the open one, or one that is opened for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from runfolio.errors import UsageError
from runfolio.record import training
from runfolio.record.api import init
from runfolio.record.run import Run
from runfolio.record.session import current

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Target"]

_newest: Final[WeakKeyDictionary[Any, tuple[int, object, object]]] = WeakKeyDictionary()
"""Of each run the row that came last: whose it is, the library's own object, where it belongs."""


class Target:
    """The run that a callback logs to.

    Found when the training begins: the run that was given, else the one that is open (of
    ``%%track``, of ``init``), else one of its own, which `leave` ends. A callback that is used
    for a second training looks again. A run that a callback opened for a training which has raised
    is no open one: it ends as failed, at the latest here.

    Parameters
    ----------
    run : Run, optional

    Raises
    ------
    UsageError
        It is no run.
    """

    def __init__(self, run: Run | None = None) -> None:
        if run is not None and not isinstance(run, Run):
            raise UsageError(
                f"run is a {type(run).__name__}; expected what runfolio.init() returned."
            )
        self._given = run
        self._run: Run | None = None
        self._is_own = False
        self.is_second = False
        """Whether another callback logs the same training to the same run already."""

    def begin(self, library: str, **keywords: Any) -> Run:
        """Join the run for a training that begins now.

        Parameters
        ----------
        library : str
            The package that calls: its outermost frame is the training.
        **keywords
            For `init`, where the run is its own.
        """
        training.end_left(self._run)
        opened_before = self._run if self._is_own else None
        run, call = self.join(**keywords), training.Training(library)
        if self._is_own and run is not opened_before:
            training.own(run, call)
        self.is_second = not training.speaks(run, call, self)
        return run

    def join(self, **keywords: Any) -> Run:
        """Return the run to log to; without one that is open, one is opened.

        Parameters
        ----------
        **keywords
            For `init`, where the run is its own.
        """
        run = self._run
        if run is None or run.life.ended:
            if self._given is None:
                training.end_left(current())
            run = self._given or current()
            self._is_own = run is None
            self._run = run = init(**keywords) if run is None else run
        return run

    def repeats(self, row: object, at: object) -> bool:
        """Return whether another callback has just logged a library's row to the run.

        A library that hands a row to each of its loggers hands them the same object: a second
        logger of ours with the same run says nothing.

        Parameters
        ----------
        row : object
            As the library has handed it over.
        at : object
            Step and whatever else tells rows apart.
        """
        life = self.join().life
        who, newest, place = _newest.get(life, (id(self), None, None))
        if who != id(self) and newest is row and place == at:
            return True
        _newest[life] = id(self), row, at
        return False

    @property
    def run(self) -> Run | None:
        """The run that was joined, if any is."""
        return self._run

    @property
    def is_own(self) -> bool:
        """Whether the run was opened here."""
        return self._is_own

    def leave(self) -> None:
        """End the run if it was opened here."""
        run, self._run = self._run, None
        if run is not None and self._is_own:
            run.finish()

    def forget(self) -> None:
        """Leave the run, which ends just now for another reason."""
        self._run = None

    def note(self, settings: Mapping[str, Any], library: str) -> None:
        """Record a library's own settings; what the program said itself stands.

        Parameters
        ----------
        settings : mapping of str to value
        library : str
            Where they come from.
        """
        self.join().config.note(settings, library)

    def complete(self, values: Mapping[str, Any]) -> None:
        """Log what belongs to the last step that was logged: a row of its own would be a step more."""
        run = self.join()
        run.log(values, step=max(run.step - 1, 0))
