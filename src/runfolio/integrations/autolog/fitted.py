"""What is fitted: an estimator's class and parameters as settings, and how large its data is."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from runfolio.record.guard import warn_once

if TYPE_CHECKING:
    from runfolio.record.run import Run

__all__ = ["data_of", "note_fit", "setting"]

_TOLD_FITS: Final = 20
_PLAIN: Final = (bool, int, float, str, type(None))

_counts: weakref.WeakKeyDictionary[Run, int] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def data_of(given: tuple[Any, ...], more: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return what an estimator learns from, of the arguments of a call."""
    x, y = (*given[:2], None, None)[:2]
    return more.get("X", x), more.get("y", y)


def note_fit(run: Run, estimator: Any, x: Any) -> None:
    """Record what is fitted, and how much it learns from; of the first fits of a run."""
    with _lock:
        number = _counts[run] = _counts.get(run, 0) + 1
    if number > _TOLD_FITS:
        warn_once(
            "autolog of many fits",
            f"autolog: the settings of the first {_TOLD_FITS} fits of a run are recorded; of more of "
            "them the figures alone. A run for each keeps them apart.",
        )
        return
    settings = {"model_class": type(estimator).__name__, **dict(_parameters(estimator))}
    shape = getattr(x, "shape", None) or ((len(x),) if hasattr(x, "__len__") else ())
    settings |= dict(zip(("n_samples", "n_features"), map(int, shape), strict=False))
    # Nothing of the first is lost to a second one: it stands below its number.
    run.config.note(settings if number == 1 else {f"fit{number}": settings}, "sklearn")


def _parameters(estimator: Any) -> Iterator[tuple[str, Any]]:
    for name, value in estimator.get_params(deep=True).items():
        parts = value if isinstance(value, (list, tuple)) else ()
        if not any(isinstance(part, tuple) for part in parts):  # steps, which follow one by one
            yield name, setting(value)


def setting(value: Any) -> Any:
    """Return a parameter as a setting: values as they are, what acts by its name."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, (list, tuple)):
        return [setting(one) for one in value]
    if isinstance(value, Mapping):
        return {str(key): setting(one) for key, one in value.items()}
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        return value
    return getattr(value, "__qualname__", None) or type(value).__name__
