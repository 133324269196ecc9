"""Schema, statistics and first rows of tables, and how they are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runfolio.capture.data_profile import profile_of
from runfolio.format.codec import dumps, loads
from runfolio.model.data_profile import ColumnProfile, DataProfile, TableProfile


def profile(tmp_path: Path, **files: str) -> DataProfile:
    """Return the profile of files, whose names have ``_`` for ``.``."""
    found = {}
    for name, content in files.items():
        path = tmp_path / name
        path.write_text(content)
        found[name.replace("_", ".")] = path
    return profile_of(found)


def test_a_table_has_rows_columns_types_and_statistics(tmp_path: Path) -> None:
    (table,) = profile(tmp_path, d_csv="n,when,who\n1,2020-01-01,ann\n3,2021-01-01,\n").tables

    assert (table.name, table.rows, table.note) == ("d.csv", 2, "")
    number, moment, text = table.columns
    assert (number.type, number.min, number.max, number.mean, number.q50) == (
        "BIGINT",
        1,
        3,
        2.0,
        2,
    )
    assert (moment.type, moment.min, moment.mean) == ("DATE", "2020-01-01", None)
    assert (text.type, text.nulls, text.distinct, text.min) == ("VARCHAR", 0.5, 1, "ann")


def test_no_column_has_more_values_than_rows(tmp_path: Path) -> None:
    rows = "".join(f"{n}\n" for n in range(100))  # of these DuckDB guesses 102

    (table,) = profile(tmp_path, **{"a.csv": f"a\n{rows}"}).tables

    assert table.columns[0].distinct == 100


def test_the_first_rows_are_kept_cut_to_a_bounded_length(tmp_path: Path) -> None:
    (table,) = profile(tmp_path, d_csv="a,b\n" + f"1,{'x' * 500}\n" * 9).tables

    assert len(table.preview) == 5
    assert table.preview[0] == ("1", "x" * 79 + "…")


def test_a_file_that_is_no_table_says_why_beside_those_that_are(tmp_path: Path) -> None:
    bad, good = profile(tmp_path, bad_parquet="no", good_csv="x\n1\n").tables

    assert "too small to be a Parquet file" in bad.note
    assert (bad.rows, good.rows) == (None, 1)


def test_values_that_are_nested_or_bytes_have_a_type_and_no_statistics(tmp_path: Path) -> None:
    (table,) = profile(tmp_path, d_json='[{"a":[1,2],"b":{"c":1},"d":5}]').tables

    assert [(c.type, c.max) for c in table.columns] == [
        ("BIGINT[]", None), ("STRUCT(c BIGINT)", None), ("BIGINT", 5),
    ]  # fmt: skip


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    (table,) = profile(tmp_path, d_csv="").tables

    assert table.rows == 0


def test_of_many_tables_and_columns_the_first_are_described_and_the_rest_is_counted(
    tmp_path: Path,
) -> None:
    wide = ",".join(f"c{n}" for n in range(250))
    found = profile(tmp_path, **{f"{chr(97 + n)}_csv": f"{wide}\n" for n in range(10)})

    assert (len(found.tables), found.more) == (8, 2)
    assert (len(found.tables[0].columns), found.tables[0].more_columns) == (200, 50)


def test_a_number_that_json_cannot_hold_is_kept_as_text(tmp_path: Path) -> None:
    (table,) = profile(tmp_path, d_csv="n\n9007199254740993\n1\n").tables

    assert table.columns[0].max in ("9007199254740993", 9007199254740993.0)
    assert dumps(table.columns[0].max)


def test_files_without_a_table_make_an_empty_profile(tmp_path: Path) -> None:
    assert profile(tmp_path, readme_md="hello") == DataProfile()


def test_what_is_kept_is_read_as_it_was(tmp_path: Path) -> None:
    found = profile(tmp_path, a_csv="x,y\n1,\n2,b\n", b_parquet="no")

    assert DataProfile.from_json(loads(dumps(found.as_json()), "profile")) == found


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"tables": 3, "more": 0}, {"tables": [3], "more": 0}, {"tables": [{"name": "x"}], "more": 0},
     {"tables": [{"name": "x", "form": "csv", "columns": [3]}], "more": 0}, {"tables": [], "more": "many"}],
)  # fmt: skip
def test_what_is_no_profile_is_none(body: Any) -> None:
    assert DataProfile.from_json(body) is None


def test_texts_are_cleaned_by_the_name_of_their_column() -> None:
    table = TableProfile(
        "d.csv",
        "csv",
        1,
        1,
        (ColumnProfile("password", "VARCHAR", min="a", max="b"),),
        0,
        (("a",),),
    )

    clean = table.cleaned(lambda text, name: f"<{name}>" if name == "password" else text)

    assert (clean.columns[0].min, clean.preview) == ("<password>", (("<password>",),))
    assert clean.name == "d.csv"
