"""The parameters a booster of XGBoost was trained with, as settings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["parameters_of"]

# Other names of the same parameter, and what steers the memory, not the model.
_LEFT_OUT: Final = frozenset(
    {"alpha", "cache_opt", "debug_synchronize", "eta", "lambda", "max_cached_hist_node",
     "min_split_loss", "refresh_leaf", "sparse_threshold", "updater_seq",
     "disable_default_eval_metric", "process_type", "updater"}
)  # fmt: skip


def parameters_of(booster: Any) -> dict[str, Any]:
    """Return the parameters in force, defaults included, by the names that XGBClassifier has."""
    learner = json.loads(booster.save_config())["learner"]
    found = dict(_trained_by(learner))
    found["num_class"] = learner["learner_model_param"].get("num_class", "0")
    found["random_state"] = learner["generic_param"].get("random_state", "0")
    return {key: _typed(text) for key, text in found.items() if key not in _LEFT_OUT}


def _trained_by(node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in node.items():
        if key.endswith("_train_param"):
            yield from value.items()
        elif isinstance(value, dict):
            yield from _trained_by(value)


def _typed(text: Any) -> Any:
    """Return a parameter as a number where it is one: XGBoost writes them in single precision."""
    try:
        number = float(text)
    except (TypeError, ValueError):
        return text
    short = float(f"{number:.7g}")
    return int(short) if short.is_integer() and "." not in str(text) else short
