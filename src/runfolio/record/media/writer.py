"""One thread encodes and writes what was logged as media, so that the training does not wait.

A value is taken in the caller, gets its step with its row, and is then encoded, stored and told
as an event, in this order: an event never names a file that is not whole on the disk.
"""

from __future__ import annotations

# Here, on the caller's thread: pyarrow would import it on ours, and a program that has come to its
# end lets nobody import it any more.
import concurrent.futures.thread  # noqa: F401
import contextlib
import itertools
import math
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import orjson

from runfolio.errors import UsageError
from runfolio.format.codec import MAX_BYTES
from runfolio.model.ports import Files
from runfolio.record.guard import warn_once
from runfolio.record.media.medium import Medium, Taken
from runfolio.record.media.shelf import NotStored, Shelf

__all__ = ["Job", "MediaWriter"]

HELD_BYTES: Final = 256 * 1024 * 1024
"""Above this a caller waits while the thread makes progress."""

# The rest of a line is for key and step.
_EVENT_BYTES: Final = MAX_BYTES - 65_536
_LOOK_S: Final = 0.005
# A caller waits no longer than this without any progress; then the value is refused.
_PATIENCE_S: Final = 10.0
# A disk that refuses is tried again this often.
_RETRY_S: Final = 1.0


class Job:
    """What one ``log`` said under one key.

    Attributes
    ----------
    key : str
    taken : list of Taken
    size_bytes : int
        Memory it holds.
    step, time_ms : int
        Known once its row has its step.
    """

    __slots__ = ("__weakref__", "_put", "key", "size_bytes", "step", "taken", "time_ms")

    def __init__(self, key: str, taken: list[Taken], put: Callable[[Job], None]) -> None:
        self._put = put
        self.key = key
        self.taken = taken
        self.size_bytes = sum(each.size_bytes for each in taken)
        self.step: float = 0
        self.time_ms = 0

    def queue(self, step: float, time_ns: int) -> None:
        """Let it be written, now that its row has a step; never waits."""
        self.step, self.time_ms = step, time_ns // 1_000_000
        self._put(self)


