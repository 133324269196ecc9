"""Hears what an objective asks of its trial and tells it, while the trial goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["Tap"]


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
