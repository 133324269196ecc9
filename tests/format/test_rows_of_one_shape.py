"""Lines that are read thousands at a time say what they say one by one."""

from __future__ import annotations

import itertools
import random

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.format.test_series_round_trip import KEYS, STEPS, as_line

from runfolio.format.series import Parsed, parse_lines
from runfolio.format.shapes import WORTH, read_alike

# Keys that look like the text around them, and one as long as several words of it.
SHAPES = st.lists(st.lists(KEYS | st.just("k" * 60), max_size=4, unique=True), max_size=3)


def same(one: Parsed, other: Parsed) -> bool:
    return (
        (one.damaged, one.refused) == (other.damaged, other.refused)
        and one.steps.dtype == other.steps.dtype
        and np.array_equal(one.steps, other.steps)
        and np.array_equal(one.times, other.times)
        and one.columns.keys() == other.columns.keys()
        and all(
            np.array_equal(rows, other.columns[key][0])
            and np.array_equal(values.view("i8"), other.columns[key][1].view("i8"))
            for key, (rows, values) in one.columns.items()
        )
    )


def singly(block: bytes) -> Parsed:
    return parse_lines(block[:-1].split(b"\n"))


def plain_block(n: int = 2 * WORTH, keys: tuple[str, ...] = ("loss", "lr")) -> bytes:
    draw = random.Random(5)
    return b"".join(
        as_line(step, 1795383045123 + step, {key: draw.random() for key in keys})
        for step in range(n)
    )


@settings(max_examples=60, deadline=None)
@given(SHAPES, st.lists(STEPS, min_size=1, max_size=9), st.data())
def test_many_lines_say_what_each_says_alone(
    shapes: list[list[str]], steps: list[float], data: st.DataObject
) -> None:
    values = data.draw(st.lists(st.floats() | st.integers(-(2**63), 2**64 - 1), min_size=1))
    number, step = itertools.cycle(values), itertools.cycle(steps)
    block = b"".join(
        as_line(next(step), place, {key: next(number) for key in keys})
        for place in range(WORTH)
        for keys in shapes or [["loss"]]
    )
    assert same(parse_lines([block]), singly(block))


@settings(max_examples=150, deadline=None)
@given(st.integers(0), st.binary(max_size=3), st.integers(0, 3))
def test_a_block_with_a_damaged_place_says_what_each_line_says_alone(
    at: int, written: bytes, removed: int
) -> None:
    block = plain_block(WORTH + 2)
    at %= len(block) - 8
    damaged = block[:at] + written + block[at + removed :]
    assert same(parse_lines([damaged]), singly(damaged))


@pytest.mark.parametrize(
    "number",
    ["1-2", "1 2", "01", "", "null", "true", '"1"', "1.5}", "1][2", "1e999", "-", "[]", "2e400",
     "123456789012345678901234567890", "1" * 40, "NaN", " 1", "1 ", "1,2"],
)  # fmt: skip
@pytest.mark.parametrize("place", ["step", "time", "loss", "lr"])
def test_what_is_no_number_is_judged_as_in_a_line_alone(place: str, number: str) -> None:
    fields = {"step": "3", "time": "17", "loss": "0.5", "lr": "1"} | {place: number}
    odd = '{{"step":{step},"time":{time},"values":{{"loss":{loss},"lr":{lr}}}}}\n'.format(**fields)
    block = odd.encode() + plain_block() + odd.encode()
    assert same(parse_lines([block]), singly(block))


def test_keys_in_another_order_keep_their_values() -> None:
    block = plain_block(keys=("a1", "a2")) + plain_block(keys=("a2", "a1"))
    assert same(parse_lines([block]), singly(block))


def test_every_plain_line_is_read_with_the_others() -> None:
    block = plain_block() + as_line(7, 1, {"other": 0.5}) + plain_block()
    stretches, left = read_alike(block)
    assert [len(stretch.lines) for stretch in stretches] == [4 * WORTH]
    assert left.tolist() == [2 * WORTH]


def test_time_must_fit_the_clock() -> None:
    late = orjson.dumps({"step": 1, "time": -(2**63), "values": {"loss": 1.0, "lr": 1.0}})
    block = plain_block() + late + b"\n"
    assert parse_lines([block]).damaged == singly(block).damaged == 1
