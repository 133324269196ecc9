"""Tables in files: what the engine reaches, how files are read, and what ends it."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather

from runfolio.capture.table_files import TableFiles, form_of, grouped
from runfolio.errors import UsageError


def read(
    path: Path, form: str, **more: str
) -> tuple[tuple[tuple[str, str], ...], list[object], str]:
    """Return columns, rows and note of a table."""
    with TableFiles([path]) as engine:
        table = engine.table(form, [path], **more)
        return table.columns, engine.rows(f"SELECT * FROM {table.view}"), table.note


@pytest.mark.parametrize(
    ("path", "form"),
    [("a.csv", "csv"), ("x/A.TSV", "csv"), ("a.csv.gz", "csv"), ("b.parquet", "parquet"), ("c.jsonl", "jsonl"), ("c.json", "json"),
     ("d.feather", "arrow"), ("e.parquet.gz", ""), ("f.png", ""), ("csv", "")],
)  # fmt: skip
def test_a_table_is_known_by_the_ending_of_its_file(path: str, form: str) -> None:
    assert form_of(path) == form


def test_files_whose_names_differ_in_numbers_are_one_table() -> None:
    found = grouped(["p/part-1.csv", "p/part-0.csv", "test.csv", "train.csv", "p/part-0.parquet"])

    assert [(group.name, group.paths) for group in found] == [
        ("p/part-*.csv", ("p/part-0.csv", "p/part-1.csv")),
        ("p/part-0.parquet", ("p/part-0.parquet",)),
        ("test.csv", ("test.csv",)),
        ("train.csv", ("train.csv",)),
    ]


def test_every_form_is_read(tmp_path: Path) -> None:
    table = pa.table({"x": [1, 2], "y": ["a", None]})
    pq.write_table(table, tmp_path / "parquet")
    feather.write_feather(table, str(tmp_path / "arrow"))
    (tmp_path / "csv").write_text("x,y\n1,a\n2,\n")
    (tmp_path / "jsonl").write_text('{"x":1,"y":"a"}\n{"x":2}\n')
    (tmp_path / "json").write_text('[{"x":1,"y":"a"},{"x":2}]')

    for form in ("parquet", "arrow", "csv", "json", "jsonl"):
        columns, rows, _ = read(tmp_path / form, form)
        assert (columns, rows) == ((("x", "BIGINT"), ("y", "VARCHAR")), [(1, "a"), (2, None)])


def test_packed_text_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(gzip.compress(b"x\n1\n"))

    assert read(tmp_path / "a", "csv", compressed=".gz")[1] == [(1,)]


def test_a_name_that_the_engine_would_take_for_a_pattern_is_a_name(tmp_path: Path) -> None:
    folder = tmp_path / "my [data] * ' ?"
    folder.mkdir()
    (folder / "a").write_text("x\n1\n")

    assert read(folder / "a", "csv")[1] == [(1,)]


@pytest.mark.parametrize(
    "statement",
    ["SELECT * FROM read_text('{other}')", "COPY (SELECT 1) TO '{other}.new'", "INSTALL httpfs",
     "SELECT * FROM read_csv('http://127.0.0.1:9/x')", "ATTACH '{other}.db'",
     "SET enable_external_access = true", "SELECT * FROM glob('{folder}/*')"],
)  # fmt: skip
def test_nothing_but_the_named_files_is_reached(tmp_path: Path, statement: str) -> None:
    for name in ("own", "other"):
        (tmp_path / name).write_text("x\n1\n")

    with TableFiles([tmp_path / "own"]) as engine, pytest.raises(UsageError):
        engine.rows(statement.format(other=tmp_path / "other", folder=tmp_path))

    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "own"]


def test_a_header_with_odd_names_makes_columns(tmp_path: Path) -> None:
    (tmp_path / "a").write_text('"x"";DROP","x"";DROP",,y\n1,2,3,4\n')

    columns, rows, _ = read(tmp_path / "a", "csv")

    assert columns[0][0] == 'x";DROP'
    assert (len(columns), rows) == (4, [(1, 2, 3, 4)])


def test_a_text_late_among_numbers_makes_all_text_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x\n" + "1\n" * 30_000 + "abc\n")

    columns, rows, note = read(tmp_path / "a", "csv")

    assert (columns, len(rows)) == ((("x", "VARCHAR"),), 30_001)
    assert "cannot be read left out" in note


def test_a_broken_line_of_json_is_left_out_and_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_text('{"x":1}\nno json\n{"x":2}\n')

    _, rows, note = read(tmp_path / "a", "jsonl")

    assert [row for row in rows if row != (None,)] == [(1,), (2,)]
    assert "Malformed JSON" in note


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_a_file_that_is_no_table_says_why_and_not_where_it_lies(tmp_path: Path, form: str) -> None:
    (tmp_path / "a").write_bytes(b"\x00no table")

    with pytest.raises(UsageError) as caught:
        read(tmp_path / "a", form)

    assert "runfolio-tables" not in str(caught.value)


def test_a_statement_that_takes_too_long_ends(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x\n1\n")

    with (
        TableFiles([tmp_path / "a"], seconds=0.2) as engine,
        pytest.raises(UsageError, match=r"0.2 s"),
    ):
        engine.rows(
            "SELECT count(*) FROM range(100000000) a, range(100000) b WHERE a.range < b.range"
        )


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    (tmp_path / "a").write_text("x\n1\n")

    read(tmp_path / "a", "csv")

    assert list((tmp_path / "tmp").iterdir()) == []


def test_of_very_many_files_it_is_said_that_they_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x\n1\n")

    with TableFiles([tmp_path / "a"]) as engine, pytest.raises(UsageError, match="1,001 files"):
        engine.table("csv", [tmp_path / "a"] * 1001)
