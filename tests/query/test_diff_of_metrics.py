"""Metrics of two runs: last and best values, which way is better, and where the curves part."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from runfolio.query import diff_metrics
from runfolio.query.diff_metrics import FigureDiff, MetricDiff
from runfolio.query.diff_records import Side
from runfolio.record.api import init
from runfolio.store.reader import RunReader

pytestmark = pytest.mark.usefixtures("store_path")


@pytest.fixture(autouse=True)
def _light(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "false")


def metrics_diff(was: RunReader, now: RunReader):
    return diff_metrics.metrics_diff(Side.of(was), Side.of(now))


def run(values: Sequence[float], key: str = "loss", steps: Iterable[int] = (), **goal) -> RunReader:
    made = init("digits")
    if goal:
        made.define_metric(key, **goal)
    for step, value in zip(steps or range(len(values)), values, strict=True):
        made.log({key: value}, step=step)
    made.finish(quiet=True)
    return RunReader(made.path)


def only(was: RunReader, now: RunReader) -> MetricDiff:
    ((found,), why) = metrics_diff(was, now)
    assert why == []
    return found


def figures(found: MetricDiff) -> dict[str, FigureDiff]:
    return {one.word: one for one in found.figures}


def test_last_and_best_are_told_with_their_steps() -> None:
    found = figures(only(run([3, 1, 2]), run([3, 2, 0.5])))
    assert (found["last"].was, found["last"].now, found["last"].better) == (2, 0.5, True)
    assert (found["best"].was_step, found["best"].now_step) == (1, 2)
    assert found["best"].delta == -0.5


def test_a_declared_goal_counts_more_than_the_name() -> None:
    found = figures(only(run([1, 2], goal="maximize"), run([1, 3], goal="maximize")))
    assert found["best"].now == 3
    assert found["last"].better is True


def test_without_a_direction_nothing_is_better_or_best() -> None:
    found = figures(only(run([1, 2], "some/number"), run([1, 3], "some/number")))
    assert list(found) == ["last"]
    assert (found["last"].delta, found["last"].better) == (1, None)


def test_a_metric_that_one_run_has_is_told_by_that_run_alone() -> None:
    (first, second), why = metrics_diff(run([1, 2], "a/loss"), run([1, 2, 3], "b/loss"))
    told = {one.key: (one.n_was, one.n_now, one.course) for one in (first, second)}
    assert told == {"a/loss": (2, None, None), "b/loss": (None, 3, None)}
    assert why == []


def test_the_step_is_found_until_which_both_curves_are_equal() -> None:
    found = only(run([5, 4, 3, 2]), run([5, 4, 3.5, 2])).course
    assert found is not None
    assert (found.equal_until, found.parts_at, found.was, found.now) == (1, 2, 3, 3.5)


def test_curves_with_the_same_last_value_are_not_the_same() -> None:
    assert not only(run([5, 4, 2]), run([5, 3, 2])).is_same
    assert only(run([5, 4, math.nan]), run([5, 4, math.nan])).is_same


def test_only_the_steps_that_both_have_are_compared() -> None:
    found = only(run([5, 4, 3], steps=[0, 10, 20]), run([9, 4, 7, 3], steps=[5, 10, 15, 20])).course
    assert found is not None
    assert (found.n_common, found.parts_at, found.equal_until) == (2, None, 20)
    assert (found.steps_was, found.steps_now) == ((0, 20), (5, 20))


def test_curves_without_a_common_step_say_nothing_of_where_they_part() -> None:
    found = only(run([5, 4], steps=[0, 2]), run([5, 4], steps=[1, 3])).course
    assert found is not None
    assert (found.n_common, found.equal_until, found.parts_at) == (0, None, None)


def test_crossings_are_counted_and_equal_values_and_nan_are_none() -> None:
    was = [1, 1, 1, 1, math.nan, 1, 1]
    found = only(run(was), run([2, 2, 1, 2, 5, 0, 2])).course
    assert found is not None
    assert (found.crossings, found.crosses_at) == (2, 5)


def test_beyond_a_bound_points_are_not_compared_which_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(diff_metrics, "MAX_POINTS", 2)
    monkeypatch.setattr(diff_metrics, "_KEYS", 1)
    runs = []
    for _ in range(2):
        made = init("digits")
        for step in range(3):
            made.log({"a/loss": step, "b/loss": step}, step=step)
        made.finish(quiet=True)
        runs.append(RunReader(made.path))
    found, why = metrics_diff(*runs)
    assert [one.course is None for one in found] == [False, True]
    assert why == ["the points of 1 metric, for there are so many"]


def test_a_run_that_lost_its_points_is_named_and_its_figures_stay() -> None:
    was, now = run([1, 2]), run([1, 3])
    (now.path / "metrics.parquet").unlink()
    (found,), why = metrics_diff(was, RunReader(now.path))
    assert figures(found)["last"].now == 3
    assert why == [f"the points of 1 metric, which {now.path.name[-6:]} has lost"]


def test_the_project_says_which_way_is_better_and_what_a_metric_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was, now = run([1, 2], "Some/Number"), run([1, 3], "some/number")
    words = '["some/number"]\ngoal = "minimize"\naliases = ["Some/Number"]\n'
    (tmp_path / "metrics.toml").write_text(words)
    monkeypatch.setenv("RUNFOLIO_METRICS", str(tmp_path / "metrics.toml"))
    found = only(was, now)
    assert figures(found)["last"].better is False
    assert found.course is not None
    assert found.course.parts_at == 1
