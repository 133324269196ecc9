"""Tracking never breaks training: an error inside it warns once and the training goes on."""

from __future__ import annotations

import contextlib
import inspect
import warnings
from collections.abc import Iterator

from runfolio import settings
from runfolio.errors import RunfolioWarning

__all__ = ["guard", "reset", "warn_once"]

_said: set[str] = set()


@contextlib.contextmanager
def guard(doing: str) -> Iterator[None]:
    """Swallow and report an error in the block; with ``RUNFOLIO_STRICT`` it goes on rising.

    Parameters
    ----------
    doing : str
        What was being done, for the warning: ``"capturing the git state"``.
    """
    try:
        yield
    except Exception as error:
        if settings.flag("strict"):
            raise
        warn_once(doing, f"{doing} failed ({type(error).__name__}: {error}); the run goes on.")


def warn_once(key: str, message: str, category: type[Warning] = RunfolioWarning) -> None:
    """Warn the first time `key` comes up in this process."""
    if key in _said:
        return
    _said.add(key)
    try:
        warnings.warn(message, category, stacklevel=_level_of_the_caller())
    except Warning:
        # A filter turned it into an exception, which in the middle of `log` would end a training.
        if settings.flag("strict"):
            raise


def _level_of_the_caller() -> int:
    """Return how far up the user's own line is, seen from the caller of this function."""
    frame, level = inspect.currentframe(), 0
    while frame is not None and _is_ours(str(frame.f_globals.get("__name__"))):
        frame, level = frame.f_back, level + 1
    return max(level, 1)


def _is_ours(module: str) -> bool:
    # Between two frames of ours may stand the standard library's, for a `with`; below those of a
    # thread of ours there is no line of the user's.
    return module.partition(".")[0] in ("runfolio", "contextlib", "threading")


def reset() -> None:
    """Forget what was said; a new run says it again."""
    _said.clear()
