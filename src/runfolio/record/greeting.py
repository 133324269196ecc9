"""What a run says on the terminal when it begins and when it has ended: one line each."""

from __future__ import annotations

import sys
from pathlib import Path

from runfolio import settings
from runfolio.model.run import Status

__all__ = ["alert", "goodbye", "hello"]


def hello(run_id: str, name: str, folder: Path) -> None:
    """Say that a run has begun, and where it lies."""
    _say(f"{Status.RUNNING.glyph} {name} {run_id[-6:]} → {folder}")


def goodbye(
    status: Status, run_id: str, name: str, *, points: int, duration_s: float, folder: Path
) -> None:
    """Say how a run ended, and what it holds."""
    held = "1 point" if points == 1 else f"{points:,} points"
    facts = f"{held} · {duration_s:.1f} s · {folder}"
    _say(f"{status.glyph} {name} {run_id[-6:]} · {facts}")


def alert(text: str) -> None:
    """Show an alert of the run, unless it shall be silent."""
    if not settings.flag("silent"):
        _say(f"⚑ {text}")


def _say(text: str) -> None:
    # A name may hold what a terminal takes for a command.
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    if sys.stderr is not None:  # closed from the start, as a service's may be
        sys.stderr.write(f"runfolio: {shown}\n")
