"""What a run says on the terminal: a line when it begins, and how it ended and what it holds."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from runfolio import settings
from runfolio.format.completeness import in_a_line
from runfolio.model.run import Status

__all__ = ["alert", "goodbye", "hello", "hint"]

_NAME = 200


def hello(run_id: str, name: str, folder: Path) -> None:
    """Say that a run has begun, and where it lies."""
    _say(f"{Status.RUNNING.glyph} {_short(name)} {run_id[-6:]} → {folder}")


def goodbye(
    status: Status,
    run_id: str,
    name: str,
    *,
    points: int,
    duration_s: float,
    folder: Path,
    complete: Mapping[str, str],
) -> None:
    """Say how a run ended, and what it holds.

    Parameters
    ----------
    complete : mapping of str to str
        What the manifest says of its completeness; nothing is said where it says nothing.
    """
    held = "1 point" if points == 1 else f"{points:,} points"
    facts = f"{held} · {duration_s:.1f} s · {folder}"
    _say(f"{status.glyph} {_short(name)} {run_id[-6:]} · {facts}")
    if complete:
        _say(in_a_line(complete))


def alert(text: str) -> None:
    """Show an alert of the run, unless it shall be silent."""
    if not settings.flag("silent"):
        _say(f"⚑ {text}")


def hint(text: str) -> None:
    """Say something that helps and is no fault, unless the run shall be silent."""
    if not settings.flag("silent"):
        _say(text)


def _short(name: str) -> str:
    return name if len(name) <= _NAME else name[: _NAME - 1] + "…"


def _say(text: str) -> None:
    # A name may hold what a terminal takes for a command.
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    stream = sys.stderr
    if type(stream).__module__.startswith("ipykernel"):
        stream = sys.stdout  # what is an error stands on red in a notebook, and this is none
    if stream is not None:  # closed from the start, as a service's may be
        stream.write(f"runfolio: {shown}\n")
