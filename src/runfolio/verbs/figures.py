"""Columns of numbers that align, and times as near as a reader thinks of them.

Single numbers, settings and durations are written as the journal writes them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from runfolio.charts.figures import decimals_of, figure

__all__ = ["ago", "clock_time", "column_figures", "size"]

_MONTHS: Final = [
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
]


def column_figures(values: Sequence[float | None]) -> list[str]:
    """Return the numbers of one column with the same decimals, so that their points align.

    A number that would keep less than two digits of its own that way is written by itself;
    ``None`` becomes an empty string.
    """
    decimals = decimals_of(value for value in values if value is not None)
    if decimals is None:
        return ["" if value is None else figure(value) for value in values]
    return [_aligned(value, decimals) for value in values]


def _aligned(value: float | None, decimals: int) -> str:
    if value is None:
        return ""
    if value != 0 and not (math.isfinite(value) and abs(value) >= 10.0 ** (1 - decimals)):
        return figure(value)
    return f"{value:.{decimals}f}".replace("-", "\u2212")


def clock_time(moment: datetime | None, now: datetime) -> str:
    """Return a moment in the zone of `now`: ``14:02`` today, else ``23 Nov 14:02`` or a date."""
    if moment is None:
        return ""
    try:
        local = moment.astimezone(now.tzinfo)
    except (OverflowError, ValueError, OSError):  # the year 1 has no earlier zone
        local = moment
    day = f"{local.day} {_MONTHS[local.month - 1]}"
    if local.date() == now.date():
        return f"{local:%H:%M}"
    return f"{day} {local:%H:%M}" if local.year == now.year else f"{day} {local.year}"


def ago(moment: datetime | None, now: datetime) -> str:
    """Return ``just now``, ``2 min ago`` within the hour, and a clock time before that."""
    seconds = math.inf if moment is None else (now - moment).total_seconds()
    if 0 <= seconds < 60:
        return "just now"
    if 0 <= seconds < 3600:
        return f"{int(seconds // 60)} min ago"
    return clock_time(moment, now)


def size(n_bytes: int) -> str:
    """Return bytes as ``812 B``, ``1.2 MB`` (powers of 1000)."""
    value, unit = float(n_bytes), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if unit == "B" or value >= 10 else f"{value:.1f} {unit}"
