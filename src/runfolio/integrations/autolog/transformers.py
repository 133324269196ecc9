"""Transformers: a Trainer gets the callback while it trains, evaluates or predicts."""

from __future__ import annotations

import contextlib
import functools
import sys
from typing import TYPE_CHECKING, Any

from runfolio.integrations.autolog.training import Training, is_ours
from runfolio.integrations.muted import muted
from runfolio.record.guard import guard

if TYPE_CHECKING:
    from runfolio.integrations.patches import Patches
    from runfolio.record.run import Run

__all__ = ["hook"]


def hook(patches: Patches) -> None:
    """Have trainings log by themselves, once the Trainer is there."""
    patches.when("transformers.trainer", functools.partial(_wrap, patches))


def _wrap(patches: Patches) -> None:
    for name in ("train", "evaluate", "predict"):
        patches.method(sys.modules["transformers.trainer"].Trainer, name, _logged)


def _logged(original: Any) -> Any:
    @functools.wraps(original)
    def call(self: Any, *given: Any, **more: Any) -> Any:
        is_logged = any(is_ours("transformers", one) for one in self.callback_handler.callbacks)
        with Training("transformers", is_logged=is_logged) as run:
            callback = None
            if run is not None:
                with guard("logging a training of transformers by itself"):
                    callback = _added(run, self)
            # What its own callbacks write with a SummaryWriter is logged once.
            with muted("transformers") if callback or is_logged else contextlib.nullcontext():
                try:
                    return original(self, *given, **more)
                finally:
                    if callback is not None:
                        self.remove_callback(callback)
                        callback.forget(self.state)

    return call


def _added(run: Run, trainer: Any) -> Any:
    from runfolio.integrations.transformers import RunfolioCallback

    callback = RunfolioCallback(run)
    trainer.add_callback(callback)
    return callback
