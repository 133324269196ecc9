"""SummaryWriter of PyTorch and of tensorboardX: what it writes is logged to the run, too.

The methods of the class are wrapped while a run is open that asked for it, and are the library's own
again afterwards. Nothing is read from event files, and nothing of TensorBoard need be installed.
"""

from __future__ import annotations

import functools
import inspect
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from runfolio.errors import UsageError
from runfolio.integrations.muted import is_muted
from runfolio.integrations.patches import Patches
from runfolio.integrations.summaries import SUMMARIES
from runfolio.record.guard import guard
from runfolio.record.needed_run import needed_run
from runfolio.record.run import Run

__all__ = ["is_mirrored", "mirror", "unmirror"]

_MODULES: Final = ("tensorboardX.writer", "torch.utils.tensorboard.writer")

_runs: list[Run] = []
_prefixes: dict[str, str] = {}
_patches = Patches()
_here = threading.local()


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
    asked = needed_run("mirror", run)
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
        _wrap_all()


def unmirror(run: Run | None = None) -> None:
    """Mirror nothing any longer into a run; without one, into none."""
    for one in [run] if run is not None else _runs[::-1]:
        _stop(one)


def is_mirrored(run: Run) -> bool:
    """Return whether what is written is logged to a run, too."""
    return run in _runs


def _stop(run: Run) -> None:
    if run in _runs:
        _runs.remove(run)
    if not _runs:
        _prefixes.clear()
        _patches.undo()


def _wrap_all() -> None:
    global _patches
    _patches = Patches()
    for module in _MODULES:
        _patches.when(module, functools.partial(_wrap, module, _patches))


def _wrap(module: str, patches: Patches) -> None:
    kind = getattr(sys.modules.get(module), "SummaryWriter", object)
    for name, take in SUMMARIES.items():
        patches.method(kind, name, functools.partial(_mirrored, take))


def _mirrored(take: Callable[..., None], original: Any) -> Any:
    parameters = inspect.signature(original)

    @functools.wraps(original)
    def method(self: Any, *given: Any, **more: Any) -> Any:
        if not _runs or getattr(_here, "is_inside", False) or is_muted(sys._getframe()):  # noqa: SLF001
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


def _prefix(writer: Any) -> str:
    """Return what stands before the tags of a writer: of the first one nothing."""
    folder = str(getattr(writer, "logdir", None) or getattr(writer, "log_dir", ""))
    if folder not in _prefixes:
        _prefixes[folder] = f"{Path(folder).name}/" if _prefixes else ""
    return _prefixes[folder]
