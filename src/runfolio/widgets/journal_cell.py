"""The journal cell of a run, as the pages of its live card put it into the notebook."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from runfolio.widgets.protocol import Up

__all__ = ["JournalCell"]

# To a page that cannot say that it is ready, the entry is told again: it may have been loading.
_AGAIN_S: Final = (0.6, 1.5, 4.0)
_THERE: Final = ("inserted", "took over", "updated", "deleted")


class JournalCell:
    """Tells pages what the journal cell of a run holds, and hears whether it is there.

    Parameters
    ----------
    send : callable
        Sends a message to all pages.

    Attributes
    ----------
    placed : bool
        Whether a page said that the run has its cell, or had one that somebody deleted.
    """

    def __init__(self, send: Callable[[dict[str, Any]], None]) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._entry: Mapping[str, Any] | None = None
        self._is_last = False
        self._again: list[float] = []
        self.placed = False

    def tell(self, entry: Mapping[str, Any], *, last: bool) -> None:
        """Tell of an entry; after the last one none is told."""
        with self._lock:
            if self._is_last:
                return
            self._entry, self._is_last = entry, last
            self._again = [time.monotonic() + after_s for after_s in _AGAIN_S]
        self._say()

    def turn(self, now_s: float) -> None:
        """Tell it again to pages that have not said a word."""
        if self._again and now_s >= self._again[0]:
            self._again.pop(0)
            if not self.placed:
                self._say()

    def heard(self, message: Up) -> None:
        """Take in what a page says: that it is ready, or what came of an entry."""
        if message["kind"] == "ready":
            self._say()
        elif message["kind"] == "placed" and message.get("what", {}).get("placed") in _THERE:
            self.placed = True

    def _say(self) -> None:
        if self._entry is not None:
            # A cell that was there once, and is no longer, was deleted by somebody.
            told = {**self._entry, "insert": not self.placed}
            self._send({"kind": "journal", "entry": told})
