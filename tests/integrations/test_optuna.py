"""Each trial of Optuna is a run, a study their group; tracked while it goes on, or afterwards."""

from __future__ import annotations

import copy
import logging
import math
import pickle
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import optuna
import pytest
import xgboost
from tests.integrations.conftest import Digits, charts_of, media_of

import runfolio
from runfolio._optional import require
from runfolio.errors import MissingDependency, RunfolioWarning, UsageError
from runfolio.format.edits import write_edit
from runfolio.format.series import read_series
from runfolio.integrations.optuna import RunfolioCallback
from runfolio.integrations.xgboost import RunfolioCallback as OfXGBoost
from runfolio.model.run import RunRecord
from runfolio.store.store import Store
from runfolio.testing import FixedClock


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Only what is wrong is told, and what is meant to be is not."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(logging.CRITICAL)
    yield
    optuna.logging.set_verbosity(before)


def parabola(trial: Any) -> float:
    x = trial.suggest_float("x", -5, 5)
    trial.suggest_categorical("kind", ["a", "b"])
    for step in range(3):
        trial.report(x * x + 2 - step, step)
    return x * x


def study_of(name: str = "parabolas", **more: Any) -> Any:
    return optuna.create_study(
        study_name=name, sampler=optuna.samplers.RandomSampler(seed=0), **more
    )


@pytest.fixture
def trials(store_path: Path) -> Any:
    """Read the runs of the trials, by their numbers; two of one would be found."""

    def read(group: str | None = None) -> dict[int, RunRecord]:
        found: dict[int, RunRecord] = {}
        for record in Store(store_path).records():
            if record.job_type == "trial" and group in (None, record.group):
                number = int(record.name.removeprefix("trial-"))
                assert number not in found
                found[number] = record
        return found

    return read


# Both ways to use it record the same.
WAYS = {
    "tracked": lambda callback: (callback.track, []),
    "told": lambda callback: (lambda objective: objective, [callback]),
    "both": lambda callback: (callback.track, [callback]),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_trial_is_one_run_with_what_optuna_knows_of_it(way: str, trials: Any) -> None:
    study = study_of()
    wrap, callbacks = WAYS[way](RunfolioCallback(tags=["first"]))
    study.optimize(wrap(parabola), n_trials=3, callbacks=callbacks)
    found = trials("parabolas")
    assert sorted(found) == [0, 1, 2]
    for number, record in found.items():
        trial = study.trials[number]
        series = read_series(record.path)
        assert (record.status, record.tags) == ("finished", ("first",))
        assert {key: record.config[key] for key in trial.params} == trial.params
        assert record.config_source["x"] == "optuna"
        assert record.metrics["value"].last == trial.value
        assert series["value"].step.tolist() == [2]
        assert series["intermediate/value"].step.tolist() == [0, 1, 2]
        assert series["intermediate/value"].value.tolist() == [*trial.intermediate_values.values()]
        assert record.summary["trial/number"] == number
        assert record.metrics["value"].goal == "minimize"
        assert record.config["optuna"] == {
            "study": "parabolas", "sampler": "RandomSampler", "pruner": "MedianPruner",
            "direction": "minimize",
        }  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_pruned_and_failed_trials_have_that_state(way: str, trials: Any) -> None:
    def objective(trial: Any) -> Any:
        trial.suggest_int("n", 0, 9)
        trial.report(4.0, 0)
        if trial.number == 0:
            raise optuna.TrialPruned
        if trial.number == 1:
            raise ValueError("no luck")
        return [math.nan, "text", (1.0, 2.0), math.inf][trial.number - 2]

    study = study_of()
    wrap, callbacks = WAYS[way](RunfolioCallback())
    study.optimize(wrap(objective), n_trials=6, callbacks=callbacks, catch=(ValueError,))
    found = trials()
    states = {
        "COMPLETE": "finished",
        "PRUNED": "pruned",
        "FAIL": "failed",
    }
    assert [found[n].status for n in range(6)] == [states[t.state.name] for t in study.trials]
    assert [trial.state.name for trial in study.trials] == ["PRUNED", *["FAIL"] * 4, "COMPLETE"]
    assert ["value" in found[n].metrics for n in range(6)] == [False] * 5 + [True]
    assert all("n" in found[n].config for n in range(6))
    assert found[0].metrics["intermediate/value"].last == 4
    assert read_series(found[5].path)["value"].value.tolist() == [math.inf]


def test_why_a_tracked_trial_failed_is_in_its_run(trials: Any) -> None:
    def objective(trial: Any) -> Any:
        if trial.number == 0:
            raise ValueError("no luck")
        return [math.nan, "text", (1.0, 2.0)][trial.number - 1]

    study_of().optimize(RunfolioCallback().track(objective), n_trials=4, catch=(ValueError,))
    reasons = [trials()[number].note for number in range(4)]
    assert reasons == [
        "ValueError: no luck",
        "the objective returned NaN",
        "the objective returned 'text', which is no number",
        "the objective returned 2 values; the study has 1 objectives",
    ]


def test_an_error_that_nobody_catches_ends_the_study_and_is_in_the_run(trials: Any) -> None:
    callback = RunfolioCallback()
    for error, status in ((ZeroDivisionError, "failed"), (KeyboardInterrupt, "interrupted")):

        @callback.track
        def objective(trial: Any, error: Any = error) -> float:
            trial.suggest_float("x", 0, 1)
            raise error

        study = study_of(error.__name__)
        with pytest.raises(error):
            study.optimize(objective, n_trials=3, callbacks=[callback])
        assert [record.status for record in trials(error.__name__).values()] == [status]


TERMINATED = """
import os, signal, time, optuna, runfolio
from runfolio.integrations.optuna import RunfolioCallback

def objective(trial):
    x = trial.suggest_float("x", 0, 1)
    runfolio.log({"loss": x})
    if trial.number == 0:
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(write, b"!")  # before that, Python itself may let a signal drop
            time.sleep(60)
        os.read(read, 1)
        os.kill(child, signal.SIGTERM)
        print("child", os.WTERMSIG(os.waitpid(child, 0)[1]), flush=True)
        return x
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(60)

optuna.create_study(study_name="ended").optimize(RunfolioCallback().track(objective), n_trials=3)
"""


def test_a_process_that_is_terminated_in_mid_trial_ends_its_run(trials: Any) -> None:
    done = subprocess.run([sys.executable, "-c", TERMINATED], capture_output=True, text=True,
                          check=False, timeout=60)  # fmt: skip
    assert (done.returncode, done.stdout) == (128 + signal.SIGTERM, "child 15\n"), done.stderr
    found = trials()
    assert [found[n].status for n in range(2)] == ["finished", "interrupted"]
    assert found[1].metrics["loss"].last == found[1].config["x"]


def test_signals_are_the_programs_own_again_after_a_trial(trials: Any) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)]
    study_of().optimize(RunfolioCallback().track(parabola), n_trials=1)
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)] == before


