"""No frame changes a value: large whole numbers, several types under one name, NaN, times."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from tests.query.conftest import Maker
from tests.store.conftest import lines

import runfolio
from runfolio.errors import MissingDependency, UsageError
from runfolio.format.codec import rfc3339
from runfolio.format.disk import Disk
from runfolio.format.manifest import write_manifest
from runfolio.query.arrow import arrow_frame
from runfolio.query.frame import frame
from runfolio.query.runs import Runs
from runfolio.store.store import Store
from runfolio.verbs.facts import record_facts

BIG = 2**53 + 1


def columns(record: Maker, values: list[Any]) -> tuple[pd.Series[Any], Any, Any]:
    """Return a setting of some runs as pandas, Arrow and polars have it; absent for Ellipsis."""
    records = [record(config={} if value is ... else {"x": value}) for value in values]
    arrow = arrow_frame(records)
    return frame(records)["config.x"], arrow["config.x"], pl.from_arrow(arrow)["config.x"]


@pytest.mark.parametrize(
    ("values", "dtypes"),
    [
        ([BIG, 1], ("int64", "int64", pl.Int64)),
        ([BIG, ...], ("Int64", "int64", pl.Int64)),
        ([BIG, None, 3], ("Int64", "int64", pl.Int64)),
        ([2**64 - 1, 1], ("uint64", "uint64", pl.UInt64)),
        ([2**64 - 1, ...], ("UInt64", "uint64", pl.UInt64)),
        ([1, 0.5, ...], ("float64", "double", pl.Float64)),
        ([True, ...], ("object", "bool", pl.Boolean)),
    ],
)
def test_whole_numbers_stay_whole_and_exact(
    record: Maker, values: list[Any], dtypes: tuple[str, str, Any]
) -> None:
    pandas, arrow, polars = columns(record, values)

    assert (str(pandas.dtype), str(arrow.type), polars.dtype) == dtypes
    meant = [None if value is ... else value for value in values]
    assert [None if pd.isna(value) else value for value in pandas] == meant
    assert arrow.to_pylist() == polars.to_list() == meant


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([BIG, 0.5], [str(BIG), "0.5"]),
        ([2**64 - 1, -1], [str(2**64 - 1), "-1"]),
        ([1, "1", None, [1], True, 1.5], ["1", "1", None, "[1]", "true", "1.5"]),
        ([[1, "a"], [None]], ['[1, "a"]', "[null]"]),
    ],
)
def test_values_of_several_types_stay_in_pandas_and_are_text_elsewhere(
    record: Maker, values: list[Any], texts: list[Any]
) -> None:
    pandas, arrow, polars = columns(record, values)

    assert list(map(repr, pandas)) == list(map(repr, values))
    assert arrow.to_pylist() == polars.to_list() == texts


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two runs whose settings, seeds and figures a double does not hold, and one without any."""
    for n, (config, figure) in enumerate(
        [
            ({"big": BIG, "l": [BIG, None]}, "NaN"),
            ({"big": 2**62 + 1, "l": [1]}, "Infinity"),
            ({}, 1),
        ]
    ):
        folder = tmp_path / "folio" / f"20261122T2130{n:02d}-{n:06x}"
        folder.mkdir(parents=True)
        document = {"format": 1, "id": folder.name, "name": f"r{n}", "status": "finished",
                    "created_at": rfc3339(-62_135_596_800_000 if n else 1_795_383_000_001), "config": config,
                    "metrics": {"loss": {"n": 2, "last": figure}}}  # fmt: skip
        write_manifest(folder, document, Disk())
        (folder / "metrics.jsonl").write_bytes(lines({"loss": 2.0, "acc": 0.5}, {"loss": 1.0}))
    return Store(tmp_path / "folio")


def test_sql_hands_out_whole_numbers_exactly_in_every_form(store: Store) -> None:
    statement = 'SELECT "config.big" AS big, "config.l" AS l FROM runs ORDER BY name'
    for as_ in ("pandas", "polars", "arrow"):
        found = Runs(store).sql(statement, as_=as_)
        rows = (
            found.to_dicts()
            if as_ == "polars"
            else found.to_pylist()
            if as_ == "arrow"
            else found.to_dict("records")
        )
        assert [row["big"] for row in rows[:2]] == [BIG, 2**62 + 1]
        assert [row["l"] for row in rows] == [[BIG, None], [1], None]
        assert pd.isna(rows[2]["big"])


def test_sums_and_fractions_of_sql_are_numbers_in_pandas(store: Store) -> None:
    found = Runs(store).sql(
        'SELECT sum("config.big") AS s, 0.5 AS h, sum("config.big"::hugeint << 8) AS w FROM runs'
    )
    assert found["s"].tolist() == [BIG + 2**62 + 1]
    assert (found["s"].dtype, found["h"].dtype, found["h"][0]) == ("int64", "float64", 0.5)
    assert int(found["w"][0]) == (BIG + 2**62 + 1) << 8


def test_json_of_the_command_line_holds_the_same_numbers(store: Store) -> None:
    facts = [record_facts(run) for run in Runs(store, "sort:name")]
    assert [run["config"].get("big") for run in facts] == [BIG, 2**62 + 1, None]
    assert [run["metrics"]["loss"]["last"] for run in facts] == ["NaN", "Infinity", 1.0]


def test_times_are_moments_in_utc_in_every_form(store: Store) -> None:
    told = [datetime(2026, 11, 22, 21, 30, 0, 1000, UTC), datetime(1, 1, 1, tzinfo=UTC)]
    found = Runs(store, "sort:name limit:2")
    assert [moment.to_pydatetime() for moment in found.frame()["created_at"]] == told
    assert found.frame("arrow")["created_at"].to_pylist() == told
    assert found.frame("polars")["created_at"].to_list() == told
    sql = found.sql("SELECT created_at FROM runs ORDER BY name", as_="polars")[
        "created_at"
    ].to_list()
    assert [moment.timestamp() for moment in sql] == [moment.timestamp() for moment in told]


def test_histories_come_as_polars_and_arrow_with_the_same_points(store: Store) -> None:
    pandas, polars = Runs(store).history(), Runs(store).history(as_="polars")
    assert isinstance(polars, pl.DataFrame)
    assert (
        polars["value"].to_list()
        == pandas["value"].tolist()
        == Runs(store).history(None, "arrow")["value"].to_pylist()
    )
    assert polars["key"].cast(pl.String).to_list() == pandas["key"].astype(str).tolist()
    assert polars["time"].dtype == pl.Datetime("ms", "UTC")


def test_the_history_of_one_run_tells_nothing_from_nan_in_polars(store: Store) -> None:
    run = runfolio.load("r0", store)
    assert run.history(["loss", "acc"], as_="polars").to_dict(as_series=False) == {
        "step": [0, 1], "loss": [2.0, 1.0], "acc": [0.5, None],
    }  # fmt: skip


def test_without_polars_the_line_that_installs_it_is_told(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    runs, run = Runs(store), runfolio.load("r0", store)
    for ask in (lambda: runs.frame("polars"), lambda: runs.history(None, "polars"),
                lambda: runs.sql("SELECT 1", as_="polars"), lambda: run.history(as_="polars")):  # fmt: skip
        with pytest.raises(MissingDependency, match=r"pip install .*'polars'"):
            ask()
    with pytest.raises(UsageError, match='Did you mean "polars"'):
        runs.frame("poalrs")
