"""Where an axis carries a number, and how that is written: about five labels, never ragged."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

__all__ = ["PREFIXED", "Ticks", "linear", "log"]

PREFIXED: Final = "~s"

_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_LARGEST: Final = 1.79e308
_DECADES: Final = 5


@dataclass(frozen=True, slots=True)
class Ticks:
    """The labelled places of an axis.

    Attributes
    ----------
    low, high : float
        The range the axis spans.
    values : tuple of float
        Rising, all within the range.
    format : str
        How d3 writes them; empty for a logarithmic axis, whose labels differ in kind. `PREFIXED`
        (``20k``) is for single numbers: an axis would write its zero as ``0k``.
    letters : int
        Length of the longest label.
    """

    low: float
    high: float
    values: tuple[float, ...]
    format: str
    letters: int


def linear(low: float, high: float, *, count: int = 5, whole: bool = False) -> Ticks:
    """Return round places for a linear axis from `low` to `high`.

    Parameters
    ----------
    low, high : float
        Finite, ``low <= high``; equal ends get a range around them.
    count : int
        Labels aimed at; one or two more or fewer may come out.
    whole : bool
        Only whole numbers, as for steps.
    """
    if not low < high:
        around = abs(low) * 0.5 or 1.0
        low, high = max(low - around, -_LARGEST), min(high + around, _LARGEST)
    step = _step(high / (count + 0.9) - low / (count + 0.9), whole=whole)
    if not math.isfinite(step) or low / step > 2**52 or -high / step > 2**52:
        return Ticks(low, high, (), "", 1)  # closer together than numbers lie there
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    # A multiple of the step, not a sum: sums drift, and 0.30000000000000004 is no label.
    values = tuple(float(f"{place * step:.15g}") for place in range(first, last + 1))
    return Ticks(low, high, values, *_written(values, step))


def log(low: float, high: float) -> Ticks:
    """Return decades for a logarithmic axis, with some left out where there are many."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    apart = max(1, -(-(last - first) // _DECADES))
    values = tuple(10.0**power for power in range(first, last + 1, apart) if -300 < power < 300)
    letters = max((len(log_label(value)) for value in values), default=1)
    return Ticks(low, high, values, "", letters)


def log_label(value: float) -> str:
    """Return a decade as its label says it: ``0.01``, ``100``, ``1e-5``."""
    return f"{value:g}" if 1e-3 <= value < 1e5 else f"1e{round(math.log10(value)):+d}"


def _step(rough: float, *, whole: bool) -> float:
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 0.0
    if power == 0.0:
        return math.inf
    step = next((size * power for size in _STEPS if size * power >= rough * 0.999), 10 * power)
    if whole:
        step = max(step, 1.0)
        # 2.5 is round, but half of its multiples are no steps.
        return step if step == round(step) else 2 * step
    return step


def _written(values: tuple[float, ...], step: float) -> tuple[str, int]:
    """Return how d3 writes these values, and how long the longest becomes."""
    largest = max(map(abs, values), default=0.0)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    if decimals < 300 and abs(step * 10.0**decimals - round(step * 10.0**decimals)) > 1e-6:
        decimals += 1
    digits = max(1, math.floor(math.log10(largest)) + 1) if largest else 1
    if largest >= 1e4 and step >= 1e2 and largest < 1e15:
        return PREFIXED, max(len(_with_prefix(value)) for value in values)
    if largest >= 1e6 or decimals > 4:
        exact = min(max(digits + decimals if largest >= 1 else _figures(largest, step), 1), 8) - 1
        return f".{exact}~e", max(len(_power(value, exact)) for value in values)
    return f",.{decimals}f", max((len(f"{value:,.{decimals}f}") for value in values), default=1)


def _figures(largest: float, step: float) -> int:
    return math.floor(math.log10(largest)) - math.floor(math.log10(step) + 1e-9) + 1


def _with_prefix(value: float) -> str:
    size = max(0, min(4, (math.floor(math.log10(abs(value))) // 3) if value else 0))
    return f"{value / 1000**size:g}" + ("k" if size else "")


def _power(value: float, digits: int) -> str:
    mantissa, _, exponent = f"{value:.{digits}e}".partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{int(exponent):+d}"
