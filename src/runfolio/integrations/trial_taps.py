"""Records what an objective asks of its trial and tells it, while the trial goes on."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from runfolio.record.guard import guard

if TYPE_CHECKING:
    from runfolio.record.run import Run

__all__ = ["Tap", "Taps"]

_SUGGEST: Final = ("suggest_float", "suggest_int", "suggest_categorical")


class Tap:
    """Stands in front of a method of one trial; a copy of the trial, and a pickled one, has none.

    Parameters
    ----------
    trial : optuna.Trial
    name : str
        The method.
    before, after : callable, optional
        Told before the call, with what is given; after it, with what came of it first.
    """

    def __init__(
        self,
        trial: Any,
        name: str,
        before: Callable[..., None] | None = None,
        after: Callable[..., None] | None = None,
    ) -> None:
        self._trial, self._name, self._method = trial, name, getattr(trial, name)
        self._before, self._after = before, after
        setattr(trial, name, self)

    def __call__(self, *given: Any, **more: Any) -> Any:
        """Call the method, and tell of it."""
        if self._before is not None:
            self._before(*given, **more)
        found = self._method(*given, **more)
        if self._after is not None:
            self._after(found, *given, **more)
        return found

    def __reduce__(self) -> Any:
        return getattr, (self._trial, self._name)

    def remove(self) -> None:
        """Let the method be the trial's own again."""
        vars(self._trial).pop(self._name, None)


class Taps:
    """Records parameters as they are suggested, and values as they are reported.

    Parameters
    ----------
    trial : optuna.Trial
    run : Run
    reports : str
        The metric that the reported values are.
    """

    def __init__(self, trial: Any, run: Run, reports: str) -> None:
        self._run, self._reports = run, reports
        self._reported: set[int] = set()
        self._taps = [Tap(trial, name, after=self._suggested) for name in _SUGGEST]
        self._taps.append(Tap(trial, "report", before=self._report))

    def remove(self) -> None:
        """Let the trial be as it was."""
        for tap in self._taps:
            tap.remove()

    def _suggested(self, value: Any, name: str, *_: Any, **__: Any) -> None:
        with guard("recording a parameter of Optuna"):
            self._run.config.note({name: value}, "optuna")

    def _report(self, value: Any, step: Any) -> None:
        # First: a storage that fails loses nothing here. What Optuna refuses or passes over, is too.
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            number, at = float(value), int(step)
            if at >= 0 and at not in self._reported:
                self._reported.add(at)
                with guard("logging an intermediate value of Optuna"):
                    self._run.log({self._reports: number}, step=at)
