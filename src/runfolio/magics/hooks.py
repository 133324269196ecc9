"""What runfolio does around every cell: it notes the execution, opens and closes runs."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from runfolio import settings
from runfolio.capture.bindings import forget_cells
from runfolio.capture.cells import CellLog
from runfolio.capture.names import literals
from runfolio.capture.seed_calls import seeds_in_source
from runfolio.capture.source import is_python
from runfolio.errors import RunfolioError, StopRun, UsageError
from runfolio.magics import show
from runfolio.magics.earlier import earlier_runs
from runfolio.magics.executing import Executing, cell_id_of, order_of, outcome
from runfolio.magics.failed import keep_traceback
from runfolio.magics.generators import GeneratorWatch
from runfolio.magics.inputs import CellInputs
from runfolio.magics.live import LiveOutputs
from runfolio.magics.noting import note_notebook, note_settings
from runfolio.magics.parsing import Parsing
from runfolio.magics.stopping import StopShown
from runfolio.magics.transform import TrackedPart, Transformer, tracked_part
from runfolio.magics.watch import Watch
from runfolio.model.run import Status
from runfolio.record.guard import guard, warn_once
from runfolio.record.run import Run
from runfolio.record.session import Session
from runfolio.record.training import end_left
from runfolio.verbs.door import StartOptions

__all__ = ["CellHooks", "keywords"]

_UNSEEN: Final = "the end of its cell was not seen"


def keywords(options: StartOptions) -> dict[str, Any]:
    """Return what ``%%track`` and ``%track start`` were given as keywords of ``init``."""
    given = {
        "name": options.name,
        "tags": list(options.tags) or None,
        "config": dict(options.config),
        "project": options.project,
        "group": options.group,
        "job_type": options.job_type,
        "notes": options.notes,
    }
    return {key: value for key, value in given.items() if value}


class CellHooks:
    """Listens to the events of one IPython shell.

    Nothing here raises into a cell: what fails is warned of once, and with ``RUNFOLIO_STRICT``
    raised to IPython, which prints it.

    Parameters
    ----------
    shell : InteractiveShell
    session : Session
        Whose current run is opened and closed.
    """

    def __init__(self, shell: Any, session: Session) -> None:
        self._shell = shell
        self._session = session
        self._log = CellLog()
        self._watch = Watch(shell)
        self._parsing = Parsing(shell)
        self._executing: list[Executing] = []
        self._runs_of: dict[str, list[str]] = {}
        self._remembered = False
        self._stop = StopShown(shell)
        self._generators = GeneratorWatch(shell, self._open_runs)
        self._inputs = CellInputs()
        self.live = LiveOutputs()

    def attach(self) -> None:
        """Begin to listen; cells executed before are noted as such."""
        self._take_in_history()
        self._inputs.begin()
        now = next((c.execution for c in self._executing if c.execution is not None), None)
        self._generators.begin(
            now.order if now is not None else self._shell.execution_count, within=now is not None
        )
        events = self._shell.events
        events.register("pre_run_cell", self._before_cell)
        events.register("post_run_cell", self._after_cell)
        self._session.opening.append(self._on_opening)
        self._session.opened.append(self._on_opened)
        if self._session.run is not None:
            self._on_opened(self._session.run)

    def detach(self) -> None:
        """Listen no longer; a tracked cell that is being executed ends its run here."""
        events = self._shell.events
        events.unregister("pre_run_cell", self._before_cell)
        events.unregister("post_run_cell", self._after_cell)
        with contextlib.suppress(ValueError):
            self._session.opening.remove(self._on_opening)
            self._session.opened.remove(self._on_opened)
        while self._executing:
            self._end_run(self._executing.pop(), Status.FINISHED, "")
        self._stop.remove()
        self._parsing.forget()
        self._generators.end()
        self._inputs.end()

    # Runs of many cells ------------------------------------------------------------------------

    def start(self, options: StartOptions) -> Run:
        """Open a run that lasts until `stop`; one that is open is finished first.

        Raises
        ------
        UsageError
            The cell has a run of its own.
        """
        if self._session.run is not None and self._session.owner == "magic":
            raise UsageError("This cell has a run of its own (%%track); start one in another cell.")
        self._session.end_implicitly()
        return self._session.open(keywords(options), owner="start")

    def stop(self) -> Run | None:
        """End the run that is open, and return it.

        Raises
        ------
        UsageError
            The run is that of a tracked cell, which ends with the cell.
        """
        run = self._session.run
        if run is not None and self._session.owner == "magic":
            raise UsageError(
                "The run of a %%track cell ends with the cell; there is no need to stop it."
            )
        if run is not None:
            run.end(Status.FINISHED, quiet=True)
        return run

    # The two events ----------------------------------------------------------------------------

    def _before_cell(self, info: Any) -> None:
        with guard("noting the cell"):
            part = self._tracked(info)
            if part is None and not info.store_history:
                return  # a front end's own question, not a cell of the notebook
            cell = self._note(info)
            cell.stacked = part is not None and bool(part.magic)
            self._stop.install()
            for run in self._open_runs():
                self._tell(run, cell)
            if part is not None:
                self._look(cell)
                self._open_run(cell, part)
            else:
                self._parsing.then(info, lambda: self._look(cell))

    def _after_cell(self, result: Any) -> None:
        with guard("closing the cell"):
            self._parsing.forget()
            cell = self._take(result)
            if cell is None:
                return
            try:
                self._close(cell, result)
            finally:
                forget_cells()
                if not self._executing:
                    self._stop.remove()
                show.in_place(self.live)

    def _close(self, cell: Executing, result: Any) -> None:
        error = cell.error(result)
        status, reason, word = outcome(error)
        if isinstance(error, StopRun) and result is not None:
            # Cleared, so that a notebook that is executed as a whole goes on with the next cell.
            result.error_in_exec = None
        with guard("keeping the traceback"):
            keep_traceback(self._shell, next(self._open_runs(cell), None), error)
        if cell.execution is not None:
            cell.execution = self._log.end(word, **self._found(cell, error))
            if cell.execution is not None:
                self._generators.after_cell(cell.execution)
        for run in self._open_runs(cell):
            self._tell(run, cell)
            note_settings(run, cell.execution, self._shell.user_ns)
            if cell.execution is not None:
                took_s = cell.execution.duration_s or 0.0
                run.life.look_at_environment(cell.execution.order, took_s)
        if cell.key and cell.runs:
            self._runs_of[cell.key] = cell.runs
        if cell.run is not None:
            self._end_run(cell, status, reason)
            show.after(cell.run, self.live)
        elif isinstance(error, StopRun) and self._session.run is not None:
            self._session.run.end(status, reason=reason, quiet=True)
        elif status is Status.FINISHED or not end_left(self._session.run, error):
            # The run of many cells goes on; this counts if nobody ends it on purpose.
            self._session.ending = None if status is Status.FINISHED else (status, reason)

    # One cell ----------------------------------------------------------------------------------

    def _tracked(self, info: Any) -> TrackedPart | None:
        shell = self._shell
        others = [t for t in shell.input_transformers_cleanup if not isinstance(t, Transformer)]
        part = tracked_part(info.raw_cell, others)
        if part is None or part.magic:
            return part
        runs = getattr(info, "transformed_cell", None)
        return part if is_python(runs or shell.transform_cell(info.raw_cell)) else None

    def _note(self, info: Any) -> Executing:
        cell = Executing(info)
        if info.store_history:
            cell_id = cell_id_of(self._shell, info)
            cell.execution = self._log.start(
                info.raw_cell, order_of(self._shell, counted=True), cell_id, _now_ms()
            )
            cell.key = f"id {cell_id}" if cell_id else f"source {cell.execution.hash}"
        self._executing.append(cell)
        return cell

    def _look(self, cell: Executing) -> None:
        """Look at what a cell finds, as late as can be before it is executed."""
        if cell.execution is None:
            return
        read = None
        with guard("looking at the variables"):
            cell.begun = self._watch.begin(cell.execution.source)
            read = cell.begun.names.read
        self._generators.before_cell(cell.execution, read)

    def _take(self, result: Any) -> Executing | None:
        """Return the cell whose end this is, and take it off the stack."""
        for place in reversed(range(len(self._executing))):
            cell = self._executing[place]
            if cell.ends_with(result):
                for unseen in reversed(self._executing[place + 1 :]):
                    if unseen.execution is not None:
                        self._log.end("interrupted")
                    self._end_run(unseen, Status.INTERRUPTED, _UNSEEN)
                del self._executing[place:]
                return cell
        return None

    def _open_run(self, cell: Executing, part: TrackedPart) -> None:
        session = self._session
        around = session.run
        nested = around is not None and session.owner in ("start", "magic")
        if nested and around is not None:
            cell.outer = (around, session.owner)
        else:
            session.end_implicitly()
        given = keywords(part.options)
        if cell.outer is not None:
            given["parent"] = cell.outer[0].id
        try:
            cell.run = session.open(given, owner="magic")
        except RunfolioError as error:
            if settings.flag("strict"):
                raise
            warn_once("opening", f"This cell is not recorded. {error}")
            return
        if part.is_python:
            cell.run.config.take_literals(literals(part.body))

    def _end_run(self, cell: Executing, status: Status, reason: str) -> None:
        if cell.run is None:
            return
        try:
            cell.run.end(status, reason=reason, quiet=True)
        finally:
            outer = cell.outer
            if outer is not None and not outer[0].status.ended:
                self._session.put_back(*outer)

    # What the session tells of a run, and what the run hears -----------------------------------

    def _on_opening(self, given: dict[str, Any], owner: str) -> None:
        """Name the run that this cell opened at this place when it was executed the last time."""
        del owner
        with guard("finding the earlier run of this cell"):
            if not self._executing or given.get("rerun_of"):
                return
            cell = self._executing[-1]
            if not self._remembered:
                self._remembered = True
                self._remember(settings.store_dir(given.get("dir")))
            earlier, place = self._runs_of.get(cell.key, []), len(cell.runs)
            if place < len(earlier):
                given["rerun_of"] = earlier[place]

    def _remember(self, store: Path) -> None:
        """Take in what earlier kernels of this notebook did, as far as its cells have ids."""
        notebook = self._session.identity.get("notebook")
        if notebook is not None and self._executing[-1].key.startswith("id "):
            for cell_id, runs in earlier_runs(store, notebook).items():
                self._runs_of.setdefault(f"id {cell_id}", runs)

    def _on_opened(self, run: Run) -> None:
        with guard("telling a new run of the cells"):
            self._session.ending = None
            if self._executing and not run.disabled:
                self._executing[-1].runs.append(run.id)
            for execution in self._log.executions:
                run.life.add_cell(execution)
            run.life.add_seeds(_seeds_of(e.source for e in self._log.executions))
            self._generators.opened(run)
            self.live.begin(run, self._session.owner)
            now = self._executing[-1] if self._executing else None
            self._inputs.run_opens(run, now.begun.opened if now and now.begun else None)
            if now is not None and now.execution is not None:
                self._inputs.cell_joins(run, self._log.executions)
            if not run.disabled:
                file = self._session.identity.get("notebook_file")
                run.life.before_end += [
                    lambda: self._note_so_far(run), lambda: note_notebook(run.life, file)
                ]  # fmt: skip

    def _note_so_far(self, run: Run) -> None:
        """Note the settings of the cell that the run ends in, as far as it has come."""
        if self._executing:
            note_settings(run, self._executing[-1].execution, self._shell.user_ns)

    def _tell(self, run: Run, cell: Executing) -> None:
        if cell.execution is None:
            return
        if cell.execution.status == "running":
            run.life.add_cell(cell.execution)
            seeds = seeds_in_source(cell.execution.source)
            if seeds:
                run.life.add_seeds(seeds)
            with guard("looking for what was read before"):
                self._inputs.cell_joins(run, self._log.executions)
        else:
            steps = run.life.steps_since()
            ended = cell.execution
            run.life.add_cell(ended if steps is None else replace(ended, steps=steps))

    def _found(self, cell: Executing, error: BaseException | None) -> dict[str, Any]:
        """Return what was learned of a cell that is over."""
        run = next(self._open_runs(cell), None)
        found: dict[str, Any] = {"run": run.id if run is not None else None}
        with guard("looking at what the cell did"):
            if cell.execution is not None:
                found |= self._watch.end(cell.begun, cell.execution, error)
                if cell.begun is not None:
                    self._inputs.cell_ends(cell.execution, cell.begun.opened)
        return found

    def _open_runs(self, *more: Executing) -> Iterator[Run]:
        """Yield the runs that are open now, inner ones first, each once."""
        seen: set[str] = set()
        outers = [cell.outer[0] for cell in (*more, *self._executing) if cell.outer]
        for run in (self._session.run, *outers):
            if run is not None and run.id not in seen and not run.status.ended:
                seen.add(run.id)
                yield run

    # Before the first event --------------------------------------------------------------------

    def _take_in_history(self) -> None:
        """Note what was executed before, and the cell that is being executed now."""
        history = getattr(self._shell, "history_manager", None)
        sources = list(history.input_hist_raw[1:]) if history is not None else []
        now = getattr(self._shell.displayhook, "exec_result", None)
        if now is not None and sources and sources[-1] == now.info.raw_cell:
            sources.pop()
        for order, source in enumerate(sources, start=1):
            if source:
                self._log.before_tracking(source, order)
        if now is not None and now.info.store_history:
            info = now.info
            cell = Executing(info)
            cell_id = cell_id_of(self._shell, info)
            order = now.execution_count or len(sources) + 1
            cell.execution = self._log.start(info.raw_cell, order, cell_id, _now_ms())
            cell.key = f"id {cell_id}" if cell_id else f"source {cell.execution.hash}"
            self._executing.append(cell)
            self._stop.install()


def _seeds_of(sources: Iterable[str]) -> dict[str, Any]:
    """Return the seeds that cells set, as far as their text tells; later cells count."""
    found: dict[str, Any] = {}
    for source in sources:
        found |= seeds_in_source(source)
    return found


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
