"""A lock that one may wait for only so long."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

__all__ = ["Latch"]


class Latch:
    """A lock for ``with``, and for `within` where a disk that hangs must not hold the caller."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    @contextlib.contextmanager
    def within(self, timeout_s: float) -> Iterator[bool]:
        """Hold it inside of the block if it is free in time; yield whether it is held."""
        held = self._lock.acquire(timeout=timeout_s)
        try:
            yield held
        finally:
            if held:
                self._lock.release()
