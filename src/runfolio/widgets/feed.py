"""The one thread that tells the pages of all live widgets what is new."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from typing import Final, Protocol

from runfolio.record.guard import guard

__all__ = ["Fed", "Feed", "feed", "sooner"]

PERIOD_S: Final = 0.04
"""Between two turns: points that come meanwhile go together. The server drops floods of messages."""

_IDLE_S: Final = 1.0
_REST_S: Final = 0.5
_SWITCH_S: Final = 0.0001
_PASS_S: Final = 0.003


@contextlib.contextmanager
def sooner() -> Iterator[None]:
    """Let this thread have the interpreter sooner than Python gives it beside a busy loop.

    Every call that lets go of it, and each larger one of numpy does, waits for it up to five
    milliseconds afterwards: to read a million points so would take minutes.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, _SWITCH_S))
    try:
        yield
    finally:
        sys.setswitchinterval(before)


class Fed(Protocol):
    """Who is told that it is its turn.

    Attributes
    ----------
    over : bool
        Whether nothing new will come.
    """

    over: bool

    def turn(self) -> None:
        """Look for what is new, and send it."""
        ...


class Feed:
    """Gives each live widget its turn, some times a second, as long as there are any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._members: list[Fed] = []
        self._thread: threading.Thread | None = None

    def add(self, member: Fed) -> None:
        """Give a widget its turns from now on."""
        with self._lock:
            self._members.append(member)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="runfolio-live", daemon=True)
                self._thread.start()

    def remove(self, member: Fed) -> None:
        """Give a widget no more turns; one that it has right now comes to its end."""
        with self._lock:
            if member in self._members:
                self._members.remove(member)

    def _run(self) -> None:
        while True:
            began, worked = time.monotonic(), time.thread_time()
            with self._lock:
                members = list(self._members)
                if not members:
                    self._thread = None
                    return
            with sooner():
                for member in members:
                    with guard("showing the run as it goes on"):
                        member.turn()
                # Another thread, the kernel's own, passes on what was sent.
                time.sleep(_PASS_S)
            alive = any(not member.over for member in members)
            spent = time.monotonic() - began
            # Where turns take long, the training gets most of the time all the same. It has it
            # anyhow while a turn waits for the interpreter. One that took seconds was the first
            # of a long run: pages wait for what it read.
            rest = min(3 * (time.thread_time() - worked), _REST_S)
            time.sleep(max((PERIOD_S if alive else _IDLE_S) - spent, rest, 0.005))


feed = Feed()