def test_what_the_objective_logs_and_opens_is_the_trials_run(trials: Any) -> None:
    def objective(trial: Any) -> float:
        x = trial.suggest_float("x", 0, 1)
        with runfolio.init(config={"x": x, "epochs": 3}, tags=["inner"]) as run:
            for step in range(3):
                run.log({"loss": x + step})
            assert runfolio.config.epochs == 3
        runfolio.log({"after": 1})
        assert trial.user_attrs["runfolio_run_id"] == runfolio.run.id == run.id
        return x

    study_of().optimize(RunfolioCallback().track(objective), n_trials=2)
    assert runfolio.run is None
    for record in trials().values():
        assert (record.metrics["loss"].n, record.metrics["after"].n) == (3, 1)
        assert (record.config["epochs"], record.tags) == (3, ("inner",))


def test_another_librarys_callback_logs_to_the_trials_run(digits: Digits, trials: Any) -> None:
    x, x_test, y, y_test = digits
    seen, unseen = xgboost.DMatrix(x, y), xgboost.DMatrix(x_test, y_test)

    def objective(trial: Any) -> float:
        settings = {"objective": "multi:softprob", "num_class": 10, "nthread": 1,
                    "eta": trial.suggest_float("eta", 0.1, 1, log=True)}  # fmt: skip
        results: dict[str, Any] = {}
        xgboost.train(settings, seen, 2, evals=[(unseen, "val")], verbose_eval=False,
                      evals_result=results, callbacks=[OfXGBoost()])  # fmt: skip
        return results["val"]["mlogloss"][-1]

    with runfolio.init() as outer:
        study_of().optimize(RunfolioCallback().track(objective), n_trials=2)
    for record in trials().values():
        assert record.metrics["val/mlogloss"].n == 2
        assert record.metrics["val/mlogloss"].last == pytest.approx(record.metrics["value"].last)
    assert "val/mlogloss" not in Store(outer.path.parent).record(outer.id).metrics


