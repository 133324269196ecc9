"""Many processes work on one study in a real PostgreSQL, which may go down in the midst of it."""

from __future__ import annotations

import contextlib
from pathlib import Path

import optuna
import pytest
from tests.integrations.studies import (
    STATES,
    Workers,
    assert_is_recorded,
    new_study,
    runs_of,
    until,
)
from tests.postgresql import Server

import runfolio
from runfolio.errors import RunfolioWarning
from runfolio.format.series import read_series
from runfolio.integrations.optuna import RunfolioCallback
from runfolio.store.store import Store

pytestmark = [pytest.mark.xdist_group("postgresql"), pytest.mark.timeout(240)]


def test_eight_processes_on_one_study_make_one_run_of_each_trial(
    postgresql: Server, store_path: Path
) -> None:
    study = new_study(postgresql.url, "eight")
    assert Workers(postgresql.url, "eight", processes=8, trials=3).ended() == {"done": 8}
    found = runs_of(store_path, "eight")
    assert sorted(found) == list(range(24)) == [trial.number for trial in study.trials]
    for trial in study.trials:
        assert_is_recorded(found[trial.number], trial)
    assert len({record.pid for record in found.values()}) == 8
    assert {record.status for record in found.values()} == set(STATES.values())


def test_a_server_that_goes_down_loses_nothing_and_the_study_goes_on_afterwards(
    postgresql: Server, store_path: Path
) -> None:
    study = new_study(postgresql.url, "down")
    workers = Workers(postgresql.url, "down", processes=3, trials=50, step_s=0.05)
    until(lambda: store_path.exists() and len(list(store_path.glob("*/run.json"))) > 6)
    postgresql.stop("immediate")
    try:
        ended = workers.ended()
    finally:
        postgresql.start()
    # The storage's own error, or what Optuna makes of it; none of ours, and nobody hangs.
    assert ended.total() == 3
    assert not {"done", "RunfolioError", "AttributeError"} & ended.keys()
    study = optuna.load_study(study_name="down", storage=postgresql.url)
    found = runs_of(store_path, "down")
    assert {record.status for record in found.values()} <= set(STATES.values())
    cut = [t.number for t in study.trials if not t.state.is_finished() and t.number in found]
    for trial in study.trials:
        if trial.state.is_finished():
            assert_is_recorded(found[trial.number], trial)
    for number in cut:  # what the server never heard is in the run
        series = read_series(found[number].path).get("intermediate/value")
        reported = series.value.tolist() if series is not None else []
        assert reported[: len(study.trials[number].intermediate_values)] == [
            *study.trials[number].intermediate_values.values()
        ]
    assert Workers(postgresql.url, "down", processes=2, trials=2).ended() == {"done": 2}
    later = runs_of(store_path, "down")
    assert len(later) == len(found) + 4


def test_a_trial_that_needs_nothing_of_the_storage_goes_on_to_its_end(
    postgresql: Server, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNFOLIO_STRICT")
    study, callback = new_study(postgresql.url, "going on"), RunfolioCallback()

    @callback.track
    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        postgresql.stop("immediate")
        with contextlib.suppress(optuna.exceptions.StorageInternalError):
            trial.report(5.0, 0)
        runfolio.log({"loss": 1})
        return x

    try:
        with (
            pytest.raises((optuna.exceptions.StorageInternalError, UnboundLocalError)),
            pytest.warns(RunfolioWarning, match="looking at what the run came from failed") as told,
            runfolio.init() as outer,
        ):
            study.optimize(objective, n_trials=2, callbacks=[callback])
    finally:
        postgresql.start()
    assert "StorageInternalError" in str(told[0].message)
    records = {record.id: record for record in Store(store_path).records()}
    assert records.pop(outer.id).status == "failed"
    (record,) = records.values()
    assert (record.status, record.group) == ("finished", "going on")
    assert record.metrics["value"].last == record.config["x"]
    assert record.metrics["intermediate/value"].last == 5
    assert record.metrics["loss"].n == 1


def test_a_server_that_is_down_when_a_trial_begins_is_no_error_of_ours(
    postgresql: Server, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNFOLIO_STRICT")
    study, callback = new_study(postgresql.url, "late"), RunfolioCallback()
    trial = study.ask()
    postgresql.stop("immediate")
    try:
        with pytest.warns(RunfolioWarning, match=r"of Optuna failed \(StorageInternalError"):
            assert callback.track(lambda _: 1.0)(trial) == 1
    finally:
        postgresql.start()
    (record,) = Store(store_path).records()
    assert (record.status, record.name, record.group) == ("finished", "trial-0", "late")


def test_studies_of_one_name_in_two_databases_are_two_groups(
    postgresql: Server, store_path: Path, tmp_path: Path
) -> None:
    for url in (postgresql.url, f"sqlite:///{tmp_path / 'other.db'}"):
        new_study(url, "twice")
        assert Workers(url, "twice", processes=2, trials=1).ended() == {"done": 2}
    assert sorted(runs_of(store_path, "twice")) == [0, 1]
    assert sorted(runs_of(store_path, "twice (2)")) == [0, 1]
