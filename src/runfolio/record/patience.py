"""Work on files that may lie on a disk that hangs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

__all__ = ["within"]

_T = TypeVar("_T")


def within(seconds: float, work: Callable[[], _T]) -> _T | None:
    """Return what `work` returns, ``None`` if it takes longer or no thread can be started.

    Raises
    ------
    Exception
        What the work raised in time.
    """
    found: list[_T] = []
    raised: list[Exception] = []

    def run() -> None:
        try:
            found.append(work())
        except Exception as error:  # noqa: BLE001 - told in the thread that waits
            raised.append(error)

    thread = threading.Thread(target=run, name="runfolio-looking", daemon=True)
    try:
        thread.start()
    except RuntimeError:  # at the very end of the interpreter none may start any more
        return None
    thread.join(seconds)
    if raised:
        raise raised[0]
    return found[0] if found else None
