"""LightGBM: ``train``, ``cv`` and the classes in scikit-learn's manner get the callback."""

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
    """Have trainings log by themselves, once LightGBM is there."""
    patches.when("lightgbm", functools.partial(_wrap, patches))


def _wrap(patches: Patches) -> None:
    library = sys.modules["lightgbm"]
    train = functools.partial(with_callback, "lightgbm", _add, after=_after)
    for function in (library.train, library.cv):
        patches.function(function, train)


def _add(run: Run, call: Mapping[str, Any], given: list[Any]) -> Any:
    del call
    from runfolio.integrations.lightgbm import RunfolioCallback

    given.append(RunfolioCallback(run))
    return given[-1]


def _after(callback: Any) -> None:
    """Tell of the whole now: of an early stop LightGBM tells no callback."""
    callback.summarize()
