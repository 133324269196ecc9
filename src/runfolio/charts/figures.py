"""Numbers, durations and times as an entry shows them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from runfolio.query.fields import ABSENT

__all__ = [
    "by_rule",
    "changed",
    "decimals_of",
    "difference",
    "digits_of",
    "duration",
    "figure",
    "moment",
    "setting",
    "typed",
]

_THIN: Final = "\u2009"
_MONTHS: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
_DIGITS: Final = 3
_ITEMS: Final = 20
# Somebody may have written a number of so many digits; one that was sampled or computed has more.
_WRITTEN: Final = 8
_ALL: Final = 17


def figure(value: float) -> str:
    """Return a measured number with three significant digits: ``0.974``, ``12.3``, ``1.2e-5``."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    if value == int(value) and abs(value) < 1e6:
        return _signed(f"{int(value)}")
    size = abs(value)
    if not 1e-4 <= size < 1e6:
        return _signed(_scientific(f"{value:.{_DIGITS - 1}e}"))
    return _signed(f"{value:.{_decimals(size)}f}")


def decimals_of(values: Iterable[float]) -> int | None:
    """Return the decimals that all figures of a column are shown with, so that their points align.

    They give three significant digits to every number that is at least a tenth of the largest:
    beside an accuracy of 1, 0.973 and 0.971 stay apart. ``None`` where each is better written by
    itself: whole numbers, and very small or large ones.
    """
    finite = [abs(value) for value in values if math.isfinite(value)]
    largest = max(finite, default=0.0)
    if not 1e-4 <= largest < 10**_DIGITS or all(value == int(value) for value in finite):
        return None
    smallest = min(value for value in finite if value >= largest / 10)
    decimals = _DIGITS - 1 - math.floor(math.log10(float(f"{smallest:.{_DIGITS - 1}e}")))
    return max(decimals, 0)


def digits_of(values: Iterable[object]) -> int:
    """Return the significant digits that sampled numbers of a column of settings are shown with.

    As few as three, and as many as keep all different numbers of the column apart.
    """
    numbers = {value for value in values if isinstance(value, (int, float))}
    sampled = [v for v in numbers if isinstance(v, float) and not _is_written(v)]
    written = numbers.difference(sampled)
    return next((n for n in range(_DIGITS, _ALL) if _are_apart(sampled, n, written)), _ALL)


def by_rule(rule: str, value: float | None) -> tuple[str, str]:
    """Return the figure that stands for a metric, and a word for which one unless it is the last.

    Parameters
    ----------
    rule : str
        ``last``, ``min``, ``max``, ``mean``, ``best`` or ``none``.
    """
    word = "" if rule in ("last", "none") or value is None else rule
    return ("–" if value is None else figure(value)), word


def difference(delta: float, value: float) -> str:
    """Return ``+0.030``: signed, with the decimals that `value` is shown with, more if needed."""
    if not math.isfinite(delta):
        return figure(delta)
    size = abs(delta)
    decimals = _decimals(size)
    if math.isfinite(value) and value:
        decimals = min(decimals, _decimals(abs(value)))
    if size and round(size, decimals) == 0:
        text = figure(float(f"{size:.1e}"))
    elif size >= 1e6:
        text = figure(size)
    else:
        text = f"{size:.{decimals}f}"
    return ("−" if delta < 0 else "+") + text.lstrip("−")


def setting(value: object, depth: int = 3) -> str:
    """Return a configured value exactly, in its shortest form: ``1e-3``, ``64``, ``adam``.

    Unlike a measured figure nothing is rounded: two settings that differ look different. Of
    lists and mappings the first 20 items are shown, `depth` levels deep.
    """
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "none"}[value]
    if isinstance(value, float):
        return _shortest(value)
    if isinstance(value, str):
        return value if value.strip() == value and value else f'"{value}"'
    if isinstance(value, (list, tuple, Mapping)) and depth == 0:
        return "…"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(setting(item, depth - 1) for item in value[:_ITEMS]) + "]"
    if isinstance(value, Mapping):
        inner = itertools.islice(value.items(), _ITEMS)
        some = [f"{key}: {setting(item, depth - 1)}" for key, item in inner]
        return "{" + ", ".join(some) + "}"
    return str(value)


