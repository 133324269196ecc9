"""A store in which every run has settings of its own: thousands of columns."""

from __future__ import annotations

from tests.query.conftest import Maker

from runfolio.query.grid import Grid
from runfolio.query.table import runs_table


def test_of_too_many_settings_those_stay_that_most_runs_have(record: Maker) -> None:
    runs = [record(config={f"own{n}": n, "seed": 7, "deep": {"lr": n}}) for n in range(9)]

    table = runs_table(runs, settings=2)

    assert [column.key for column in table.columns] == ["own0", "deep.lr"]
    assert table.hidden_equal == ("seed",)
    assert table.hidden_settings == tuple(f"own{n}" for n in range(1, 9))


def test_settings_that_are_left_out_are_not_read(record: Maker) -> None:
    runs = [record(config={f"own{n}": n, "lr": n}) for n in range(40)]
    grid = Grid(runs)

    table = runs_table(runs, settings=1, grid=grid)

    assert [column.key for column in table.columns] == ["lr"]
    assert [name for name in grid._values if name.startswith("config.")] == ["config.lr"]


def test_only_settings_that_nobody_chose_are_left_out(record: Maker) -> None:
    runs = [record(config={"a": n, "b": n, "c": n}) for n in range(3)]

    table = runs_table(runs, ["c", "b", "a"], settings=1)

    assert [column.key for column in table.columns] == ["c", "b", "a"]
    assert table.hidden_settings == ()


def test_of_thousands_of_columns_a_table_shows_those_that_most_runs_have(record: Maker) -> None:
    runs = [
        record(
            config={f"own{n}.{k}": k for k in range(90)} | {"lr": n},
            metrics={f"m{n}/{k}": k for k in range(90)} | {"loss": n},
        )
        for n in range(3)
    ]
    grid = Grid(runs)

    shown = [column.id for column in grid.columns if column.shown]
    assert {"config.lr", "metrics.loss"} <= set(shown)
    assert len([name for name in shown if name.startswith("config.")]) == 200
    assert len([name for name in shown if name.startswith("metrics.")]) == 200
    assert grid.left_out == 71 + 71
