"""Where the recorder finds what lies above it for the libraries people train with.

``run.watch(model)`` and W&B's callbacks are called on what a writer gives; what they do is the
work of ``runfolio.integrations``, which the façade binds here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["bind", "of"]


def _nobody(library: str) -> Any:
    raise ImportError(f"nothing is bound for {library}; import runfolio itself.")


_load: Callable[[str], Any] = _nobody


def bind(load: Callable[[str], Any]) -> None:
    """Have the module of a library looked up there; for the façade."""
    global _load
    _load = load


def of(library: str) -> Any:
    """Return the module of ``runfolio.integrations`` for a library.

    Parameters
    ----------
    library : str
        ``"torch"``, ``"xgboost"``.
    """
    return _load(library)
