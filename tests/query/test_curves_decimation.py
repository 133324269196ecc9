"""Thinning keeps every extreme and every gap; means are those of all points."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runfolio.query.decimation import (
    columns_of,
    decimals,
    extremes,
    is_noisy,
    sampled,
    smoothed,
    weight_for,
)

finite = st.floats(allow_nan=False, allow_infinity=False, width=32)
value = finite | st.just(math.nan)


@given(st.lists(value, min_size=1, max_size=400), st.integers(1, 40))
def test_every_pixel_column_keeps_its_exact_minimum_and_maximum(values, columns) -> None:
    y = np.array(values)
    x = np.arange(len(y), dtype=np.float64)
    kept = extremes(x, y, columns)
    starts = columns_of(x, columns, (x[0], x[-1]))
    for start, end in itertools.pairwise(starts):
        shown = y[kept[(kept >= start) & (kept < end)]]
        inside = y[start:end]
        assert np.isnan(shown).any() == np.isnan(inside).any()
        if not np.isnan(inside).all():
            assert np.nanmin(shown) == np.nanmin(inside)
            assert np.nanmax(shown) == np.nanmax(inside)


@given(st.lists(finite, min_size=1, max_size=300), st.integers(1, 20))
def test_columns_part_the_points_where_the_pixels_part(values, columns) -> None:
    x = np.sort(np.array(values))
    span = (float(x[0]), float(x[-1]))
    starts = columns_of(x, columns, span)
    assert starts[0] == 0
    assert starts[-1] == len(x)
    for column in range(1, columns):
        edge = span[0] + (span[1] - span[0]) * (column / columns)
        assert (x[: starts[column]] < edge).all()
        assert (x[starts[column] :] >= edge).all()


@given(st.lists(value, min_size=1, max_size=300), st.integers(1, 20))
def test_the_first_and_the_last_point_stay_and_few_are_kept(values, columns) -> None:
    y = np.array(values)
    kept = extremes(np.arange(len(y), dtype=np.float64), y, columns)
    assert kept[0] == 0
    assert kept[-1] == len(y) - 1
    assert len(kept) <= 3 * columns + 2
    assert (np.diff(kept) > 0).all()


@given(st.lists(value, min_size=1, max_size=120), st.sampled_from([0.5, 0.9, 0.99, 0.9994]))
@example([1.7e308] * 50, 0.9)
@example([5e-324, 0.0], 0.9)
def test_smoothing_is_the_debiased_exponential_mean(values, weight) -> None:
    mean, expected, n = 0.0, [], 0
    for one in values:
        if math.isnan(one):
            expected.append(math.nan)
            continue
        n += 1
        mean = weight * mean + (1 - weight) * one
        expected.append(mean / (1 - weight**n))
    size = np.nanmax(np.abs(values)) if n else 1.0
    np.testing.assert_allclose(smoothed(np.array(values), weight), expected, rtol=1e-7,
                               atol=max(size * 1e-9, 1e-300))  # fmt: skip


def test_smoothing_goes_on_over_many_blocks() -> None:
    values = np.random.default_rng(0).normal(size=200_000)
    whole = smoothed(values, 0.9)
    tail = [whole[149_999]]
    for one in values[150_000:150_100]:
        tail.append(0.9 * tail[-1] + 0.1 * one)
    np.testing.assert_allclose(whole[150_000:150_100], tail[1:], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("n", "weight"), [(40, 0.9), (600, 0.9), (6000, 0.99), (100_000, 0.9994)])
def test_a_longer_series_is_smoothed_over_more_of_its_points(n: int, weight: float) -> None:
    assert weight_for(n) == pytest.approx(weight)


def test_noise_is_told_from_a_course_however_steep() -> None:
    at = np.arange(500)
    noise = np.random.default_rng(0).normal(size=500)
    assert is_noisy(np.exp(-at / 50) + 0.05 * noise)
    assert is_noisy(noise)
    for calm in (np.exp(-at / 5), np.sin(at / 40), at // 100, np.full(500, 3.0), noise[:20]):
        assert not is_noisy(np.asarray(calm, dtype=np.float64))


@given(st.lists(st.booleans(), min_size=1, max_size=300), st.integers(2, 40))
def test_a_sampled_line_keeps_its_ends_and_its_gaps(gaps, wanted) -> None:
    places = sampled(np.array(gaps), wanted)
    assert places[0] == 0
    assert places[-1] == len(gaps) - 1
    assert len(places) <= 2 * wanted
    if len(gaps) > wanted >= sum(gaps):
        starts = [i for i, gap in enumerate(gaps) if gap and not (i and gaps[i - 1])]
        assert set(starts) <= set(places.tolist())


@given(st.lists(finite, min_size=2, max_size=50))
def test_rounding_moves_no_value_by_a_visible_part_of_the_range(values) -> None:
    y = np.array(values)
    way = y.max() - y.min() or np.abs(y).max()
    assert np.abs(y.round(decimals(y)) - y).max() <= way / 1000


def test_on_a_logarithmic_scale_the_smallest_value_keeps_three_digits() -> None:
    assert decimals(np.array([1.2345e-6, 10.0]), log=True) == 8
