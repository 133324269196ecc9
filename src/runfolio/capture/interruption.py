"""Ending what a database does inside once its time is over."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any, Final

__all__ = ["interrupted_at"]

_AGAIN_S: Final = 0.05


@contextlib.contextmanager
def interrupted_at(connection: Any, end: float) -> Iterator[None]:
    """Interrupt what a connection does inside, once it is so late.

    Parameters
    ----------
    connection
        Has a method ``interrupt`` that another thread may call.
    end : float
        By `time.monotonic`.
    """
    done = threading.Event()

    def watch() -> None:
        # Again and again: an interrupt is lost where the engine is between two statements.
        wait_s = max(0.0, end - time.monotonic())
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
