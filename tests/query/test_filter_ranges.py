"""Ranges, and data sets by name and hash, in the query language."""

from __future__ import annotations

import pytest
from tests.query.conftest import NOW, Maker

from runfolio.errors import QueryError
from runfolio.query.filter import parse


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("lr:1e-4..1e-2", ["a", "b"]), ("lr:..1e-3", ["a"]), ("lr:0.05..", ["c"]),
        ("loss:1..2 not lr:1e-3..", ["a"]), ("created:2026-11-22T15..2026-11-22T17", ["b", "c"]),
        ("path:a..b", ["c"]), ("data:digits", ["a"]), ("data=b3:77", ["a"]), ("data.digits:b3:7*", ["a"]),
        ("data:missing", ["b", "c"]), ("took:1min..1h", ["b"]),
    ],
)  # fmt: skip
def test_a_range_holds_both_its_ends(record: Maker, query: str, names: list[str]) -> None:
    records = [
        record("a", config={"lr": 1e-4}, metrics={"loss": 1.0}, data=({"name": "digits", "hash": "b3:77"},)),
        record("b", config={"lr": 1e-2}, metrics={"loss": 2.0}, duration_s=60.0),
        record("c", config={"lr": 0.1, "path": "a..b"}, duration_s=5.0),
    ]  # fmt: skip
    assert [r.name for r in parse(query).select(records, now=NOW)] == names
    assert parse(str(parse(query))) == parse(query)


def test_an_end_that_is_no_number_is_pointed_at(record: Maker) -> None:
    with pytest.raises(QueryError) as caught:
        parse("loss:1..x").select([record(metrics={"loss": 1.0})], now=NOW)
    assert caught.value.position == len("loss:1..")
