"""The alerts of a run: what a person was to see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["LEVELS", "Alert", "alerts_of"]

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


def _whole(found: object) -> int:
    return found if type(found) is int and found >= 0 else 0
