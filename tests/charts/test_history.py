"""The history of a study, as the chart is handed to whoever draws it."""

from __future__ import annotations

import math
from typing import Any

import pytest

from runfolio.charts.history import history_chart


def drawn(points: list[tuple[int, float]], way: str = "minimize") -> dict[str, Any]:
    spec: dict[str, Any] = history_chart(points, "loss", way).to_dict()
    return spec


def rows(spec: dict[str, Any], layer: int) -> list[tuple[float, float]]:
    found = spec["datasets"][spec["layer"][layer]["data"]["name"]]
    return [(row["x"], row["y"]) for row in found]


@pytest.mark.parametrize(
    ("way", "line"),
    [("minimize", [(0, 2), (3, 1), (4, 1)]), ("maximize", [(0, 2), (1, 5), (4, 5)])],
)
def test_the_line_is_the_best_so_far_up_to_the_last_trial(way: str, line: Any) -> None:
    points = [(0, 2.0), (1, 5.0), (3, 1.0), (4, 3.0)]
    spec = drawn(points, way)
    assert rows(spec, 0) == points
    assert rows(spec, 1) == line
    assert spec["title"]["subtitle"] == f"4 complete trials, best {line[-1][1]}"


def test_few_trials_have_a_tick_each_and_no_other() -> None:
    axes = [drawn([(n, float(n)) for n in range(2, 2 + m)])["layer"][0] for m in (1, 2, 6)]
    ticks = [one["encoding"]["x"]["axis"]["values"] for one in axes]
    assert ticks == [[2], [2, 3], [2, 3, 4, 5, 6, 7]]
    many = drawn([(n, float(n)) for n in range(7)])["layer"][0]["encoding"]["x"]["axis"]
    assert "values" not in many


@pytest.mark.parametrize("value", [0.549, 0.0, -3e9, 1e-9])
def test_values_that_are_all_alike_lie_within_the_axis(value: float) -> None:
    channel = drawn([(0, value), (1, value)])["layer"][1]["encoding"]["y"]
    low, high = channel["scale"]["domain"]
    assert low < value < high
    # Written out, very large and small numbers leave no room for the chart.
    assert channel["axis"].get("format") == (None if value == 0.549 else "~g")


def test_what_is_not_finite_is_counted_and_of_very_many_some_are_drawn() -> None:
    spec = drawn([(0, math.inf), (1, 2.0), (2, math.nan)])
    assert rows(spec, 0) == [(1, 2)]
    assert spec["title"]["subtitle"] == "3 complete trials, best 2, 2 not finite"
    long = drawn([(n, 1 / (1 + n)) for n in range(5000)])
    assert len(rows(long, 0)) == 1667
    assert long["title"]["subtitle"] == "1,667 of 5,000 complete trials, best 0.000200"
    assert rows(long, 1)[-1] == (4999, 1 / 5000)


def test_without_a_finite_value_there_is_no_chart() -> None:
    assert history_chart([(0, math.inf), (1, math.nan)], "loss", "minimize") is None
    assert history_chart([], "loss", "minimize") is None
