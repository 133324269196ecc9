"""The time by which an answer has to be there."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeVar

from runfolio.errors import UsageError

__all__ = ["Deadline"]

_AGAIN_S: Final = 0.05

Item = TypeVar("Item")


class Deadline:
    """So many seconds from now.

    Parameters
    ----------
    seconds : float
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def passed(self, what: str) -> UsageError:
        """Return the error for what took longer, as a subject and its verb."""
        return UsageError(
            f"{what} longer than {self._seconds:g} s and was given up; select fewer runs or "
            "metrics, or give it more time (timeout_s)."
        )

    def kept(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield items until it has passed.

        Raises
        ------
        UsageError
            It has.
        """
        for item in items:
            if time.monotonic() > self._end:
                raise self.passed("To read the tables took")
            yield item

    @contextlib.contextmanager
    def interrupting(self, connection: Any) -> Iterator[None]:
        """Interrupt what a connection does inside, once it has passed."""
        done = threading.Event()

        def watch() -> None:
            # Again and again: an interrupt is lost where the engine is between two statements.
            wait_s = max(0.0, self._end - time.monotonic())
            while not done.wait(wait_s):
                connection.interrupt()
                wait_s = _AGAIN_S

        watcher = threading.Thread(target=watch, name="runfolio-deadline", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()
