"""What stands in for the recorder where tracking is disabled."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from runfolio.record.encoder import Encoder
from runfolio.record.gate import NEVER, Gate

__all__ = ["NullWriter", "nothing"]


def nothing(*_: Any, **__: Any) -> None:
    """Do nothing: ``run.log`` of a disabled run is this very function."""


class NullWriter:
    """Stands in for a `Writer` where tracking is disabled: takes everything, keeps nothing."""

    def __init__(self) -> None:
        self.gate = Gate(nothing, time.time_ns)
        self.gate.due = NEVER
        self.encoder = Encoder({}, nothing)
        self.refused = 0

    unwritten = 0
    is_closing = False

    def start(self) -> None:
        """Start nothing."""

    def close(self, timeout_s: float) -> bool:
        """Return that all of nothing was written."""
        return timeout_s >= 0

    def event(self, kind: str, **fields: Any) -> None:
        """Take an event and keep nothing of it."""

    def event_aside(self, kind: str, fields: Callable[[], Mapping[str, Any]]) -> None:
        """Take an event and ask for nothing of it."""

    def attend(self, now: int) -> None:
        """Do nothing."""

    def flush(self) -> None:
        """Do nothing."""

    def redefine(self) -> None:
        """Do nothing."""

    def counted(self) -> None:
        """Return nothing: nothing was counted."""

    def disown(self) -> None:
        """Do nothing."""
