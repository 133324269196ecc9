"""Numbers, durations and times as a person writes them in a query."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

__all__ = ["Moment", "duration", "moment", "number"]

_UNITS: Final = {
    "ms": 1e-3,
    "s": 1.0,
    "sec": 1.0,
    "m": 60.0,
    "min": 60.0,
    "h": 3600.0,
    "d": 86_400.0,
    "w": 604_800.0,
}
_AMOUNT: Final = re.compile(r"([0-9]{1,12}(?:\.[0-9]{0,9})?)(ms|sec|s|min|m|h|d|w)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Moment:
    """The stretch of time that a text means: a day, a minute, or from some time ago until now.

    Attributes
    ----------
    start, end : datetime
        Aware; `end` does not belong to it.
    ago : bool
        Whether it was written as a distance from now, ``7d``.
    """

    start: datetime
    end: datetime
    ago: bool = False


def number(text: str) -> float | None:
    """Return the number that `text` is, or ``None``; whole numbers keep all their digits."""
    try:
        return int(text) if len(text) < 400 else float(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return None


def duration(text: str) -> float | None:
    """Return seconds: ``90``, ``1.5h``, ``1h30min``; ``None`` where it is no duration."""
    plain = number(text)
    if plain is not None:
        return plain
    total, at = 0.0, 0
    while (match := _AMOUNT.match(text, at)) is not None:
        total += float(match[1]) * _UNITS[match[2].lower()]
        at = match.end()
    return total if at and at == len(text) else None


def moment(text: str, now: datetime, zone: tzinfo | None = None) -> Moment | None:
    """Return the time that is meant, or ``None`` where the text is no time.

    Parameters
    ----------
    text : str
        ``today``, ``yesterday``, ``7d`` (that long ago), ``2026``, ``2026-11``, ``2026-11-22``,
        ``2026-11-22T14``, ``…T14:02``, ``…T14:02:33Z``.
    now : datetime
        Aware, in the reader's zone.
    zone : tzinfo, optional
        Where a text that names no zone is at home; by default the zone of this machine.
    """
    try:
        return _distance(text.lower(), now) or _date(text, zone)
    except (OverflowError, ValueError):
        return None


def _distance(text: str, now: datetime) -> Moment | None:
    if text in ("today", "yesterday"):
        first = now.replace(hour=0, minute=0, second=0, microsecond=0)
        first -= timedelta(days=text == "yesterday")
        return Moment(first, first + timedelta(days=1))
    seconds = duration(text) if number(text) is None else None
    return None if seconds is None else Moment(now - timedelta(seconds=seconds), now, ago=True)


def _date(text: str, zone: tzinfo | None) -> Moment | None:
    if (match := re.fullmatch(r"([0-9]{4})(?:-([0-9]{2}))?", text)) is not None:
        first = f"{match[1]}-{match[2] or '01'}-01"
        years, month = divmod(int(match[2]), 12) if match[2] else (1, 0)
        after = f"{int(match[1]) + years:04d}-{month + 1:02d}-01"
        return Moment(_aware(first, zone), _aware(after, zone))
    start = _aware(text, zone)
    day, _, clock = text.replace(" ", "T").partition("T")
    if not clock:
        return Moment(start, _aware(day, zone) + timedelta(days=1))
    fields = re.sub(r"(Z|[+-][0-9:]+)\Z", "", clock).split(":")
    units = ("hours", "minutes", "seconds")
    return Moment(start, start + timedelta(**{units[min(len(fields), 3) - 1]: 1}))


def _aware(text: str, zone: tzinfo | None) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        return moment
    return moment.astimezone() if zone is None else moment.replace(tzinfo=zone)
