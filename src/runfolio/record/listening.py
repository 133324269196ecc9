"""Listening for opened files while a run is open, and a thread that describes them meanwhile."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from runfolio.capture import opened
from runfolio.capture.opened_calls import unwatch_calls, watch_calls
from runfolio.record.guard import guard

if TYPE_CHECKING:
    from runfolio.model.data import DataUse
    from runfolio.record.detection import Detection

__all__ = ["Listening"]

_FIRST_LOOK_S: Final = 2.0
_LOOK_S: Final = 5.0


class Listening:
    """Hears which files are opened, from `begin` to `finish`.

    Parameters
    ----------
    root : Path
        The project: places are told from there.
    without : tuple of str
        Folders that hold no data of the run's.
    children_only : bool
        Whether only child processes count.
    """

    def __init__(self, root: Path, without: tuple[str, ...], *, children_only: bool) -> None:
        self._root = root
        self._without = without
        self._children_only = children_only
        self._began_ns = time.time_ns()
        self._place = opened.Place(0, 0)
        self._earlier: deque[tuple[Sequence[opened.Sighting], int]] = deque()
        self._making = threading.Lock()
        self._made: Detection | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, changed: Callable[[], None]) -> None:
        """Listen, and look at what was heard from time to time.

        Parameters
        ----------
        changed : callable
            Called in the thread when there is something new, and not too much to tell.
        """
        self._place = opened.begin()
        watch_calls()
        thread = threading.Thread(
            target=self._run, args=(changed,), name="runfolio-data", daemon=True
        )
        with contextlib.suppress(RuntimeError):
            thread.start()
            self._thread = thread

    def add_earlier(self, seen: Sequence[opened.Sighting], at_ns: int) -> None:
        """Count as read what cells before the run had read, at some time in ns since 1970."""
        self._earlier.append((seen, at_ns))

    def finish(self, seconds: float) -> None:
        """Listen no longer, and describe what is left within some seconds."""
        try:
            self._detection.hurry(seconds)
            self._stop.set()
            if self._thread is not None:
                self._thread.join(seconds)
            if self._thread is None or not self._thread.is_alive():
                with opened.unnoticed():
                    self._detection.look()
        finally:
            opened.end()
            if not opened.is_listening():
                unwatch_calls()

    @property
    def dropped(self) -> int:
        """Files that were opened and could not be kept in mind."""
        return self._detection.dropped

    def uses(self) -> list[DataUse]:
        """Return what was detected so far."""
        return self._detection.uses()

    @property
    def _detection(self) -> Detection:
        # What describes data takes longer to load than `init` may take.
        from runfolio.record.detection import Detection

        # The end of a run may come while the thread makes it.
        with self._making:
            if self._made is None:
                self._made = Detection(
                    self._root, self._without, self._place, self._began_ns, self._earlier,
                    children_only=self._children_only,
                )  # fmt: skip
            return self._made

    def _run(self, changed: Callable[[], None]) -> None:
        with opened.unnoticed(), guard("looking at the data that is read"):
            _be_nice()
            wait = _FIRST_LOOK_S
            while not self._stop.wait(wait):
                wait = _LOOK_S
                if self._detection.look() and self._detection.is_short:
                    changed()


def _be_nice() -> None:
    """Let the training go first; on Linux a thread has a priority of its own."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
