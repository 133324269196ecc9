"""``runfolio.autolog()``: which libraries' trainings log by themselves, and until when."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Collection
from types import TracebackType
from typing import Final, Self

from runfolio.errors import MissingDependency, UsageError, did_you_mean
from runfolio.integrations.autolog.libraries import LIBRARIES, is_installed, is_loaded
from runfolio.integrations.autolog.training import ON, tell_again
from runfolio.integrations.patches import Patches

__all__ = ["LIBRARIES", "Autolog", "autolog"]


_patches: Final[dict[str, Patches]] = {}
_lock = threading.RLock()


class Autolog:
    """What logs by itself, as it stands now; in ``with`` it ends with the block.

    Attributes
    ----------
    on : tuple of str
        The libraries whose trainings log by themselves, in the order of the documentation.
    loaded : tuple of str
        Those of them that the program has imported.
    """

    def __init__(self) -> None:
        self._before = frozenset(ON)

    @property
    def on(self) -> tuple[str, ...]:
        """The libraries whose trainings log by themselves, in the order of the documentation."""
        return tuple(name for name in LIBRARIES if name in ON)

    @property
    def loaded(self) -> tuple[str, ...]:
        """Those of them that the program has imported."""
        return tuple(name for name in self.on if is_loaded(name))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _switch(frozenset(LIBRARIES) - self._before, on=False)
        _switch(self._before, on=True)

    def __str__(self) -> str:
        if not self.on:
            return "Nothing logs by itself."
        there = ", ".join(LIBRARIES[name].title for name in self.loaded)
        to_come = ", ".join(LIBRARIES[name].title for name in self.on if name not in self.loaded)
        if not there:
            return f"Trainings log by themselves once imported: {to_come}."
        return f"Trainings log by themselves: {there}{to_come and '; once imported: '}{to_come}."

    __repr__ = __str__


def autolog(*libraries: str, on: bool = True) -> Autolog:
    """Have trainings log by themselves into the run that is open.

    Parameters, metrics and what is known of the model are logged by the same callbacks and loggers
    that a program can give to the libraries itself. Where it does, nothing is added. Nothing is
    imported by this: libraries that the program imports later are seen then. Where no run is open
    nothing is logged, which is said once.

    Parameters
    ----------
    *libraries : str
        ``sklearn``, ``xgboost``, ``lightgbm``, ``keras``, ``lightning``, ``transformers``,
        ``accelerate``, ``tensorboard`` (SummaryWriter); without any, all of them.
    on : bool
        ``False``: no longer. What was wrapped is the library's own again; a training that is going
        on logs to its end.

    Returns
    -------
    Autolog
        Says what logs by itself now. ``with runfolio.autolog():`` ends it with the block.

    Raises
    ------
    UsageError
        There is no such library.
    MissingDependency
        A library that was named is not installed.

    Examples
    --------
    >>> with runfolio.autolog("sklearn"), runfolio.init():  # doctest: +SKIP
    ...     RandomForestClassifier().fit(X, y)
    """
    for name in libraries:
        _refuse_unknown(name)
        if on and not is_installed(name):
            raise MissingDependency(
                f"autolog: {LIBRARIES[name].title} is not installed. "
                f"Install it: pip install 'runfolio[{name}]'"
            )
    answer = Autolog()
    _switch(libraries or LIBRARIES, on=on)
    return answer


def _switch(names: Collection[str], *, on: bool) -> None:
    with _lock:
        for name in names:
            if on and name not in _patches:
                tell_again()
                ON.add(name)
                patches = _patches[name] = Patches()
                importlib.import_module(f"runfolio.integrations.autolog.{name}").hook(patches)
            elif not on and name in _patches:
                ON.discard(name)
                _patches.pop(name).undo()


def _refuse_unknown(name: str) -> None:
    if name not in LIBRARIES:
        near = did_you_mean(str(name), LIBRARIES)
        raise UsageError(
            f"autolog knows no library {name!r}.{near} It knows {', '.join(LIBRARIES)}."
        )
