"""From series to panels: what shares a chart, what a line says, what is left out."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.errors import UsageError
from runfolio.model.run import RunRecord
from runfolio.model.series import Series
from runfolio.query.curves import COLOURED, LINES, curves
from runfolio.query.panel import Panels


def series(key: str, values, steps=None, logged: int | None = None) -> Series:
    value = np.asarray(values, dtype=np.float64)
    step = np.arange(len(value)) if steps is None else np.asarray(steps)
    time_ms = np.arange(len(value), dtype=np.int64) * 10
    return Series(key, step, time_ms, value, len(value) if logged is None else logged)


def record(run_id: str = "run-1", name: str = "one") -> RunRecord:
    return RunRecord(id=run_id, path=Path(run_id), name=name)


def of(found: dict[str, list], **options) -> Panels:
    return curves([(record(), {key: series(key, v) for key, v in found.items()})], **options)


def titles(panels: Panels) -> list[tuple[str, list[str]]]:
    return [(panel.title, [line.label for line in panel.lines]) for panel in panels.panels]


def test_a_single_spike_among_a_million_points_is_drawn() -> None:
    values = np.zeros(1_000_000)
    values[777_777] = 1.0
    line = of({"loss": values}).panels[0].lines[0]
    assert line.y.max() == 1.0
    assert line.n_points == 1_000_000
    assert line.n_shown < 1000


def test_metrics_of_one_prefix_share_a_panel_while_one_scale_serves_them() -> None:
    found = {
        "train/loss": [2.0, 1.0],
        "train/aux_loss": [1.0, 0.5],
        "train/acc": [0.1, 0.9],
        "train/tokens": [1e6, 2e6],
    }
    ways = {"train/loss": "minimize", "train/aux_loss": "minimize", "train/acc": "maximize"}
    panels = of(found, direction=ways.get)
    assert titles(panels) == [
        ("train", ["loss", "aux_loss"]),
        ("train", ["acc"]),
        ("train", ["tokens"]),
    ]
    assert [panel.goal for panel in panels.panels] == ["minimize", "maximize", None]


@pytest.mark.parametrize("key", ["lr", "/x", "x/", "/", "a.b[0]"])
def test_a_metric_without_a_prefix_has_a_panel_of_its_own(key: str) -> None:
    assert titles(of({key: [1.0, 2.0]})) == [(key, [key])]


def test_beyond_six_panels_the_rest_are_named() -> None:
    panels = of({f"p{n}/x": [1.0, 2.0] for n in range(9)})
    assert len(panels.panels) == 6
    assert panels.more == ("p6/x", "p7/x", "p8/x")


def test_results_come_before_others_where_not_all_find_a_place() -> None:
    keys = ["system/cpu", *(f"p{n}/x" for n in range(6)), "val/acc"]
    ways = {"val/acc": "maximize"}
    panels = of({key: [1.0, 2.0] for key in keys}, direction=ways.get)
    assert [panel.title for panel in panels.panels] == ["p0", "p1", "p2", "p3", "p4", "val"]
    assert set(panels.more) == {"system/cpu", "p5/x"}


def test_several_runs_are_laid_over_each_other_by_metric_and_keep_their_colours() -> None:
    found = [{"loss": [1, 2], "acc": [0, 1]}, {"loss": [2, 3]}, {"acc": [1, 2]}]
    runs = [
        (record(f"run-{n}", f"name {n}"), {k: series(k, v) for k, v in one.items()})
        for n, one in enumerate(found)
    ]
    loss, acc = curves(runs).panels
    assert [(line.label, line.colour) for line in loss.lines] == [("name 0", 0), ("name 1", 1)]
    assert [(line.label, line.colour) for line in acc.lines] == [("name 0", 0), ("name 2", 2)]


def test_many_runs_are_grey_and_then_counted() -> None:
    runs = [(record(f"run-{n}"), {"loss": series("loss", [n, 1.0])}) for n in range(LINES + 5)]
    (panel,) = curves(runs).panels
    assert [line.colour for line in panel.lines[:COLOURED]] == list(range(COLOURED))
    assert {line.colour for line in panel.lines[COLOURED:]} == {None}
    assert (len(panel.lines), panel.hidden) == (LINES, 5)


def test_infinite_values_are_counted_marked_and_leave_a_gap() -> None:
    line = of({"x": [1.0, math.inf, 2.0, -math.inf, math.nan]}).panels[0].lines[0]
    assert line.n_nonfinite == 3
    assert [(point.x, point.y) for point in line.infinite] == [(1.0, math.inf), (3.0, -math.inf)]
    assert np.isnan(line.y).tolist() == [False, True, False, True, True]
    assert line.last is not None
    assert line.last.x == 2.0


@pytest.mark.parametrize(("way", "at"), [("maximize", 1.0), ("minimize", 2.0)])
def test_the_best_point_follows_the_direction_and_is_exact(way: str, at: float) -> None:
    values = [1.0, 3.000001, 0.5000001, 2.0]
    line = of({"x": values}, direction=lambda _: way).panels[0].lines[0]
    assert line.best is not None
    assert (line.best.x, line.best.y) == (at, values[int(at)])


@pytest.mark.parametrize(("way", "name"), [("maximize", "b"), ("minimize", "a"), (None, None)])
def test_of_several_lines_the_one_with_the_best_value_is_known(way, name) -> None:
    runs = [(record(n, n), {"x": series("x", v)}) for n, v in (("a", [1, 2]), ("b", [3, 4]))]
    (panel,) = curves(runs, direction=lambda _: way).panels
    assert (panel.champion.label if panel.champion else None) == name


def test_relative_time_begins_with_the_run_and_time_is_the_clock() -> None:
    found = {"x": [1.0, 2.0, 3.0]}
    assert of(found, x="relative").panels[0].lines[0].x.tolist() == [0.0, 0.01, 0.02]
    assert of(found, x="time").panels[0].lines[0].x.tolist() == [0.0, 10.0, 20.0]


def test_an_unknown_axis_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="step, relative, time"):
        of({"x": [1.0]}, x="epoch")


def test_panels_span_the_same_steps_unless_one_would_be_squeezed() -> None:
    found = {
        "loss": series("loss", np.zeros(100)),
        "acc": series("acc", [0, 1], [20, 80]),
        "epoch_loss": series("epoch_loss", [0, 1, 2], [0, 1, 2]),
    }
    panels = curves([(record(), found)]).panels
    assert [panel.x_range for panel in panels] == [(0, 99), (0, 99), (0, 2)]


def test_a_noisy_line_is_smoothed_and_a_short_or_calm_one_is_not() -> None:
    noise = np.random.default_rng(0).normal(size=500)
    panels = of({"noisy": noise, "short": noise[:20], "calm": np.linspace(0, 1, 500)}).panels
    assert [panel.lines[0].weight for panel in panels] == [0.9, 0.0, 0.0]
    assert len(panels[0].lines[0].smooth_x) == len(panels[0].lines[0].smooth_raw)
    assert len(panels[1].lines[0].smooth_x) == 0


def test_values_that_span_decades_get_a_logarithmic_scale() -> None:
    panels = of({"wide": np.geomspace(1e-6, 10, 50), "zero": [0.0, *np.geomspace(1e-6, 10, 50)]})
    assert [panel.log for panel in panels.panels] == [True, False]


def test_points_logged_again_at_a_step_are_counted() -> None:
    found = {"x": series("x", [1.0, 2.0], logged=5)}
    assert curves([(record(), found)]).panels[0].lines[0].n_replaced == 3


def test_metrics_without_points_have_no_panel_and_no_runs_no_card() -> None:
    assert of({"x": []}).panels == ()
    assert curves([]).panels == ()


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=12), st.integers(400, 4000))
def test_all_lines_together_keep_to_the_row_budget(lengths, rows) -> None:
    panels = of({f"p{i % 5}/{i}": np.arange(n) % 7 for i, n in enumerate(lengths)}, rows=rows)
    drawn = sum(len(line.x) + len(line.smooth_x) for p in panels.panels for line in p.lines)
    assert drawn <= max(rows, 12 * 120) + 2 * len(lengths)


numbers = st.floats() | st.sampled_from([math.nan, math.inf, -math.inf, 1.7e308, 5e-324, 0.0])


@given(st.lists(numbers, min_size=1, max_size=80), st.sampled_from(["step", "relative", "time"]))
def test_any_values_make_a_panel_twice_the_same(values, x) -> None:
    first, second = (of({"x": values}, direction=lambda _: "minimize", x=x) for _ in range(2))
    (one,), (two,) = first.panels[0].lines, second.panels[0].lines
    np.testing.assert_array_equal(one.y, two.y)
    assert (one.best, one.last, one.infinite) == (two.best, two.last, two.infinite)
    assert one.n_points == len(values)
