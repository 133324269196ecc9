"""Tracking never breaks training: an error inside it warns once and the training goes on."""

from __future__ import annotations

import contextlib
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
        warnings.warn(message, category, stacklevel=4)
    except Warning:
        # A filter turned it into an exception, which in the middle of `log` would end a training.
        if settings.flag("strict"):
            raise


def reset() -> None:
    """Forget what was said; a new run says it again."""
    _said.clear()
