"""Histograms over the steps as a small heat map that takes its colours from the page around it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

from runfolio.charts.figures import figure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from runfolio.query.media import HistogramSeries

__all__ = ["HeatGrid", "heat_grid", "heatmap_svg"]

_WIDTH: Final = 320
_HEIGHT: Final = 112
_GROUND: Final = 92
_COLUMNS: Final = 64
_ROWS: Final = 23
_SHADES: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class HeatGrid:
    """Histograms over the steps in places of one size.

    Attributes
    ----------
    low, high : float
        Least and greatest value; rows part what lies between evenly.
    counts : array, shape (columns, rows), float64
        How many values are in each place, the lowest first; of columns that several histograms
        share, their mean.
    firsts : array, shape (columns,), float64
        The first step of each column.
    """

    low: float
    high: float
    counts: NDArray[np.float64]
    firsts: NDArray[np.float64]


def heat_grid(
    found: HistogramSeries, columns: int = _COLUMNS, rows: int = _ROWS
) -> HeatGrid | None:
    """Return histograms on a grid; nothing of no histogram, or of no range a number can hold."""
    import numpy as np

    low, high = _range(found)
    if not len(found) or not np.isfinite(high - low):
        return None
    edges = np.linspace(low, high, rows + 1)
    parts = np.array_split(np.arange(len(found)), min(columns, len(found)))
    counts = [
        np.mean([_rebinned(found, int(row), edges) for row in part], axis=0) for part in parts
    ]
    return HeatGrid(low, high, np.array(counts), found.step[[int(part[0]) for part in parts]])


def heatmap_svg(found: HistogramSeries) -> str:
    """Return steps from left to right and values upwards, the darker the more there are.

    Of more than 64 steps neighbours share a column, which shows their mean. Each column has its
    own scale: its darkest place is where most of its values are. Nothing where there are fewer
    than two steps, or no range that a number can hold.
    """
    grid = heat_grid(found) if len(found) > 1 else None
    if grid is None:
        return ""
    low, high, columns = grid.low, grid.high, grid.counts
    wide = _WIDTH / len(columns)
    shades: dict[int, list[str]] = {}
    for x, column in enumerate(columns):
        most = float(column.max()) or 1.0
        for y, share in enumerate((column / most).tolist()):
            if share > 0:
                top = _GROUND - (y + 1) * _GROUND / _ROWS
                path = f"M{x * wide:.1f} {top:.1f}h{wide:.1f}v{_GROUND / _ROWS:.1f}h-{wide:.1f}z"
                shades.setdefault(max(round(share * _SHADES), 1), []).append(path)
    drawn = "".join(
        f'<path fill-opacity="{shade / _SHADES:.3f}" d="{"".join(paths)}"/>'
        for shade, paths in sorted(shades.items())
    )
    first, last = float(found.step[0]), float(found.step[-1])
    total = (
        f"{len(found):,} histograms from step {first:g} to {last:g}, "
        f"values from {figure(low)} to {figure(high)}"
    )
    return (
        f'<svg class="rf-bars" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(total)}">'
        f"<title>{escape(total)}</title>{drawn}"
        f'<path class="rf-line" d="M0 {_GROUND + 0.5}H{_WIDTH}"/>'
        f'<text class="rf-label" x="0" y="{_HEIGHT - 5}">step {first:g}</text>'
        f'<text class="rf-label" x="{_WIDTH}" y="{_HEIGHT - 5}" text-anchor="end">{last:g}</text>'
        f'<text class="rf-label" x="{_WIDTH / 2:g}" y="{_HEIGHT - 5}" text-anchor="middle">'
        f"{escape(figure(low))} to {escape(figure(high))}</text></svg>"
    )


def _range(found: HistogramSeries) -> tuple[float, float]:
    """Return the least and the greatest value of all; of one value a little room around it."""
    import numpy as np

    if not len(found):
        return 0.0, 1.0
    low, high = float(np.nanmin(found.edges)), float(np.nanmax(found.edges))
    room = 0.0 if high > low else max(abs(low), 1.0) / 2
    return low - room, high + room


def _rebinned(found: HistogramSeries, row: int, grid: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return one histogram over the bins of all; within a bin of its own, evenly."""
    import numpy as np

    edges, counts = found.edges[row], found.counts[row]
    edges, counts = edges[np.isfinite(edges)], counts[np.isfinite(counts)]
    if edges[0] == edges[-1]:
        return np.histogram([edges[0]], grid, weights=[counts.sum()])[0].astype(float)
    below = np.concatenate([[0.0], np.cumsum(counts)])
    return np.diff(np.interp(grid, edges, below))
