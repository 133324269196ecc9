"""A histogram as a small drawing that takes its colours from the page around it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from runfolio.charts.figures import figure
from runfolio.charts.ticks import linear

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["histogram_svg"]

WIDTH: Final = 320
_HEIGHT: Final = 112
_GROUND: Final = 92
_TOP: Final = 6


def histogram_svg(counts: NDArray[np.float64], edges: NDArray[np.float64]) -> str:
    """Return bars over a hairline, with about four labels below them.

    Classes ``rf-bars``, ``rf-line`` and ``rf-label`` give the colours.

    Parameters
    ----------
    counts : array, shape (n,)
    edges : array, shape (n + 1,)
        Finite and rising.
    """
    low, high = float(edges[0]), float(edges[-1])
    most = float(counts.max()) or 1.0
    parts = []
    for count, left, right in zip(counts.tolist(), edges[:-1].tolist(), edges[1:].tolist(),
                                  strict=True):  # fmt: skip
        if count <= 0:
            continue
        x0, x1 = (_place(edge, low, high) for edge in (left, right))
        gap = 1 if x1 - x0 > 4 else 0
        top = _GROUND - max(count / most * (_GROUND - _TOP), 1)
        parts.append(f"M{x0:.1f} {_GROUND}V{top:.1f}H{max(x1 - gap, x0 + 0.5):.1f}V{_GROUND}z")
    ticks = [value for value in linear(low, high, count=4).values if low <= value <= high] or [low]
    labels = "".join(
        f'<text class="rf-label" x="{_place(value, low, high):.1f}" y="{_HEIGHT - 5}" '
        f'text-anchor="{_anchor(value, low, high)}">{escape(figure(value))}</text>'
        for value in ticks
    )
    total = f"{figure(float(counts.sum()))} values from {figure(low)} to {figure(high)}"
    return (
        f'<svg class="rf-bars" width="{WIDTH}" height="{_HEIGHT}" viewBox="0 0 {WIDTH} {_HEIGHT}" '
        f'role="img" aria-label="{escape(total)}"><title>{escape(total)}</title>'
        f'<path d="{"".join(parts)}"/>'
        f'<path class="rf-line" d="M0 {_GROUND + 0.5}H{WIDTH}"/>{labels}</svg>'
    )


def _place(value: float, low: float, high: float) -> float:
    # Halved: the whole way from -1e308 to 1e308 is infinite.
    way = high / 2 - low / 2
    return WIDTH / 2 if way <= 0 else (value / 2 - low / 2) / way * WIDTH


def _anchor(value: float, low: float, high: float) -> str:
    place = _place(value, low, high)
    return "start" if place < 12 else "end" if place > WIDTH - 12 else "middle"