def test_the_open_run_is_the_studys_and_gets_history_and_importances(
    store_path: Path, trials: Any
) -> None:
    study = study_of()
    study.set_user_attr("data", "none")
    callback = RunfolioCallback()
    with runfolio.init(project="letters") as outer:
        study.optimize(callback.track(parabola), n_trials=6, callbacks=[callback])
        outer.log({"after": 1})
    record = Store(store_path).record(outer.id)
    assert charts_of(record) == {"study/history", "study/importances"}
    assert record.summary["study/trials"] == record.summary["study/complete"] == 6
    assert record.summary["study/best_value"] == study.best_value
    best = trials()[record.summary["study/best_trial"]]
    assert record.summary["study/best_run"] == best.id
    assert record.summary["study/user_attrs/data"] == "none"
    assert record.metrics["after"].last_step == 0
    assert {(one.parent, one.project) for one in trials().values()} == {(outer.id, "letters")}


def test_a_study_is_summed_up_on_demand_in_a_run_of_its_own(store_path: Path) -> None:
    study, callback = study_of(), RunfolioCallback()
    study.optimize(callback.track(parabola), n_trials=4)
    callback.summarize(study)
    (record,) = [r for r in Store(store_path).records() if r.job_type == "study"]
    assert (record.name, record.group, record.status) == ("parabolas", "parabolas", "finished")
    assert charts_of(record) == {"study/history", "study/importances"}


def test_what_was_summed_up_by_hand_is_not_told_twice_unless_more_trials_came(
    store_path: Path,
) -> None:
    study, callback = study_of(), RunfolioCallback()
    for more in (0, 2):
        with runfolio.init() as outer:
            study.optimize(callback.track(parabola), n_trials=3)
            callback.summarize(study)
            if more:
                study.optimize(callback.track(parabola), n_trials=more)
        record = Store(store_path).record(outer.id)
        assert record.summary["study/trials"] == len(study.trials)
        assert len(media_of(record)) == (4 if more else 2)


def test_of_several_objectives_each_is_a_metric_with_its_way(store_path: Path, trials: Any) -> None:
    def objective(trial: Any) -> tuple[float, float]:
        x = trial.suggest_float("x", 0, 1)
        return x, -2 * x + trial.suggest_int("y", 0, 3)

    study = study_of(directions=["minimize", "maximize"])
    callback = RunfolioCallback(metric_name=["time", "accuracy"])
    with runfolio.init() as outer:
        study.optimize(callback.track(objective), n_trials=6, callbacks=[callback])
    for number, record in trials().items():
        assert [record.metrics[key].last for key in ("time", "accuracy")] == study.trials[
            number
        ].values
        assert record.metrics["accuracy"].goal == "maximize"
        assert record.config["optuna"]["direction"] == ["minimize", "maximize"]
    record = Store(store_path).record(outer.id)
    assert charts_of(record) == {
        f"study/{kind}/{name}"
        for kind in ("history", "importances")
        for name in ("time", "accuracy")
    }
    assert record.summary["study/best_trials"] == [trial.number for trial in study.best_trials]


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
@pytest.mark.parametrize(
    ("given", "named", "names"),
    [
        (None, None, ["value_0", "value_1"]),
        ("score", None, ["score_0", "score_1"]),
        (("a", "b"), ["c", "d"], ["a", "b"]),
        (None, ["c", "d"], ["c", "d"]),
    ],
)
def test_values_are_called_as_given_else_as_the_study_calls_them(
    given: Any, named: Any, names: list[str], trials: Any
) -> None:
    study = study_of(directions=["minimize", "maximize"])
    if named:
        study.set_metric_names(named)
    study.optimize(lambda _: (1, 2), n_trials=1, callbacks=[RunfolioCallback(metric_name=given)])
    assert sorted(trials()[0].metrics) == names


@pytest.mark.parametrize("names", [["a"], ["a", "b", "c"]])
def test_more_or_fewer_names_than_objectives_are_refused(names: list[str]) -> None:
    study = study_of(directions=["minimize", "maximize"])
    with pytest.raises(
        UsageError, match=rf"metric_name has {len(names)} names .* has 2 objectives"
    ):
        study.optimize(
            lambda _: (1, 2), n_trials=1, callbacks=[RunfolioCallback(metric_name=names)]
        )


