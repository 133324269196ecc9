"""SummaryWriter of PyTorch and of tensorboardX: what it writes is logged to the run, too.

The methods of the class are wrapped while a run is open that asked for it, and are the library's own
again afterwards. Nothing is read from event files, and nothing of TensorBoard need be installed.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from runfolio.capture.at_import import forget, when_imported
from runfolio.errors import NoActiveRun, UsageError
from runfolio.integrations.summaries import SUMMARIES
from runfolio.record.guard import guard
from runfolio.record.run import Run
from runfolio.record.session import current

__all__ = ["is_mirrored", "mirror", "muted", "unmirror"]

_MODULES: Final = ("tensorboardX.writer", "torch.utils.tensorboard.writer")

_runs: list[Run] = []
_prefixes: dict[str, str] = {}
_wrapped: list[tuple[Any, str, Any, Any]] = []
_here = threading.local()
_muted: Counter[str] = Counter()


def mirror(run: Run | None = None) -> None:
    """Log what every SummaryWriter of PyTorch or tensorboardX writes until the run ends.

    ``init(sync_tensorboard=True)`` does the same. Scalars, histograms, images, texts and figures
    are logged under their tags at their ``global_step``; hyperparameters become settings. Of
    several writers the first one's tags stand by themselves, those of others behind the name of
    their folder: ``val/loss``.

    Parameters
    ----------
    run : Run, optional
        Else the open one.

    Raises
    ------
    NoActiveRun
        No run is open.
    UsageError
        `run` is no run.
    """
    asked = run if run is not None else current()
    if asked is None:
        raise NoActiveRun("mirror: no run is open. Start one with runfolio.init().")
    if not isinstance(asked, Run):
        raise UsageError(
            f"run is a {type(asked).__name__}; expected what runfolio.init() returned."
        )
    asked.require_open("mirror")
    if asked.disabled or asked in _runs:
        return
    _runs.append(asked)
    asked.life.before_end.append(functools.partial(_stop, asked))
    if len(_runs) == 1:
        for wrap, module in _WRAPS.items():
            if not when_imported(module, wrap):
                wrap()


def unmirror(run: Run | None = None) -> None:
    """Mirror nothing any longer into a run; without one, into none."""
    for one in [run] if run is not None else _runs[::-1]:
        _stop(one)


def is_mirrored(run: Run) -> bool:
    """Return whether what is written is logged to a run, too."""
    return run in _runs


@contextlib.contextmanager
def muted(library: str) -> Iterator[None]:
    """Leave out what a library's own code writes: it is logged in another way meanwhile.

    Parameters
    ----------
    library : str
        The package that calls the writer; what the program itself writes is mirrored.
    """
    _muted[library] += 1
    try:
        yield
    finally:
        _muted[library] -= 1


def _stop(run: Run) -> None:
    if run in _runs:
        _runs.remove(run)
    if _runs:
        return
    _prefixes.clear()
    for wrap in _WRAPS:
        forget(wrap)
    for kind, name, ours, original in _wrapped:
        if vars(kind).get(name) is ours:  # what others have wrapped since stays, and passes through
            setattr(kind, name, original)
    _wrapped.clear()


def _wrap(module: str) -> None:
    kind = getattr(sys.modules.get(module), "SummaryWriter", None)
    for name, take in SUMMARIES.items() if kind is not None else ():
        original = vars(kind).get(name)
        if original is not None:
            ours = _mirrored(original, take)
            setattr(kind, name, ours)
            _wrapped.append((kind, name, ours, original))


_WRAPS: Final = {functools.partial(_wrap, module): module for module in _MODULES}


def _mirrored(original: Any, take: Callable[..., None]) -> Any:
    parameters = inspect.signature(original)

    @functools.wraps(original)
    def method(self: Any, *given: Any, **more: Any) -> Any:
        if not _runs or getattr(_here, "is_inside", False) or _is_muted():
            return original(self, *given, **more)
        _here.is_inside = True  # a method that calls another one says it once
        try:
            # Before the writer does it: it closes figures.
            with guard("mirroring a SummaryWriter"):
                said = parameters.bind(self, *given, **more).arguments
                take(_runs[-1], _prefix(self), said)
            return original(self, *given, **more)
        finally:
            _here.is_inside = False

    return method


def _is_muted() -> bool:
    """Return whether the library that calls the writer is one of those left out."""
    if not any(_muted.values()):
        return False
    caller = sys._getframe(2).f_globals.get("__name__", "")  # noqa: SLF001 - as in the guard
    return _muted[caller.partition(".")[0]] > 0


def _prefix(writer: Any) -> str:
    """Return what stands before the tags of a writer: of the first one nothing."""
    folder = str(getattr(writer, "logdir", None) or getattr(writer, "log_dir", ""))
    if folder not in _prefixes:
        _prefixes[folder] = f"{Path(folder).name}/" if _prefixes else ""
    return _prefixes[folder]
