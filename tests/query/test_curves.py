"""Thinning keeps every extreme; smoothing comes before it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.model.run import RunRecord
from runfolio.model.series import Series
from runfolio.query.curves import curves, extremes, smoothed

finite = st.floats(allow_nan=False, allow_infinity=False, width=32)


def series(key: str, values, steps=None) -> Series:
    value = np.asarray(values, dtype=np.float64)
    step = np.arange(len(value)) if steps is None else np.asarray(steps)
    return Series(key, step, np.arange(len(value), dtype=np.int64) * 10, value, len(value))


def record(run_id: str = "run-1", name: str = "one") -> RunRecord:
    return RunRecord(id=run_id, path=Path(run_id), name=name)


@given(st.lists(finite | st.just(float("nan")), min_size=1, max_size=400), st.integers(2, 40))
def test_every_pixel_column_keeps_its_exact_minimum_and_maximum(values, columns) -> None:
    y = np.array(values, dtype=np.float64)
    x = np.arange(len(y), dtype=np.float64)
    kept = extremes(x, y, columns)
    width = max(x[-1] - x[0], 1.0)
    column = np.minimum((columns * (x - x[0]) / width).astype(int), columns - 1)
    for place in np.unique(column):
        inside, shown = y[column == place], y[kept][column[kept] == place]
        assert np.isnan(shown).any() == np.isnan(inside).any() or not np.isnan(inside).any()
        if not np.isnan(inside).all():
            assert np.nanmin(shown) == np.nanmin(inside)
            assert np.nanmax(shown) == np.nanmax(inside)


@given(st.lists(finite, min_size=1, max_size=300))
def test_the_first_and_the_last_point_stay(values) -> None:
    y = np.array(values, dtype=np.float64)
    kept = extremes(np.arange(len(y), dtype=np.float64), y, 8)
    assert kept[0] == 0
    assert kept[-1] == len(y) - 1


def test_a_single_spike_among_a_million_points_is_drawn() -> None:
    values = np.zeros(1_000_000)
    values[777_777] = 1.0
    panels = curves([(record(), {"loss": series("loss", values)})], columns=300)
    line = panels.panels[0].lines[0]
    assert line.y.max() == 1.0
    assert line.n_points == 1_000_000
    assert line.n_shown < 1000


def test_smoothing_is_the_debiased_exponential_mean() -> None:
    values = np.random.default_rng(0).normal(size=3000)
    mean, expected = 0.0, []
    for place, value in enumerate(values):
        mean = 0.9 * mean + 0.1 * value
        expected.append(mean / (1 - 0.9 ** (place + 1)))
    np.testing.assert_allclose(smoothed(values), expected, rtol=1e-9, atol=1e-12)


def test_smoothing_carries_over_a_gap_and_keeps_it() -> None:
    values = np.array([1.0, np.nan, 1.0, 1.0])
    assert np.isnan(smoothed(values)[1])
    np.testing.assert_allclose(smoothed(values)[[0, 2, 3]], 1.0)


def test_metrics_of_one_prefix_share_a_panel_while_one_scale_serves_them() -> None:
    found = {
        "train/loss": series("train/loss", [2.0, 1.0]),
        "train/aux_loss": series("train/aux_loss", [1.0, 0.5]),
        "train/acc": series("train/acc", [0.1, 0.9]),
        "train/tokens": series("train/tokens", [1e6, 2e6]),
    }
    ways = {"train/loss": "minimize", "train/aux_loss": "minimize", "train/acc": "maximize"}
    panels = curves([(record(), found)], direction=ways.get).panels
    assert [(p.title, [line.label for line in p.lines]) for p in panels] == [
        ("train", ["loss", "aux_loss"]),
        ("train/acc", ["train/acc"]),
        ("train/tokens", ["train/tokens"]),
    ]


def test_beyond_six_panels_the_rest_are_named() -> None:
    found = {f"p{n}/x": series(f"p{n}/x", [1.0, 2.0]) for n in range(9)}
    panels = curves([(record(), found)])
    assert len(panels.panels) == 6
    assert panels.more == ("p6/x", "p7/x", "p8/x")


def test_several_runs_are_laid_over_each_other_by_metric() -> None:
    runs = [(record(f"run-{n}", f"name {n}"), {"loss": series("loss", [n, n + 1])}) for n in (1, 2)]
    (panel,) = curves(runs).panels
    assert [line.label for line in panel.lines] == ["name 1", "name 2"]


def test_infinite_values_are_counted_and_leave_a_gap() -> None:
    (panel,) = curves([(record(), {"x": series("x", [1.0, np.inf, 2.0])})]).panels
    assert panel.lines[0].n_nonfinite == 1
    assert np.isnan(panel.lines[0].y[1])


@pytest.mark.parametrize(("way", "at"), [("maximize", 1.0), ("minimize", 2.0)])
def test_the_best_point_follows_the_direction(way: str, at: float) -> None:
    (panel,) = curves([(record(), {"x": series("x", [1.0, 3.0, 0.5, 2.0])})],
                      direction=lambda _: way).panels  # fmt: skip
    assert panel.lines[0].best is not None
    assert panel.lines[0].best.x == at


def test_relative_time_begins_at_zero() -> None:
    (panel,) = curves([(record(), {"x": series("x", [1.0, 2.0, 3.0])})], x="relative").panels
    assert panel.lines[0].x.tolist() == [0.0, 0.01, 0.02]
