"""``run.alert``: something a person should see; kept in the record, told once in a while."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from runfolio.errors import UsageError
from runfolio.model.ports import Clock

__all__ = ["AlertLevel", "Alerts"]

WAIT_S: Final = 60.0
"""Alerts of one title are told at most this often."""


class AlertLevel(StrEnum):
    """How urgent an alert is."""

    INFO = "info"
    WARN = "warn"
    ERROR = "error"


class Alerts:
    """Takes alerts and holds back those that repeat themselves.

    Parameters
    ----------
    clock : Clock
    event : callable
        Writes an event: ``event(kind, **fields)``.
    tell : callable
        Shows one line to the person.
    """

    def __init__(
        self, clock: Clock, event: Callable[..., object], tell: Callable[[str], None]
    ) -> None:
        self._clock = clock
        self._event = event
        self._tell = tell
        self._told: dict[str, float] = {}
        self._held: dict[str, int] = {}

    def add(self, title: object, text: object, level: object, wait: object) -> bool:
        """Record and show an alert; see `Run.alert`.

        Returns
        -------
        bool
            ``False`` where it was held back: one of this title was told a moment ago. The next
            that is told says how many were.
        """
        title, text = str(title), str(text)
        urgency, wait_s = _level(level), _seconds(wait)
        now = self._clock.monotonic()
        told = self._told.get(title)
        if told is not None and now - told < wait_s:
            self._held[title] = self._held.get(title, 0) + 1
            return False
        self._told[title] = now
        held = self._held.pop(title, 0)
        fields: dict[str, Any] = {"title": title, "text": text, "level": urgency.value}
        self._event("alert", **fields, **({"held": held} if held else {}))
        grade = "" if urgency is AlertLevel.INFO else f"{urgency.value}: "
        self._tell(grade + (f"{title}: {text}" if text else title))
        return True


def _level(level: object) -> AlertLevel:
    if level is None:
        return AlertLevel.INFO
    word = str(getattr(level, "value", level)).lower()
    try:
        return AlertLevel("warn" if word == "warning" else word)
    except ValueError:
        raise UsageError(
            f"alert: level is {level!r}; expected one of {', '.join(AlertLevel)}."
        ) from None


def _seconds(wait: object) -> float:
    if wait is None:
        return WAIT_S
    if isinstance(wait, timedelta):
        return wait.total_seconds()
    if isinstance(wait, (int, float)) and not isinstance(wait, bool):
        return float(wait)
    raise UsageError(f"alert: wait_duration is {wait!r}; expected seconds or a timedelta.")
