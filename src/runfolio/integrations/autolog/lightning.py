"""Lightning: a Trainer that logs somewhere gets the logger beside, while it trains or tests."""

from __future__ import annotations

import contextlib
import functools
import sys
from typing import TYPE_CHECKING, Any

from runfolio.integrations.autolog.training import Training, is_ours
from runfolio.integrations.lightning_package import NAMES, WRITING
from runfolio.integrations.muted import muted
from runfolio.record.guard import guard

if TYPE_CHECKING:
    from runfolio.integrations.patches import Patches
    from runfolio.record.run import Run

__all__ = ["hook"]


def hook(patches: Patches) -> None:
    """Have trainings log by themselves, once Lightning is there."""
    for name in NAMES:
        patches.when(name, functools.partial(_wrap, patches, name))


def _wrap(patches: Patches, module: str) -> None:
    for name in ("fit", "validate", "test"):
        patches.method(sys.modules[module].Trainer, name, _logged)


def _logged(original: Any) -> Any:
    @functools.wraps(original)
    def call(self: Any, *given: Any, **more: Any) -> Any:
        is_logged = any(is_ours("lightning", one) for one in self.loggers)
        with Training("lightning", is_logged=is_logged) as run:
            logger = None
            if run is not None:
                with guard("logging a training of lightning by itself"):
                    logger = _added(run, self)
            with contextlib.ExitStack() as mute:
                # What its own loggers write with a SummaryWriter is logged once.
                for package in WRITING if logger or is_logged else ():
                    mute.enter_context(muted(package))
                try:
                    return original(self, *given, **more)
                finally:
                    if logger is not None:
                        self.loggers = [one for one in self.loggers if one is not logger]

    return call


def _added(run: Run, trainer: Any) -> Any:
    from runfolio.integrations.lightning import RunfolioLogger

    loggers = list(trainer.loggers)
    # `logger=False` is a word of its own; and where checkpoints go depends on the first logger.
    if not loggers or trainer.fast_dev_run:
        return None
    logger = RunfolioLogger(run)
    trainer.loggers = [*loggers, logger]
    return logger
