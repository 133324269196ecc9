"""Small jobs that no cell has to wait for, one after the other."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from runfolio.record.guard import guard

__all__ = ["Aside"]


class Aside:
    """Does jobs in a thread of its own, which is there only while there are some.

    Parameters
    ----------
    doing : str
        What the jobs do, for the warning when one fails.
    """

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._waiting: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, job: Callable[[], None]) -> None:
        """Have a job done soon; without any thread left to start, it is done here."""
        with self._lock:
            self._waiting.append(job)
            if self._thread is not None and self._thread.is_alive():
                return
            thread = threading.Thread(target=self._run, name="runfolio-aside", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                self._thread = None
            else:
                self._thread = thread
                return
        self._run()

    def wait(self, timeout_s: float) -> bool:
        """Return whether all jobs are done, waiting for them at most so long."""
        thread = self._thread
        if thread is None or thread is threading.current_thread():
            return True
        thread.join(timeout_s)
        return not thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                job = self._waiting.popleft()
            with guard(self._doing):
                job()
