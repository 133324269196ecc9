"""Which columns and cells a runs table has."""

from __future__ import annotations

import pytest
from tests.query.conftest import Maker

from runfolio.errors import UsageError
from runfolio.model.run import RunRecord
from runfolio.query.fields import ABSENT
from runfolio.query.table import Column, runs_table


def no_sparkline(record: RunRecord, key: str) -> list[float]:
    del record, key
    return []


def test_settings_that_are_equal_in_all_runs_are_hidden_and_named(record: Maker) -> None:
    runs = [record(config={"lr": 1, "seed": 7, "opt": {"name": "adam"}}),
            record(config={"lr": 2, "seed": 7, "opt": {"name": "adam"}})]  # fmt: skip

    table = runs_table(runs)

    assert [column.key for column in table.columns] == ["lr"]
    assert table.hidden_equal == ("seed", "opt.name")
    assert [row.cells for row in table.rows] == [(1,), (2,)]
    assert table.total == 2


def test_all_settings_are_shown_when_asked(record: Maker) -> None:
    runs = [record(config={"lr": 1, "seed": 7}), record(config={"lr": 2, "seed": 7})]
    table = runs_table(runs, hide_equal=False)
    assert [column.key for column in table.columns] == ["lr", "seed"]
    assert table.hidden_equal == ()


def test_a_lone_run_shows_all_its_settings(record: Maker) -> None:
    table = runs_table([record(config={"lr": 1})])
    assert [column.key for column in table.columns] == ["lr"]


def test_a_setting_that_one_run_lacks_differs(record: Maker) -> None:
    table = runs_table([record(config={"lr": 1}), record()])
    assert [row.cells for row in table.rows] == [(1,), (ABSENT,)]


def test_true_and_one_differ_but_one_and_one_point_nought_do_not(record: Maker) -> None:
    table = runs_table([record(config={"a": 1, "b": 1}), record(config={"a": True, "b": 1.0})])
    assert [column.key for column in table.columns] == ["a"]


def test_settings_come_first_then_the_main_metric_then_others(record: Maker) -> None:
    runs = [record(config={"lr": n}, metrics={"loss": n, "val/acc": 1.0, "lr": 0.1})
            for n in (1, 2)]  # fmt: skip

    columns = runs_table(runs, sparkline=no_sparkline).columns

    assert [(column.key, column.kind) for column in columns] == [
        ("lr", "config"),
        ("val/acc", "metric"),
        ("loss", "metric"),
    ]


def test_the_metric_that_is_sorted_by_is_the_main_one(record: Maker) -> None:
    runs = [record(metrics={"loss": 1.0, "val/acc": 1.0, "lr": 0.1})]
    table = runs_table(runs, main="lr", sparkline=no_sparkline)
    assert [column.key for column in table.columns] == ["lr", "val/acc", "loss"]


def test_metrics_beyond_six_are_named_not_shown(record: Maker) -> None:
    run = record(metrics={f"m{letter}": 1.0 for letter in "abcdefgh"})
    table = runs_table([run], sparkline=no_sparkline)
    assert len(table.columns) == 6
    assert table.hidden_metrics == ("mg", "mh")


def test_chosen_columns_stand_in_the_order_that_was_asked_for(record: Maker) -> None:
    runs = [record(config={"a": {"b": 1}}, metrics={"loss": 2.0, "acc": 3.0}, project="p")]

    table = runs_table(runs, ["loss", "a.b", "project", "loss.n"], sparkline=no_sparkline)

    assert [column.kind for column in table.columns] == ["metric", "config", "field", "metric"]
    assert table.rows[0].cells == (2.0, 1, "p", 1)


def test_a_chosen_column_that_no_run_has_names_the_nearest(record: Maker) -> None:
    with pytest.raises(UsageError, match='Did you mean "loss"'):
        runs_table([record(metrics={"loss": 1.0})], ["los"])
    assert runs_table([], ["los"]).columns == ()


def test_titles_are_short_where_they_stay_unique_and_units_stand_apart(record: Maker) -> None:
    config = {"opt": {"lr": 1, "name": "x"}, "model": {"name": "y"}, r"a.b": 1}
    runs = [record(config=config, metrics={"step_time_s": 1.0, "_s": 1.0})]

    columns = runs_table(runs, sparkline=no_sparkline).columns

    assert columns[:4] == (
        Column("opt.lr", "lr", "config"),
        Column("opt.name", "opt.name", "config"),
        Column("model.name", "model.name", "config"),
        Column(r"a\.b", "a.b", "config"),
    )
    assert Column("_s", "_s", "metric") in columns
    chosen = runs_table(runs, ["step_time_s"], sparkline=no_sparkline).columns
    assert chosen == (Column("step_time_s", "step_time", "metric", "s"),)


def test_an_empty_selection_is_an_empty_table() -> None:
    table = runs_table([])
    assert (table.columns, table.rows, table.total) == ((), (), 0)


def test_runs_without_settings_and_metrics_still_have_rows(record: Maker) -> None:
    table = runs_table([record(), record()])
    assert [row.cells for row in table.rows] == [(), ()]


def test_a_setting_named_like_a_field_keeps_its_whole_name(record: Maker) -> None:
    runs = [record(config={"opt": {"name": "adam", "lr": 1}}),
            record(config={"opt": {"name": "sgd", "lr": 2}})]  # fmt: skip
    assert [column.title for column in runs_table(runs).columns] == ["opt.name", "lr"]
