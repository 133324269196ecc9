"""Tracking never breaks training: an error inside it warns once and the training goes on."""

from __future__ import annotations

import contextlib
import inspect
import warnings
from collections.abc import Iterator
from pathlib import PurePath

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


def warn_once(
    key: str,
    message: str,
    category: type[Warning] = RunfolioWarning,
    *,
    shows_source: bool = True,
) -> None:
    """Warn the first time `key` comes up in this process.

    Parameters
    ----------
    key, message : str
    category : type
    shows_source : bool
        Whether the line of the program that led here is shown below the warning.
    """
    if key in _said:
        return
    _said.add(key)
    try:
        if shows_source:
            warnings.warn(message, category, stacklevel=_level_of_the_caller())
        else:
            warnings.warn_explicit(message, category, *_place_without_source())
    except Warning:
        # A filter turned it into an exception, which in the middle of `log` would end a training.
        if settings.flag("strict"):
            raise


def _place_without_source() -> tuple[str, int]:
    """Return the name and the line of the user's file, as one of which no text can be looked up."""
    level, frame = _level_of_the_caller(), inspect.currentframe()
    for _ in range(level - 1):
        frame = frame.f_back if frame is not None else None
    if frame is None:
        return "<runfolio>", 1
    name = PurePath(frame.f_code.co_filename)
    return f"<{'cell' if 'ipykernel' in str(name) else name.name.strip('<>')}>", frame.f_lineno


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
