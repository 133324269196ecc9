"""Whether a training that begins logs by itself, and into which run."""

from __future__ import annotations

import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from runfolio.record.guard import warn_once
from runfolio.record.session import current

if TYPE_CHECKING:
    from runfolio.record.run import Run

__all__ = ["ON", "Training", "is_ours", "tell_again"]

ON: Final[set[str]] = set()
"""The libraries whose trainings log by themselves."""

_NO_RUN: Final = "autolog without a run"

_here = threading.local()
_is_told = False


class Training:
    """A training, from its call to its end: ``with Training("xgboost") as run:``.

    The run is the one that is open; ``None`` where nothing is to be logged: the library is off, no
    run is open, this process was forked from the run's, or the training is part of another one.

    Parameters
    ----------
    library : str
        One of `ON`, if it is on.
    is_logged : bool
        Whether the program itself has it logged, by a callback of ours: there is nothing to add.
    """

    __slots__ = ("_is_logged", "_library")

    def __init__(self, library: str, *, is_logged: bool = False) -> None:
        self._library = library
        self._is_logged = is_logged

    def __enter__(self) -> Run | None:
        run = self._run()
        _here.depth = getattr(_here, "depth", 0) + 1
        return run

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _here.depth -= 1

    def _run(self) -> Run | None:
        depth: int = getattr(_here, "depth", 0)
        if depth or self._is_logged or self._library not in ON:
            return None
        run = current()
        if run is None:
            if not _is_told and not _is_part_of_a_fit():
                _tell()
            return None
        life = run.life
        if life.disabled or life.disowned or life.ended or _is_part_of_a_fit():
            return None
        return run


def is_ours(library: str, one: Any) -> bool:
    """Return whether a callback, logger or tracker of a library is one of runfolio's.

    Parameters
    ----------
    library : str
        Its module in ``runfolio.integrations``, which is not loaded for this: nobody could have
        one otherwise.
    one
        Keras' own list of callbacks is one, if it holds one.
    """
    module = sys.modules.get(f"runfolio.integrations.{library}")
    if module is None:
        return False
    (kind,) = (getattr(module, name) for name in module.__all__)
    inner = getattr(one, "callbacks", None)
    return isinstance(one, kind) or (
        isinstance(inner, list) and any(is_ours(library, each) for each in inner)
    )


def tell_again() -> None:
    """Tell again of a training without a run: who switches on anew wants to know."""
    global _is_told
    _is_told = False


def _tell() -> None:
    global _is_told
    _is_told = True
    warn_once(
        _NO_RUN,
        "autolog: no run is open, so this training is not logged, nor are others until one is. "
        "Put %%track on top of the cell, or open one: runfolio.init().",
    )


def _is_part_of_a_fit() -> bool:
    """Return whether scikit-learn itself began this: a step, a fold, a tree, in any thread."""
    frame: Any = sys._getframe(2)  # noqa: SLF001 - `inspect` has only the same
    while frame is not None:
        if frame.f_globals.get("__name__", "").startswith("sklearn."):
            return True
        frame = frame.f_back
    return False
