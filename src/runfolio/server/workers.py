"""A few threads for what may take long, or for ever: the event loop waits for none of it."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, TypeVar

__all__ = ["PATIENCE_S", "Busy", "Workers"]

PATIENCE_S: Final = 20.0
"""So long a page waits for an answer."""

_IDLE_S: Final = 10.0
_WAITING: Final = 64

T = TypeVar("T")


class Busy(Exception):
    """Too much waits already, or no answer came in time."""


class Workers:
    """Calls functions in a few threads of its own, which end with the process.

    A call that hangs, in a store on a dead drive, holds up a thread here and nothing else: what
    waits behind it is refused, and no process waits for such a thread to end.

    Parameters
    ----------
    name : str
        What the threads are called.
    most : int
        How many there are.
    """

    def __init__(self, name: str, most: int = 3) -> None:
        self._name = name
        self._most = most
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._changed = threading.Condition()
        self._threads = self._idle = 0

    async def call(
        self,
        work: Callable[[], T],
        timeout_s: float = PATIENCE_S,
        late: Callable[[T], object] | None = None,
    ) -> T:
        """Return what a function returns, or raise what it raises.

        Parameters
        ----------
        late : callable, optional
            Takes what the function returns when nobody waits for it any more.

        Raises
        ------
        Busy
            Too many wait already, or the function took longer than it may; it is not interrupted.
        """
        future = self.submit(work)
        waited = asyncio.wrap_future(future)
        done, _ = await asyncio.wait([waited], timeout=timeout_s)
        if done:
            return waited.result()
        is_dropped = future.cancel()  # one that runs already is not
        waited.cancel()
        if not is_dropped and late is not None:
            future.add_done_callback(lambda f: f.exception() or late(f.result()))
        raise Busy

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Have a function called soon.

        Raises
        ------
        Busy
            Too many wait already.
        """
        future: Future[T] = Future()
        with self._changed:
            if len(self._waiting) >= _WAITING:
                raise Busy
            self._waiting.append((future, work))
            if self._idle < len(self._waiting) and self._threads < self._most:
                self._threads += 1
                threading.Thread(target=self._run, name=self._name, daemon=True).start()
            self._changed.notify()
        return future

    @property
    def is_free(self) -> bool:
        """Whether one more call would begin at once."""
        with self._changed:
            return not self._waiting and (self._idle > 0 or self._threads < self._most)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is called, and nothing waits to be."""
        with self._changed:
            return not self._waiting and self._idle == self._threads

    def _run(self) -> None:
        while True:
            with self._changed:
                self._idle += 1
                if not self._waiting:
                    self._changed.wait_for(lambda: bool(self._waiting), _IDLE_S)
                self._idle -= 1
                if not self._waiting:
                    self._threads -= 1
                    return
                future, work = self._waiting.popleft()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - whoever waits for it raises it
                future.set_exception(error)
