"""W&B's callbacks of other libraries: they train on with one that logs nothing, and says so."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, Final

from runfolio._optional import require
from runfolio.record.wandb.absent import told

__all__ = ["NAMES", "integration"]

# W&B's module → where the class of callbacks lies that the library takes.
_BASES: Final = {
    "fastai": ("fastai.callback.core", "Callback"),
    "keras": ("keras.callbacks", "Callback"),
    "sb3": ("stable_baselines3.common.callbacks", "BaseCallback"),
    "xgboost": ("xgboost.callback", "TrainingCallback"),
}
_PACKAGES: Final = {"sb3": "stable-baselines3"}
# What W&B calls them; every other name of such a module is a function.
_CLASSES: Final = frozenset(
    {"WandbCallback", "WandbEvalCallback", "WandbMetricsLogger", "WandbModelCheckpoint"}
)

NAMES: Final = (*_BASES, "lightgbm")
"""The modules there are, below ``wandb`` and below ``wandb.integration``."""


class Integration(ModuleType):
    """A module of callbacks and functions that log nothing.

    Parameters
    ----------
    library : str
        One of `NAMES`.
    """

    def __init__(self, library: str) -> None:
        super().__init__(f"wandb.{library}")
        self._library = library

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        instead = (
            "it logs nothing yet, and the training goes on; give runfolio.log() what you need in a "
            "callback of your own."
        )
        function = told(f"wandb.{self._library}.{name}()", instead)
        if name == "wandb_callback":  # a maker of callbacks, each a function
            return lambda *_, **__: (function(), _nothing_of)[1]
        if name in _CLASSES and self._library in _BASES:
            found = _callback(self._library, name, function)
            setattr(self, name, found)
            return found
        return function


def _nothing_of(env: Any) -> None:
    """Take an iteration of a booster and log nothing."""


def _callback(library: str, name: str, tell: Any) -> type:
    module, base_name = _BASES[library]
    if library == "keras" and "tensorflow" in sys.modules:
        module = "tensorflow.keras.callbacks"  # an older TensorFlow has a Keras of its own
    base = getattr(
        require(module, feature=f"wandb.{library}.{name}", install=_PACKAGES.get(library, library)),
        base_name,
    )

    def __init__(self: Any, *_: Any, **__: Any) -> None:  # noqa: N807 - of the class made here
        base.__init__(self)
        tell()

    # The one method that a callback of stable-baselines3 must have.
    return type(name, (base,), {"__init__": __init__, "_on_step": lambda _: True})


def integration(name: str) -> Any:
    """Return the stand-in of ``wandb.NAME``, or of ``wandb.integration`` for all of them."""
    if name != "integration":
        return Integration(name)
    whole = ModuleType("wandb.integration")
    for library in NAMES:
        setattr(whole, library, Integration(library))
    return whole
