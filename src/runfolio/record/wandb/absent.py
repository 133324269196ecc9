"""What W&B has and runfolio has not: each says so in one line, once, and the training goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from runfolio.errors import UsageError
from runfolio.record.guard import warn_once

__all__ = ["NotThere", "idle", "refusing", "told"]


def idle(*_: Any, **__: Any) -> None:
    """Do nothing: what is asked for means something to a server or to a process of W&B's only."""


def told(call: str, instead: str, *, once: str | None = None) -> Callable[..., None]:
    """Return a function that does nothing but say so once.

    Parameters
    ----------
    call : str
        How it is called in the message: ``"watch()"``.
    instead : str
        What is not done, and what to do for it.
    once : str, optional
        What several functions share of which only one says so.
    """

    def function(*_: Any, **__: Any) -> None:
        warn_once(f"absent {once or call}", f"{call}: {instead}")

    function.__doc__ = f"Say once that {call} is not there."
    return function


def refusing(call: str, instead: str) -> Callable[..., NoReturn]:
    """Return a function that raises: the program needs what it would return.

    Raises
    ------
    UsageError
        By the function, at every call.
    """

    def function(*_: Any, **__: Any) -> NoReturn:
        raise UsageError(f"{call}: {instead}")

    function.__doc__ = f"Raise: {call} is not there."
    return function


class NotThere:
    """A module of which no function does anything; the first one called says so.

    Parameters
    ----------
    module : str
        As the program names it: ``"sklearn"``.
    instead : str
        What is not done, and what to do for it.
    """

    def __init__(self, module: str, instead: str) -> None:
        self._module = module
        self._instead = instead

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("_"):
            raise AttributeError(name)
        return told(f"{self._module}.{name}()", self._instead, once=self._module)
