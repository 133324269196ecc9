"""A library's training and the run that was opened for it: they end together, by an error, too.

Few libraries tell a callback that a training has raised. So the call that trains is marked in its
own frame: as long as that frame is on a stack, it goes on.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from runfolio.model.run import Status
from runfolio.record.process import Ending, ending_of

if TYPE_CHECKING:
    from runfolio.record.run import Run

__all__ = ["Training", "done", "end_left", "ending_of_left", "own", "speaks", "stays_open"]

_MARK: Final = "<runfolio training>"
"""No name that a function could have; a frame keeps it until it is gone."""


class Training:
    """A call of a library's function that trains.

    Parameters
    ----------
    library : str
        The package, as it is imported; the outermost of its frames on this stack is the call.
    """

    def __init__(self, library: str) -> None:
        frame = _call_of(library)
        self._code = frame.f_code if frame is not None else None
        self._mark = object() if frame is None else frame.f_locals.setdefault(_MARK, object())
        self.is_done = False
        """Whether it came to its end as it should."""

    @property
    def is_running(self) -> bool:
        """Whether it is on the stack of any thread."""
        return any(
            self._is(frame)
            for innermost in sys._current_frames().values()  # noqa: SLF001 - nothing else has them
            for frame in _outwards(innermost)
        )

    def is_same(self, other: Training) -> bool:
        """Return whether both are the same call."""
        return self._mark is other._mark

    def error(self) -> BaseException | None:
        """Return what ended it, where somebody still holds that."""
        for error in (sys.exception(), getattr(sys, "last_value", None)):
            trace = error.__traceback__ if error is not None else None
            while trace is not None:
                if self._is(trace.tb_frame):
                    return error
                trace = trace.tb_next
        return None

    def _is(self, frame: FrameType) -> bool:
        return frame.f_code is self._code and frame.f_locals.get(_MARK) is self._mark


_trainings: Final[WeakKeyDictionary[Any, Training]] = WeakKeyDictionary()
"""Of the runs that were opened for one."""

stays_open: Final[list[Run]] = []
"""The run that was opened for a training which is over: the next training or `init` opens another."""

_speakers: Final[WeakKeyDictionary[Any, tuple[Training, int]]] = WeakKeyDictionary()
"""The newest training of a run, and which callback logs it."""


def own(run: Run, training: Training) -> None:
    """Say that a run was opened for a training."""
    _trainings[run.life] = training


def speaks(run: Run, training: Training, who: object) -> bool:
    """Return whether a callback is the first that logs a training to a run."""
    known = _speakers.get(run.life)
    if known is not None and known[0].is_same(training):
        return known[1] == id(who)
    _speakers[run.life] = training, id(who)
    return True


def done(run: Run) -> None:
    """Say that the training of a run came to its end as it should."""
    if run.life in _trainings:
        _trainings[run.life].is_done = True


def ending_of_left(run: Run | None) -> Ending | None:
    """Return how a run has to end that was opened for a training which has raised.

    ``None`` where the training goes on or is done, or the run was opened otherwise.
    """
    training = _trainings.get(run.life) if run is not None and not run.life.ended else None
    if training is None or training.is_done or training.is_running:
        return None
    error = training.error()
    if error is not None:
        return ending_of(error)
    found = Ending(Status.FAILED)
    found.reason = "the training was left before its end"
    return found


def end_left(run: Run | None, error: BaseException | None = None) -> bool:
    """End a run that was opened for a training which has raised; return whether it was.

    Parameters
    ----------
    run : Run or None
    error : BaseException, optional
        What it has raised, where somebody knows.
    """
    ending = ending_of_left(run)
    if run is None or ending is None:
        return False
    ending = ending_of(error) if error is not None else ending
    run.end(ending.status, reason=ending.reason, signal=ending.signal, exit_code=ending.exit_code)
    return True


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _call_of(library: str) -> FrameType | None:
    """Return the outermost frame of a library in the part of the stack where it calls us."""
    found = None
    for frame in _outwards(sys._getframe(1)):  # noqa: SLF001 - `inspect` has only the same
        package = str(frame.f_globals.get("__name__")).partition(".")[0]
        if package == library:
            found = frame
        elif package != "runfolio" and found is not None:
            break
    return found