class MediaWriter:
    """Owns the queue, the thread and the shelf of one run in this process.

    Parameters
    ----------
    run : Path
        The run's folder.
    files : Files
        The way to the disk.
    event : callable
        Takes an event: ``event(kind, **fields)``.
    refuse : callable
        Counts a value that could not be kept: ``refuse(key, type)``.
    rank : int
        Process of a distributed run.

    Attributes
    ----------
    waits : int
        How often a caller had to wait for room.
    """

    def __init__(
        self,
        run: Path,
        files: Files,
        event: Callable[..., object],
        refuse: Callable[[str, str], None],
        *,
        rank: int = 0,
        held_bytes: int = HELD_BYTES,
    ) -> None:
        self._shelf = Shelf(run, files, self._is_patient, rank=rank)
        self._event = event
        self._refuse = refuse
        self._most = held_bytes
        self.waits = 0
        self._begin()

    def _begin(self) -> None:
        self._queue: deque[Job] = deque()
        self._changed = threading.Condition()
        self._telling = threading.Lock()
        self._closing = threading.Event()
        self._over = False
        self._current: Job | None = None
        # Whether the disk refuses, or nothing has moved for long.
        self._stuck = False
        # What the ending run tried once more on a disk that had refused.
        self._tried: Job | None = None
        self._thread: threading.Thread | None = None
        self._held = 0
        # Sizes given back by jobs that are gone; a finaliser may run anywhere and takes no lock.
        self._returned: deque[int] = deque()

    # In the caller of `log` ---------------------------------------------------------------------

    def take(self, key: str, media: list[Medium]) -> Job | None:
        """Take values as they are now; ``None`` where there is no room for them.

        The job counts as held until it is gone, whichever way it goes: written, refused with
        its row, or dropped.
        """
        job = Job(key, [medium.take(self._shelf) for medium in media], self._put)
        if not self._has_room(job.size_bytes):
            self._refuse(key, media[0].type)
            warn_once(
                "media room",
                f"{key!r} is left out and counted: {self._most >> 20} MiB of images and the like "
                "wait to be written, and nothing moves. The training goes on.",
            )
            return None
        weakref.finalize(job, self._returned.append, job.size_bytes).atexit = False
        return job

    def _has_room(self, size: int) -> bool:
        if not self._reserve(size):
            self.waits += 1
            left, since = self._held, time.monotonic()
            while not self._reserve(size):
                if time.monotonic() - since > _PATIENCE_S:
                    self._stuck = True  # the next ones do not wait until something moves again
                if self._stuck:
                    return False
                time.sleep(_LOOK_S)
                if self._held < left:
                    left, since = self._held, time.monotonic()
        return True

    def _reserve(self, size: int) -> bool:
        with self._changed:
            while self._returned:
                self._held -= self._returned.popleft()
            # One that is larger than the whole bound goes alone.
            if self._held and self._held + size > self._most:
                return False
            self._held += size
            return True

    def start(self) -> None:
        """Let what was taken be written; called once its row is in the buffer."""
        with self._changed:
            if self._over or (self._thread is not None and self._thread.is_alive()):
                return
            self._thread = threading.Thread(target=self._run, name="runfolio-media", daemon=True)
            try:
                self._thread.start()
            except RuntimeError:
                self._thread = None
            else:
                return
        # No thread may start: the caller does the work.
        self._work_here(math.inf)

    def _work_here(self, deadline: float) -> None:
        while time.monotonic() < deadline:
            with self._changed:
                if not self._queue:
                    return
                job = self._queue.popleft()
            self._work(job)

    def _put(self, job: Job) -> None:
        with self._changed:
            self._queue.append(job)
            self._changed.notify_all()

    # In the thread ------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self._changed:
                self._current = None
                self._changed.notify_all()
                while not self._queue:
                    if self._closing.is_set():
                        return
                    self._changed.wait()
                job = self._current = self._queue.popleft()
            self._work(job)
            del job  # it gives its room back now, not when the next one comes

    def _work(self, job: Job) -> None:
        if self._over:
            return
        try:
            for kind, group in itertools.groupby(job.taken, key=lambda taken: taken.type):
                items = [taken.write(self._shelf) for taken in group]
                _refuse_large(items)
                self._tell(job, kind, items)
        except NotStored as error:
            self._leave_out(job, f"the disk did not take it ({error})")
        except Exception as error:  # noqa: BLE001 - whatever a codec does, the next value is written
            self._leave_out(job, f"{type(error).__name__}: {error}")
        self._stuck = False

    def _tell(self, job: Job, kind: str, items: list[dict[str, Any]]) -> None:
        with self._telling:
            if not self._over:
                self._event(
                    "media", time=job.time_ms, key=job.key, step=job.step, type=kind, items=items
                )

    def _leave_out(self, job: Job, why: str) -> None:
        with self._telling:
            if self._over:
                return
            self._refuse(job.key, job.taken[0].type)
        with contextlib.suppress(Exception):
            warn_once(
                f"media {job.key}",
                f"{job.key!r} cannot be recorded: {why}. It is left out and counted; the training "
                "goes on.",
            )

    def _is_patient(self, error: OSError) -> bool:
        """Wait a moment for a disk that refuses, as long as the run goes on."""
        self._stuck = True
        with contextlib.suppress(Exception):
            warn_once(
                f"media disk {error.errno}",
                f"The disk does not take an image or the like ({error.strerror}). The training goes "
                f"on; up to {self._most >> 20} MiB wait in memory. Free some space.",
            )
        # The training is not held: where no thread could be started, nobody waits.
        if threading.current_thread() is not self._thread:
            return False
        if self._closing.is_set():
            # The refusal may be older than the end of the run, and room may have come in between.
            is_first, self._tried = self._tried is not self._current, self._current
            return is_first and not self._over
        self._closing.wait(_RETRY_S)  # the end of the run is a reason to try once more, at once
        return not self._over

    # At the end ---------------------------------------------------------------------------------

    def settle(self, timeout_s: float) -> None:
        """Wait until what was logged by now is written, for at most about this long."""
        with self._changed:
            self._changed.wait_for(self._is_done, timeout_s)

    def finish(self, timeout_s: float) -> None:
        """Write what waits, for at most about this long.

        What is not done then is left out, counted, and said.
        """
        self._closing.set()
        deadline = self._shelf.until = time.monotonic() + timeout_s
        if self._thread is None or not self._thread.is_alive():
            self._work_here(deadline)
        with self._changed:
            self._changed.notify_all()
            self._changed.wait_for(self._is_done, max(0.0, deadline - time.monotonic()))
            left = [*([self._current] if self._current else []), *self._queue]
            self._queue.clear()
        with self._telling:
            self._over = True
        self._say_what_is_left(left)

    def _is_done(self) -> bool:
        return not self._queue and self._current is None

    def _say_what_is_left(self, left: list[Job]) -> None:
        if not left:
            return
        for job in left:
            self._refuse(job.key, job.taken[0].type)
        number, size = sum(len(job.taken) for job in left), sum(job.size_bytes for job in left)
        warn_once(
            "media left",
            f"The run ended before all images and the like were written: {number} of them "
            f"({size / 1e6:,.1f} MB) are left out and counted. What was written is whole.",
        )

    def disown(self) -> None:
        """Let go of everything after a fork: the queue and the thread belong to the parent."""
        self._begin()
        self._over = True


def _refuse_large(items: list[dict[str, Any]]) -> None:
    """Refuse what would make a line that no reader takes: a hundred thousand boxes."""
    size = len(orjson.dumps(items))
    if size > _EVENT_BYTES:
        raise UsageError(
            f"all that is said of it has {size:,} bytes, and at most {_EVENT_BYTES:,} are read; "
            "log a part of it"
        )
