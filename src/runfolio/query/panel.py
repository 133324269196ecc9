"""What a chart of curves shows, before it is drawn: panels, lines, marked points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Line", "Panel", "Panels", "Point"]


@dataclass(frozen=True, slots=True)
class Point:
    """One point that is marked, with its exact values: the best, the last, an infinite one."""

    x: float
    y: float


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One metric of one run, ready to draw.

    Attributes
    ----------
    label : str
        The metric without its panel's prefix, or the run's name where several are laid over
        each other.
    colour : int or None
        Which series colour it has, from 0; of several runs each keeps its own in all panels.
        ``None`` is grey.
    x, y : array, shape (n,), float64
        Thinned points; NaN in `y` is a gap. Empty where the smoothed line stands alone.
    smooth_x, smooth_y, smooth_raw : array, shape (m,), float64
        The smoothed line, and the values as logged at its points; empty where the raw line
        needs none.
    weight : float
        Of the exponential mean; 0 without smoothing.
    best, last : Point or None
        ``best`` only where it is known which way is better.
    rule : str
        Which of its figures stands for the metric: ``last``, ``min``, ``max``, ``mean``,
        ``best`` or ``none``.
    figure : float or None
        That figure; of ``last`` the last finite value.
    infinite : tuple of Point
        Where the value was infinite, at most one of each sign in a sixtieth of the width.
    n_points : int
        Points the line stands for, NaN and infinite ones counted.
    n_shown : int
        Points left after thinning, or those of a smoothed line that stands alone.
    n_nonfinite : int
        NaN and infinite values among `n_points`.
    n_replaced : int
        Points logged again later at the same step, which the line does not show.
    """

    run_id: str
    key: str
    label: str
    colour: int | None
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    smooth_x: NDArray[np.float64]
    smooth_y: NDArray[np.float64]
    smooth_raw: NDArray[np.float64]
    weight: float
    best: Point | None
    last: Point | None
    rule: str
    figure: float | None
    infinite: tuple[Point, ...]
    n_points: int
    n_shown: int
    n_nonfinite: int
    n_replaced: int


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines that share one chart.

    Attributes
    ----------
    title : str
        The prefix its metrics share, or the one metric's name.
    x_range : tuple of float
        What the horizontal axis spans.
    log : bool
        Whether the vertical scale is logarithmic.
    goal : str or None
        ``"minimize"`` or ``"maximize"``, where it is known for these metrics.
    hidden : int
        Lines that found no place.
    axis : str or None
        The metric the lines run over, where it is none of the axes that all panels share.
    unit : str or None
        What all of its lines are counted in, where that is known.
    """

    title: str
    lines: tuple[Line, ...]
    x_range: tuple[float, float] = (0.0, 1.0)
    log: bool = False
    goal: str | None = None
    hidden: int = 0
    axis: str | None = None
    unit: str | None = None

    @property
    def champion(self) -> Line | None:
        """The line that reached the best value of all, where it is known which way is better."""
        reached = [(line.best.y, -place) for place, line in enumerate(self.lines) if line.best]
        if not reached or self.goal is None:
            return None
        if self.goal == "maximize":
            return self.lines[-max(reached)[1]]
        return self.lines[-min(reached, key=lambda found: (found[0], -found[1]))[1]]

    @property
    def n_points(self) -> int:
        """Points all lines stand for."""
        return sum(line.n_points for line in self.lines)

    @property
    def n_shown(self) -> int:
        """Points drawn."""
        return sum(line.n_shown for line in self.lines)


@dataclass(frozen=True, slots=True)
class Panels:
    """The panels of a card, and the metrics that found no place in it.

    Attributes
    ----------
    x : str
        ``step``, ``relative`` or ``time``.
    overlaid : bool
        Whether the lines of a panel are runs, not metrics of one run.
    """

    panels: tuple[Panel, ...]
    more: tuple[str, ...] = ()
    x: str = "step"
    overlaid: bool = False
