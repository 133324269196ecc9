"""XGBoost: ``train``, ``cv`` and the classes in scikit-learn's manner get the callback."""

from __future__ import annotations

import functools
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runfolio.integrations.autolog.callbacks import with_callback

if TYPE_CHECKING:
    from runfolio.integrations.patches import Patches
    from runfolio.record.run import Run

__all__ = ["hook"]


def hook(patches: Patches) -> None:
    """Have trainings log by themselves, once XGBoost is there."""
    patches.when("xgboost", functools.partial(_wrap, patches))


def _wrap(patches: Patches) -> None:
    library = sys.modules["xgboost"]
    for function in (library.train, library.cv):
        patches.function(function, functools.partial(with_callback, "xgboost", _add))


def _add(run: Run, call: Mapping[str, Any], given: list[Any]) -> Any:
    from runfolio.integrations.xgboost import RunfolioCallback

    callback = RunfolioCallback(run)
    if "num_boost_round" in call:  # the one that a booster does not know
        run.config.note({"num_boost_round": call["num_boost_round"]}, "xgboost")
    # First: XGBoost asks no further once a callback has ended the training.
    given.insert(0, callback)
    return callback
