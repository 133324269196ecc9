"""Runs and points as pandas frames."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from tests.query.conftest import NOW, Maker

from runfolio.model.run import MetricSummary
from runfolio.model.series import Series
from runfolio.query.frame import frame, long_history, wide_history


def series(key: str, steps: list[float], values: list[float]) -> Series:
    at = np.array(steps)
    return Series(key, at, (at * 1000).astype(np.int64), np.array(values, float), len(steps))


def test_one_row_a_run_with_dotted_columns(record: Maker) -> None:
    a = record("a", config={"model": {"width": 64}, "opt": "adam"}, tags=("x", "y"),
               metrics={"val/acc": MetricSummary(n=2, last=0.5, min=0.1, max=0.7, rule="max")},
               git={"sha": "13e8c94", "dirty": False}, seeds={"numpy": 7}, summary={"note": {"a": 1}},
               data=({"name": "digits", "hash": "b3:1"},))  # fmt: skip

    row = frame([a, record("b")]).iloc[0]

    assert (row["name"], row["status"], row["tags"]) == ("a", "finished", ("x", "y"))
    assert (row["config.model.width"], row["config.opt"]) == (64, "adam")
    assert row[["metrics.val/acc", "metrics.val/acc.min", "metrics.val/acc.max"]].tolist() == [
        0.7, 0.1, 0.7,
    ]  # fmt: skip
    assert (row["git.sha"], row["seeds.numpy"], row["summary.note.a"]) == ("13e8c94", 7, 1)
    assert row["data.digits"] == "b3:1"


def test_what_a_run_lacks_is_missing(record: Maker) -> None:
    found = frame([record(metrics={"loss": 1.0}, config={"lr": 1}), record(created_at=None)])
    assert found["metrics.loss"].dtype == np.float64
    assert math.isnan(found["metrics.loss"][1])
    assert pd.isna(found["config.lr"][1])
    assert pd.isna(found["created_at"][1])


def test_times_are_utc_and_of_any_year(record: Maker) -> None:
    found = frame([record(), record(created_at=datetime(1, 1, 1, tzinfo=UTC))])
    assert found["created_at"][0] == pd.Timestamp(NOW)
    assert str(found["created_at"].dtype) == "datetime64[ms, UTC]"


def test_no_runs_are_an_empty_frame_with_its_columns() -> None:
    found = frame([])
    assert len(found) == 0
    assert {"id", "name", "status", "created_at", "duration_s"} <= set(found.columns)


def test_odd_values_stay_what_they_are(record: Maker) -> None:
    odd = {"list": [1, 2], "big": 10**30, "text": "=1+1", "none": None}
    row = frame([record(config=odd)]).iloc[0]
    assert row["config.list"] == [1, 2]
    assert row["config.big"] == 10**30
    assert row["config.text"] == "=1+1"


def test_the_long_frame_has_one_row_a_point_and_categories(record: Maker) -> None:
    a, b = record("same"), record("same")
    found = long_history([(a, {"x": series("x", [0, 1], [1, 2]), "y": series("y", [0], [3])}),
                          (b, {"x": series("x", [5], [4])})])  # fmt: skip

    assert list(found.columns) == ["run_id", "name", "key", "step", "time", "value"]
    assert found["run_id"].astype(str).tolist() == [a.id, a.id, a.id, b.id]
    assert found["key"].astype(str).tolist() == ["x", "x", "y", "x"]
    assert found["value"].tolist() == [1, 2, 3, 4]
    assert (found["step"].dtype, found["name"].dtype.name) == (np.int64, "category")
    assert found["time"][1] == pd.Timestamp(1, unit="s", tz="UTC")


def test_a_fractional_step_makes_the_long_frame_fractional(record: Maker) -> None:
    found = long_history([(record(), {"x": series("x", [0, 1], [1, 2]),
                                      "y": series("y", [0.5], [3])})])  # fmt: skip
    assert found["step"].tolist() == [0, 1, 0.5]


def test_no_points_are_an_empty_long_frame_with_its_columns(record: Maker) -> None:
    for runs in ([], [(record(), {})]):
        found = long_history(runs)
        assert list(found.columns) == ["run_id", "name", "key", "step", "time", "value"]
        assert len(found) == 0


def test_the_wide_frame_has_a_column_per_metric_over_all_steps() -> None:
    found = wide_history({"b": series("b", [0, 2], [1, 2]), "a": series("a", [1, 2], [3, 4])})
    assert found.index.tolist() == [0, 1, 2]
    assert found.index.name == "step"
    assert list(found.columns) == ["b", "a"]
    assert found["b"].tolist()[::2] == [1, 2]
    assert math.isnan(found["b"][1])
    assert len(wide_history({})) == 0
