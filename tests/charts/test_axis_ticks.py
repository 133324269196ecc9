"""Axes carry about five round numbers, written alike."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.charts.ticks import PREFIXED, linear, log, log_label


@pytest.mark.parametrize(
    ("low", "high", "values", "form"),
    [
        (0, 2.6, (0, 0.5, 1, 1.5, 2, 2.5), ",.1f"),
        (0.875, 0.965, (0.88, 0.9, 0.92, 0.94, 0.96), ",.2f"),
        (0, 158, (0, 50, 100, 150), ",.0f"),
        (-8, 8, (-5, 0, 5), ",.0f"),
        (0, 14, (0, 2.5, 5, 7.5, 10, 12.5), ",.1f"),
        (0, 100_000, (0, 20_000, 40_000, 60_000, 80_000, 100_000), PREFIXED),
        (0, 1.2e-6, (0, 2.5e-7, 5e-7, 7.5e-7, 1e-6), ".1~e"),
        (0, 3e17, (0, 1e17, 2e17, 3e17), ".7~e"),
    ],
)
def test_linear_axes_are_round(low, high, values, form) -> None:
    ticks = linear(low, high)
    assert ticks.values == pytest.approx(values)
    assert ticks.format == form


@pytest.mark.parametrize(
    ("low", "high", "values"),
    [(0, 2, (0, 1, 2)), (-0.5, 0.5, (0,)), (0, 7, (0, 2, 4, 6)), (0, 13, (0, 5, 10))],
)
def test_steps_are_named_whole(low, high, values) -> None:
    assert linear(low, high, whole=True).values == values


@pytest.mark.parametrize("value", [0.0, 3.5, -2.0, 1e-12, 1e300])
def test_one_value_alone_gets_an_axis_round_it(value: float) -> None:
    ticks = linear(value, value)
    assert ticks.low < value < ticks.high
    assert 2 <= len(ticks.values) <= 8


ends = st.floats(allow_nan=False, allow_infinity=False)


@given(ends, ends)
def test_any_range_has_few_ticks_and_all_within(one: float, other: float) -> None:
    low, high = sorted((one, other))
    ticks = linear(low, high)
    assert len(ticks.values) <= 8
    slack = (ticks.high / 2 - ticks.low / 2) * 1e-6
    assert all(ticks.low - slack <= value <= ticks.high + slack for value in ticks.values)
    assert list(ticks.values) == sorted(set(ticks.values))
    assert ticks.letters >= 1


@given(st.floats(1e-300, 1e300), st.floats(1, 1e6))
def test_a_logarithmic_axis_names_decades(low: float, factor: float) -> None:
    ticks = log(low, low * factor)
    assert len(ticks.values) <= 7
    assert all(math.log10(v) == pytest.approx(round(math.log10(v))) for v in ticks.values)


@pytest.mark.parametrize(
    ("value", "text"), [(0.01, "0.01"), (1.0, "1"), (1000.0, "1000"), (1e-5, "1e-5"), (1e6, "1e+6")]
)
def test_decades_are_written_short(value: float, text: str) -> None:
    assert log_label(value) == text
