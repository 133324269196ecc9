"""The doors for Python, on runs that were really recorded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.store.conftest import set_up_store

from runfolio.errors import QueryError, RunNotFound, UsageError
from runfolio.query.runs import Runs, load
from runfolio.query.table import runs_table
from runfolio.record import api, session
from runfolio.store.store import Store


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store with two finished runs, ``wide`` after ``base``."""
    set_up_store(tmp_path, monkeypatch)
    for name, lr in (("base", 1e-3), ("wide", 1e-2)):
        with api.init("digits", name=name, config={"lr": lr, "seed": 7}) as run:
            for step in range(5):
                run.log({"train/loss": lr / (step + 1)}, step=step)
            run.log({"val/acc": 0.9 + lr})
    yield Store.default()
    session.reset_for_tests()


def test_a_query_selects_and_counts(store: Store) -> None:
    runs = Runs(store, "lr<1e-2")
    assert [record.name for record in runs] == ["base"]
    assert (len(runs), runs.total, runs[0].name, runs[:1]) == (1, 2, "base", runs.records)
    assert "1 of 2 runs" in repr(runs)


def test_a_query_that_cannot_be_read_is_an_error_at_once(store: Store) -> None:
    with pytest.raises(QueryError):
        Runs(store, "lr<")


def test_the_metric_that_is_sorted_by_is_told(store: Store) -> None:
    assert Runs(store, "sort:-train/loss").sorted_by == "train/loss"
    assert Runs(store, "sort:lr").sorted_by is None
    assert Runs(store).sorted_by is None


def test_the_frame_has_the_settings_and_figures(store: Store) -> None:
    frame = Runs(store, "sort:lr").frame()
    assert frame["config.lr"].tolist() == [1e-3, 1e-2]
    assert frame["metrics.val/acc"].round(6).tolist() == [0.901, 0.91]


def test_the_history_is_long_and_of_the_chosen_metrics(store: Store) -> None:
    runs = Runs(store, "sort:lr")
    assert len(runs.history()) == 12
    one = runs.history("val/acc")
    assert one["name"].astype(str).tolist() == ["base", "wide"]
    with pytest.raises(UsageError, match='Did you mean "val/acc"'):
        runs.history(["val/ac"])


def test_the_table_hides_equal_settings_and_draws_the_course(store: Store) -> None:
    table = runs_table(Runs(store), main="train/loss")
    assert table.hidden_equal == ("seed",)
    assert [column.key for column in table.columns] == ["lr", "train/loss", "val/acc"]
    assert len(table.rows[0].sparkline) == 5


def test_one_run_is_loaded_by_name_and_shows_its_fields(store: Store) -> None:
    run = load("wide")
    assert (run.name, run.config["lr"], run.status) == ("wide", 1e-2, "finished")
    assert run.keys() == ["train/loss", "val/acc"]
    assert run.path == store.path / run.id
    assert "wide" in repr(run)
    assert not hasattr(run, "nothing")
    with pytest.raises(RunNotFound):
        load("wde", store)


def test_the_history_of_one_run_is_wide(store: Store) -> None:
    run = load("@best:val/acc", store)
    history = run.history()
    assert list(history.columns) == ["train/loss", "val/acc"]
    assert history.index.tolist() == [0, 1, 2, 3, 4, 5]
    assert list(run.history(["val/acc", "train/loss"]).columns) == ["val/acc", "train/loss"]
    assert len(run.history("val/acc")) == 1
    assert run.series("val/acc").value.round(6).tolist() == [0.91]
    for ask in (run.history, run.series):
        with pytest.raises(UsageError, match='no metric "val/ac"'):
            ask("val/ac")


def test_events_and_cells_of_a_script_can_be_read(store: Store) -> None:
    run = load("base", store)
    assert run.cells() == []
    assert all("kind" in event for event in run.events())


def test_a_loaded_run_follows_what_is_written(store: Store) -> None:
    with api.init("digits", name="live") as run:
        loaded = load("live", store)
        assert loaded.status == "running"
        run.log({"loss": 1.0})
    assert loaded.status == "finished"
    assert loaded.series("loss").value.tolist() == [1.0]
