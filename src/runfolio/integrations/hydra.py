"""Hydra: each job is a run and a multirun a group, with what was composed and the overrides."""

from __future__ import annotations

import contextlib
import traceback
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from runfolio import settings
from runfolio._optional import require
from runfolio.capture import ranks
from runfolio.capture.script import Started, stand_for, started
from runfolio.capture.secrets.argv import secrets_of_argv
from runfolio.integrations.hydra_job import Job
from runfolio.integrations.job_files import keep, leave_note
from runfolio.model.run import Status
from runfolio.record.guard import guard
from runfolio.record.joining import outer_run
from runfolio.record.printed import STDERR
from runfolio.record.process import ending_of
from runfolio.record.redaction import redactor
from runfolio.record.session import current, session

if TYPE_CHECKING:
    from runfolio.record.run import Run

    _Base = object
else:
    _Base = require(
        "hydra.experimental.callback", feature="runfolio.integrations.hydra",
        install="runfolio[hydra]", at_least="1.3",
    ).Callback  # fmt: skip

__all__ = ["RunfolioCallback"]


class RunfolioCallback(_Base):
    """Makes a run of each job of Hydra's, with not a line of the program changed.

    In the configuration::

        hydra:
          callbacks:
            runfolio:
              _target_: runfolio.integrations.hydra.RunfolioCallback

    The run is open while the task function runs: ``runfolio.log`` logs into it, ``runfolio.init``
    joins it. It is named after the overrides unless somebody names it, and fails with the job. The
    jobs of a multirun are runs of one group, which is named after the sweep's folder. In a run that
    is open already a single job logs into that one, and the jobs of a multirun are its children. Of
    a distributed job the first rank opens the run.

    Parameters
    ----------
    project : str, optional
    **init
        For `runfolio.init`: ``name``, ``group``, ``tags``, ``job_type``, ``notes``, ``mode``.
    """

    _open: ClassVar[tuple[Any, Run, tuple[Run, str] | None] | None] = None
    """Configuration of the job whose run is open, that run, and the one around it with its owner."""

    def __init__(self, project: str | None = None, **init: Any) -> None:
        self._init = {"project": project, **init}
        self._sweep: Started | None = None
        self._run: Run | None = None

    def on_multirun_start(self, config: Any, **_: Any) -> None:
        """Note what was started, for processes that were not, and leave word in the sweep's folder."""
        self._sweep = started()
        if settings.mode(self._init.get("mode")) != "disabled":
            with guard("linking the folder of the sweep"):
                job = Job(config)
                group = self._init.get("group") or settings.read("group") or job.group
                store = settings.store_dir(self._init.get("dir"))
                leave_note(job.sweep_dir, {"group": str(group)}, store)

    def on_job_start(self, config: Any, **_: Any) -> None:
        """Open the job's run, or join the open one, and record what was composed."""
        if self._is_for_others(config):
            return
        job = Job(config)
        for name, value in secrets_of_argv(job.overrides):
            redactor().known.learn(name, value)
        # The store and the project are where the program was started.
        with contextlib.chdir(job.cwd) if job.cwd.is_dir() else contextlib.nullcontext():
            run = self._opened(config, job)
        if run.disabled:
            return
        with guard("recording what Hydra composed"):
            run.config.note(job.settings, "hydra")
            run.config.attribute(job.overridden, "override")
            run.summary.update(job.facts)
        run.life.before_end.append(partial(keep, run, job.output_dir, "*.log", "the job's log"))
        if job.subdir is not None:
            with guard("keeping the files of the job"):
                keep(run, job.output_dir, f"{job.subdir}/*.yaml", f"the files of {job.subdir}")
                leave_note(job.output_dir / job.subdir, {"run": run.id}, run.path)

    def on_job_end(self, job_return: Any, **_: Any) -> None:
        """End the job's run as the job ended."""
        run = self._run
        if run is None:
            return
        # Asked for its value by name, a job that failed prints and raises.
        value = getattr(job_return, "_return_value", None)
        error = value if job_return.status.name == "FAILED" else None
        if error is not None and run.life.output is not None:
            run.life.output.take(STDERR, "".join(traceback.format_exception(error)))
        elif isinstance(value, (int, float)) and not run.life.ended:
            run.summary["return_value"] = value
        ending = ending_of(error)
        self._leave(ending.status, ending.reason)

    def _is_for_others(self, config: Any) -> bool:
        """Return whether another callback has opened the run of this job, or another rank does."""
        if self._open is not None:
            if self._open[0] is config:
                return True
            self._leave(Status.INTERRUPTED, "the job ended without a word")
        return ranks.rank() > 0 and not (settings.read("run_id") or settings.read("attach"))

    def _opened(self, config: Any, job: Job) -> Run:
        found = current()
        outer = None if found is None or found.life.disowned else found
        if outer is not None and not job.in_sweep:
            return outer
        given = job.labels | {k: v for k, v in self._init.items() if v is not None}
        if job.in_sweep:
            given["parent"] = outer.id if outer is not None else outer_run()
            stand_for(job.started(self._sweep or started()))
        around = (outer, session.owner) if outer is not None else None
        try:
            run = self._run = session.open(given, owner="callback")
        finally:
            stand_for(None)
        # The task may still give it another name.
        session.asked, RunfolioCallback._open = self._init, (config, run, around)
        return run

    def _leave(self, status: Status, reason: str) -> None:
        held, self._run, RunfolioCallback._open = self._open, None, None
        if held is not None:
            _, run, around = held
            try:
                run.end(status, reason=reason)
            finally:
                if around is not None and not around[0].life.ended:
                    session.put_back(*around)
