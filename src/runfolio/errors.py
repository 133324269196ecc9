"""Every error and warning runfolio raises on purpose.

The tree::

    RunfolioError
    ├── UsageError(ValueError)        a call or a command that cannot be carried out as written
    │   └── QueryError                a query that cannot be read; knows the position
    ├── NoActiveRun(RuntimeError)     log, save, config … with no run open, or after its end
    ├── ConfigFrozen(RuntimeError)    a config value changed in a script without allow_val_change
    ├── StoreError
    │   ├── RunNotFound(LookupError)  no run, or more than one, is meant by a name
    │   ├── ArtifactNotFound(LookupError, UsageError) no artifact, or no version of it, is meant
    │   ├── PromotionRefused          a version does not meet the rules of a stage
    │   └── StoreUnusable(OSError)    the store's folder cannot be made or is no folder
    ├── FormatError
    │   ├── UnsupportedVersion        a run directory written by a newer runfolio
    │   └── CorruptRecord             bytes that are not what the format says
    └── MissingDependency(ImportError) a package that a feature needs is not installed

    StopRun(BaseException)            *Stop after this step*: raised by the next ``log``

    RunfolioWarning(UserWarning)
    └── CaptureWarning                something could not be captured; the run goes on

A message says what was wrong with the value, what was expected and what to do next. Shells
(magics, command line) print it as one line, without a traceback.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any, Final

__all__ = [
    "ArtifactNotFound",
    "CaptureWarning",
    "ConfigFrozen",
    "CorruptRecord",
    "FormatError",
    "MissingDependency",
    "NoActiveRun",
    "PromotionRefused",
    "QueryError",
    "RunNotFound",
    "RunfolioError",
    "RunfolioWarning",
    "StopRun",
    "StoreError",
    "StoreUnusable",
    "UnsupportedVersion",
    "UsageError",
]


class RunfolioError(Exception):
    """Base of all errors raised by runfolio on purpose."""


class UsageError(RunfolioError, ValueError):
    """A call or command cannot be carried out as written."""


_WHOLE, _BEFORE = 200, 100
"""Characters of a query that an error shows, and how many of them stand before the place."""


class QueryError(UsageError):
    """A query cannot be read.

    Parameters
    ----------
    message : str
        What is wrong at the position.
    query : str
        The whole query.
    position : int
        Offset, in characters, of the first character that is wrong.
    """

    def __init__(self, message: str, query: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.query = query
        self.position = position

    def __str__(self) -> str:
        first = max(0, self.position - _BEFORE) if len(self.query) > _WHOLE else 0
        shown = self.query[first : first + _WHOLE]
        before, behind = "…" * (first > 0), "…" * (first + _WHOLE < len(self.query))
        blank = " " * (len(before) + self.position - first)
        return f"{self.message}\n  {before}{shown}{behind}\n  {blank}^"


class NoActiveRun(RunfolioError, RuntimeError):
    """There is no open run to write to."""


class ConfigFrozen(RunfolioError, RuntimeError):
    """A config value was changed in a script without ``allow_val_change=True``."""


class StoreError(RunfolioError):
    """Something about the store, the folder that holds the runs."""


class RunNotFound(StoreError, LookupError):
    """A name, id or fragment means no run, or more than one."""


class ArtifactNotFound(StoreError, UsageError, LookupError):
    """A name means no artifact, no version of it, or one whose content was dropped."""


class PromotionRefused(StoreError):
    """A version does not meet the rules of a stage.

    Parameters
    ----------
    message : str
        Each rule with what was found.
    rules : sequence
        The same, as `runfolio.model.artifact_history.Checked`.
    """

    def __init__(self, message: str, rules: Iterable[Any] = ()) -> None:
        super().__init__(message)
        self.rules = tuple(rules)


class StoreUnusable(StoreError, OSError):
    """The store's folder cannot be made, or is not a folder."""


class FormatError(RunfolioError):
    """A run directory does not follow the format."""


class UnsupportedVersion(FormatError):
    """A run directory was written in a newer format than this runfolio reads."""


class CorruptRecord(FormatError):
    """Bytes in a run directory are not what the format says they are."""


class MissingDependency(RunfolioError, ImportError):
    """A package that a feature needs is not installed."""


class StopRun(BaseException):
    """Raised by ``log`` after somebody pressed *Stop after this step*.

    It derives from ``BaseException`` so that a training loop's ``except Exception`` does not
    swallow it; ``with runfolio.init()`` and ``%%track`` take it, and the run ends as ``stopped``.
    """


class RunfolioWarning(UserWarning):
    """Something was not recorded as asked; the training goes on."""


class CaptureWarning(RunfolioWarning):
    """Something about the code, data or environment could not be captured."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` Did you mean "x"?`` for the nearest known word, else an empty string."""
    import difflib

    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f' Did you mean "{near[0]}"?' if near else ""


_OF_WANDB: Final = ("AuthenticationError", "CommError", "Error", "WaitTimeoutError")


def __getattr__(name: str) -> Any:
    """Return what stands for an error of W&B in ``except wandb.errors.CommError``."""
    if name in _OF_WANDB:
        return RunfolioError
    if name == "term":  # scripts set `wandb.errors.term._show_warnings`
        return SimpleNamespace()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
