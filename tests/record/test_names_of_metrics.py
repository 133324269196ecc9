"""A new name of a metric that looks like a known one is told of at the first log, once."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from runfolio.errors import RunfolioWarning
from runfolio.format.codec import loads
from runfolio.format.manifest import read_record
from runfolio.record import naming
from runfolio.record.api import init
from runfolio.store.recent import metric_names

PATIENCE_S = 10


class Earlier:
    """Earlier runs as the façade looks them up."""

    def metric_names(self, run: Path, project: str):
        return metric_names(run.parent, project, but=run)


@pytest.fixture(autouse=True)
def earlier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming, "_lookup", Earlier())
    monkeypatch.delenv("RUNFOLIO_SILENT")


def log_in_a_run(*keys: str, **given) -> None:
    with init(project="p", **given) as run:
        for key in keys:
            run.log({key: 1.0})


def test_a_short_run_is_told_before_it_ends(store: Path, capsys: pytest.CaptureFixture) -> None:
    log_in_a_run("train/loss")
    log_in_a_run("training_loss")
    said = capsys.readouterr().err
    assert '"training_loss" may be "train/loss", which an earlier run logs' in said
    assert '"train/loss" = { aliases = ["training_loss"] }' in said


def test_a_long_run_is_told_while_it_goes_on(store: Path, capsys: pytest.CaptureFixture) -> None:
    log_in_a_run("Val/Acc")
    with init(project="p") as run:
        run.log({"val-acc": 1.0})
        said, until = "", time.monotonic() + PATIENCE_S
        while "val-acc" not in said and time.monotonic() < until:
            time.sleep(0.02)
            said += capsys.readouterr().err
        assert '"val-acc" may be "Val/Acc"' in said
        run.log({"val-acc": 2.0})
    assert "may be" not in capsys.readouterr().err


def test_two_names_in_one_run_are_told_of_too(store: Path, capsys: pytest.CaptureFixture) -> None:
    log_in_a_run("Val/Acc", "val-acc")
    assert '"val-acc" may be "Val/Acc", which this run logs, too' in capsys.readouterr().err


@pytest.mark.parametrize("project", ["p", "another"])
def test_a_name_that_earlier_runs_had_is_not_told_of_again(
    store: Path, capsys: pytest.CaptureFixture, project: str
) -> None:
    log_in_a_run("train/loss")
    log_in_a_run("training_loss")
    capsys.readouterr()
    with init(project=project) as run:
        run.log({"training_loss": 1.0})
    assert "may be" not in capsys.readouterr().err


def test_many_likenesses_are_told_of_in_a_few_lines(
    store: Path, capsys: pytest.CaptureFixture
) -> None:
    log_in_a_run(*(f"train/loss{i}" for i in range(20)))
    log_in_a_run(*(f"training_loss{i}" for i in range(20)))
    said = capsys.readouterr().err
    assert said.count("may be") == 3
    assert "`runfolio doctor` lists them" in said


def test_an_alias_of_the_project_is_no_news(store: Path, capsys: pytest.CaptureFixture) -> None:
    Path("metrics.toml").write_text('"train/loss" = { aliases = ["training_loss"] }\n')
    log_in_a_run("train/loss")
    log_in_a_run("training_loss")
    assert "may be" not in capsys.readouterr().err


def test_a_silent_run_is_told_nothing(
    store: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in_a_run("train/loss")
    capsys.readouterr()
    monkeypatch.setenv("RUNFOLIO_SILENT", "true")
    log_in_a_run("training_loss")
    assert capsys.readouterr().err == ""


def test_the_word_of_the_project_is_recorded_and_the_runs_own_goes_before_it(store: Path) -> None:
    Path("metrics.toml").write_text(
        '"loss" = { goal = "min", unit = "nats", step = "epoch" }\n"acc" = { goal = "min" }\n'
    )
    with init() as run:
        run.define_metric("acc", goal="max")
        run.log({"loss": 1.0, "acc": 1.0, "epoch": 1})
    metrics = read_record(run.path).metrics
    assert (metrics["loss"].goal, metrics["loss"].unit, metrics["loss"].step_metric) == (
        "minimize", "nats", "epoch",
    )  # fmt: skip
    assert metrics["acc"].goal == "maximize"
    assert (
        loads((run.path / "run.json").read_bytes(), "run.json")["metrics"]["loss"]["unit"] == "nats"
    )


def test_a_broken_file_is_told_of_and_the_run_goes_on(store: Path) -> None:
    Path("metrics.toml").write_text("loss = {")
    with pytest.warns(RunfolioWarning, match=r"metrics\.toml cannot be read"), init() as run:
        run.log({"loss": 1.0})
    assert read_record(run.path).metrics["loss"].n == 1
