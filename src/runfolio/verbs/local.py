"""The reader's present: now, in the reader's own zone."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["now"]


def now() -> datetime:
    """Return the present moment in the zone of this machine."""
    return datetime.now(UTC).astimezone()
