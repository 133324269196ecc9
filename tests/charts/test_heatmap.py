"""Histograms over the steps: where the values are is dark, and ill ones are no picture."""

from __future__ import annotations

import re

import numpy as np
import pytest

from runfolio.charts.heatmap import heatmap_svg
from runfolio.query.media import HistogramSeries


def series(*rows: tuple[list[float], list[float]]) -> HistogramSeries:
    """Return histograms, each as counts and edges."""
    most = max(len(counts) for counts, _ in rows)
    edges, counts = np.full((len(rows), most + 1), np.nan), np.full((len(rows), most), np.nan)
    for row, (own_counts, own_edges) in enumerate(rows):
        counts[row, : len(own_counts)], edges[row, : len(own_edges)] = own_counts, own_edges
    return HistogramSeries("h", np.arange(len(rows)) * 10.0, edges, counts)


def places(svg: str) -> dict[float, list[tuple[float, float]]]:
    """Return the places of each shade."""
    found = re.findall(r'fill-opacity="([\d.]+)" d="([^"]+)"', svg)
    corners = re.compile(r"M([\d.]+) ([\d.]+)")
    return {float(s): [(float(x), float(y)) for x, y in corners.findall(d)] for s, d in found}


def test_values_that_rise_are_dark_at_the_bottom_first_and_at_the_top_last() -> None:
    dark = places(heatmap_svg(series(([5.0, 0.0], [0, 1, 2]), ([0.0, 5.0], [0, 1, 2]))))[1.0]
    first, last = ([y for x, y in dark if x == column] for column in (0, 160))

    assert min(first) > max(last)


def test_a_histogram_of_fewer_bins_and_one_of_one_value_stand_beside_the_others() -> None:
    svg = heatmap_svg(series(([1.0, 2.0, 1.0], [0, 1, 2, 3]), ([4.0], [1, 1]), ([4.0], [0, 3])))

    assert "3 histograms from step 0 to 20, values from 0 to 3" in svg
    assert {round(x) for some in places(svg).values() for x, _ in some} == {0, 107, 213}


def test_a_thousand_steps_are_sixty_four_columns() -> None:
    svg = heatmap_svg(series(*[([1.0, 3.0], [0.0, 1.0, 2.0])] * 1000))

    assert len({x for some in places(svg).values() for x, _ in some}) == 64
    assert len(svg) < 60_000


@pytest.mark.parametrize("rows", [[([1.0], [0, 1])], [([1.0], [-1.7e308, 1.7e308])] * 2])
def test_one_step_or_a_range_no_number_holds_is_no_picture(rows: list) -> None:
    assert heatmap_svg(series(*rows)) == ""