def test_a_study_within_a_trial_lies_below_that_trials_run(store_path: Path) -> None:
    callback = RunfolioCallback()

    def objective(trial: Any) -> float:
        inner = study_of("inner")
        inner.optimize(callback.track(parabola), n_trials=2, callbacks=[callback])
        return trial.suggest_float("y", 0, 1) + inner.best_value

    study = study_of("outer")
    with runfolio.init() as whole:
        study.optimize(callback.track(objective), n_trials=2, callbacks=[callback])
    records = {record.id: record for record in Store(store_path).records()}
    assert records.pop(whole.id).summary["study/complete"] == 2
    below = [(one.group, one.parent) for one in records.values() if one.parent != whole.id]
    trials_of_outer = [trial.user_attrs["runfolio_run_id"] for trial in study.trials]
    first, second = ([("inner", trials_of_outer[0])], [("inner (2)", trials_of_outer[1])])
    assert sorted(below) == sorted(first * 2 + second * 2)
    for run_id in trials_of_outer:
        record = records[run_id]
        assert (record.group, record.parent, record.status) == ("outer", whole.id, "finished")
        assert record.summary["study/trials"] == 2


@pytest.mark.parametrize("value", ["a" * 100_000, {"a": [1, {"b": "c"}]}, 2.5, True])
@pytest.mark.parametrize("way", WAYS)
def test_attributes_of_a_trial_are_kept_whole(way: str, value: Any, trials: Any) -> None:
    def objective(trial: Any) -> float:
        trial.set_user_attr("said", value)
        return 1.0

    wrap, callbacks = WAYS[way](RunfolioCallback())
    study_of().optimize(wrap(objective), n_trials=1, callbacks=callbacks)
    assert trials()[0].summary["user_attrs/said"] == value


def test_threads_of_one_study_keep_their_trials_apart(trials: Any) -> None:
    together = threading.Barrier(4, timeout=30)

    def objective(trial: Any) -> float:
        x = trial.suggest_float("x", 0, 1)
        runfolio.log({"mine": x})
        together.wait()
        runfolio.log({"mine": x, "number": trial.number})
        return x

    callback = RunfolioCallback()
    study_of().optimize(callback.track(objective), n_trials=8, n_jobs=4, callbacks=[callback])
    found = trials()
    assert sorted(found) == list(range(8))
    for number, record in found.items():
        values = read_series(record.path)["mine"].value.tolist()
        assert values == [record.config["x"]] * 2 == [record.metrics["value"].last] * 2
        assert record.metrics["number"].last == number


def test_a_trial_that_was_told_afterwards_stands_where_it_took_place(trials: Any) -> None:
    study = study_of()
    began = datetime.now().replace(microsecond=0) - timedelta(hours=2)  # noqa: DTZ005 - as Optuna's
    trial = optuna.trial.create_trial(
        state=optuna.trial.TrialState.COMPLETE, value=1.0, params={}, distributions={},
        intermediate_values={3: 2.0},
    )  # fmt: skip
    trial.datetime_start, trial.datetime_complete = began, began + timedelta(minutes=30)
    study.add_trial(trial)
    RunfolioCallback()(study, study.trials[0])
    record = trials()[0]
    assert record.created_at == began.astimezone(UTC)
    assert (record.duration_s, record.id[:15]) == (1800, f"{began.astimezone(UTC):%Y%m%dT%H%M%S}")
    series = read_series(record.path)["intermediate/value"]
    assert series.step.tolist() == [3]
    assert series.time_ms.tolist()[0] == (began + timedelta(minutes=30)).timestamp() * 1000


def test_ask_and_tell_is_tracked_and_told_as_optimize_is(trials: Any) -> None:
    study, callback = study_of(), RunfolioCallback()
    tracked = callback.track(parabola)
    study.enqueue_trial({"x": 3.0, "kind": "b"})
    first = study.ask()
    study.tell(first, tracked(first))
    second = study.ask({"x": optuna.distributions.FloatDistribution(0, 1)})
    callback(study, study.tell(second, 7.0))
    callback(study, study.trials[0])
    found = trials()
    assert (found[0].config["x"], found[0].metrics["value"].last) == (3, 9)
    assert (found[1].config["x"], found[1].metrics["value"].last) == (second.params["x"], 7)
    assert len(found) == 2


