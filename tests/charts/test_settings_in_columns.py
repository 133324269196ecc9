"""Settings that stand below each other: short, apart, and as people wrote them."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.charts.figures import digits_of, setting, typed
from runfolio.query.fields import ABSENT


def column(*values: object) -> list[str]:
    digits = digits_of(values)
    return [typed(value, digits) for value in values]


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ((0.00012345678901234567, 0.0464158883361277), ["1.23e-4", "0.0464"]),
        ((0.3, 1e-4, 0.001, 5.5e-5, 0.24703), ["0.3", "1e-4", "1e-3", "5.5e-5", "0.24703"]),
        ((0.3, 0.47712125471966244), ["0.3", "0.477"]),
        ((0.10000000149011612, 0.8999999999999999), ["0.1", "0.9"]),
        ((0.12341111111111, 0.12349999999999), ["0.1234", "0.1235"]),
        ((0.3, 0.1 + 0.2), ["0.3", "0.30000000000000004"]),
        ((3, 3.0000000000000004), ["3", "3.0000000000000004"]),
        ((1234.567890123, 12.34567890123), ["1235", "12.3"]),
        ((1234567.890123, 2.5), ["1.23e6", "2.5"]),
        ((-0.012345678901234, "0.0123", True, None), ["-0.0123", '"0.0123"', "true", "none"]),
        ((math.nan, math.inf, 1 / 3), ["nan", "inf", "0.333"]),
        ((1.7976931348623157e308, 10**400), ["1.7976931348623157e308", str(10**400)]),
        ((ABSENT, 2 / 3), [typed(ABSENT), "0.667"]),
    ],
)
def test_sampled_numbers_are_rounded_and_written_ones_are_not(
    values: tuple[object, ...], shown: list[str]
) -> None:
    assert column(*values) == shown


def test_one_value_by_itself_is_exact() -> None:
    assert typed(0.00012345678901234567) == setting(0.00012345678901234567)
    assert len(typed(1 / 3)) == 18


def test_hundreds_of_samples_stay_apart_and_narrow() -> None:
    draws = random.Random(0)

    shown = column(*(10 ** draws.uniform(-5, -1) for _ in range(300)))

    assert len(set(shown)) == 300
    assert max(map(len, shown)) <= 12


@given(st.lists(st.floats() | st.integers(-(10**9), 10**9), max_size=8))
def test_different_numbers_never_look_the_same(values: list[float]) -> None:
    numbers = {value for value in values if value == value}  # noqa: PLR0124 - not a NaN

    shown = dict(zip(values, column(*values), strict=True))

    told = {value: shown[value] for value in numbers if value != 0}
    assert len(set(told.values())) == len(told)
