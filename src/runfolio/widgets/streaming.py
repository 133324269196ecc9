"""Points on their way to pages: coalesced, numbered, and sent again to whoever misses some."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from runfolio.widgets.columns import Columns
from runfolio.widgets.protocol import Up, points

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MOST", "Streaming"]

# A message of this many points is 4.8 MB: what a page takes in without being felt.
_PORTION: Final = 200_000
# So many of them may be on their way to a page that speaks.
_IN_FLIGHT: Final = 3
# So long after its last word a page counts as gone, or as one that cannot speak while a cell runs.
_SPEAKS_S: Final = 5.0
# To a page that cannot ask, everything is told again: it may have been loading.
_AGAIN_S: Final = (0.6, 1.5, 4.0)
_AGAIN_MOST: Final = 300_000

MOST: Final = 20_000_000
"""Points that one widget holds: 480 MB here, about as much in each page. Further ones are counted."""

Send = Callable[[dict[str, Any], list[bytes]], None]


class Streaming:
    """The points of a widget's series, and how far its pages have them.

    Parameters
    ----------
    send : callable
        Sends a message with its buffers to all pages.

    Attributes
    ----------
    left_out : int
        Points that were too many to be held.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._columns: list[Columns] = []
        self._at = self._acked = 0
        self._began_s = time.monotonic()
        self._spoke_s = float("-inf")
        self._again = list(_AGAIN_S)
        self._forgotten = self._held = 0
        self.left_out = 0

    def add(self, series: int, *columns: NDArray[np.float64]) -> None:
        """Add points to a series: their steps, times in milliseconds, values."""
        n = len(columns[0])
        if self._held + n > MOST:
            self.left_out += n
            return
        self._held += n
        while series >= len(self._columns):
            self._columns.append(Columns())
        self._columns[series].add(*columns)

    def forget(self) -> None:
        """Drop all points, here and in the pages."""
        self._forgotten = max(self._forgotten, len(self._columns))
        self._columns.clear()
        self._held = self.left_out = 0

    def send(self) -> None:
        """Send what is new; to a page that takes in slowly no more than it can."""
        now = time.monotonic()
        if self._again and now - self._began_s >= self._again[0]:
            self._again.pop(0)
            if self._spoke_s < self._began_s and sum(map(len, self._columns)) <= _AGAIN_MOST:
                self._start_from({})
        if self._forgotten:
            self._send({"kind": "reset", "series": list(range(self._forgotten))}, [])
            self._forgotten = 0
        speaks = now - self._spoke_s < _SPEAKS_S
        while not (speaks and self._at - self._acked >= _IN_FLIGHT * _PORTION):
            if not self._send_portion():
                return

    def _send_portion(self) -> bool:
        parts, room = [], _PORTION
        for number, columns in enumerate(self._columns):
            begin, unsent = columns.unsent(max(room, 0))
            if len(unsent[0]):
                parts.append((number, begin, unsent))
                columns.sent += len(unsent[0])
                room -= len(unsent[0])
        if not parts:
            return False
        self._at += _PORTION - room
        self._send(*points(self._at, parts))
        return True

    def heard(self, message: Up) -> None:
        """Take in what a page says of the points it has."""
        self._spoke_s = time.monotonic()
        if message["kind"] == "got":
            self._acked = max(self._acked, message.get("at", 0))
        elif message["kind"] in ("ready", "want"):
            self._acked = self._at
            self._start_from(message.get("from_", {}))

    def _start_from(self, have: Mapping[str, int]) -> None:
        for number, columns in enumerate(self._columns):
            columns.sent = min(columns.sent, have.get(str(number), 0))
