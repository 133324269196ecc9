"""Packages that only one feature needs: imported on first use, named when missing."""

from __future__ import annotations

import importlib
from types import ModuleType

from runfolio.errors import MissingDependency

__all__ = ["require"]


def require(module: str, *, feature: str, install: str, at_least: str | None = None) -> ModuleType:
    """Import and return `module`.

    Parameters
    ----------
    module : str
        Dotted name to import.
    feature : str
        What needs it, as the message names it: ``"charts"``.
    install : str
        What to install, as pip takes it: ``"altair"`` or ``"runfolio[optuna]"``.
    at_least : str, optional
        The lowest version that works, where an older one may be met: ``"2.1"``.

    Raises
    ------
    MissingDependency
        It is not installed, or too old; the message holds the exact line that installs it.
    """
    package = module.partition(".")[0]
    try:
        if at_least is not None:
            found = getattr(importlib.import_module(package), "__version__", None)
            _refuse_older(package, found, at_least, feature, install)
        return importlib.import_module(module)
    except ImportError as error:
        if isinstance(error, MissingDependency):
            raise
        # What is too old for its own dependencies cannot be imported and is named all the same.
        found = _installed(package)
        if found is not None and at_least is not None:
            _refuse_older(package, found, at_least, feature, install)
        if found is not None:
            raise MissingDependency(
                f"{feature} needs the package {package}, and {found}, which is installed, cannot be "
                f"imported ({error}). Install it anew: pip install --upgrade '{install}'"
            ) from error
        raise MissingDependency(
            f"{feature} needs the package {package}, which is not installed. "
            f"Install it: pip install '{install}'"
        ) from error


def _installed(package: str) -> str | None:
    """Return the version of a package whose distribution has its name, if it is installed."""
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _refuse_older(package: str, found: object, at_least: str, feature: str, install: str) -> None:
    from packaging.version import InvalidVersion, Version

    try:
        if found is None or Version(str(found)).release >= Version(at_least).release:
            return
    except InvalidVersion:
        return  # somebody's own build
    raise MissingDependency(
        f"{feature} needs {package} {at_least} or newer, and {found} is installed. "
        f"Install it: pip install --upgrade '{install}'"
    )
