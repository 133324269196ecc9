"""W&B's callbacks of other libraries: ours under their names, or one that logs nothing and says so."""

from __future__ import annotations

import inspect
import sys
from types import ModuleType
from typing import Any, Final

from runfolio._optional import require
from runfolio.record import frameworks
from runfolio.record.wandb.absent import told

__all__ = ["NAMES", "integration"]

# W&B's module → where the class of callbacks lies that the library takes.
_BASES: Final = {
    "fastai": ("fastai.callback.core", "Callback"),
    "keras": ("keras.callbacks", "Callback"),
    "sb3": ("stable_baselines3.common.callbacks", "BaseCallback"),
}
_PACKAGES: Final = {"sb3": "stable-baselines3"}
# What W&B calls them; every other name of such a module is a function.
_CLASSES: Final = frozenset(
    {"WandbCallback", "WandbEvalCallback", "WandbMetricsLogger", "WandbModelCheckpoint"}
)

# Those for which there is a callback of ours.
_OURS: Final = frozenset({
    ("keras", "WandbCallback"),
    ("keras", "WandbMetricsLogger"),
    ("lightgbm", "wandb_callback"),
    ("xgboost", "WandbCallback"),
    ("xgboost", "wandb_callback"),
})  # fmt: skip

_OF_KERAS: Final = ("WandbEvalCallback", "WandbModelCheckpoint")

NAMES: Final = (*_BASES, "lightgbm", "xgboost")
"""The modules there are, below ``wandb`` and below ``wandb.integration``."""


class Integration(ModuleType):
    """A module of callbacks and functions; what has no counterpart here logs nothing.

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
        found = self._found(name)
        setattr(self, name, found)
        return found

    def _found(self, name: str) -> Any:
        if (self._library, name) in _OURS:
            return _ours(frameworks.of(self._library).RunfolioCallback, name)
        if self._library == "keras" and name in _OF_KERAS:
            return getattr(frameworks.of("keras_of_wandb"), name)
        if (self._library, name) == ("lightgbm", "log_summary"):
            return _log_summary
        instead = (
            "it logs nothing yet, and the training goes on; give runfolio.log() what you need in a "
            "callback of your own."
        )
        function = told(f"wandb.{self._library}.{name}()", instead)
        if name in _CLASSES and self._library in _BASES:
            return _callback(self._library, name, function)
        return function


def _log_summary(model: Any, feature_importance: bool = True, save_model_checkpoint: bool = False) -> None:  # noqa: FBT002 - W&B's  # fmt: skip
    """Log what is known of a booster of LightGBM after its training."""
    frameworks.of("lightgbm").RunfolioCallback(
        log_feature_importance=feature_importance, log_model=save_model_checkpoint
    ).summarize(model)


def _ours(base: type, name: str) -> type:
    """Return a callback of ours that takes what W&B's takes; what it does not know has no effect."""
    known = frozenset(inspect.signature(base).parameters) - {"run"}

    def __init__(self: Any, *_: Any, **more: Any) -> None:  # noqa: N807 - of the class made here
        base.__init__(self, **{key: value for key, value in more.items() if key in known})  # type: ignore[misc]

    return type(name, (base,), {"__init__": __init__})


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
    """Return the module of ``wandb.NAME``, or of ``wandb.integration`` for all of them."""
    if name != "integration":
        return Integration(name)
    whole = ModuleType("wandb.integration")
    for library in NAMES:
        setattr(whole, library, Integration(library))
    return whole
