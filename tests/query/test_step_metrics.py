"""Curves, frames and sparklines over another metric than the step."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runfolio.model.run import MetricSummary, RunRecord
from runfolio.model.series import Series
from runfolio.query.axis import along
from runfolio.query.curves import curves
from runfolio.query.panel import Panels
from runfolio.query.runs import load
from runfolio.query.sparkline import sparkline
from runfolio.query.summary import headline
from runfolio.record.api import init
from runfolio.store.store import Store


def series(key: str, values: Any, steps: Any = None) -> Series:
    value = np.asarray(values, dtype=np.float64)
    step = np.arange(len(value)) if steps is None else np.asarray(steps)
    return Series(key, step, np.arange(len(value), dtype=np.int64), value, len(value))


def run(found: dict[str, Series], run_id: str = "run-1", **metrics: Any) -> Any:
    summaries = {key.replace("_", "/"): MetricSummary(**said) for key, said in metrics.items()}
    return RunRecord(id=run_id, path=Path(run_id), name=run_id, metrics=summaries), found


def axes(panels: Panels) -> dict[str, str | None]:
    return {panel.lines[0].key: panel.axis for panel in panels.panels}


OVER_EPOCHS = {"step_metric": "epoch"}
FOUND = {
    "val/acc": series("val/acc", [0.1, 0.2, 0.3], [5, 10, 16]),
    "train/loss": series("train/loss", np.arange(17)),
    "epoch": series("epoch", [1, 2, 3], [4, 10, 14]),
}


def test_a_point_lies_at_the_value_of_its_step_or_the_last_before_it() -> None:
    assert along(FOUND["epoch"], np.array([4, 5, 10, 13, 16])).tolist() == [1, 1, 2, 2, 3]


def test_before_the_first_value_there_is_no_place_and_values_that_are_not_finite_are_none() -> None:
    axis = series("epoch", [math.nan, 1, math.inf])
    assert np.isnan(along(axis, np.array([0]))).all()
    assert along(axis, np.array([1, 2])).tolist() == [1, 1]


def test_a_curve_runs_over_its_step_metric_and_others_over_steps() -> None:
    panels = curves([run(FOUND, val_acc=OVER_EPOCHS)])
    assert axes(panels) == {"val/acc": "epoch", "train/loss": None, "epoch": None}
    assert panels.panels[0].lines[0].x.tolist() == [1, 2, 3]
    assert panels.panels[0].x_range == (1, 3)
    assert panels.panels[1].x_range == (0, 16)


def test_metrics_over_unlike_axes_share_no_panel() -> None:
    found = FOUND | {"val/loss": series("val/loss", [0.3, 0.2], [5, 10])}
    panels = curves([run(found, val_acc=OVER_EPOCHS)])
    assert [len(panel.lines) for panel in panels.panels if panel.title == "val"] == [1, 1]


def test_the_best_point_is_told_by_its_place_on_the_axis() -> None:
    panels = curves([run(FOUND, val_acc=OVER_EPOCHS)], direction=lambda _: "maximize")
    best = panels.panels[0].lines[0].best
    assert best is not None
    assert best.x == 3


@pytest.mark.parametrize("x", ["relative", "time"])
def test_time_goes_before_a_step_metric_where_it_is_asked_for(x: str) -> None:
    assert set(axes(curves([run(FOUND, val_acc=OVER_EPOCHS)], x=x)).values()) == {None}


@pytest.mark.parametrize("axis", ["nothing", "val/acc", "late"])
def test_without_a_value_of_the_step_metric_steps_count(axis: str) -> None:
    found = FOUND | {"late": series("late", [1], [99])}
    assert axes(curves([run(found, val_acc={"step_metric": axis})]))["val/acc"] is None


def test_several_runs_are_laid_over_one_axis_only_if_all_have_it() -> None:
    both = [run(FOUND, f"run-{n}", val_acc=OVER_EPOCHS) for n in range(2)]
    assert axes(curves(both))["val/acc"] == "epoch"
    without = run({"val/acc": FOUND["val/acc"]}, "run-2", val_acc=OVER_EPOCHS)
    assert axes(curves([*both, without]))["val/acc"] is None
    assert axes(curves([*both, run(FOUND, "run-3")]))["val/acc"] is None


def test_an_axis_that_goes_back_is_drawn_in_order_of_its_values() -> None:
    found = FOUND | {"epoch": series("epoch", [3, 2, 1], [4, 10, 14])}
    line = curves([run(found, val_acc=OVER_EPOCHS)]).panels[0].lines[0]
    assert (line.x.tolist(), line.y.tolist()) == ([1, 2, 3], [0.3, 0.2, 0.1])


def test_what_only_serves_as_an_axis_finds_a_place_after_all_others() -> None:
    found = {"epoch": FOUND["epoch"], "val/acc": FOUND["val/acc"]}
    found |= {f"p{n}/x": series(f"p{n}/x", [1.0]) for n in range(6)}
    assert "epoch" in curves([run(found, val_acc=OVER_EPOCHS)]).more


def test_a_hidden_metric_is_left_out_unless_it_is_asked_for() -> None:
    hidden = run(FOUND, epoch={"hidden": True}, val_acc={"goal": "maximize", "hidden": True})
    assert list(axes(curves([hidden]))) == ["train/loss"]
    assert set(axes(curves([hidden], hidden=True))) == set(FOUND)
    assert headline(hidden[0]) == []


@pytest.mark.parametrize(
    ("rule", "figure"), [(None, 0.3), ("min,last", 0.1), ("none", None), ("best", 0.4)]
)
def test_a_line_knows_which_figure_stands_for_it(rule: str | None, figure: float | None) -> None:
    said = {"last": 0.3, "min": 0.1, "max": 0.4, "goal": "maximize", "rule": rule}
    line = curves([run(FOUND, val_acc=said)]).panels[0].lines[0]
    assert (line.rule, line.figure) == ((rule or "last").partition(",")[0], figure)


def test_frames_and_sparklines_follow_a_recorded_step_metric(store_path: Path) -> None:
    recorded = init("digits", name="epochs")
    recorded.define_metric("val/*", step_metric="epoch")
    recorded.log({"loss": 9.0})
    for epoch in (2, 1, 3):
        recorded.log({"loss": 1.0})
        recorded.log({"val/acc": epoch / 10, "epoch": epoch})
    recorded.finish(quiet=True)

    found = load("epochs", Store(store_path)).history(["val/acc", "loss"], x="epoch")

    assert found.index.name == "epoch"
    assert found.index.tolist() == [1, 1, 2, 2, 3]
    assert found["val/acc"].dropna().tolist() == [0.1, 0.2, 0.3]
    (record,) = Store(store_path).records()
    assert sparkline(record, "val/acc") == [0.1, 0.2, 0.3]
