"""What is wrong with a query, and at which character."""

from __future__ import annotations

import pytest
from tests.query.conftest import Maker

from runfolio.errors import QueryError
from runfolio.query.filter import parse


@pytest.mark.parametrize(
    ("query", "position", "message"),
    [
        ("lr<", 3, "value after lr<"),
        ("lr < ) ", 5, "value after lr<"),
        ("lr=<3", 3, "value"),
        ("(lr<3", 0, "not closed"),
        ("lr<3)", 4, "closes"),
        ("a ()", 3, "inside"),
        ("a or", 4, "after 'or'"),
        ("or a", 0, "before 'or'"),
        ("a or or b", 5, "'or'"),
        ("and a", 0, "before 'and'"),
        ("a and", 5, "after 'and'"),
        ("a and or b", 6, "after 'and'"),
        ("not", 3, "Expected a condition"),
        ("not sort:x", 4, "outside"),
        ("not and", 4, "after 'not'"),
        ("lr !3", 3, "Expected a name"),
        (":x", 0, "Expected a name"),
        ("name :x", 5, "Expected a name"),
        ('name:"x', 5, "not closed"),
        ('"a"b', 3, "space after"),
        ("(sort:lr a)", 1, "outside"),
        ("limit:0", 6, "whole number"),
        ("limit:1.5", 6, "whole number"),
        ("limit:3 limit:4", 8, "once"),
        ("sort:", 5, "name to sort by"),
    ],
)
def test_the_error_points_at_the_character(query: str, position: int, message: str) -> None:
    with pytest.raises(QueryError, match=message) as caught:
        parse(query)

    assert caught.value.position == position
    assert str(caught.value).splitlines()[-1].index("^") == position + 2


@pytest.mark.parametrize(
    ("query", "position", "message"),
    [
        ("a lrr<3", 2, 'Did you mean "lr"'),
        ("sort:-vall/acc", 6, 'Did you mean "val/acc"'),
        ("(tagg:missing)", 1, 'Did you mean "tag"'),
        ("config.nope:1", 0, "no field, setting or metric"),
        ("metrics.lr<1", 0, "no field, setting or metric"),
        ("status:finised", 7, 'Did you mean "finished"'),
        ("status<finished", 6, "no order"),
        ("tag>=x", 3, "no order"),
        ("val/acc>high", 8, "a number"),
        ("took>long", 5, "a duration"),
        ("created>soon", 8, "a time"),
        ("created>2026-13-01", 8, "a time"),
        ("created>99999999999d", 8, "a time"),
        ("dirty:maybe", 6, "true or false"),
    ],
)
def test_names_and_values_are_checked_against_the_runs(
    record: Maker, query: str, position: int, message: str
) -> None:
    runs = [record("a", config={"lr": 1}, metrics={"val/acc": 1.0}, git={"dirty": True})]
    with pytest.raises(QueryError, match=message) as caught:
        parse(query).select(runs)
    assert caught.value.position == position


@pytest.mark.parametrize(
    "query",
    ["x" * 1_000_000, "(" * 4_000, "not " * 900, "a" * 3_000 + ":*"],
)
def test_what_is_meant_to_choke_the_reader_is_an_error(record: Maker, query: str) -> None:
    with pytest.raises(QueryError):
        parse(query).select([record()])


def test_what_looks_like_a_program_is_words(record: Maker) -> None:
    assert parse("__import__('os')").select([record()]) == []


def test_a_pattern_of_stars_ends_soon(record: Maker) -> None:
    query = parse("name:" + "*a" * 1_000 + "b")
    assert query.select([record("a" * 5_000)]) == []


def test_a_line_break_does_not_move_the_pointer() -> None:
    with pytest.raises(QueryError) as caught:
        parse("a\nand\x1b[2J lr<")
    assert len(str(caught.value).splitlines()) == 3
    assert "\x1b" not in str(caught.value)


def test_hostile_names_are_told_with_nothing_invisible(record: Maker) -> None:
    runs = [record(config={"lr\x1b]0;x\x07": 1})]
    with pytest.raises(QueryError) as caught:
        parse("lrx]0;x<1").select(runs)
    assert str(caught.value).replace("\n", "").isprintable()
