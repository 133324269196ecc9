"""What differs between two versions of a data set: files, columns, rows, distributions."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.artifact_store import ArtifactStore

from runfolio.errors import CorruptRecord, UsageError
from runfolio.query.data_version_diff import DataVersionDiff, TableDiff, data_version_diff
from runfolio.query.data_versions import data_version


@pytest.fixture
def made(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path / "folio")


def diff_of(
    made: ArtifactStore, was: dict[str, Any], now: dict[str, Any], **more: Any
) -> DataVersionDiff:
    """Return the difference of two versions of these files; a text is a file's content."""
    for files in (was, now):
        made.version("d", {k: v.encode() if isinstance(v, str) else v for k, v in files.items()})
    return data_version_diff(made.store, "d:v0", "d:v1", **more)


def table_of(made: ArtifactStore, was: str, now: str, **more: Any) -> TableDiff:
    """Return the difference of two CSV files."""
    return diff_of(made, {"d.csv": was}, {"d.csv": now}, **more).tables[0]


def parquet(**columns: Any) -> bytes:
    """Return a table as Parquet."""
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def test_files_are_added_removed_changed_or_the_same(made: ArtifactStore) -> None:
    found = diff_of(made, {"a": "1", "b": "2", "c": "3"}, {"b": "2", "c": "33", "d": "4"}).files

    assert (found.added, found.removed, found.changed, found.same) == (("d",), ("a",), ("c",), 1)
    assert (found.was, found.now) == (3, 4)


def test_rows_are_told_apart_by_a_column_that_does_it_in_both(made: ArtifactStore) -> None:
    rows = table_of(made, "id,x\n1,a\n2,b\n3,c\n", "id,x\n2,b\n3,z\n4,d\n5,e\n").rows

    assert rows is not None
    assert (rows.key, rows.added, rows.removed, rows.changed) == (("id",), 2, 1, 1)
    assert (rows.was, rows.now, rows.only_was, rows.only_now) == (3, 4, 2, 3)
    assert rows.changed_in == (("x", 1),)
    assert next((e.kind, e.key, e.cells) for e in rows.examples) == (
        "changed", (("id", "3"),), (("x", "c", "z"),),
    )  # fmt: skip


def test_without_such_a_column_whole_rows_are_counted_each_as_often_as_it_stands_there(
    made: ArtifactStore,
) -> None:
    rows = table_of(made, "x,y\n1,1\n1,1\n1,2\n", "x,y\n1,1\n1,3\n1,3\n").rows

    assert rows is not None
    assert (rows.key, rows.changed, rows.only_was, rows.only_now) == ((), None, 2, 2)
    assert {example.kind for example in rows.examples} == {"added", "removed"}


def test_the_order_of_rows_and_columns_is_no_difference(made: ArtifactStore) -> None:
    rows = table_of(made, "id,x\n1,a\n2,b\n", "x,id\nb,2\na,1\n").rows

    assert rows is not None
    assert rows.same


def test_a_key_may_be_given_of_several_columns(made: ArtifactStore) -> None:
    was, now = "a,b,x\n1,1,p\n1,2,q\n", "a,b,x\n1,1,p\n1,2,r\n"

    rows = table_of(made, was, now, key=("a", "b")).rows

    assert rows is not None
    assert (rows.key, rows.changed) == (("a", "b"), 1)


