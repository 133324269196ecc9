"""The life of one run in this process: what it holds, and its end."""

from __future__ import annotations

import contextlib
import math
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runfolio import settings
from runfolio.errors import NoActiveRun, StopRun
from runfolio.format.cells import cell_event
from runfolio.format.edits import write_edit
from runfolio.format.layout import PartName, RunPaths
from runfolio.format.lease import this_process
from runfolio.format.lines import LineWriter
from runfolio.format.seal import CAPTURED, write_seal
from runfolio.model.metric import Definition, Definitions
from runfolio.model.ports import Clock, Files, Observer
from runfolio.model.run import MetricSummary, Status
from runfolio.record.alerts import Alerts
from runfolio.record.closing import close
from runfolio.record.config import Config
from runfolio.record.config_sources import named_artifact, used_artifact
from runfolio.record.disabled import NullWriter, nothing
from runfolio.record.document import Document
from runfolio.record.encoder import Encoder, Row
from runfolio.record.event_queue import EventQueue
from runfolio.record.greeting import alert
from runfolio.record.guard import guard, warn_once
from runfolio.record.last_looks import take_last_looks
from runfolio.record.opening import Opening
from runfolio.record.process import HeldSignals
from runfolio.record.redaction import Redaction
from runfolio.record.saving import Saved
from runfolio.record.summary import Summary
from runfolio.record.upkeep import Upkeep
from runfolio.record.values import plain
from runfolio.record.writer import Writer

if TYPE_CHECKING:
    from runfolio.capture.state_history import StateChange
    from runfolio.model.context import CellExecution
    from runfolio.record.artifacts.policies import Checkpoints
    from runfolio.record.data import DataUses
    from runfolio.record.media.writer import MediaWriter
    from runfolio.record.printed import Printed
    from runfolio.record.snapshot import Snapshot

__all__ = ["Life"]


def _nobody(_: Life) -> None:
    pass


