"""What is known of a whole study of Optuna: counts, the best, its history, the importances."""

from __future__ import annotations

import functools
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from runfolio.integrations.importances import importances
from runfolio.integrations.studies import GROUP, RUN_ID, StudyNotes
from runfolio.record.guard import guard, warn_once
from runfolio.record.patience import Begun
from runfolio.record.run import Run

__all__ = ["Sum", "log_study", "sum_up", "sum_up_at_the_end"]

_AT_END_S: Final = 30.0
"""A run that ends waits so long for the charts of a study: its storage may not answer."""


@dataclass(frozen=True, slots=True)
class Sum:
    """What is known of a whole study.

    Attributes
    ----------
    values : dict of str to value
        For the summary of a run.
    charts : dict of str to chart
    """

    values: dict[str, Any]
    charts: dict[str, Any]


def sum_up(study: Any, names: Sequence[str]) -> Sum:
    """Return how many trials a study has, the best, its history and the importances.

    Parameters
    ----------
    names : sequence of str
        One for each objective.
    """
    trials = study.get_trials(deepcopy=False)
    states = Counter(trial.state.name for trial in trials)
    done = [trial for trial in trials if trial.state.name == "COMPLETE"]
    values: dict[str, Any] = {"study/trials": len(trials)}
    for state, word in (("COMPLETE", "complete"), ("PRUNED", "pruned"), ("FAIL", "failed")):
        values[f"study/{word}"] = states[state]
    for key, value in study.user_attrs.items():
        if key != GROUP:
            values[f"study/user_attrs/{key}"] = value
    charts: dict[str, Any] = {}
    if done:
        values |= _best(study, names)
        for at, (name, way) in enumerate(zip(names, study.directions, strict=True)):
            suffix = f"/{name}" if len(names) > 1 else ""
            charts[f"study/history{suffix}"] = _history(done, at, name, way.name.lower())
            with guard("telling the importances of parameters"):
                charts[f"study/importances{suffix}"] = _importances(study, done, at, name)
    return Sum(values, {key: chart for key, chart in charts.items() if chart is not None})


def log_study(study: Any, found: Sum, run: Run) -> None:
    """Log what is known of a study to the run of the whole."""
    notes = StudyNotes.of(study)
    notes.summed_up.add(run.id)
    run.config.note({"optuna": notes.facts}, "optuna")
    for name, value in found.values.items():
        run.summary[name] = value
    if found.charts:  # to the last step: a row of its own would be a step more
        run.log(found.charts, step=max(run.step - 1, 0))


def sum_up_at_the_end(study: Any, names: Sequence[str], run: Run) -> None:
    """Have the study summed up when a run ends that was opened here, unless that is done by hand."""
    notes, life = StudyNotes.of(study), run.life
    notes.summed_up.discard(run.id)  # there is a trial more
    is_ours = not (life.ended or life.disowned or life.disabled or life.document.joined)
    if is_ours and run.id not in notes.outer:
        notes.outer.add(run.id)
        life.before_end.append(functools.partial(_at_the_end, study, names, run))


def _at_the_end(study: Any, names: Sequence[str], run: Run) -> None:
    if run.id in StudyNotes.of(study).summed_up:
        return
    work = functools.partial(sum_up, study, names)
    looking = Begun(work)
    found = looking.result(_AT_END_S) if looking.started else work()
    if found is None:
        warn_once("study", f"The study {study.study_name!r} could not be summed up in {_AT_END_S:g} s; "
                  "callback.summarize(study) does it.")  # fmt: skip
    else:
        log_study(study, found, run)


def _best(study: Any, names: Sequence[str]) -> dict[str, Any]:
    if len(names) > 1:
        return {"study/best_trials": [trial.number for trial in study.best_trials]}
    try:
        best = study.best_trial
    except ValueError:
        return {}  # none that keeps to the constraints
    found = {"study/best_trial": best.number, f"study/best_{names[0]}": best.value}
    run_id = best.user_attrs.get(RUN_ID) or StudyNotes.of(study).runs.get(best.number)
    return found | ({"study/best_run": run_id} if run_id else {})


def _history(done: Sequence[Any], at: int, name: str, way: str) -> Any:
    from runfolio.charts.history import history_chart

    points = sorted((trial.number, float(trial.values[at])) for trial in done)
    return history_chart(points, name, way)


def _importances(study: Any, done: Sequence[Any], at: int, name: str) -> Any:
    import optuna

    values = {trial.values[at] for trial in done}
    varied = {key for trial in done for key in trial.params}
    if len(values) < 2 or not varied:
        return None  # there is nothing to be explained
    sign = -1 if study.directions[at].name == "MAXIMIZE" else 1  # one way to tell looks at low ones
    target = (lambda trial: sign * trial.values[at]) if len(study.directions) > 1 else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shares = optuna.importance.get_param_importances(study, target=target)
    return importances(shares, f"importance for {name}", of="parameter")
