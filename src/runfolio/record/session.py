"""The run of this process: who opened it, what ``runfolio.log`` means, how it is closed."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runfolio import settings
from runfolio.errors import UsageError
from runfolio.format.disk import Disk, SystemClock, SystemIds
from runfolio.format.layout import PartName
from runfolio.model.ports import Clock, Files, Ids, Observer
from runfolio.model.run import Status
from runfolio.record import guard, joining
from runfolio.record.config import Config
from runfolio.record.config_sources import note_script, take_given, take_resumed
from runfolio.record.console import console
from runfolio.record.document import Document
from runfolio.record.greeting import hello
from runfolio.record.keywords import understood
from runfolio.record.life import Life
from runfolio.record.monitor import monitor
from runfolio.record.naming import defined_at_start
from runfolio.record.open_runs import OpenRuns
from runfolio.record.opening import Opening, open_folder
from runfolio.record.origin import origin
from runfolio.record.pinned import PinnedFiles
from runfolio.record.process import Ending
from runfolio.record.run import Run, override
from runfolio.record.training import stays_open
from runfolio.record.unfinished import unfinished_before
from runfolio.record.values import plain

if TYPE_CHECKING:
    from runfolio.capture.program import Program

__all__ = ["Session", "current", "session"]

_CARRIED_ON: Final = ("git", "software", "seeds", "data", "artifacts")


class Session:
    """The state of one process: its open runs, at most one of which ``runfolio.log`` means.

    Attributes
    ----------
    run : Run or None
    open_runs : OpenRuns
        That run, and those that were opened beside it.
    owner, asked : str, mapping
        ``init``, ``magic``, ``start``, ``callback``: who opened it closes it; what it asked for.
    observers : list of Observer
        Bound by the façade: who is told of a finished run.
    namespace : callable
        Returns the user's variables in a notebook, for the generators among them.
    in_notebook : bool
        Set by the notebook extension: the config stays changeable, and a second `init`
        finishes the first run.
    identity : dict
        ``notebook`` and ``kernel_id``, set by the notebook extension.
    program : Program or None
        Another program whose run this is; ``None`` for that of this process itself.
    opening, opened : list of callable
        Called as ``prepare(keywords, owner)`` before a run is opened, ``tell(run)`` after.
    ending : tuple of Status and str, or None
        How the open run ends if nobody says otherwise: in a notebook it outlives a cell that
        failed, and is ended by the next ``init`` or by the kernel.
    """

    def __init__(
        self,
        files: Files | None = None,
        clock: Clock | None = None,
        ids: Ids | None = None,
        *,
        program: Program | None = None,
    ) -> None:
        self.program = program
        self.files = files or Disk()
        self.clock = clock or SystemClock()
        self.ids = ids or SystemIds()
        self.observers: list[Observer] = []
        self.namespace: Callable[[], Mapping[str, Any] | None] = lambda: None
        self.in_notebook = _in_ipython()
        self.identity: dict[str, str | None] = {}
        self.opening: list[Callable[[dict[str, Any], str], None]] = []
        self.opened: list[Callable[[Run], None]] = []
        self.ending: tuple[Status, str] | None = None
        self.run: Run | None = None
        self.owner = ""
        self.asked: Mapping[str, Any] = {}
        self._joined: dict[Path, Mapping[str, Any]] = {}
        self._lock = threading.RLock()
        self.open_runs = OpenRuns(self._end_with_process)

    def open(self, run_keywords: Mapping[str, Any], *, owner: str = "init") -> Run:
        """Open a run, or join the open one; see :func:`init` for the keywords."""
        given = understood(run_keywords)
        with self._lock:
            joined = self._join(given, owner)
            if joined is not None:
                return joined
            for prepare in self.opening:
                prepare(given, owner)
            run = self._create(given, owner)
            if given.get("reinit") != "create_new":
                self.run, self.owner, self.asked = run, owner, given
            self._hold(run)
            for tell in self.opened:
                tell(run)
            return run

    def _join(self, given: Mapping[str, Any], owner: str) -> Run | None:
        """Return the open run if the call means it; finish it if the call replaces it."""
        run, reinit = override.get(), given.get("reinit")
        in_front = run is not None and owner == "init" and reinit != "create_new"
        if run is not None and in_front and not (run.life.disowned or run.life.ended):
            joining.merge(run, given)
            run.life.joins += 1
            return run
        run = self.run
        if run is None or run.life.disowned or run.life.ended:
            return None
        if owner == "init" and self.owner in ("magic", "start", "callback"):
            first = self._joined.setdefault(run.path, given)
            joining.tell_of_another(given, first)
            if first is given:
                joining.adopt_labels(run.life, given, self.asked)
            joining.merge(run, given)
            run.life.joins += 1
            return run
        if reinit == "create_new" or owner in ("magic", "callback"):
            return None
        is_replaced = self.in_notebook or (run in stays_open and given.get("id") != run.id)
        finish = reinit in (True, "finish_previous") or (
            reinit != "return_previous" and is_replaced
        )
        if finish:
            self.end_implicitly()
            return None
        joining.merge(run, given)
        return run

    def end_implicitly(self, ending: Ending | None = None, run: Run | None = None) -> None:
        """End a run, by default that in front, as it last stood: nobody ended it on purpose."""
        run = run or self.run
        if run is None:
            return
        ending = ending or Ending()
        status, reason = ending.status, ending.reason
        if status is Status.FINISHED and self.ending is not None and run is self.run:
            status, reason = self.ending
        run.end(status, reason=reason, signal=ending.signal, exit_code=ending.exit_code)

    def _end_with_process(self, run: Run, ending: Ending) -> None:
        in_front = run is self.run
        self.end_implicitly(ending, run)
        if in_front:  # what other hooks and destructors still log finds its way there
            self.run = run

    def _hold(self, run: Run) -> None:
        """Have a run end with the process; another program's ends with that program."""
        if self.program is None:
            self.open_runs.take(run, process_wide=not self.in_notebook and not run.disabled)

    def put_back(self, run: Run, owner: str) -> None:
        """Make a run the open one again, after a child of it ended."""
        with self._lock:
            self.run, self.owner = run, owner
            self._hold(run)

    def attach(self, run_id: str, rank: int | None = None, directory: Any = None) -> Run:
        """Join a run that another process opened; see :func:`runfolio.attach`."""
        with self._lock:
            run = self.run
            if run is not None and not run.life.disowned and not run.life.ended:
                if run.id != run_id or rank not in (None, run.life.paths.rank):
                    raise UsageError(
                        f"attach({run_id!r}): the run {run.id!r} is open in this process; finish it "
                        "first."
                    )
                run.life.joins += 1
                return run
            guard.reset()
            if settings.mode() == "disabled":
                run = self._live(None, {})
            else:
                place = joining.place_to_join(settings.store_dir(directory), run_id, rank)
                run = self._live(joining.join(place, self.files), {})
            self.run, self.owner = run, "attach"
            self._hold(run)
            return run

    def _create(self, given: Mapping[str, Any], owner: str) -> Run:
        guard.reset()
        if settings.mode(given.get("mode")) == "disabled":
            return self._live(None, given)
        store = settings.store_dir(given.get("dir"))
        run_id = _text(given.get("id")) or settings.read("run_id")
        resume = given.get("resume")
        resume = settings.read("resume") if resume is None else resume
        if joining.may_join(owner, given):
            place = joining.place_of(store, run_id, resume=resume)
            first = self._joined.setdefault(place.folder, given) if place else given
            if place is not None and not joining.means_another(given, first):
                return self._live(joining.join(place, self.files), given)
        if run_id is None and resume == "auto":
            project = _text(given.get("project")) or settings.project_name()
            run_id = unfinished_before(store, origin(self.identity), project)
        opening = open_folder(
            store, run_id, resume, files=self.files, clock=self.clock, ids=self.ids
        )
        return self._live(opening, given)

    def _live(self, opening: Opening | None, given: Mapping[str, Any]) -> Run:
        before = opening.before if opening else {}
        took = before.get("duration_s")
        joined = opening is not None and opening.joined
        run_id = opening.folder.name if opening else "disabled"
        document = Document(
            run_id,
            self._labels(run_id, given, before, opening),
            started_ms=_started_ms(before) or self.clock.time_ns() // 1_000_000,
            earlier_s=float(took) if isinstance(took, (int, float)) else 0.0,
            facts={key: before[key] for key in _CARRIED_ON if before.get(key)},
            applied=[i for i in before.get("applied") or [] if isinstance(i, str)],
            defined=defined_at_start(before),
            joined=joined,
            rank=opening.rank if opening else 0,
            given=joining.labels_given(given) if joined else {},
        )
        life = Life(
            opening, document,
            frozen=not self.in_notebook and not given.get("allow_val_change"),
            files=PinnedFiles(self.files, opening.heartbeat) if opening else self.files,
            clock=self.clock, observers=self.observers, on_end=self._ended,
        )  # fmt: skip
        life.quiet = bool(given.get("quiet"))
        run = Run(life)
        self._take_settings(life.config, before, given, joined=joined)
        life.summary.take(before.get("summary"))
        if opening is not None:
            self._begin(life, opening)
            if joined and given.get("tags"):
                joining.add_tags(run, given["tags"])
            if not life.quiet and not joined:
                _say_hello(run)
            if self.program is None:
                console.keep_for(life, given.get("console"))
            monitor.watch(life, given.get("system"))
        return run

    def _take_settings(
        self, config: Config, before: Mapping[str, Any], given: Mapping[str, Any], *, joined: bool
    ) -> None:
        take_resumed(config, before)
        take_given(config, given)
        if self.program is None and not (joined or self.in_notebook):
            with guard.guard("looking for settings"):
                note_script(config, sys._getframe(1))  # noqa: SLF001 - `inspect` has only the same

    def _begin(self, life: Life, opening: Opening) -> None:
        """Tell others of the run, and start what goes on beside it."""

        def beat() -> None:
            opening.heartbeat.beat(self.clock.time_ns() // 1_000_000)

        if not opening.joined:
            beat()
        with guard.guard("writing the manifest"):
            life.refresh()
        if opening.joined:
            beat()  # only now: without its manifest it would look like a new owner of the run's
        life.writer.start()
        self._capture(life)

    def _labels(
        self,
        run_id: str,
        given: Mapping[str, Any],
        before: Mapping[str, Any],
        opening: Opening | None,
    ) -> dict[str, Any]:
        # The name of a run that others opened is not this program's to choose.
        joined = opening is not None and opening.joined
        known = before if joined else {}

        def label(key: str) -> Any:
            return known.get(key) or given.get(key) or settings.read(key) or before.get(key)

        tags = known.get("tags", given.get("tags"))
        if tags is None:
            tags = before.get("tags") or [
                tag.strip() for tag in (settings.read("tags") or "").split(",") if tag.strip()
            ]
        parts = origin(self.identity)
        if self.program is not None:
            parts["command"] = self.program.command
        labels: dict[str, Any] = plain({
            "name": _text(label("name")) or run_id,
            "project": _text(known.get("project") or given.get("project")) or before.get("project") or settings.project_name(),
            "group": _text(label("group")),
            "job_type": _text(label("job_type")),
            "tags": [tags] if isinstance(tags, str) else list(dict.fromkeys(map(str, tags))),
            "notes": _text(label("notes")) or "",
            "command": parts["command"],
            "notebook": parts["notebook"],
            "kernel_id": parts["kernel_id"],
            "parent": _text(given.get("parent")) or before.get("parent")
            or (None if joined else joining.outer_run()),
            "rerun_of": _text(given.get("rerun_of")) or (opening.rerun_of if opening else None)
            or before.get("rerun_of"),
            "sweep": None,
        })  # fmt: skip
        return labels

    def _capture(self, life: Life) -> None:
        if not settings.flag("capture"):
            return
        journal = settings.read("journal")
        ignore = [str(life.folder.parent)] + ([journal] if journal else [])
        from runfolio.record.data import data_of
        from runfolio.record.snapshot import Snapshot

        part = PartName("seeds", life.paths.rank, life.segment, ext="json").filename
        life.snapshot = Snapshot(
            life.paths, self.files, Path.cwd(), ignore, life.captured, life.writer.event,
            life.redaction, program=self.program,
            seeds_file=life.folder / part if life.document.joined else None,
            joined_code=joining.code_of(life),
        )  # fmt: skip
        life.snapshot.start(self.namespace())
        data_of(life).begin(children_only=self.program is not None)

    def _ended(self, life: Life) -> None:
        run = self.run
        if run is not None and run.life is life:
            self.run, self.owner, self.ending = None, "", None
        self.open_runs.leave(life)

    def after_fork(self) -> None:
        """Let go of the parent's runs in a forked child: their ``log`` is refused and counted.

        Signals, exits and exceptions of the child are no matter of theirs.
        """
        self.open_runs.disown()
        self._lock = threading.RLock()


def current() -> Run | None:
    """Return the open run of this process, or the one put in front of it; ``None`` outside."""
    return override.get() or session.run


def _text(value: object) -> str | None:
    return str(value) if value is not None and value != "" else None


def _started_ms(before: Mapping[str, Any]) -> int | None:
    from runfolio.format.codec import parse_time

    moment = parse_time(before.get("created_at"))
    return round(moment.timestamp() * 1000) if moment else None


def _in_ipython() -> bool:
    # Never imported for it: where IPython is not loaded, this is no notebook.
    module = sys.modules.get("IPython")
    return module is not None and module.get_ipython() is not None


def _say_hello(run: Run) -> None:
    if not settings.flag("silent") and not session.in_notebook:
        hello(run.id, run.name, run.path)


def reset_for_tests() -> None:
    """Close what is open and forget the state of the process; for test suites only."""
    for run in session.open_runs:
        run.finish(quiet=True)
    guard.reset()
    settings.forget_store()
    session.opened, session.identity = [], {}
    session.in_notebook = False


session: Session = Session()
"""The session of this process."""

console.current = current

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=session.after_fork)
