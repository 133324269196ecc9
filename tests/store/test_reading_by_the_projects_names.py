"""Runs are read by the names of the project's ``metrics.toml``; nothing of them is rewritten."""

from __future__ import annotations

from pathlib import Path

import pytest

import runfolio
from runfolio.errors import QueryError
from runfolio.format.manifest import read_record
from runfolio.query.runs import Runs
from runfolio.store.reader import RunReader
from runfolio.store.store import Store

WORDS = '"train/loss" = { aliases = ["training_loss"], unit = "nats", goal = "min" }\n'


@pytest.fixture
def two_runs(store_path: Path) -> list[Path]:
    """Two runs that call one thing by two names, and now a file that says so."""
    paths = []
    for key, value in (("training_loss", 0.5), ("train/loss", 0.25)):
        with runfolio.init(project="p") as run:
            for step in range(3):
                run.log({key: value - step / 100})
            paths.append(run.path)
    Path("metrics.toml").write_text(WORDS)
    return paths


def test_old_runs_compare_under_the_new_name(two_runs: list[Path]) -> None:
    frame = runfolio.runs("sort:train/loss").frame()
    assert list(frame["metrics.train/loss"]) == [0.23, 0.48]
    assert "metrics.training_loss" not in frame
    history = runfolio.runs().history("train/loss")
    assert history.groupby("run_id", observed=True).size().tolist() == [3, 3]


def test_the_points_of_a_run_are_had_by_the_projects_name(two_runs: list[Path]) -> None:
    run = runfolio.load(two_runs[0].name)
    assert run.keys() == ["train/loss"]
    assert run.series("train/loss").value.tolist() == [0.5, 0.49, 0.48]
    assert run.history().columns.tolist() == ["train/loss"]


def test_a_query_may_still_say_the_old_name(two_runs: list[Path]) -> None:
    assert len(runfolio.runs("training_loss<0.3")) == 1
    assert len(runfolio.runs("metrics.training_loss<0.9")) == 2
    with pytest.raises(QueryError):
        runfolio.runs("training_los<0.3")


def test_goal_and_unit_hold_for_runs_that_did_not_know_them(two_runs: list[Path]) -> None:
    summaries = [record.metrics["train/loss"] for record in runfolio.runs()]
    assert {(s.goal, s.unit) for s in summaries} == {("minimize", "nats")}
    assert runfolio.load("@best:train/loss").id == two_runs[1].name


def test_nothing_is_written_and_without_the_file_all_is_as_logged(two_runs: list[Path]) -> None:
    runfolio.runs().frame()
    Path("metrics.toml").unlink()
    assert list(read_record(two_runs[0]).metrics) == ["training_loss"]
    assert runfolio.load(two_runs[0].name).keys() == ["training_loss"]


def test_the_project_in_which_a_store_lies_says_what_its_metrics_are_called(
    two_runs: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = two_runs[0].parent
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "pyproject.toml").touch()
    (elsewhere / "metrics.toml").write_text('"other" = { aliases = ["training_loss"] }\n')
    monkeypatch.chdir(elsewhere)
    assert RunReader(two_runs[0]).keys() == ["train/loss"]
    assert len(Runs(Store(store), "training_loss<0.3")) == 1

    (store.parent / "metrics.toml").unlink()
    assert RunReader(two_runs[0]).keys() == ["other"]
