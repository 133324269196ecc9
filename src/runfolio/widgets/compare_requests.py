"""What the page of a comparison asks for, read from what it sent; nonsense becomes harmless."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from runfolio.widgets.values import listed, text

__all__ = ["Asked", "asked"]

_MAX_TEXTS: Final = 200
_MAX_RUNS: Final = 20_000
_COLUMNS: Final = (16, 4000)
_HEAVIEST: Final = 0.999_999


@dataclass(frozen=True, slots=True)
class Asked:
    """A part of a comparison.

    Attributes
    ----------
    runs : tuple of int
        Places of runs among those compared.
    keys : tuple of str
        Metrics, or settings, by what is asked.
    smooth : float or None
        ``None`` where each line chooses for itself.
    """

    runs: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()
    metric: str = ""
    setting: str = ""
    by: str = ""
    x: str = "step"
    x_range: tuple[float, float] | None = None
    columns: int = 700
    smooth: float | None = None
    raw: bool = True


def asked(what: Mapping[str, Any]) -> Asked:
    """Return what a page asks for."""
    return Asked(
        runs=tuple(n for n in listed(what.get("runs"), _MAX_RUNS) if type(n) is int and n >= 0),
        keys=tuple(k for k in listed(what.get("keys"), _MAX_TEXTS) if isinstance(k, str)),
        metric=text(what.get("metric")),
        setting=text(what.get("setting")),
        by=text(what.get("by")),
        x=text(what.get("x")) or "step",
        x_range=_range(what.get("range")),
        columns=_columns(what.get("columns")),
        smooth=_weight(what.get("smooth")),
        raw=what.get("raw") is not False,
    )


def _range(given: Any) -> tuple[float, float] | None:
    if not isinstance(given, list) or len(given) != 2:
        return None
    ends = [_number(end) for end in given]
    low, high = ends
    return (low, high) if low is not None and high is not None and low < high else None


def _columns(given: Any) -> int:
    least, most = _COLUMNS
    return min(max(given, least), most) if type(given) is int else 700


def _weight(given: Any) -> float | None:
    if given == "off":
        return 0.0
    number = _number(given)
    return min(max(number, 0.0), _HEAVIEST) if number is not None else None


def _number(given: Any) -> float | None:
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        return None
    try:
        number = float(given)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
