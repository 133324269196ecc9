"""Somebody's own chart without its data: what a page may be fed with, and what would be false."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pytest

from runfolio.charts.streamed import still, streamed
from runfolio.errors import UsageError
from runfolio.model.series import Series

FRAME = pd.DataFrame(
    {
        "run_id": pd.Categorical(["a", "a", "b"]),
        "name": pd.Categorical(["one", "one", "two"]),
        "key": pd.Categorical(["loss", "loss", "loss"]),
        "step": [0, 1, 0],
        "time": pd.to_datetime([0, 1000, 0], unit="ms", utc=True),
        "value": [1.0, 0.5, 2.0],
    }
)


def lines(frame: Any = FRAME) -> alt.Chart:
    return alt.Chart(frame).mark_line().encode(x="step", y="value", color="name")


@pytest.mark.parametrize(
    "chart",
    [
        lines(),
        lines() + lines().mark_point(),
        lines().mark_area(opacity=0.3),
        lines().encode(x="time:T"),
        lines().encode(y=alt.Y("value", scale=alt.Scale(type="log"))),
        lines() + alt.Chart().mark_rule().encode(y=alt.datum(0.5)),
    ],
)
def test_a_chart_of_points_is_taken_without_its_rows(chart: Any) -> None:
    made = streamed(chart)

    x = next(scale for scale in made.spec["scales"] if scale["name"] == "x")
    assert made.series == (("a", "loss"), ("b", "loss"))
    assert x["domain"] == [{"signal": "x0"}, {"signal": "x1"}]
    assert all(not source.get("values") for source in made.spec["data"])
    assert "stack" not in str(made.spec["data"])


@pytest.mark.parametrize(
    ("chart", "named"),
    [
        (lines().encode(y="mean(value)"), "aggregate"),
        (lines().encode(x=alt.X("step", bin=True)), "bin"),
        (lines().transform_filter("datum.value > 1"), "transforms"),
        (lines().mark_bar(), "'bar'"),
        (lines() | lines(), "hconcat"),
        (lines().encode(x="value", y="step"), "x over step or time"),
        (lines(FRAME.drop(columns="key")), "'key'"),
        (alt.Chart("data.csv").mark_line().encode(x="a:Q", y="b:Q"), "one frame"),
        (lines() + lines(FRAME.assign(value=9.0)), "one frame"),
        (lines().encode(color="secret:N"), "'secret'"),
        (3, "int"),
    ],
)
def test_what_would_be_false_or_cannot_be_fed_is_refused_by_name(chart: Any, named: str) -> None:
    with pytest.raises(UsageError, match=r"^live: ") as caught:
        streamed(chart)

    assert named in str(caught.value)


def series(values: list[float]) -> Series:
    n = len(values)
    return Series("loss", np.arange(n), np.arange(n) * 1000, np.array(values), n)


def test_what_stays_of_a_chart_keeps_its_spikes() -> None:
    values = [0.0] * 100_000
    values[54_321] = 9.0
    found = {"a": {"loss": series(values)}, "b": {"loss": series([1.0, float("nan")])}}

    made = still(streamed(lines()), found, {"a": "one"})

    vega = made["application/vnd.vega.v5+json"]
    rows = next(source["values"] for source in vega["data"] if source["name"] == "source")
    assert {
        "run_id": "a",
        "name": "one",
        "key": "loss",
        "step": 54_321.0,
        "value": 9.0,
        "g": True,
    } in rows
    assert len(rows) < 3000
    assert [row["value"] for row in rows if row["run_id"] == "b"] == [1.0, None]
    assert base64.b64decode(made["image/png"])[:4] == b"\x89PNG"


@pytest.mark.parametrize("spec_of", [lambda made: made.page_spec, lambda made: dict(made.spec)])
def test_names_of_runs_are_in_no_specification(spec_of: Callable[[Any], Any]) -> None:
    hostile = FRAME.assign(name=pd.Categorical(["<script>", "<script>", "x"]))

    assert "<script>" not in str(spec_of(streamed(lines(hostile))))


@pytest.mark.parametrize(
    ("chart", "can"),
    [
        (lines(), True),
        (lines() + lines(), True),
        (lines() + lines().mark_point(), False),
        (lines().mark_line(point=True), False),
        (lines().mark_area(), False),
    ],
)
def test_only_a_chart_of_lines_can_be_smoothed(chart: Any, can: bool) -> None:
    assert streamed(chart).can_smooth is can
