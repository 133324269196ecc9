"""Keras 3: ``Model.fit`` gets the callback."""

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
    """Have trainings log by themselves, once Keras is there."""
    patches.when("keras", functools.partial(_wrap, patches))


def _wrap(patches: Patches) -> None:
    # Which class defines it depends on the backend.
    for kind in sys.modules["keras"].Model.__mro__:
        patches.method(kind, "fit", functools.partial(with_callback, "keras", _add))


def _add(run: Run, call: Mapping[str, Any], given: list[Any]) -> Any:
    del call
    from runfolio.integrations.keras import RunfolioCallback

    given.append(RunfolioCallback(run))  # last: others may add to what the epoch says
    return given[-1]
