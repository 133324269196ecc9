"""The hot path's other half: a buffer, two threads, and files that never lose a whole line.

``log`` appends a small tuple to a buffer through the `Gate` and returns. One thread encodes and
writes what a fast loop logs, another syncs every second: a slow sync holds up no row. A ``log``
40 ms or more after the last write writes by itself: a loop slower than 25 steps a second has
nothing in memory when it returns, and two threads seldom want the interpreter in turn.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final

from runfolio.format.lines import LineWriter
from runfolio.model.ports import Clock
from runfolio.model.run import MetricSummary
from runfolio.record.encoder import Encoder, Row
from runfolio.record.event_queue import EventQueue
from runfolio.record.gate import NEVER, Gate
from runfolio.record.guard import guard, warn_once
from runfolio.record.latch import Latch
from runfolio.record.process import HeldSignals
from runfolio.record.steps import Asked

__all__ = ["Writer"]

WRITE_NS: Final = 40_000_000
"""Rows wait at most this long for the disk while others follow."""

LEFT_NS: Final = 60_000_000
"""And this long where no more come: the thread writes them."""

SYNC_S: Final = 1.0
"""What was written is synced this often."""

BUFFERED: Final = 8_192
"""Above this many waiting rows a caller waits while the thread makes progress."""

HELD: Final = 262_144
"""Rows kept in memory while the disk refuses; further ones are refused and counted."""

_BATCH: Final = 2048
# The counts above are for rows of so many values; of wider ones fewer are kept.
_WIDTH: Final = 8
_PATIENCE_NS: Final = 5_000_000
# A caller looks this often whether the thread keeps up; after few rows only at the next write.
_LOOK_NS: Final = 5_000_000
_FEW: Final = 256
# A caller takes over from a thread that is so far behind: the promise is 100 ms.
_LATE_NS: Final = 60_000_000
# A disk that has moved nothing for so long hangs: rows are kept as if it refused.
_HANGS_S: Final = 1.0


class Writer:
    """Owns the buffer, the threads and the files of one segment.

    Parameters
    ----------
    metrics, events : LineWriter, EventQueue
    encoder_of : callable
        Makes the encoder, given where its events go.
    clock : Clock
    tick : callable
        Called about every second in the thread that syncs (heartbeat, edits, manifest).
    """

    def __init__(
        self,
        metrics: LineWriter,
        events: EventQueue,
        encoder_of: Callable[[Callable[..., object]], Encoder],
        clock: Clock,
        tick: Callable[[], None],
    ) -> None:
        self._metrics = metrics
        self._event_lines = events.lines
        self._clock = clock
        self._tick = tick
        self._rows: deque[Row] = deque()
        self._events = events
        self._lock = Latch()
        self._busy_since = NEVER
        # When the last write began that came to its end: no row from before it still waits.
        self._done_from = self._waited_for = 0
        self._at_disk = False
        self._wake = threading.Event()
        self._asleep = self._closing = False
        self._thread: threading.Thread | None = None
        self._sync_thread: threading.Thread | None = None
        self._sync_due = threading.Event()
        self._closer: threading.Thread | None = None
        self._full = False
        self._share = 1
        self.encoder = encoder_of(self._events.note)
        self.gate = Gate(self._rows.append, clock.time_ns)
        self.refused = self.waits = self.restarts = 0

    @property
    def unwritten(self) -> int:
        """Rows that wait for the disk."""
        return len(self._rows) + self._metrics.waiting_lines

    def start(self) -> None:
        """Start the threads; where none may start, every ``log`` writes by itself."""
        try:
            self._thread = self._started("runfolio-writer", self._loop)
            self._sync_thread = self._started("runfolio-sync", self._sync_loop)
        except RuntimeError:
            warn_once("no thread", "No thread can be started: each log() writes by itself.")

    def _started(self, name: str, loop: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=self._run, args=(loop,), name=name, daemon=True)
        thread.start()
        return thread

    def event(self, kind: str, **fields: Any) -> None:
        """Take an event; it is written with the next rows."""
        now = self._events.note(kind, **fields)
        if now >= self.gate.due:
            self.attend(now)

    def event_aside(self, kind: str, fields: Callable[[], Mapping[str, Any]]) -> None:
        """Take an event that the thread, where there is one, puts into words and writes."""
        self._events.note_unsaid(kind, fields)
        if self._thread is None:
            self.attend(self._clock.time_ns())
        elif self._asleep:
            self._wake.set()

    def attend(self, now: int) -> None:
        """Lend the thread a hand from the caller of ``log``: it is due, or far behind."""
        if len(self._rows) > BUFFERED // self._share:
            self._wait_for_room()
            return
        self.gate.due = now + _LOOK_NS
        behind = now - self._done_from
        if behind < WRITE_NS:
            return
        is_much = len(self._rows) > _BATCH // self._share
        if is_much and self._thread is not None and behind < _LATE_NS:
            # Too much for a caller to write in passing; the thread is about to.
            self._wake.set()
            return
        pending = now - self._busy_since
        if pending > _PATIENCE_NS and self._at_disk:
            if behind < _LATE_NS or self._waited_for == self._busy_since:
                return
            # Once a write: it may be the thread, back from the disk, that gets no processor.
            self._waited_for = self._busy_since
        # The thread may have taken the lock, and this row, since: then it must be on its way to the
        # disk before `log` returns; and waiting gives a thread the processor that it lacks.
        with HeldSignals(), self._lock.within(0.005 if behind < _LATE_NS else 0.05) as held:
            if held:
                self._flush(now)
        if self._asleep:
            self._wake.set()

    def _wait_for_room(self) -> None:
        """Hold the caller while the thread catches up, as long as it does make progress."""
        if self._full:
            self._hold_or_refuse()
            return
        self.waits += 1
        self._wake.set()
        left, moved = len(self._rows), time.monotonic()
        while left > BUFFERED // 2 // self._share and self._takes_rows():
            time.sleep(0.002)
            was, left = left, len(self._rows)
            if left < was:
                moved = time.monotonic()
            elif self._busy_since == NEVER:
                self._wake.set()
            elif self._at_disk and time.monotonic() - moved > _HANGS_S:
                self._full = True

    def _hold_or_refuse(self) -> None:
        if len(self._rows) >= HELD // self._share:
            self.gate.swap(self._rows.append, self._refuse)

    def _takes_rows(self) -> bool:
        return not self._full and self._thread is not None and self._thread.is_alive()

    def _refuse(self, row: Row) -> None:
        asked = row[0]
        self.refused += len(row[2]) + (asked.extras if isinstance(asked, Asked) else 0)

    def _refuse_in_child(self, row: Row) -> None:
        self._refuse(row)
        warn_once(
            "forked",
            "log() in a forked child is refused: the run is its parent's, and one file has one "
            "writer. Open a run of its own there, or log what the child returns.",
        )

    def _flush(self, now: int, *, everything: bool = False) -> None:
        """Encode and write what waits; the lock is held."""
        self._busy_since = now
        self.gate.due = now + (WRITE_NS if len(self._rows) <= _FEW else _LOOK_NS)
        try:
            self._write(everything=everything)
        except OSError as error:
            self._disk_refuses(error)
        except MemoryError:
            self._full = True
            self._hold_or_refuse()
            warn_once("no memory", "No memory is left to write the run's data; it waits for some.")
        else:
            if self._full:
                self._full = False
                self.gate.swap(self._refuse, self._rows.append)
        finally:
            self._done_from = now
            self._busy_since = NEVER

    def _write(self, *, everything: bool) -> None:
        rows, batches = self._rows, 0
        if self._metrics.waiting:
            # What the disk would not take goes first; while it does not, nothing is encoded.
            self._append(self._metrics, b"")
        while rows and (everything or batches < 64):
            self._share = max(1, min(_BATCH, len(rows[0][2]) // _WIDTH))
            batch = [rows.popleft() for _ in range(min(len(rows), _BATCH // self._share))]
            try:
                lines = self.encoder.encode(batch)
            except MemoryError:
                rows.extendleft(reversed(batch))
                raise
            self._append(self._metrics, lines)
            batches += 1
        if self._events or self._event_lines.waiting:
            self._append(self._event_lines, self._events.take())

    def _append(self, lines: LineWriter, text: bytes) -> None:
        self._at_disk = True
        try:
            lines.append(text)
        finally:
            self._at_disk = False

    def _disk_refuses(self, error: OSError) -> None:
        # Until the next write succeeds; an error of the disk itself is tried on a new part.
        self._full = True
        self._hold_or_refuse()
        warn_once(
            f"disk {error.errno}",
            f"The disk does not take the run's data ({error.strerror}). The training goes on; up to "
            f"{HELD // self._share:,} rows are kept in memory and written when it does. Free some space.",
        )

    def flush(self) -> None:
        """Write what waits now; disk errors are told, not raised, and a hanging call not waited for."""
        with HeldSignals(), self._lock.within(_HANGS_S) as held:
            if held:
                self._flush(self._clock.time_ns(), everything=True)

    def redefine(self) -> None:
        """Let what `define_metric` said hold for what was logged before."""
        with HeldSignals(), self._lock:
            self.encoder.redefine()

    def _run(self, loop: Callable[[], None]) -> None:
        while not self._closing:
            try:
                loop()
            except Exception as error:  # noqa: BLE001 - the thread must not die of anything
                self.restarts += 1
                warn_once(
                    "writer thread",
                    f"The writer thread met an error ({type(error).__name__}: {error}) and goes on.",
                )
                time.sleep(0.1)

    def _loop(self) -> None:
        while not self._closing:
            self._pause(self._write_what_is_left())

    def _sync_loop(self) -> None:
        while not self._sync_due.wait(SYNC_S):
            self._sync_beside()
            if not self._closing:
                with guard("the writer's housekeeping"):
                    self._tick()

    def _write_what_is_left(self) -> int:
        """Write what callers do not: many rows, and the last ones; return how many."""
        waiting, now = len(self._rows) + len(self._events), self._clock.time_ns()
        if not waiting or (waiting <= _FEW and 0 <= now - self._done_from < LEFT_NS):
            return 0
        with self._lock:
            self._flush(now)
        return waiting

    def _sync_beside(self) -> None:
        """Sync while callers go on writing: only the first and the last moment hold the lock."""
        for lines in (self._metrics, self._event_lines):
            with self._lock:
                mark = lines.mark()
            if mark is None:
                continue
            error = lines.reach(mark)
            with self._lock:
                lines.settle(mark, error)
            if error is not None:
                self._disk_refuses(error)

    def _pause(self, written: int) -> None:
        batch = _BATCH // self._share
        if self._rows and written > batch:
            time.sleep(0)
            return
        # Asleep before it looks: who writes from here on sees that, and wakes it.
        self._asleep = True
        since = self._clock.time_ns() - self._done_from
        self._asleep = since > SYNC_S * 1e9 and not self._events
        if self._asleep:
            pause = 0.5
        elif written > _FEW:
            # A fast loop is met more often, so that few rows are alive at once: many live
            # dictionaries make the garbage collector pause the training.
            pause = WRITE_NS / 1e9 * min(1.0, batch / written)
        else:
            pause = min(max(LEFT_NS - since, 1_000_000), LEFT_NS) / 1e9
        self._wake.wait(pause)
        self._wake.clear()
        self._asleep = False

    def close(self, timeout_s: float) -> bool:
        """Write and sync everything, end the thread, close the files.

        Returns
        -------
        bool
            Whether all of it reached the disk within the time.
        """
        self._closing = True
        self._wake.set()
        self._sync_due.set()
        with self._lock.within(timeout_s) as held:
            if not held:
                return False
            self._flush(self._clock.time_ns(), everything=True)
        told: list[bool] = []
        closer = self._closer = threading.Thread(
            target=lambda: told.append(self._close_files(None)), name="runfolio-end", daemon=True
        )
        try:
            closer.start()
        except RuntimeError:  # at the very end of the interpreter none may start any more
            return self._close_files(timeout_s)
        closer.join(timeout_s)
        return told == [True]

    @property
    def is_closing(self) -> bool:
        """Whether the disk still has to confirm what was written last."""
        return self._closer is not None and self._closer.is_alive()

    def _close_files(self, timeout_s: float | None) -> bool:
        for thread in (self._thread, self._sync_thread):
            if thread is not None and thread is not threading.current_thread():
                thread.join(timeout_s)
        # Without the lock, which others need while a slow disk takes its time.
        self._sync_beside()
        with self._lock:
            complete = not self._full and not self._rows
            for lines in (self._metrics, self._event_lines):
                try:
                    lines.close()
                except OSError as error:
                    complete = False
                    self._disk_refuses(error)
            return complete

    def counted(
        self,
    ) -> tuple[dict[str, MetricSummary], dict[str, int], dict[str, int]] | None:
        """Return summaries, counts, and how far into the live files they reach.

        ``None`` while the disk refuses or hangs: then what was counted is not yet in the files.
        """
        with self._lock.within(_HANGS_S) as held:
            if not held or self._metrics.waiting:
                return None
            counts = self.encoder.counts() | {"refused": self.refused}
            return self.encoder.summaries(), counts, self._metrics.sizes

    def disown(self) -> None:
        """Let go of everything after a fork: the files and the thread belong to the parent."""
        self._lock = Latch()
        self._thread = self._sync_thread = None
        self._rows.clear()
        self._events.clear()
        self.gate.append = self._refuse_in_child
        self.gate.due = NEVER
        self._metrics.abandon()
        self._event_lines.abandon()