def typed(value: object, digits: int = _ALL) -> str:
    """Return a configured value as `setting`, where there may be values of any types beside it.

    Text that reads as one of another type stands in quotation marks: ``"1"``, ``"none"``. A number
    that nobody wrote, of more than eight digits, has as many as `digits_of` gives to its column.
    """
    if isinstance(value, float):
        return _shortest(value if _is_written(value) else _rounded(value, digits))
    is_mistaken = isinstance(value, str) and _is_mistaken(value)
    return f'"{value}"' if is_mistaken else setting(value)


def changed(was: object, now: object) -> tuple[str, str]:
    """Return two values of one name, empty where a run does not have it.

    Only text beside another type needs its quotation marks: two versions do not.
    """
    given = [value for value in (was, now) if value is not ABSENT]
    told = typed if len({isinstance(value, str) for value in given}) > 1 else setting
    before, after = ("" if value is ABSENT else told(value) for value in (was, now))
    return before, after


def _is_mistaken(text: str) -> bool:
    if text in ("none", "true", "false") or text[:1] in ('"', "[", "{"):
        return True
    if text[:1] not in tuple("+-.0123456789inIN"):
        return False
    try:
        float(text)
    except ValueError:
        return False
    return True


def duration(seconds: float) -> str:
    """Return ``7.7 s``, ``3 min 20 s``, ``2 h 05 min``, ``3 d 4 h``."""
    if not math.isfinite(seconds) or seconds < 0:
        return "?"
    if seconds < 59.95:
        return f"{seconds:.1f}{_THIN}s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}{_THIN}min {whole % 60}{_THIN}s"
    if whole < 86400:
        return f"{whole // 3600}{_THIN}h {whole % 3600 // 60:02d}{_THIN}min"
    return f"{whole // 86400}{_THIN}d {whole % 86400 // 3600}{_THIN}h"


def moment(when: datetime) -> str:
    """Return ``23 Nov 2026, 14:02`` in the reader's zone."""
    try:
        here = when.astimezone()
    except (OverflowError, ValueError, OSError):
        here = when
    return f"{here.day} {_MONTHS[here.month - 1]} {here.year}, {here:%H:%M}"


def _are_apart(sampled: Iterable[float], digits: int, written: Iterable[float]) -> bool:
    shown = set(written)
    for value in sampled:
        rounded = _rounded(value, digits)
        if rounded in shown:
            return False
        shown.add(rounded)
    return True


def _is_written(value: float) -> bool:
    return float(f"{value:.{_WRITTEN - 1}e}") == value or not math.isfinite(value)


def _rounded(value: float, digits: int) -> float:
    if 1000 <= abs(value) < 1e6:  # whole parts stay whole, as those of figures
        digits = max(digits, 1 + math.floor(math.log10(abs(value))))
    rounded = float(f"{value:.{digits - 1}e}")
    return rounded if digits < _ALL and math.isfinite(rounded) else value


def _decimals(size: float) -> int:
    if size == 0:
        return _DIGITS
    return min(max(0, _DIGITS - 1 - math.floor(math.log10(size))), 12)


def _shortest(value: float) -> str:
    plain = repr(value)
    if not math.isfinite(value):
        return plain
    plain = plain.removesuffix(".0") if abs(value) < 1e6 else plain
    power = _scientific(plain if "e" in plain else _exact_power(value))
    small_power = abs(value) < 0.1 and len(power) == len(plain)
    return power if len(power) < len(plain) or small_power or "e" in plain else plain


def _exact_power(value: float) -> str:
    for digits in range(17):
        text = f"{value:.{digits}e}"
        if float(text) == value:
            return text
    return repr(value)


def _scientific(text: str) -> str:
    mantissa, e, exponent = text.partition("e")
    if not e:
        return text
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{int(exponent)}"


def _signed(text: str) -> str:
    return "−" + text[1:] if text.startswith("-") else text
