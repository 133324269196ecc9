"""Tracking never breaks training: an error inside it warns once and the training goes on."""

from __future__ import annotations

import inspect
import warnings
from pathlib import PurePath
from types import TracebackType

from runfolio import settings
from runfolio.errors import RunfolioWarning

__all__ = ["guard", "reset", "warn_once"]

_said: set[str] = set()


class guard:  # noqa: N801 - reads as a word of the language: `with guard("…"):`
    """Swallow and report an error in the block; with ``RUNFOLIO_STRICT`` it goes on rising.

    A class, for a generator takes three times as long, and every cell goes through a dozen.

    Parameters
    ----------
    doing : str
        What was being done, for the warning: ``"capturing the git state"``.
    """

    __slots__ = ("_doing",)

    def __init__(self, doing: str) -> None:
        self._doing = doing

    def __enter__(self) -> None:
        """Begin the block."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """End it; say whether an error was swallowed."""
        if not isinstance(error, Exception) or settings.flag("strict"):
            return False
        doing, said = self._doing, f"{type(error).__name__}: {error}"
        warn_once(doing, f"{doing} failed ({said}); the run goes on.")
        return True


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
