"""Samples of the machine beside the runs of this process: one thread for all of them.

They lie in ``system.jsonl``, a row per sample; its ``step`` is its time, for a sample belongs to
no step of a training. What a rank above 0 reads stands under ``rank3/…``: another process tree,
maybe another machine, and not another value of the same series.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from runfolio import settings
from runfolio.format.codec import dumps
from runfolio.format.layout import PartName
from runfolio.format.lines import LineWriter
from runfolio.record.guard import guard, warn_once
from runfolio.record.latch import Latch

if TYPE_CHECKING:
    from runfolio.capture.system import System
    from runfolio.record.life import Life

__all__ = ["Monitor", "Pace", "Samples", "monitor"]

ALLOWED_S: Final = 0.004
"""Processor time that a sample may take: of the 2 s between two of them 0.2 % of a core."""

SHORTEST_S: Final = 0.05
"""No shorter pause between two samples is taken for meant."""

LONGEST_S: Final = 86_400.0
"""And none above a day."""

_SYNC_ROWS: Final = 5
"""Rows after which the file is synced: a power cut takes the last 10 s, a kill nothing."""

_HELD_BYTES: Final = 1 << 20
"""While the disk takes none, samples are kept up to here; further ones are not."""

# A thread that is in the middle of a sample comes to its end in that time, as a rule.
_END_S: Final = 0.25
_OFF: Final = ("false", "off", "no", "0", "none")


class Pace:
    """When the next sample is due: every so many seconds, or rarer where one costs too much.

    Parameters
    ----------
    interval_s : float
    now : float
        Seconds of a monotonic clock; the first sample is due an interval later.
    """

    def __init__(self, interval_s: float, now: float) -> None:
        self._interval_s = interval_s
        self._due = now + interval_s
        self._spent_s = 0.0

    def pause(self, now: float) -> float:
        """Return the seconds until the sample that is due; one that was missed is not made up for."""
        if now > self._due:
            self._due += math.ceil((now - self._due) / self._interval_s) * self._interval_s
        return self._due - now

    def took(self, spent_s: float) -> None:
        """Note that a sample was taken, and what processor time it took."""
        # One alone may have loaded a library, or met the garbage collector.
        dear, self._spent_s = min(spent_s, self._spent_s), spent_s
        self._due += self._interval_s * max(1.0, dear / ALLOWED_S)


class Samples:
    """The file of samples of one run and one process.

    Parameters
    ----------
    life : Life
    """

    def __init__(self, life: Life) -> None:
        self._life = life
        rank = life.paths.rank
        self._lines = LineWriter(life.folder, PartName("system", rank, life.segment), life.files)
        self._before = f"rank{rank}/" if rank else ""
        self._lock = Latch()
        self._unsynced = 0
        self.ended = False
        self.is_closed = False

    def end(self) -> None:
        """Take no more samples; the file is still open."""
        self.ended = True

    def write(self, readings: Mapping[str, float]) -> None:
        """Add a row; a disk that refuses is told of once."""
        time_ms = self._life.clock.time_ns() // 1_000_000
        values = {self._before + name: value for name, value in readings.items()}
        line = dumps({"step": time_ms, "time": time_ms, "values": values}) + b"\n"
        with self._lock:
            if self.ended:
                return
            try:
                self._lines.append(line if self._lines.waiting < _HELD_BYTES else b"")
                self._unsynced += 1
                if self._unsynced >= _SYNC_ROWS:
                    self._unsynced = 0
                    self._lines.sync()
            except OSError as error:
                warn_once("samples", "The disk does not take the samples of the machine "
                          f"({error.strerror}); the run goes on.")  # fmt: skip

    def tell_lost(self, gpu: int, why: str) -> None:
        """Record that a GPU is gone."""
        if not self.ended:
            self._life.writer.event("gpu_lost", gpu=gpu, why=why)

    def close(self, seconds: float) -> bool:
        """Sync and close the file; return whether that is done in time."""
        self.ended = True
        closer = threading.Thread(target=self._close, name="runfolio-samples-end", daemon=True)
        try:
            closer.start()
        except RuntimeError:  # at the very end of the interpreter none may start any more
            self._close()
        else:
            closer.join(seconds)
        return self.is_closed

    def abandon(self) -> None:
        """Let go of the file after a fork: it is the parent's."""
        self.ended = self.is_closed = True
        self._lines.abandon()

    def _close(self) -> None:
        with self._lock:
            try:
                if not self.is_closed:
                    self._lines.close()
            except OSError:
                pass  # said when the disk refused a row; what it took can be read
            self.is_closed = True


