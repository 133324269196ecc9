"""The runs that a process has open: they end with it, the one that was opened last first."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from runfolio.record import closing
from runfolio.record.life import Life, came_too_late
from runfolio.record.neighbours import converted_together
from runfolio.record.process import Ending, ProcessHooks
from runfolio.record.run import Run

__all__ = ["OpenRuns"]


class OpenRuns:
    """Holds runs while they are open, and the hooks of the process as long as there is one.

    Parameters
    ----------
    end : callable
        Ends a run with the process, as `Ending` says.
    """

    def __init__(self, end: Callable[[Run, Ending], None]) -> None:
        self._end = end
        self._runs: list[Run] = []
        # Held for a moment: a run that ends in one thread takes no hooks from one that begins.
        self._lock = threading.RLock()
        self._hooks = ProcessHooks(self._end_all)

    def __iter__(self) -> Iterator[Run]:
        """Yield the runs that are open, the one that was opened last first."""
        return iter(self._runs[::-1])

    def take(self, run: Run, *, process_wide: bool) -> None:
        """Hold a run until it ends.

        Parameters
        ----------
        process_wide : bool
            Whether exceptions, exits and signals of the process belong to it.
        """
        with self._lock:
            if all(held is not run for held in self._runs):
                self._runs.append(run)
            self._hooks.install(process_wide=process_wide)

    def leave(self, life: Life) -> None:
        """Let go of a run that has ended."""
        with self._lock:
            self._runs = [held for held in self._runs if held.life is not life]
            if not self._runs:
                self._hooks.remove()

    def disown(self) -> None:
        """Let go of all in a forked child: they are the parent's, and so is how it ends."""
        self._lock = threading.RLock()
        for run in self:
            run.life.disown()
        self._runs = []
        self._hooks.remove()

    def _end_all(self, ending: Ending) -> None:
        until = time.monotonic() + closing.PATIENCE_S
        # An interrupt of one leaves none of the others out.
        with converted_together(), contextlib.ExitStack() as ends:
            for run in reversed(list(self)):
                run.life.ends_by, run.life.after_end = until, came_too_late
                ends.callback(self._end, run, ending)
