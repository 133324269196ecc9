"""Functions and methods of a library that are wrapped for a while, and are its own again afterwards."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

from runfolio.capture.at_import import forget, when_imported
from runfolio.record.guard import guard

__all__ = ["Patches"]

Wrap = Callable[[Any], Any]


class Patches:
    """What is wrapped of one library.

    A wrapper that somebody still holds after `undo` has to pass calls through by itself.
    """

    def __init__(self) -> None:
        self._methods: dict[tuple[type, str], tuple[Any, Any]] = {}
        self._functions: list[tuple[Any, Any]] = []
        self._awaited: list[Callable[[], None]] = []
        self._undone: list[Callable[[], None]] = []
        self._is_undone = False

    def when(self, module: str, then: Callable[[], None]) -> None:
        """Call something now if a module is there, else as soon as it has been imported.

        Parameters
        ----------
        module : str
            It is not imported for this.
        then : callable
        """
        guarded = functools.partial(self._carry_out, module, then)
        self._awaited.append(guarded)
        if not when_imported(module, guarded):
            guarded()

    def _carry_out(self, module: str, then: Callable[[], None]) -> None:
        if not self._is_undone:
            with guard(f"having {module} log by itself"):
                then()

    def method(self, kind: type, name: str, wrap: Wrap) -> None:
        """Wrap a method where a class itself defines it, once.

        Parameters
        ----------
        kind : type
        name : str
        wrap : callable
            Is given the function and returns another one in its place.
        """
        original = vars(kind).get(name)
        if (kind, name) in self._methods or original is None:
            return
        if isinstance(original, FunctionType):
            ours = wrap(original)
        elif hasattr(original, "fn") and hasattr(original, "check"):
            # There only if something holds of the instance: scikit-learn's `available_if`.
            from sklearn.utils.metaestimators import available_if

            ours = available_if(original.check)(wrap(original.fn))
        else:
            return
        self._methods[kind, name] = ours, original
        setattr(kind, name, ours)

    def function(self, original: Any, wrap: Wrap) -> None:
        """Wrap a function in every module that has it, the user's own too, by whatever name.

        Parameters
        ----------
        original : callable
        wrap : callable
        """
        ours = wrap(original)
        self._functions.append((ours, original))
        _replace(original, ours)

    def at_undo(self, then: Callable[[], None]) -> None:
        """Call something when all is undone."""
        self._undone.append(then)

    def undo(self) -> None:
        """Put back what was there; what others have wrapped since stays."""
        self._is_undone = True
        for then in self._awaited:
            forget(then)
        for ours, original in list(self._functions):
            _replace(ours, original)
        for (kind, name), (ours, original) in list(self._methods.items()):
            if vars(kind).get(name) is ours:
                setattr(kind, name, original)
        for then in self._undone:
            with guard("logging no longer by itself"):
                then()


def _replace(was: Any, now: Any) -> None:
    for names in _namespaces():
        for name, value in list(names.items()):
            if value is was:
                names[name] = now


def _namespaces() -> Iterator[dict[str, Any]]:
    """Yield what the loaded modules hold, without a word to those that load more when asked."""
    for module in list(sys.modules.values()):
        try:
            yield object.__getattribute__(module, "__dict__")
        except AttributeError:
            continue