def test_two_callbacks_and_two_decorators_make_one_run(trials: Any, store_path: Path) -> None:
    first, second = RunfolioCallback(), RunfolioCallback()
    study = study_of()
    study.optimize(second.track(first.track(parabola)), n_trials=2, callbacks=[first, second])
    study.optimize(parabola, n_trials=2, callbacks=[first, first, second])
    assert sorted(trials()) == [0, 1, 2, 3]
    assert len(Store(store_path).records()) == 4


def test_a_callback_serves_a_second_study(trials: Any) -> None:
    callback = RunfolioCallback()
    for name in ("a", "b"):
        study_of(name).optimize(callback.track(parabola), n_trials=2, callbacks=[callback])
    assert sorted(trials("a")) == sorted(trials("b")) == [0, 1]


@pytest.mark.parametrize("name", ["two/of one name", "ünïcode 🙂 \"quoted\" 'x'\n:,", "a" * 400])
def test_two_studies_of_one_name_are_two_groups(name: str, trials: Any) -> None:
    callback = RunfolioCallback()
    for _ in range(2):
        study_of(name).optimize(callback.track(parabola), n_trials=2)
    assert sorted(trials(name)) == sorted(trials(f"{name} (2)")) == [0, 1]


def test_a_study_that_goes_on_later_keeps_its_group(tmp_path: Path, trials: Any) -> None:
    url = f"sqlite:///{tmp_path / 'study.db'}"
    for _ in range(2):
        study = optuna.create_study(study_name="kept", storage=url, load_if_exists=True)
        study.optimize(RunfolioCallback().track(parabola), n_trials=2)
    other = f"sqlite:///{tmp_path / 'other.db'}"
    optuna.create_study(study_name="kept", storage=other).optimize(
        RunfolioCallback().track(parabola), n_trials=1
    )
    assert sorted(trials("kept")) == [0, 1, 2, 3]
    assert sorted(trials("kept (2)")) == [0]
    ids = [trial.user_attrs["runfolio_run_id"] for trial in study.trials]
    assert ids == [trials("kept")[number].id for number in range(4)]


def test_a_group_that_was_given_is_the_group(trials: Any) -> None:
    for _ in range(2):
        study = study_of()
        study.optimize(parabola, n_trials=1, callbacks=[RunfolioCallback(group="mine")])
        assert study.user_attrs == {}
    groups = {record.group for record in Store(Path("folio")).records()}
    assert groups == {"mine"}


@pytest.mark.filterwarnings("ignore:RetryFailedTrialCallback:FutureWarning")
@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_a_trial_that_is_tried_again_is_linked_to_the_one_that_failed(trials: Any) -> None:
    callback, study = RunfolioCallback(), study_of()
    study.optimize(callback.track(parabola), n_trials=1)
    failed = copy.deepcopy(study.trials[0])
    failed.state = optuna.trial.TrialState.FAIL
    again = optuna.storages.RetryFailedTrialCallback()
    again(study, failed)
    again(study, failed)
    study.optimize(callback.track(parabola), n_trials=1, callbacks=[callback])
    study.optimize(parabola, n_trials=1, callbacks=[callback])
    found = trials()
    assert sorted(found) == [0, 1, 2]
    assert found[1].rerun_of == found[2].rerun_of == found[0].id
    assert found[0].rerun_of is None


def test_a_run_that_is_asked_to_stop_prunes_its_trial_and_the_study_goes_on(trials: Any) -> None:
    def objective(trial: Any) -> float:
        if trial.number == 0:
            write_edit(runfolio.run.path, "stop", "", None, clock=FixedClock())
            runfolio.run.life.take_edits()
        trial.report(1.0, 0)
        return 1.0

    study = study_of()
    study.optimize(RunfolioCallback().track(objective), n_trials=2)
    assert [trials()[number].status for number in range(2)] == ["stopped", "finished"]
    assert [trial.state.name for trial in study.trials] == ["PRUNED", "COMPLETE"]


def test_what_an_objective_returns_that_goes_on_though_asked_to_stop_is_kept(trials: Any) -> None:
    def objective(trial: Any) -> float:
        runfolio.run.life.ask_to_stop()
        return 3.0

    study_of().optimize(RunfolioCallback().track(objective), n_trials=1)
    assert (trials()[0].status, trials()[0].metrics["value"].last) == ("stopped", 3)


