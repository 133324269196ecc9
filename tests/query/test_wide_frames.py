"""Runs that have thousands of names between them: of the columns nobody asks for no cell is made."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from runfolio.errors import UsageError
from runfolio.format.disk import Disk
from runfolio.format.manifest import write_manifest
from runfolio.query import sql
from runfolio.query.frame_columns import columns_of, names_of
from runfolio.query.runs import Runs
from runfolio.store.store import Store

RUNS, OWN = 12, 20


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    """Return runs each of which has settings and metrics that no other has."""
    for n in range(RUNS):
        folder = tmp_path / "folio" / f"20261122T2130{n:02d}-{n:06x}"
        folder.mkdir(parents=True)
        metrics = {f"m{n}/{k}": {"n": 2, "last": k + 0.5, "min": 0, "max": 9} for k in range(OWN)}
        document = {
            "format": 1, "id": folder.name, "name": f"r{n}", "status": "finished",
            "config": {"lr": n / 10, "big": 2**60 + n} | {f"own{n}.{k}": k for k in range(OWN)},
            "metrics": metrics | {"loss": {"n": 2, "last": float(n), "min": 0.0, "max": 9.0}},
        }  # fmt: skip
        write_manifest(folder, document, Disk())
    return Runs(Store(tmp_path / "folio"), "sort:loss")


def test_as_many_cells_are_made_as_there_are_values(runs: Runs) -> None:
    made = columns_of(runs.records)

    own = [column for name, column in made.items() if name.startswith(("config.own", "metrics.m"))]
    assert len(own) == RUNS * OWN * 4
    assert sum(len(column.values) for column in own) == RUNS * OWN * 4


def test_the_columns_that_are_wanted_are_those_of_the_whole_frame(runs: Runs) -> None:
    whole, some = runs.frame(), runs.frame(columns=["config.b*", "config.lr", "METRICS.m3/?", "id"])

    names = [name for name in whole if name in ("id", "config.lr", "config.big")]
    names += [f"metrics.m3/{k}" for k in range(10)]
    assert list(some) == names
    pd.testing.assert_frame_equal(some, whole[names])


def test_of_the_other_columns_no_cell_is_made(runs: Runs) -> None:
    assert list(columns_of(runs.records, lambda name: name == "metrics.loss.max")) == [
        "metrics.loss.max"
    ]


def test_the_names_of_the_columns_are_those_of_the_frame(runs: Runs) -> None:
    assert names_of(runs.records) == list(runs.frame())


@pytest.mark.parametrize("as_", ["pandas", "arrow", "polars"])
def test_a_column_that_is_not_there_is_told_with_the_nearest(runs: Runs, as_: str) -> None:
    with pytest.raises(UsageError, match=r'no column "config.lt".*config\.lr'):
        runs.frame(as_, columns=["config.lt"])


STATEMENTS = (
    'select name, "config.lr" from runs order by name',
    'select * from runs order by name',
    'select "config.own3\\.1" as x, "metrics.m3/2.max" from runs order by all',
    "select columns('metrics\\.m7/1.*') from runs order by all",
    'select * exclude ("config.big") from runs order by name',
    'select r from (select name, "config.lr" from runs) as r order by all',
    "select runs from runs order by 1",
    "select count(*), max(RUN_ID) from runs",
    "select #1, #3 from runs order by all",
    'select n from runs as r(i, n) order by n',
    "select column_name, column_type from (describe runs)",
    'with t as (select "config.LR" as lr from runs) select avg(lr) from t',
    'select a.name from runs a join runs b using ("config.lr") order by a.name',
    "from (unpivot (select name, columns('config\\.own1.*') from runs) on * exclude (name)) order by all",
)  # fmt: skip


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_statement_is_answered_as_if_all_columns_were_there(
    runs: Runs, statement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = runs.sql(statement, as_="arrow")
    monkeypatch.setattr(sql, "wanted_columns", lambda tree: None)

    assert found.equals(runs.sql(statement, as_="arrow"))


def test_only_the_columns_that_a_statement_names_are_made(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[list[str]] = []
    plain = sql.arrow_frame

    def seen(*asked: object) -> object:
        table = plain(*asked)  # type: ignore[arg-type]
        made.append(table.column_names)
        return table

    monkeypatch.setattr(sql, "arrow_frame", seen)
    runs.sql('select name, "metrics.loss" from runs where "config.LR" > 0')

    assert made == [["id", "name", "config.lr", "metrics.loss"]]


def test_a_mistyped_column_is_told_though_none_was_made(runs: Runs) -> None:
    with pytest.raises(UsageError, match=r"config\.big"):
        runs.sql('select "config.bog" from runs')


def test_a_table_that_takes_too_long_to_make_is_given_up(runs: Runs) -> None:
    with pytest.raises(UsageError, match="longer than 1e-09 s"):
        runs.sql("select * from runs", timeout_s=1e-9)


def test_a_statement_that_takes_far_too_many_cells_says_what_to_do(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "_CELLS", 5_000)
    n = len(names_of(runs.records))
    with pytest.raises(UsageError, match=f"all {n:,} columns of {RUNS} runs; name those"):
        runs.sql("select * from runs")
    assert len(runs.sql('select "config.lr" from runs')) == RUNS
