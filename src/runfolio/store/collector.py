"""Rest for the garbage collector while thousands of records are made."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

__all__ = ["collector_paused"]


@contextlib.contextmanager
def collector_paused() -> Iterator[None]:
    """Let the garbage collector rest.

    Thousands of records are hundreds of thousands of new objects and hardly any garbage: to
    look through all of them again and again takes as long as to read them.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