def test_a_study_ends_where_the_run_of_the_whole_is_asked_to_stop(trials: Any) -> None:
    callback = RunfolioCallback()
    with runfolio.init() as outer:
        study = study_of()

        def objective(trial: Any) -> float:
            if trial.number == 1:
                outer.life.ask_to_stop()
            return 1.0

        study.optimize(callback.track(objective), n_trials=5, callbacks=[callback])
    assert sorted(trials()) == [0, 1]
    record = Store(outer.path.parent).record(outer.id)
    assert (record.status, charts_of(record)) == ("stopped", {"study/history"})


def test_the_trial_is_its_own_again_afterwards_and_copies_log_nothing(trials: Any) -> None:
    kept: list[Any] = []

    def objective(trial: Any) -> float:
        x = trial.suggest_float("x", 0, 1)
        for other in (copy.deepcopy(trial), pickle.loads(pickle.dumps(trial))):
            other.report(99.0, 50)
        trial.report(1.0, step=1)
        trial.report(2.0, step=1)  # Optuna passes over the second of a step
        kept.append(trial)
        return x

    with pytest.warns(UserWarning, match="already reported|step=1"):
        study_of().optimize(RunfolioCallback().track(objective), n_trials=1)
    assert not {"report", "suggest_float"} & vars(kept[0]).keys()
    series = read_series(trials()[0].path)["intermediate/value"]
    assert (series.step.tolist(), series.value.tolist()) == ([1], [1.0])


def test_without_a_trial_of_a_study_the_objective_is_called_as_it_is(store_path: Path) -> None:
    tracked = RunfolioCallback().track(parabola)
    assert tracked(optuna.trial.FixedTrial({"x": 3.0, "kind": "a"})) == 9
    assert not store_path.exists()
    assert (tracked.__name__, tracked.__doc__) == ("parabola", parabola.__doc__)


def test_a_disabled_study_writes_nothing(store_path: Path) -> None:
    study = study_of()
    with runfolio.init(mode="disabled"):
        study.optimize(RunfolioCallback().track(parabola), n_trials=2)
    assert not store_path.exists()
    assert "runfolio_run_id" not in study.trials[0].user_attrs


def test_a_store_that_cannot_be_written_does_not_end_the_study(
    store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNFOLIO_STRICT")
    store_path.write_text("in the way")
    study, callback = study_of(), RunfolioCallback()
    with pytest.warns(RunfolioWarning) as told:
        study.optimize(callback.track(parabola), n_trials=2, callbacks=[callback])
    assert len(study.best_trials) == 1
    assert any("opening the run of a trial of Optuna failed" in str(one.message) for one in told)


def test_a_storage_that_is_lost_ends_the_trial_as_it_would_and_its_run_is_whole(
    tmp_path: Path, trials: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNFOLIO_STRICT")
    path = tmp_path / "study.db"
    study = study_of(storage=f"sqlite:///{path}")

    def objective(trial: Any) -> float:
        x = trial.suggest_float("x", 0, 1)
        trial.report(1.0, 0)
        if trial.number == 1:
            with sqlite3.connect(path) as database:
                database.execute("drop table trial_intermediate_values")
            trial.report(2.0, 1)
        return x

    with pytest.raises(
        (optuna.exceptions.StorageInternalError, UnboundLocalError)
    ):  # Optuna's own slip
        study.optimize(RunfolioCallback().track(objective), n_trials=3)
    found = trials()
    assert [found[number].status for number in (0, 1)] == ["finished", "failed"]
    assert "StorageInternalError" in found[1].note
    assert read_series(found[1].path)["intermediate/value"].value.tolist() == [1.0, 2.0]
    assert 0 <= found[1].config["x"] <= 1


@pytest.mark.parametrize("word", ["id", "name", "resume"])
def test_what_each_trial_has_for_itself_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match=rf"{word}: each trial is a run of its own"):
        RunfolioCallback(**{word: "x"})


def test_something_else_than_a_run_is_refused() -> None:
    with pytest.raises(UsageError, match=r"run is a str; expected what runfolio\.init"):
        RunfolioCallback("my run")


def test_an_older_optuna_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optuna.__version__", "2.10.1")
    with pytest.raises(
        MissingDependency, match=r"optuna 4\.0 or newer, and 2\.10\.1 .*runfolio\[optuna\]"
    ):
        RunfolioCallback()


def test_a_missing_optuna_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingDependency, match=r"pip install .*'runfolio\[optuna\]'"):
        require("optuna", feature="it", install="runfolio[optuna]", at_least="4.0")