@pytest.mark.parametrize(
    ("key", "words"), [("nope", "no column 'nope'"), ("a", "a does not tell the rows apart")]
)
def test_a_key_that_is_none_is_refused_with_what_is_expected(
    made: ArtifactStore, key: str, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        diff_of(made, {"d.csv": "a,x\n1,1\n1,2\n"}, {"d.csv": "a,x\n1,1\n1,3\n"}, key=(key,))


def test_columns_that_are_gone_new_or_of_another_type_are_told(made: ArtifactStore) -> None:
    columns = table_of(made, "a,b,c\n1,1,1\n", "b,c,d\n1,x,1\n").columns

    assert {(c.name, c.was, c.now) for c in columns} == {
        ("a", "BIGINT", None), ("c", "BIGINT", "VARCHAR"), ("d", None, "BIGINT"),
    }  # fmt: skip


def test_a_value_is_the_same_whatever_number_it_is_kept_as(made: ArtifactStore) -> None:
    was, now = parquet(id=[1, 2], x=[1, 2]), parquet(id=[1, 2], x=[1.0, 2.5])

    rows = diff_of(made, {"t.parquet": was}, {"t.parquet": now}).tables[0].rows

    assert rows is not None
    assert (rows.changed, rows.changed_in) == (1, (("x", 1),))


def test_nothing_and_nan_are_values_like_others(made: ArtifactStore) -> None:
    nan = float("nan")
    was, now = parquet(id=[1, 2, 3], x=[nan, None, 1.0]), parquet(id=[1, 2, 3], x=[nan, None, None])

    rows = diff_of(made, {"t.parquet": was}, {"t.parquet": now}).tables[0].rows

    assert rows is not None
    assert rows.changed == 1


def test_tables_without_a_column_in_common_say_so(made: ArtifactStore) -> None:
    found = table_of(made, "a\n1\n", "b\n1\n")

    assert found.rows is not None
    assert found.rows.note == "they have no column in common"
    assert found.distributions == ()


def test_how_values_are_spread_is_measured_as_the_share_that_moved(made: ArtifactStore) -> None:
    was, now = "x,c\n" + "0,a\n" * 5 + "10,b\n" * 5, "x,c\n" + "0,a\n" * 10

    found = {one.name: one for one in table_of(made, was, now).distributions}

    assert (found["x"].moved, found["c"].moved) == (0.5, 0.5)
    assert [(bar.label, bar.was, bar.now) for bar in found["c"].bars] == [
        ("a", 0.5, 1.0), ("b", 0.5, 0.0),
    ]  # fmt: skip


def test_values_that_went_missing_count_as_moved(made: ArtifactStore) -> None:
    (found,) = table_of(made, "x\n1\n1\n", 'x\n1\n""\n').distributions

    assert (found.moved, found.now.nulls) == (0.5, 0.5)


def test_times_infinities_and_huge_numbers_are_spread_too(made: ArtifactStore) -> None:
    was = parquet(t=[dt.date(2020, 1, 1), None], x=[float("inf"), 1e308], n=[2**62, -(2**62)])
    now = parquet(t=[dt.date(2024, 1, 1), None], x=[float("-inf"), -1e308], n=[0, 1])

    found = diff_of(made, {"t.parquet": was}, {"t.parquet": now}).tables[0]

    assert found.notes == ()
    moved = {one.name: one.moved for one in found.distributions}
    assert moved["t"] == 0.5
    assert all(share is not None and 0 <= share <= 1 for share in moved.values())


def test_parts_of_one_table_are_compared_together(made: ArtifactStore) -> None:
    was = {"p-0.csv": "id,x\n1,a\n", "p-1.csv": "id,x\n2,b\n"}
    found = diff_of(made, was, was | {"p-2.csv": "id,x\n3,c\n"})

    assert [(table.name, table.rows.added if table.rows else None) for table in found.tables] == [
        ("p-*.csv", 1)
    ]


def test_a_table_that_is_called_otherwise_or_is_of_another_form_is_found_again(
    made: ArtifactStore,
) -> None:
    other = {"x_v1.csv": "id\n1\n", "y.csv": "id\n1\n"}
    found = diff_of(made, other, {"x_v2.csv": "id\n2\n", "y.parquet": parquet(id=[1])})

    assert {(table.was_name, table.name) for table in found.tables} == {
        ("x_v1.csv", "x_v2.csv"), ("y.csv", "y.parquet"),
    }  # fmt: skip


def test_tables_of_the_same_files_are_not_read(made: ArtifactStore) -> None:
    found = diff_of(
        made, {"a.csv": "x\n1\n", "b.csv": "x\n1\n"}, {"a.csv": "x\n1\n", "b.csv": "x\n2\n"}
    )

    assert (found.same, [table.name for table in found.tables]) == (("a.csv",), ["b.csv"])


def test_a_content_that_is_gone_is_named_and_the_rest_is_compared(made: ArtifactStore) -> None:
    one = made.version("d", {"a.csv": b"x\n1\n", "b.csv": b"id\n1\n"})
    made.version("d", {"a.csv": b"x\n2\n", "b.csv": b"id\n2\n"})
    made.blobs.path_of(one.entries[0].blake3).unlink()

    found = data_version_diff(made.store, "d:v0", "d:v1")

    assert found.not_compared == ("a.csv of d:v0: its content is not in the store",)
    assert [table.name for table in found.tables] == ["b.csv"]
    assert found.files.changed == ("a.csv", "b.csv")


def test_a_file_that_is_no_table_is_told_and_compared_as_a_file(made: ArtifactStore) -> None:
    found = diff_of(made, {"t.parquet": "no table"}, {"t.parquet": parquet(x=[1])})

    assert found.files.changed == ("t.parquet",)
    assert found.tables[0].rows is None
    assert "Parquet" in found.tables[0].notes[0]


def test_a_header_with_odd_names_is_compared_like_any_other(made: ArtifactStore) -> None:
    head = '"a"";DROP TABLE t0","",a b,\x01\n'

    rows = table_of(made, head + "1,2,3,4\n", head + "1,2,9,4\n").rows

    assert rows is not None
    assert rows.changed_in == (("a b", 1),)


def test_names_of_nested_fields_become_part_of_no_statement(made: ArtifactStore) -> None:
    name = 'f"); DROP TABLE t0; --'
    was, now = ([{"id": 1, "s": {name: n}}] for n in (1, 2))
    as_bytes = [parquet(id=[1], s=[row[0]["s"]]) for row in (was, now)]

    rows = diff_of(made, {"t.parquet": as_bytes[0]}, {"t.parquet": as_bytes[1]}).tables[0].rows

    assert rows is not None
    assert rows.changed == 1


def test_secrets_in_rows_and_names_are_not_shown(made: ArtifactStore) -> None:
    key = "ghp_" + "A1b2C3d4E5" * 3 + "f6G7h8"
    found = table_of(
        made, f"id,password,note\n1,hunter22,{key}\n", "id,password,note\n1,other333,x\n"
    )

    said = repr(found)
    assert "hunter22" not in said
    assert "other333" not in said
    assert key not in said
    assert "[redacted:" in said


def test_what_takes_too_long_is_told(made: ArtifactStore) -> None:
    found = table_of(made, "id\n1\n", "id\n2\n", seconds=0.0)

    assert any("took longer" in note for note in found.notes)


def test_two_artifacts_may_be_compared(made: ArtifactStore) -> None:
    made.version("a", {"x.csv": b"id\n1\n"})
    made.version("b", {"x.csv": b"id\n2\n"})

    found = data_version_diff(made.store, "a", "b:v0")

    assert (found.was.name, found.now.name, found.files.changed) == ("a", "b", ("x.csv",))


def test_a_version_edited_by_hand_is_not_compared(made: ArtifactStore) -> None:
    made.version("d", {"x": b"1"})
    path = made.path / ".artifacts" / "d" / "v0.json"
    path.chmod(0o644)
    path.write_text(path.read_text().replace("dataset", "database"))

    with pytest.raises(CorruptRecord):
        data_version_diff(made.store, "d:v0", "d:v0")


def test_a_version_tells_its_tables_from_what_was_kept_with_it_or_from_its_contents(
    made: ArtifactStore,
) -> None:
    kept = {
        "tables": [{"name": "k.csv", "form": "csv", "rows": 7, "columns": [], "preview": []}],
        "more": 0,
    }
    made.version("d", {"x.csv": b"id,token\n1,abcdefgh12345678\n"})
    made.version("d", {"y.csv": b"id\n1\n"}, metadata={"data_profile": kept})

    now, then = data_version(made.store, "d:v0"), data_version(made.store, "d")

    assert (now.kept, now.profile.tables[0].rows) == (False, 1)
    assert "abcdefgh12345678" not in repr(now.profile)
    assert (then.kept, then.profile.tables[0].rows) == (True, 7)