class Life:
    """Everything behind a `Run`.

    Parameters
    ----------
    opening : Opening or None
        ``None`` for a disabled run, which writes nothing.
    document : Document
    frozen : bool
        Whether the config is frozen (scripts).
    observers : sequence of Observer
        Told when the directory is complete.
    on_end : callable
        Told that the run has ended, with this object.
    """

    checkpoints: Checkpoints | None = None
    ends_by = math.inf
    """When the process ends with several runs, the moment by which all of them are to have ended."""

    def __init__(
        self,
        opening: Opening | None,
        document: Document,
        *,
        frozen: bool,
        files: Files,
        clock: Clock,
        observers: Sequence[Observer] = (),
        on_end: Callable[[Life], None] = _nobody,
    ) -> None:
        self.document = document
        self.files = files
        self.clock = clock
        self.observers = observers
        self.on_end = on_end
        self.disabled = opening is None
        self.ended = False
        self.disowned = False
        self.quiet = False
        self.joins = 0
        self._ending = threading.RLock()
        self.after_end: Callable[[Row], None] = _has_ended
        self.stop_requested = False
        # Called when it is about to end, while events still find their way into the record.
        self.before_end: list[Callable[[], None]] = []
        # Whether a card tells how it ended, just where the closing lines would stand.
        self.shows_its_end: Callable[[], bool] = lambda: False
        self.pid = os.getpid()
        self.folder = opening.folder if opening else Path()
        self.paths = RunPaths(self.folder, opening.rank if opening else 0)
        self.segment = opening.segment if opening else 1
        self.heartbeat = opening.heartbeat if opening else None
        self.before: Mapping[str, MetricSummary] = opening.metrics if opening else {}
        self.user = this_process()["user"]
        opened = opening is not None and not document.joined
        self.redaction = Redaction(document.labels["command"] if opened else ())
        self.config = Config(
            frozen=frozen, changed=self._config_changed, named=named_artifact,
            used=partial(used_artifact, self),
        )  # fmt: skip
        self.definitions = Definitions(document.defined)
        self.upkeep = Upkeep(self, opening)
        self.summary = Summary(self._summaries, self.upkeep.touch)
        self.saved = Saved(self.paths.files, files)
        self.data: DataUses | None = None
        self.snapshot: Snapshot | None = None
        self.media: MediaWriter | None = None
        self.output: Printed | None = None
        self._making = threading.Lock()
        self.writer = NullWriter() if opening is None else self._writer(opening.largest_step)
        self.alerts = Alerts(clock, self.writer.event, nothing if self.disabled else alert)
        self.starting_step = self.writer.encoder.steps.next
        self.refused_values: dict[str, int] = {}
        self._started = clock.monotonic()
        self._known_sources: set[str] = set()

    def _writer(self, largest_step: float) -> Writer:
        metrics, events = (
            LineWriter(self.folder, PartName(kind, self.paths.rank, self.segment), self.files)
            for kind in ("metrics", "events")
        )
        queue = EventQueue(events, self.clock.time_ns, self.redaction.event)

        def encoder(event: Callable[..., object]) -> Encoder:
            return Encoder(self.before, event, self.definitions.of, largest_step)

        return Writer(metrics, queue, encoder, self.clock, self.upkeep.tick)

    def media_writer(self) -> MediaWriter:
        """Return what writes images and the like; loaded for runs that log some."""
        from runfolio.record.media.writer import MediaWriter

        with self._making:
            if self.media is None:
                self.media = MediaWriter(
                    self.folder, self.files, self.writer.event, self.refuse_value,
                    rank=self.paths.rank,
                )  # fmt: skip
                if self.disowned:
                    self.media.disown()
            return self.media

    def next_step(self) -> float:
        """Return the step that the next ``log`` without one takes."""
        self.writer.flush()
        return self.writer.encoder.steps.next

    @property
    def elapsed_s(self) -> float:
        """Seconds this process has the run open, earlier segments' time included."""
        return self.document.earlier_s + self.clock.monotonic() - self._started

    # Labels, settings, values ------------------------------------------------------------------

    def label(self, name: str) -> Any:
        """Return a label of the run."""
        return self.document.labels.get(name)

    def set_label(self, name: str, value: Any) -> None:
        """Change a label; the change is an event."""
        self._require_open(name)
        value = plain(value)
        was = self.document.labels.get(name)
        if value != was:
            self.document.labels[name] = value
            self.writer.event(name, value=value, was=was)
            if self.document.joined:
                self._tell_the_owner(name, value, was)
            self.upkeep.touch()

    def _tell_the_owner(self, name: str, value: Any, was: Any) -> None:
        """Say a label to whoever opened the run, as everybody else says it: by an edit."""
        if name == "tags":
            said = [("add", tag, None) for tag in value if tag not in was]
            said += [("remove", tag, None) for tag in was if tag not in value]
        else:
            said = [("set", value, was)]
        for op, one, before in said:
            with guard(f"changing the {name}"):
                text, was = self.redaction.value([one, before], f"the {name}")
                edit = write_edit(self.folder, op, name, text, was=was, clock=self.clock)
                self.upkeep.has_seen(edit)

    def define(self, said: Definition, *, overwrite: bool) -> Definition:
        """Take what `define_metric` says; it holds for points logged before, too."""
        self._require_open("define_metric")
        held = self.definitions.add(said, overwrite=overwrite)
        self.document.defined = self.definitions.as_json()
        self.writer.event("define", **held.as_json())
        self.writer.redefine()
        self.upkeep.touch()
        return held

    def _config_changed(self, changes: dict[str, dict[str, Any]], found: bool) -> None:
        if self.ended:
            raise NoActiveRun("config: the run has ended; its settings stay as they are.")
        if found:  # after a cell: to write what waits is no work for its thread
            self.writer.event_aside("config", partial(dict, changes=changes))
        else:
            self.writer.event("config", changes=changes)
        self.upkeep.touch()

    def _summaries(self) -> Mapping[str, MetricSummary]:
        self.writer.flush()
        return self.writer.encoder.summaries()

    def refuse_value(self, key: str, kind: str) -> None:
        """Count a value that could not be logged; the first of each key is an event."""
        if key not in self.refused_values:
            self.writer.event("refused", key=key, type=kind)
        self.refused_values[key] = self.refused_values.get(key, 0) + 1

    def save(
        self,
        pattern: str | os.PathLike[str],
        base: str | os.PathLike[str] | None,
        policy: str,
    ) -> list[Path]:
        """Copy files into the run; see `Run.save`."""
        if self.disabled or self.disowned:
            return []
        found = self.saved.save(
            os.fspath(pattern), Path(base) if base is not None else None, policy
        )
        for path in found:
            self.writer.event("saved", path=path.relative_to(self.folder).as_posix())
        return found

    def add_cell(self, execution: CellExecution) -> None:
        """Write a cell event; the source goes along the first time its hash is seen."""
        from runfolio.capture.cells import with_text_hash

        source = execution.hash not in self._known_sources
        self._known_sources.add(execution.hash)
        self.writer.event_aside(
            "cell", lambda: cell_event(with_text_hash(execution), source=source)
        )

    def steps_since(self) -> tuple[float, float] | None:
        """Return the first and the last step that was logged since this was asked last."""
        if self.writer.unwritten:
            self.writer.flush()
        return self.writer.encoder.steps.taken()

    def _require_open(self, what: str) -> None:
        if self.ended:
            raise NoActiveRun(f"{what}: the run has ended. Start one: runfolio.init().")

    # What others see of it ---------------------------------------------------------------------

    def take_edits(self) -> None:
        """Take in what others said since the last look."""
        self.upkeep.take_edits()

    def refresh(self, *, final: bool = False, whole: bool = False) -> None:
        """Write the manifest as of now; see `Upkeep.refresh`."""
        self.upkeep.refresh(final=final, whole=whole)

    def ask_to_stop(self) -> None:
        """Let the next ``log`` raise `StopRun`."""
        gate, append = self.writer.gate, self.writer.gate.append
        if append is not stop_now:
            # What others know of the whole is still logged when it ends.
            self.before_end.insert(0, lambda: gate.swap(stop_now, append))
        self.stop_requested, gate.append = True, stop_now

    def captured(self) -> None:
        """Take over what the capture found, and seal it: a crash later leaves it known and sealed."""
        if self.ended or self.snapshot is None:
            return
        self.document.facts |= self.snapshot.facts
        if not self.document.joined:
            write_seal(self.folder, self.files, only=CAPTURED)

    def add_seeds(self, values: Mapping[str, Any]) -> None:
        """Take in seeds that were set since the run began; see `Run.add_seeds`."""
        if self.snapshot is not None and not self.ended and not self.disowned:
            with guard("recording the seeds"):
                self.snapshot.add_seeds(values)

    def look_at_environment(self, cell: int, took_s: float) -> None:
        """Take in what a cell installed and removed, if it did."""
        if self.snapshot is not None and not self.ended and not self.disowned:
            self.snapshot.look_at_environment(cell, took_s)

    def add_states(self, change: StateChange) -> None:
        """Take in generator states that a cell found changed."""
        if self.snapshot is not None and not self.ended and not self.disowned:
            self.snapshot.add_states(change)

    def settle_states(self, timeout_s: float) -> None:
        """Have the generator states on the disk that were taken so far."""
        if self.snapshot is not None and self.snapshot.wait(timeout_s):
            self.snapshot.finish_states(timeout_s)
            self.writer.flush()

    # Its end -----------------------------------------------------------------------------------

    def end(
        self,
        status: Status,
        *,
        reason: str = "",
        signal: str | None = None,
        exit_code: int | None = None,
        quiet: bool = False,
    ) -> None:
        """End the run once; later calls do nothing."""
        if os.getpid() != self.pid:
            return
        # A second thread that ends it, too, comes back when it has ended.
        with self._ending:
            if not self.ended:
                quiet = quiet or self.quiet or settings.flag("silent")
                self._end(status, reason, signal, exit_code, quiet=quiet)

    def _end(
        self, status: Status, reason: str, signal: str | None, exit_code: int | None, *, quiet: bool
    ) -> None:
        try:
            with HeldSignals() as held:
                self._decide(status, reason, signal, exit_code)
                if not self.disabled:
                    with guard("finishing the run"):
                        close(self, held.release, quiet=quiet)
        finally:
            # Only now: until then a signal is the hooks' to hear.
            self.on_end(self)

    def _decide(
        self, status: Status, reason: str, signal: str | None, exit_code: int | None
    ) -> None:
        document = self.document
        if self.stop_requested and status is Status.FINISHED:
            status = Status.STOPPED  # the program took the StopRun itself, and ended in order
        document.status, document.reason = status, reason
        document.signal, document.exit_code = signal, exit_code
        document.ends(self.clock.time_ns() // 1_000_000, round(self.elapsed_s, 6))
        if not self.disabled:
            take_last_looks(self)
            with guard("finishing the run"):
                self.writer.event("status", status=status.value, reason=reason)
        self.ended = True
        self.writer.gate.append = self.after_end

    def disown(self) -> None:
        """Let go after a fork: the run belongs to the parent process."""
        with contextlib.suppress(OSError):
            if self.heartbeat is not None:
                self.heartbeat.close()
        self.heartbeat = self.output = None
        self.disowned = True
        self._making = threading.Lock()
        if self.media is not None:
            self.media.disown()
        self.writer.disown()


def stop_now(_: Row) -> None:
    """Stand in for the buffer once somebody asked the run to stop."""
    raise StopRun("Somebody asked the run to stop after this step.")


def _has_ended(_: Row) -> None:
    raise NoActiveRun("log: the run has ended. Start one: runfolio.init().")


def came_too_late(_: Row) -> None:
    """Take the place of the buffer once the interpreter ends: an error would help nobody there."""
    warn_once(
        "too late", "log() came after the run had ended with its process; it is not recorded."
    )
