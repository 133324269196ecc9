"""Tables: typed columns in a Parquet file, media in their cells, frames as they are."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.record.media.conftest import file_of, told, told_of

from runfolio.errors import RunfolioWarning, UsageError
from runfolio.format.check import check_run
from runfolio.model.media import MediaItem
from runfolio.record.media.histogram import Histogram
from runfolio.record.media.image import Image
from runfolio.record.media.table import Table
from runfolio.record.run import Run

Log = Callable[[object], MediaItem]


def arrow(run: Run, item: MediaItem) -> pa.Table:
    return pq.read_table(pa.BufferReader(file_of(run, item)))


def column(*cells: Any) -> Table:
    return Table(columns=["x"], data=[[cell] for cell in cells])


def test_a_table_logged_last_in_a_program_that_ends_without_finish_is_kept(tmp_path: Path) -> None:
    script = "import runfolio as r; r.init().log({'t': r.Table(columns=['a'], data=[['x']])})"
    env = {**os.environ, "RUNFOLIO_DIR": str(tmp_path), "RUNFOLIO_CAPTURE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True
    )

    assert "cannot be recorded" not in done.stderr
    assert len(list(tmp_path.glob("*/media/**/*.parquet"))) == 1


@pytest.mark.parametrize(
    ("cells", "name", "kind", "expected"),
    [
        ((1, None, 3), "integer", pa.int64(), [1, None, 3]),
        ((1, 2.5), "float", pa.float64(), [1.0, 2.5]),
        ((np.float32(0.5), np.float64(1)), "float", pa.float64(), [0.5, 1.0]),
        ((np.int8(1), np.int64(2)), "integer", pa.int64(), [1, 2]),
        ((True, False), "boolean", pa.bool_(), [True, False]),
        (("a", None), "text", pa.string(), ["a", None]),
        (("\udcff",), "text", pa.string(), ["\\udcff"]),
        ((None, None), "text", pa.string(), [None, None]),
        ((2**70, 1), "text", pa.string(), [str(2**70), "1"]),
        ((b"a",), "bytes", pa.binary(), [b"a"]),
        (([1, 2], [3]), "list", pa.list_(pa.int64()), [[1, 2], [3]]),
        ((np.array([1.0, 2.0]),), "list", pa.list_(pa.float64()), [[1.0, 2.0]]),
        (({"a": 1},), "json", pa.string(), ['{"a":1}']),
        ((dt.date(2026, 1, 2),), "date", pa.date32(), [dt.date(2026, 1, 2)]),
        ((Decimal("1.5"),), "decimal", pa.decimal128(2, 1), [Decimal("1.5")]),
        ((pd.Timestamp("2026-01-02"), pd.NaT), "time", pa.timestamp("us"),
         [dt.datetime(2026, 1, 2), None]),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_a_column_of_one_type_keeps_it(
    run: Run, logged: Log, cells: tuple[Any, ...], name: str, kind: pa.DataType, expected: list[Any]
) -> None:
    item = logged(column(*cells))
    table = arrow(run, item)

    assert item.extra["columns"] == [{"name": "x", "type": name}]
    assert (table.schema.field("x").type, table["x"].to_pylist()) == (kind, expected)


@pytest.mark.parametrize(
    ("cells", "mixed", "expected"),
    [
        ((1, "a", None), ["integer", "text"], ["1", "a", None]),
        ((2**60, 0.5), ["integer", "float"], [str(2**60), "0.5"]),
        (([1], ["a"]), ["list"], ["[1]", '["a"]']),
        ((b"\xff", "a"), ["bytes", "text"], ["ff", "a"]),
        ((dt.datetime(2026, 1, 2), 1), ["time", "integer"],  # noqa: DTZ001
         ["2026-01-02 00:00:00", "1"]),
    ],
)  # fmt: skip
def test_a_column_of_several_types_becomes_text_and_says_which(
    run: Run, logged: Log, cells: tuple[Any, ...], mixed: list[str], expected: list[Any]
) -> None:
    item = logged(column(*cells))

    assert item.extra["columns"] == [{"name": "x", "type": "text", "mixed": mixed}]
    assert arrow(run, item)["x"].to_pylist() == expected
    said = json.loads(arrow(run, item).schema.field("x").metadata[b"runfolio"])
    assert said == item.extra["columns"][0]


def test_media_in_cells_become_paths_of_their_files(run: Run, logged: Log) -> None:
    item = logged(Table(columns=["n", "image"], data=[[1, Image(np.eye(3))], [2, None]]))

    first, second = arrow(run, item)["image"].to_pylist()
    assert (run.path / first).read_bytes().startswith(b"\x89PNG")
    assert second is None
    assert item.extra["columns"][1] == {"name": "image", "type": "image"}


class Hostile:
    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError("nothing today")


def test_a_cell_that_raises_costs_the_table_nothing_else(run: Run, logged: Log) -> None:
    item = logged(Table(columns=["x", "n"], data=[[Hostile(), 1], ["a", 2]]))

    assert arrow(run, item).to_pylist() == [{"x": "<Hostile>", "n": 1}, {"x": "a", "n": 2}]


def test_a_histogram_in_a_cell_stands_there_whole(run: Run, logged: Log) -> None:
    (cell,) = arrow(run, logged(column(Histogram([1, 2], num_bins=1))))["x"].to_pylist()

    assert json.loads(cell) == {"bins": [1.0, 2.0], "counts": [2]}


def test_what_changes_after_log_does_not_change_the_record(run: Run) -> None:
    array, inner = np.array([1.0]), [1]
    table = Table(columns=["array", "list"], data=[[array, inner]])
    frame = pd.DataFrame({"a": [1, 2]})
    run.log({"table": table, "frame": frame})
    array[:], frame.loc[0, "a"] = 9, 9
    inner.append(9)
    table.add_data(None, None)
    first, second = told(run)

    assert arrow(run, first).to_pylist() == [{"array": [1.0], "list": [1]}]
    assert arrow(run, second).to_pylist() == [{"a": 1}, {"a": 2}]


def test_a_table_that_grows_is_kept_as_it_was_each_time(run: Run) -> None:
    table = Table(columns=["a"])
    for n in range(3):
        table.add_data(n)
        run.log({"t": table})

    assert [item.extra["rows"] for item in told(run)] == [1, 2, 3]


def test_a_frame_keeps_its_types(run: Run, logged: Log) -> None:
    frame = pd.DataFrame({
        "i": pd.array([1, None], dtype="Int64"), "c": pd.Categorical(["a", "b"]),
        "t": pd.to_datetime(["2026-01-01", None], utc=True), "o": [{"a": 1}, "x"],
        "f": np.array([1.5, np.nan], np.float32),
    })  # fmt: skip
    item = logged(frame)

    types = {each["name"]: each["type"] for each in item.extra["columns"]}
    assert types == {"i": "integer", "c": "text", "t": "time", "o": "text", "f": "float"}
    assert arrow(run, item)["i"].to_pylist() == [1, None]
    assert str(arrow(run, item).schema.field("t").type).endswith("tz=UTC]")


def test_a_table_of_arrow_is_taken_as_it_is(run: Run, logged: Log) -> None:
    given = pa.table({"l": [[1]], "d": pa.array(["a"]).dictionary_encode(), "s": [{"a": 1}]})
    item = logged(given)

    assert arrow(run, item).to_pylist() == given.to_pylist()
    types = [each["type"] for each in item.extra["columns"]]
    assert types == ["list", "text", "struct"]


def test_names_that_come_twice_are_told_apart(run: Run, logged: Log) -> None:
    item = logged(Table(columns=["a", "a", 3], data=[[1, 2, 3]]))

    assert arrow(run, item).column_names == ["a", "a_2", "3"]


def test_an_empty_table_is_a_table(run: Run, logged: Log) -> None:
    item = logged(Table(columns=["a"]))

    assert (item.extra["rows"], arrow(run, item).num_rows) == (0, 0)


def test_without_arrow_the_same_lies_in_a_json_document(
    run: Run, logged: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runfolio.record.media.table.pyarrow_is_installed", lambda: False)
    rows = [[1, float("nan"), "a", b"\xff", [1], dt.date(2026, 1, 2)]]
    item = logged(Table(columns=list("abcdef"), data=rows))

    assert item.path is not None
    assert item.path.endswith(".table.json")
    document = json.loads(file_of(run, item))
    assert document["data"] == [[1, "NaN", "a", "ff", [1], "2026-01-02"]]
    assert [each["type"] for each in document["columns"]] == [
        "integer", "float", "text", "bytes", "list", "date",
    ]  # fmt: skip


def test_without_arrow_a_table_that_no_reader_takes_is_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runfolio.record.media.table.pyarrow_is_installed", lambda: False)
    with pytest.warns(RunfolioWarning, match="install pyarrow"):
        items = told_of(run, {"x": column("x" * 2**24)})

    assert items == []


def test_the_methods_that_scripts_use_do_as_elsewhere() -> None:
    table = Table(columns=["a", "b"], data=np.array([[1, 2], [3, 4]]))
    table.add_row(5, 6)
    table.add_column("c", [7, 8, 9])
    table.add_computed_columns(lambda index, row: {"d": row["a"] + index})

    assert table.data == [[1, 2, 7, 1], [3, 4, 8, 4], [5, 6, 9, 7]]
    assert table.get_column("b") == [2, 4, 6]
    assert table.get_column("b", convert_to="numpy").sum() == 12
    assert list(table.get_dataframe().columns) == ["a", "b", "c", "d"]
    assert [index for index, _ in table.iterrows()] == [0, 1, 2]
    assert Table().columns == ["Input", "Output", "Expected"]


def test_a_table_of_a_frame_has_rows_like_any_other() -> None:
    table = Table(dataframe=pd.DataFrame({"a": [1, 2]}))
    assert len(table) == 2
    table.add_data(3)

    assert table.data == [[1], [2], [3]]


def test_a_first_column_makes_the_rows() -> None:
    table = Table(columns=[])
    table.add_column("a", np.array([1, 2]))

    assert (table.columns, table.data) == (["a"], [[1], [2]])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Table(columns=["a"]).add_data(1, 2), "a row of 2 values; this table has 1"),
        (lambda: Table(columns="ab"), "list of names"),
        (lambda: Table(columns=["a"], log_mode="x"), "log_mode"),
        (lambda: Table(dataframe=[1]), "expected one of pandas"),
        (lambda: column(1).add_column("x", [1]), "already"),
        (lambda: column(1).add_column("y", [1, 2]), "a column of 2 values"),
        (lambda: Table(columns=["loss"]).get_column("los"), 'Did you mean "loss"'),
    ],
)
def test_what_makes_no_table_is_refused_at_once(make: Callable[[], object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        make()


def test_a_table_shows_its_first_rows_as_text_that_does_nothing() -> None:
    shown = column("<script>", *range(20))._repr_html_()

    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown
    assert "11 more rows" in shown


def test_polars_frames_are_taken_as_they_are(run: Run, logged: Log) -> None:
    polars = pytest.importorskip("polars")
    item = logged(polars.DataFrame({"a": [1, 2], "s": ["x", None]}))

    assert arrow(run, item).to_pylist() == [{"a": 1, "s": "x"}, {"a": 2, "s": None}]


@pytest.mark.parametrize("arrow", [True, False])
def test_what_only_tables_name_is_known_to_check_and_missed_when_it_is_gone(
    run: Run, monkeypatch: pytest.MonkeyPatch, arrow: bool
) -> None:
    monkeypatch.setattr("runfolio.record.media.table.pyarrow_is_installed", lambda: arrow)
    rows = [[Image(np.eye(3)), Image(np.eye(4))], [None, 2]]
    told_of(run, {"x": Table(columns=["image", "mixed"], data=rows)})
    assert check_run(run.path) == []

    for path in (run.path / "media" / "images").iterdir():
        path.unlink()
    # That of the column of images; a text may say anything.
    assert [
        found.severity for found in check_run(run.path) if " names it, and " in found.fault
    ] == ["fault"]
