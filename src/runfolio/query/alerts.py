"""The alerts of a run: what a person was to see."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from runfolio.format.events import read_events

__all__ = ["LEVELS", "Alert", "alert_words", "alerts_of", "gravest", "read_alerts"]

LEVELS: Final = ("info", "warn", "error")
"""How urgent an alert is, the least urgent first."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert, in the words of the run.

    Attributes
    ----------
    time_ms : int
        When it was raised, milliseconds since 1970 UTC.
    level : str
        One of `LEVELS`.
    held : int
        Alerts of the same title before it that were not told.
    """

    time_ms: int
    title: str
    text: str = ""
    level: str = "info"
    held: int = 0

    def __str__(self) -> str:
        return f"{self.title}: {self.text}" if self.text else self.title


def alerts_of(events: Iterable[Mapping[str, Any]]) -> list[Alert]:
    """Return the alerts among events, in order of time; what makes no sense is passed over."""
    found = [
        Alert(
            _whole(event.get("time")),
            event["title"],
            event["text"] if isinstance(event.get("text"), str) else "",
            level if (level := event.get("level")) in LEVELS else LEVELS[0],
            _whole(event.get("held")),
        )
        for event in events
        if event.get("kind") == "alert" and isinstance(event.get("title"), str)
    ]
    return sorted(found, key=lambda alert: alert.time_ms)


def read_alerts(run_dir: Path) -> list[Alert]:
    """Return the alerts of a run; of its events no other is even parsed."""
    found: list[dict[str, Any]] = []
    with contextlib.suppress(OSError):
        found += read_events(run_dir, ["alert"])
    return alerts_of(found)


def gravest(alerts: Sequence[Alert]) -> Alert | None:
    """Return the alert of the highest level; of several the last, for it says how things stand."""
    return max(reversed(alerts), key=lambda alert: LEVELS.index(alert.level), default=None)


def alert_words(alerts: Sequence[Alert]) -> str:
    """Return ``error: loss is NaN: at step 3``, of several how many there were first.

    Of several the gravest stands there. In the words of the run: to be escaped wherever it is
    shown.
    """
    worst = gravest(alerts)
    if worst is None:
        return ""
    n = sum(1 + alert.held for alert in alerts)
    words = f"{worst.level}: {worst}"
    return words if n == 1 else f"{n:,} alerts · {words}"


def _whole(found: object) -> int:
    return found if type(found) is int and found >= 0 else 0
