"""A function that trains and takes callbacks: it is given one of ours beside those of the call."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from runfolio.integrations.autolog.training import Training, is_ours
from runfolio.record.guard import guard

if TYPE_CHECKING:
    from runfolio.record.run import Run

__all__ = ["with_callback"]

Add = Callable[["Run", Mapping[str, Any], list[Any]], Any]


def with_callback(
    library: str, add: Add, original: Any, *, after: Callable[[Any], None] | None = None
) -> Any:
    """Return a function in the place of one that trains.

    Parameters
    ----------
    library : str
    add : callable
        Is given the run, the arguments of the call and its callbacks, to which it adds one of ours
        that it returns.
    original : callable
        Has a parameter ``callbacks``.
    after : callable, optional
        Called with our callback when the training has returned.
    """
    signature = inspect.signature(original)

    @functools.wraps(original)
    def train(*given: Any, **more: Any) -> Any:
        call = _bound(signature, given, more)
        callbacks = _callbacks(call)
        is_logged = any(is_ours(library, one) for one in callbacks or ())
        with Training(library, is_logged=is_logged) as run:
            added = None
            if run is not None and call is not None and callbacks is not None:
                with guard(f"logging a training of {library} by itself"):
                    added = add(run, call.arguments, callbacks)
                    call.arguments["callbacks"] = callbacks
                    given, more = call.args, call.kwargs
            trained = original(*given, **more)
            if added is not None and after is not None:
                with guard(f"logging a training of {library} by itself"):
                    after(added)
            return trained

    return train


def _bound(
    signature: inspect.Signature, given: tuple[Any, ...], more: Mapping[str, Any]
) -> inspect.BoundArguments | None:
    try:
        return signature.bind(*given, **more)
    except TypeError:  # the library itself says what is wrong with the call
        return None


def _callbacks(call: inspect.BoundArguments | None) -> list[Any] | None:
    """Return those of the call as another list; ``None`` where they can be read only once."""
    given = call.arguments.get("callbacks") if call is not None else None
    if given is None:
        return []
    if isinstance(given, Iterator):
        return None
    return list(given) if isinstance(given, (list, tuple, set)) else [given]
