"""Optuna: each trial is a run, a study is their group."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Sequence
from typing import Any, Final

from runfolio._optional import require
from runfolio.errors import UsageError
from runfolio.integrations.studies import RUN_ID, StudyNotes, has_run, metric_names
from runfolio.integrations.study_sums import log_study, sum_up, sum_up_at_the_end
from runfolio.integrations.target import Target
from runfolio.integrations.trials import TrialRun
from runfolio.record.guard import guard
from runfolio.record.run import Run
from runfolio.record.session import current

__all__ = ["RunfolioCallback"]

_OWN: Final = frozenset({"id", "name", "parent", "reinit", "resume", "rerun_of"})


class RunfolioCallback:
    """Logs each trial as a run: ``study.optimize(callback.track(objective), callbacks=[callback])``.

    `track` opens the run while the objective works, so that ``runfolio.log`` and
    ``runfolio.init`` in it, and the callbacks of other libraries, mean the trial's run. A trial
    that nobody tracked is recorded by the callback when it has ended. Together they make one run.

    Parameters are settings, what ``trial.report`` is told is the metric ``intermediate/value``, what
    the objective returns ``value``. The runs are grouped by the name of the study.

    Parameters
    ----------
    run : Run, optional
        The run of the whole study, else the one that is open: the trials' runs lie below it, and
        history and importances are logged to it when it ends.
    metric_name : str or sequence of str, optional
        What the objective returns; else what the study calls it, else ``value``, of several
        objectives ``value_0`` and so on.
    **init
        For `runfolio.init`, of each trial: ``project``, ``tags``, ``config``, ``group``.

    Raises
    ------
    MissingDependency
        Optuna is not installed, or is too old.
    UsageError
        `run` is no run; an id or a name is given, which each trial has for itself.
    """

    def __init__(
        self,
        run: Run | None = None,
        *,
        metric_name: str | Sequence[str] | None = None,
        **init: Any,
    ) -> None:
        require(
            "optuna", feature="runfolio.integrations.optuna", install="runfolio[optuna]",
            at_least="4.0",
        )  # fmt: skip
        wrong = sorted(_OWN & init.keys())
        if wrong:
            raise UsageError(
                f"{', '.join(wrong)}: each trial is a run of its own and has that for itself. Give what "
                "all of them share: project, group, tags, config."
            )
        self._target = Target(run)
        self._given = run
        self._metric_name = metric_name
        self._init = init

    def track(self, objective: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Return the objective with a run for each trial; also as a decorator.

        Called with something else than a trial of a study (``FixedTrial``), or within a trial that
        is tracked already, it is the objective and nothing more.
        """
        import optuna

        @functools.wraps(objective)
        def tracked(trial: Any) -> Any:
            one = self._open(trial) if isinstance(trial, optuna.Trial) else None
            if one is None:
                return objective(trial)
            return one.follow(objective, trial, optuna.TrialPruned)

        return tracked

    def __call__(self, study: Any, trial: Any) -> None:
        """Record a trial that has ended, if it has no run yet; Optuna calls it."""
        notes, names, outer = self._look(study)
        with guard("recording a trial of Optuna"):
            if not has_run(study, trial):
                # What the machine does and prints now is not what it did then.
                init = self._init | {"system": False, "console": "off"}
                TrialRun(trial, notes, names, outer, init).take(trial)
        if outer is not None and outer.life.stop_requested:
            with contextlib.suppress(RuntimeError):  # called by hand, outside of `optimize`
                study.stop()

    def summarize(self, study: Any) -> None:
        """Log what is known of the whole study: how many trials, the best, history, importances.

        The run of the study does it by itself when it ends, if trials of this process were
        recorded. Without one that is open, a run of its own is opened for it, of the type
        ``study``.
        """
        notes, names, _ = self._look(study)
        run = self._target.join(
            **{"name": study.study_name, "group": notes.group, "job_type": "study"} | self._init
        )
        with guard("summing up a study of Optuna"):
            log_study(study, sum_up(study, names), run)
        self._target.leave()

    def _look(self, study: Any) -> tuple[StudyNotes, list[str], Run | None]:
        """Return what is known of a study, what its values are called, and the run of the whole."""
        notes, outer = StudyNotes.of(study), self._given or current()
        with guard("looking at a study of Optuna"):
            notes.learn(study, self._init)
        names = metric_names(self._metric_name, notes)
        if outer is not None:
            sum_up_at_the_end(study, names, outer)
        return notes, names, outer

    def _open(self, trial: Any) -> TrialRun | None:
        """Return the run of a trial that begins; ``None`` where it has one."""
        notes, names, outer = self._look(trial.study)
        one = None
        if trial.number not in notes.runs:
            with guard("opening the run of a trial of Optuna"):
                one = TrialRun(trial, notes, names, outer, self._init)
        if one is not None and not one.run.disabled:
            with guard("noting the run in the trial of Optuna"):
                trial.set_user_attr(RUN_ID, one.run.id)
        return one
