"""One trial of Optuna as a run: while it goes on, or afterwards, from what the study kept of it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, Final

from runfolio.errors import StopRun
from runfolio.format.codec import rfc3339
from runfolio.format.layout import run_id_at
from runfolio.integrations.studies import RUN_ID, StudyNotes
from runfolio.integrations.trial_taps import Taps
from runfolio.integrations.trial_values import ms_of, values_of
from runfolio.model.run import Status
from runfolio.record.guard import guard
from runfolio.record.process import ending_of
from runfolio.record.run import Run
from runfolio.record.session import session

__all__ = ["TrialRun"]

_STATES: Final = {"COMPLETE": Status.FINISHED, "PRUNED": Status.PRUNED, "FAIL": Status.FAILED}


class TrialRun:
    """The run of one trial; opened here.

    Parameters
    ----------
    trial : optuna.Trial or optuna.trial.FrozenTrial
    notes : StudyNotes
    names : sequence of str
        What the values of the objectives are called.
    outer : Run or None
        The run of the whole study.
    init : dict
        For `runfolio.init`.
    """

    def __init__(
        self,
        trial: Any,
        notes: StudyNotes,
        names: Sequence[str],
        outer: Run | None,
        init: dict[str, Any],
    ) -> None:
        given: dict[str, Any] = {
            "name": f"trial-{trial.number}", "group": notes.group or notes.facts["study"], "job_type": "trial",
            "quiet": True, "rerun_of": trial.user_attrs.get(RUN_ID),
        }  # fmt: skip
        if outer is not None:
            given |= {"parent": outer.id, "project": outer.project}
            given |= {"mode": "disabled"} if outer.disabled else {}
        began = rfc3339(ms_of(trial.datetime_start))
        # One of its own, whatever id the environment has for the whole program.
        given |= init | {"id": run_id_at(began, session.ids.token()), "reinit": "create_new"}
        self.run = session.open(given, owner="trial")
        self._names = names
        self._intermediate = f"intermediate/{names[0]}"
        notes.runs[trial.number] = self.run.id
        self.run.config.note({"optuna": notes.facts}, "optuna")
        self.run.summary["trial/number"] = trial.number
        for name, way in zip(names, notes.directions, strict=False):
            self.run.define_metric(name, goal=way)
        if len(names) == len(notes.directions) == 1:
            self.run.define_metric(self._intermediate, goal=notes.directions[0])

    def follow(self, objective: Callable[[Any], Any], trial: Any, pruned: type[Exception]) -> Any:
        """Call the objective, and record what it does; return what it returns.

        Parameters
        ----------
        pruned : type
            What an objective raises that is pruned.

        Raises
        ------
        TrialPruned
            Somebody asked the run to stop: the study goes on with the next trial.
        Exception
            What the objective raises.
        """
        taps = Taps(trial, self.run, self._intermediate)
        try:
            with self.run.as_current():
                returned = objective(trial)
        except BaseException as error:
            how = ending_of(error)
            status = Status.PRUNED if isinstance(error, pruned) else how.status
            self._end(trial, status, [], how.reason)
            if isinstance(error, StopRun):
                raise pruned(f"the run {self.run.id} was asked to stop") from error
            raise
        finally:
            taps.remove()
        values, why = values_of(returned, len(self._names))
        self._end(trial, Status.FAILED if why else Status.FINISHED, values, why)
        return returned

    def take(self, trial: Any) -> None:
        """Record a trial that has ended, at the time at which it took place."""
        ended = ms_of(trial.datetime_complete)
        for step, value in sorted(trial.intermediate_values.items()):
            # When it was reported is not known, only by when.
            self._log({self._intermediate: float(value)}, step, ended * 1_000_000)
        began = ms_of(trial.datetime_start or trial.datetime_complete)
        self.run.life.document.took_place(began, ended)
        status = _STATES[trial.state.name]
        # Of a pruned trial it is the last that was reported, and no result.
        values = trial.values if status is Status.FINISHED else []
        self._end(trial, status, values, "", ended * 1_000_000)

    def _log(self, values: dict[str, float], step: float, at_ns: int | None) -> None:
        if at_ns is None:
            self.run.log(values, step=step)
        else:
            self.run.life.writer.gate.append((step, at_ns, values))

    def _end(
        self,
        trial: Any,
        status: Status,
        values: Sequence[float],
        reason: str,
        at_ns: int | None = None,
    ) -> None:
        run = self.run
        if run.life.ended:
            return  # the objective did it
        with guard("recording what is known of a trial of Optuna"):
            run.config.note(trial.params, "optuna")
            for key, value in trial.user_attrs.items():
                if key != RUN_ID:
                    run.summary[f"user_attrs/{key}"] = value
            if values:  # a row of its own would be a step more
                row = dict(zip(self._names, values, strict=False))
                words = functools.partial(self._log, row, max(run.step - 1, 0), at_ns)
                run.life.before_end.append(words)  # there it is logged though the run is to stop
        run.end(status, reason=reason)
