"""The libraries whose trainings can log by themselves."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["LIBRARIES", "Library", "is_installed", "is_loaded"]


@dataclass(frozen=True, slots=True)
class Library:
    """A library whose trainings can log by themselves.

    Attributes
    ----------
    title : str
        What it calls itself.
    packages : tuple of str
        What it is imported as; any of them.
    """

    title: str
    packages: tuple[str, ...]


LIBRARIES: Final[Mapping[str, Library]] = {
    "sklearn": Library("scikit-learn", ("sklearn",)),
    "xgboost": Library("XGBoost", ("xgboost",)),
    "lightgbm": Library("LightGBM", ("lightgbm",)),
    "keras": Library("Keras", ("keras",)),
    "lightning": Library("Lightning", ("lightning", "pytorch_lightning")),
    "transformers": Library("Transformers", ("transformers",)),
    "accelerate": Library("Accelerate", ("accelerate",)),
    "tensorboard": Library("SummaryWriter", ("torch", "tensorboardX")),
}
"""By the name of the extra."""


def is_loaded(name: str) -> bool:
    """Return whether the program has imported a library."""
    return any(package in sys.modules for package in LIBRARIES[name].packages)


def is_installed(name: str) -> bool:
    """Return whether a library could be imported."""
    return is_loaded(name) or any(
        importlib.util.find_spec(package) is not None for package in LIBRARIES[name].packages
    )
