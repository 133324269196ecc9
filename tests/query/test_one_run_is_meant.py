"""Which run an id, a piece of one, a name or a rule means."""

from __future__ import annotations

import math

import pytest
from tests.query.conftest import Maker

from runfolio.errors import RunNotFound, UsageError
from runfolio.model.run import MetricSummary
from runfolio.query.select import find


def test_an_id_or_its_last_six_characters_mean_their_run(record: Maker) -> None:
    runs = [record("a"), record("b")]
    assert find(runs, runs[1].id) is runs[1]
    assert find(runs, runs[1].short_id) is runs[1]


def test_a_unique_piece_of_an_id_means_its_run(record: Maker) -> None:
    runs = [record("a"), record("b", id="my-own-Id")]
    assert find(runs, "own-id") is runs[1]


def test_a_name_means_its_newest_run(record: Maker) -> None:
    newest, older = record("a"), record("a")
    assert find([older, newest], "a") is newest


def test_a_name_goes_before_a_piece_of_another_id(record: Maker) -> None:
    runs = [record("b", id="x-base-1"), record("base")]
    assert find(runs, "base") is runs[1]


def test_a_piece_of_several_ids_is_refused_and_they_are_named(record: Maker) -> None:
    runs = [record("a"), record("b")]
    with pytest.raises(RunNotFound, match=r"means 2 runs: a \(2026.*, b .*more of the id"):
        find(runs, "20261122")


@pytest.mark.parametrize("text", ["", "0", "00"])
def test_a_piece_that_stands_in_ids_by_chance_means_none(record: Maker, text: str) -> None:
    with pytest.raises(RunNotFound):
        find([record("a")], text)


def test_a_slip_of_the_keys_names_the_nearest(record: Maker) -> None:
    with pytest.raises(RunNotFound, match=r'No run is named "fats"\. Did you mean "fast"'):
        find([record("fast")], "fats")


def test_an_empty_store_says_so() -> None:
    with pytest.raises(RunNotFound, match="no run yet"):
        find([], "a")
    with pytest.raises(RunNotFound, match="no run yet"):
        find([], "@last")


def test_last_is_the_newest_whatever_the_order(record: Maker) -> None:
    newest, older = record("a"), record("b")
    assert find([older, newest], "@last") is newest


def test_best_takes_its_direction_from_the_metric(record: Maker) -> None:
    runs = [record(metrics={"val/acc": 0.8, "loss": 0.2}), record(metrics={"val/acc": 0.9}),
            record(metrics={"val/acc": math.nan, "loss": 0.3})]  # fmt: skip
    assert find(runs, "@best:val/acc") is runs[1]
    assert find(runs, "@best:loss") is runs[0]
    assert find(runs, "@min:val/acc") is runs[0]
    assert find(runs, "@max:loss") is runs[2]


def test_best_of_a_metric_of_unknown_direction_asks_for_it(record: Maker) -> None:
    with pytest.raises(UsageError, match="@min:depth or @max:depth"):
        find([record(metrics={"depth": 1.0})], "@best:depth")


def test_best_of_no_metric_names_the_nearest(record: Maker) -> None:
    runs = [record(metrics={"val/acc": math.inf})]
    with pytest.raises(RunNotFound, match='Did you mean "val/acc"'):
        find(runs, "@best:val/ac")
    with pytest.raises(RunNotFound, match="No run has a finite value"):
        find(runs, "@best:val/acc")


def test_an_unknown_rule_names_the_known_ones(record: Maker) -> None:
    with pytest.raises(UsageError, match=r"@best:METRIC.* Did you mean"):
        find([record()], "@bset:loss")
    with pytest.raises(UsageError, match="needs a metric, as in @best:val/acc"):
        find([record()], "@best")


def test_a_declared_goal_decides_for_best(record: Maker) -> None:
    lower = MetricSummary(n=1, last=1.0, goal="minimize")
    runs = [record(metrics={"depth": lower}), record(metrics={"depth": 2.0})]
    assert find(runs, "@best:depth") is runs[0]
