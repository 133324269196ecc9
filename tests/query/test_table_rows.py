"""A part of a logged table, from the row group it lies in."""

from __future__ import annotations

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image as Pictures

from runfolio.errors import CorruptRecord
from runfolio.query.pictures import film_type, is_whole, picture_head
from runfolio.query.tables import table_rows


def parquet(rows: int, group: int) -> bytes:
    file = io.BytesIO()
    pq.write_table(
        pa.table({"n": range(rows), "word": [f"w{n}" for n in range(rows)]}),
        file, row_group_size=group,
    )  # fmt: skip
    return file.getvalue()


@pytest.mark.parametrize(("first", "end"), [(0, 3), (8, 12), (19, 40), (95, 200), (300, 310)])
def test_rows_come_from_the_groups_they_lie_in(first: int, end: int) -> None:
    found = table_rows(parquet(100, 10), first, end, 9)

    assert [row[0] for row in found.rows] == list(range(100))[first:end]
    assert (found.n_rows, found.columns, found.n_columns) == (100, ["n", "word"], 2)


def test_columns_are_as_many_as_are_asked_for() -> None:
    found = table_rows(parquet(4, 4), 1, 3, 1)

    assert (found.columns, found.rows, found.n_columns) == (["n"], [(1,), (2,)], 2)


def test_a_table_kept_as_json_is_read_by_rows_too() -> None:
    data = json.dumps({"columns": [{"name": "a"}], "data": [[n] for n in range(9)]}).encode()

    assert table_rows(data, 3, 5, 9).rows == [[3], [4]]


@pytest.mark.parametrize("data", [b"PAR1", parquet(9, 9)[:-30], b"{}", b"\x00"])
def test_what_is_no_table_is_said(data: bytes) -> None:
    with pytest.raises(CorruptRecord):
        table_rows(data, 0, 5, 9)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\0\0\0 ftypisom", "video/mp4"),
        (b"\x1a\x45\xdf\xa3....", "video/webm"),
        (b"OggS....", "video/ogg"),
        (b"<svg onload=1>", None),
        (b"", None),
    ],
)
def test_a_film_is_told_by_its_first_bytes(head: bytes, kind: str | None) -> None:
    assert film_type(head) == kind


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_that_was_cut_off_is_not_whole(kind: str) -> None:
    file = io.BytesIO()
    Pictures.new("RGB", (9, 9), "red").save(file, kind)
    data = file.getvalue()

    assert (picture_head(data), is_whole(data, kind)) == (picture_head(data[:-1]), True)
    assert not is_whole(data[:-1], kind)
    assert kind != "PNG" or not is_whole(data[:50] + b"~" + data[51:], kind)
