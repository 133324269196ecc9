"""Packages that only one feature needs: imported on first use, named when missing."""

from __future__ import annotations

import importlib
from types import ModuleType

from runfolio.errors import MissingDependency

__all__ = ["require"]


def require(module: str, *, feature: str, install: str) -> ModuleType:
    """Import and return `module`.

    Parameters
    ----------
    module : str
        Dotted name to import.
    feature : str
        What needs it, as the message names it: ``"charts"``.
    install : str
        What to install, as pip takes it: ``"altair"`` or ``"runfolio[optuna]"``.

    Raises
    ------
    MissingDependency
        It is not installed; the message holds the exact line that installs it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingDependency(
            f"{feature} needs the package {module.partition('.')[0]}, which is not installed. "
            f"Install it: pip install '{install}'"
        ) from error