class Monitor:
    """Takes samples while runs of this process are open; its thread ends with the last of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._runs: dict[Life, Samples] = {}

    def watch(self, life: Life, given: object = None) -> None:
        """Take samples for a run from now on, if the settings want it.

        A process that joined as rank 0 takes none: what `runfolio run` started is in the tree of
        the process that opened the run.

        Parameters
        ----------
        given : object
            What ``init(system=…)`` was told.
        """
        if life.disabled or not _is_wanted(given) or (life.document.joined and not life.paths.rank):
            return
        samples = Samples(life)
        # A run that is about to end, and an interrupt of its end, leave none going on.
        life.before_end.append(samples.end)
        with self._lock:
            self._runs[life] = samples
            if self._thread is None or not self._thread.is_alive():
                self._start()

    def leave(self, life: Life, seconds: float) -> bool:
        """Close the file of a run that ends.

        Returns
        -------
        bool
            Whether it is closed, or there is none: a disk that hangs is not waited for.
        """
        with self._lock:
            samples, thread = self._runs.pop(life, None), self._thread
            is_last = not self._runs
        if samples is None:
            return True
        self._wake.set()
        closed = samples.close(seconds)
        if is_last and thread is not None:
            thread.join(_END_S)  # a driver may hold it for ever
        return closed

    def disown(self) -> None:
        """Let go of everything after a fork: threads are not inherited, and runs the parent's."""
        for samples in self._runs.values():
            samples.abandon()
        self._runs = {}
        self._thread = None
        # The thread may have held these at the very moment of the fork.
        self._lock, self._wake = threading.Lock(), threading.Event()

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name="runfolio-system", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            return  # the next run tries again
        self._thread = thread

    def _run(self) -> None:
        pace = Pace(_interval_s(), time.monotonic())
        system: System | None = None
        # Rates need something to start from; the shortest of runs are not bothered with it.
        self._pause(pace.pause(time.monotonic()) / 2)
        while samples := self._open_ones():
            with guard("sampling the machine"):
                if system is None:
                    system = _loaded()
                    system.read()
                else:
                    pace.took(self._sample(system, samples))
            self._pause(pace.pause(time.monotonic()))
        if system is not None:
            system.close()

    def _sample(self, system: System, runs: Sequence[Samples]) -> float:
        """Take one sample for all runs; return the processor time it took."""
        began = time.thread_time()
        readings = system.read()
        lost, system.gpus.lost = system.gpus.lost, []
        for gpu, why in lost:
            warn_once(f"gpu {gpu}", f"GPU {gpu} does not answer any more ({why}); no readings of it "
                      "follow.")  # fmt: skip
        for samples in runs:
            samples.write(readings)
            for gpu, why in lost:
                samples.tell_lost(gpu, why)
        return time.thread_time() - began

    def _pause(self, seconds: float) -> None:
        self._wake.wait(seconds)
        self._wake.clear()

    def _open_ones(self) -> list[Samples]:
        """Return the files to write to; where there are none, the thread counts as ended."""
        with self._lock:
            found = [samples for samples in self._runs.values() if not samples.ended]
            if not found:
                self._thread = None  # looked at under the lock: a run that opens now starts another
            return found


def _loaded() -> System:
    """Return what takes the readings, with all loaded that it needs: a fork waits for that."""
    from runfolio.capture.loading import load, loading

    with loading():
        from runfolio.capture import process_tree  # noqa: F401 - loaded for later
        from runfolio.capture.system import System

        load(("psutil", "pynvml"))
        return System()


def _is_wanted(given: object) -> bool:
    if given is not None and str(given).strip().lower() in _OFF:
        return False
    on = settings.flag("capture") and settings.flag("system")
    return on and not settings.flag("disable_stats")


def _interval_s() -> float:
    text = settings.read("system_interval_s") or ""
    try:
        seconds = float(text)
        if not seconds > 0:
            raise ValueError(text)
    except ValueError:
        default = settings.SETTINGS["system_interval_s"].default or ""
        warn_once("system interval", f"The setting system_interval_s is {text!r}; expected seconds above "
                  f"0. {default} s is taken.")  # fmt: skip
        seconds = float(default)
    return min(max(seconds, SHORTEST_S), LONGEST_S)


monitor: Monitor = Monitor()
"""The sampler of this process."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=monitor.disown)
