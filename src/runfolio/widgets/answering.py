"""One thread that answers what pages ask a widget, the newest of each kind only.

A page that scrolls asks for rows it no longer wants a moment later. What waits is replaced by what
is asked after it, and what is being answered can look whether it still is wanted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, Final

from runfolio.record.guard import guard
from runfolio.widgets.feed import sooner

__all__ = ["Answer", "Answering"]

Answer = tuple[dict[str, Any], list[bytes]]
"""What a page is told, and its buffers."""

_IDLE_S: Final = 5.0


class Answering:
    """Calls what is asked for, one after the other, in a thread of its own.

    Parameters
    ----------
    name : str
        What the thread is called.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._waiting: dict[Hashable, Callable[[], None]] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def ask(self, kind: Hashable, answer: Callable[[], None]) -> None:
        """Have something answered; what waits of that kind no longer is."""
        with self._changed:
            self._waiting.pop(kind, None)
            self._waiting[kind] = answer
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify()

    def is_stale(self, kind: Hashable) -> bool:
        """Return whether something newer of that kind waits."""
        return kind in self._waiting

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._waiting:
                    self._changed.wait(_IDLE_S)
                if not self._waiting:
                    self._thread = None
                    return
                answer = self._waiting.pop(next(iter(self._waiting)))
            with guard("answering a table"), sooner():
                answer()
