"""What a model of Keras is trained with, as settings of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["settings_of"]


def settings_of(model: Any, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is trained with, by Keras' own names.

    Parameters
    ----------
    model : keras.Model
        Compiled.
    params : mapping
        What Keras tells a callback: ``epochs``, ``steps``.
    """
    found: dict[str, Any] = {"epochs": params.get("epochs"), "steps_per_epoch": params.get("steps")}
    if model.optimizer is not None:
        config = dict(model.optimizer.get_config())
        found["optimizer"] = _uncounted(config.pop("name", None), type(model.optimizer))
        rate = config.get("learning_rate")
        if isinstance(rate, dict):  # a schedule: its own settings, without the words around them
            config["learning_rate"] = rate.get("config", rate)
        elif isinstance(rate, float):
            config["learning_rate"] = _as_given(rate)
        found |= config
    loss = getattr(model, "loss", None)
    found["loss"] = loss if isinstance(loss, str) else getattr(loss, "name", None)
    return {key: value for key, value in found.items() if value is not None}


def _as_given(rate: float) -> float:
    """Return ``0.001``, where Keras tells the nearest single precision, 0.0010000000474974513."""
    import numpy as np

    single = np.float32(rate)
    return float(str(single)) if float(single) == rate else rate


def _uncounted(name: Any, kind: type) -> Any:
    """Return a name without the number that Keras gives to each further one of a session."""
    stem = str(name).rstrip("0123456789").rstrip("_")
    return stem if stem.replace("_", "") == kind.__name__.lower() else name
