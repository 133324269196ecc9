"""The columns that a table can have, and its rows in the order that is asked for."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from runfolio.model.run import MetricSummary, RunRecord
from runfolio.query.arrange import arrange
from runfolio.query.fields import ABSENT
from runfolio.query.filter import parse
from runfolio.query.grid import Grid

Maker = Callable[..., RunRecord]


def test_columns_that_differ_are_shown_and_equal_ones_are_known_as_such(record: Maker) -> None:
    runs = [record(config={"lr": lr, "batch": 64}, metrics={"val/acc": lr}) for lr in (0.1, 0.2)]

    found = {column.id: (column.shown, column.equal) for column in Grid(runs).columns}

    assert found["config.lr"] == (True, False)
    assert found["config.batch"] == (False, True)
    assert found["metrics.val/acc"] == (True, False)


def test_true_is_not_one_and_a_missing_setting_differs(record: Maker) -> None:
    runs = [record(config={"a": 1, "b": 2}), record(config={"a": True})]

    assert [c.id for c in Grid(runs).columns if c.equal] == []


def test_a_column_of_a_single_run_is_shown(record: Maker) -> None:
    assert Grid([record(config={"lr": 1})]).column("config.lr").shown  # type: ignore[union-attr]


def test_a_setting_of_one_of_twelve_thousand_names_is_found(record: Maker) -> None:
    runs = [record(config={f"s{n}": n for n in range(12_000)}), record()]

    assert Grid(runs).values("config.s11999") == [11_999, ABSENT]


def test_names_as_long_as_a_file_are_not_offered(record: Maker) -> None:
    grid = Grid([record(config={"x" * 5000: 1, "lr": 2})])

    assert [c.id for c in grid.columns if c.kind == "config"] == ["config.lr"]


@pytest.mark.parametrize("falling", [False, True])
@pytest.mark.parametrize("name", ["metrics.loss", "config.mixed", "run", "created_at", "tags"])
def test_rows_are_sorted_as_a_query_sorts_them(name: str, falling: bool, record: Maker) -> None:
    values = [3, "x", None, 2.5, True, [1], "x", 2**60, 2**60 + 1]
    losses = [1.0, math.nan, 0.5, 0.5, -math.inf, math.inf, 0.2, 0.2, 1e308]
    runs = [
        record(
            f"r{n % 4}", config={"mixed": value}, metrics={"loss": loss}, tags=("b", "a")[: n % 3]
        )
        for n, (value, loss) in enumerate(zip(values, losses, strict=True))
    ]
    runs += [record("none"), record("no figure", metrics={"loss": MetricSummary(n=0)})]
    asked = {"run": "name"}.get(name, name)

    order = arrange(Grid(runs), [(name, falling)]).order

    wanted = parse(f"sort:{'-' * falling}{asked}").select(runs)
    assert [runs[place].id for place in order] == [run.id for run in wanted]


def test_the_second_column_decides_among_equals(record: Maker) -> None:
    runs = [record(config={"a": a, "b": b}) for a, b in ((1, 1), (2, 5), (1, 9), (2, 7))]

    order = arrange(Grid(runs), [("config.a", False), ("config.b", True)]).order

    assert order.tolist() == [2, 0, 3, 1]


def test_groups_come_in_the_order_of_their_best_run(record: Maker) -> None:
    runs = [
        record(config={"opt": opt}, metrics={"val/acc": acc})
        for opt, acc in (("sgd", 0.5), ("adam", 0.9), ("sgd", 0.7), ("adam", 0.1))
    ]

    found = arrange(Grid(runs), [("metrics.val/acc", True)], "config.opt")

    told = [(group.value, group.rows.tolist(), group.best, group.mean) for group in found.groups]
    assert told == [("adam", [1, 3], 0.9, 0.5), ("sgd", [2, 0], 0.7, 0.6)]
    assert found.mean == pytest.approx(0.55)
    assert found.items({0}).tolist() == [-1, -2, 2, 0]


def test_what_has_no_hash_is_grouped_by_what_it_holds(record: Maker) -> None:
    runs = [record(config={"x": x}) for x in ([1, 2], [1, 2], 1, True, 1.0)] + [record()]

    groups = arrange(Grid(runs), (), "config.x").groups

    assert [group.rows.tolist() for group in groups] == [[0, 1], [2, 4], [3], [5]]


def test_an_unknown_column_is_passed_over(record: Maker) -> None:
    runs = [record(), record()]

    assert arrange(Grid(runs), [("config.gone", True)], "config.gone").items().tolist() == [0, 1]


def test_a_table_of_no_run_has_no_row() -> None:
    assert arrange(Grid([]), [("run", True)], "run").items().tolist() == []
