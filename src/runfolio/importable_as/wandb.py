"""What ``import wandb`` finds under ``runfolio run --as-wandb``: runfolio itself.

The folder of this file alone is put in front of the program's ``PYTHONPATH``.
"""
# ruff: noqa: INP001 - no package: it must be importable as wandb, and as nothing else

from __future__ import annotations

import importlib
import sys

__all__: list[str] = []

try:
    sys.modules[__name__] = importlib.import_module("runfolio")
    importlib.import_module("runfolio.record.wandb.submodules").install(__name__)
except ModuleNotFoundError as error:
    raise ImportError(
        f"runfolio run --as-wandb: {sys.executable} has no {error.name}. Install runfolio in that "
        "environment, or run without --as-wandb."
    ) from error
