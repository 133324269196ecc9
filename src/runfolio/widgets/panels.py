"""Which series share a chart of a live card: decided once, so that no chart moves when data comes."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final

from runfolio.charts.curves import label_text
from runfolio.widgets.protocol import PanelInfo, SeriesInfo

__all__ = ["Panels"]

_APART: Final = 20.0
_TOGETHER: Final = 8
MOST: Final = 2000
"""More series than this are counted and not drawn."""


@dataclass(slots=True)
class _Panel:
    """One chart: what its series have in common."""

    prefix: str
    goal: str | None
    axis: str | None
    size: float
    series: list[int] = field(default_factory=list)


class Panels:
    """Gives each series its chart, as the static card does.

    Metrics that share all of their name up to the last slash share a chart while one scale serves
    them: not when one is better up and the other down, not when their sizes lie more than 20
    times apart, not when they run over unlike axes.

    Parameters
    ----------
    direction : callable
        Metric → ``"minimize"``, ``"maximize"`` or ``None``.
    axis : callable, optional
        Metric → the one over whose values it runs; ``None`` if over steps.
    """

    def __init__(
        self,
        direction: Callable[[str], str | None],
        axis: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self._direction = direction
        self._axis = axis
        self._panels: list[_Panel] = []
        self._by_prefix: dict[str, list[_Panel]] = {}
        self._series: dict[str, SeriesInfo] = {}
        self._hidden: set[int] = set()
        self.more = 0

    def place(self, key: str, size: float) -> int | None:
        """Return the number of a series, new or known; ``None`` for those beyond `MOST`.

        Parameters
        ----------
        size : float
            The largest absolute value seen of it.
        """
        known = self._series.get(key)
        if known is not None:
            return known["id"]
        if len(self._series) >= MOST:
            self.more += 1
            return None
        head, slash, end = key.rpartition("/")
        prefix, label = (head, end) if slash and head and end else (key, key)
        goal = self._direction(key)
        panel = self._panel(prefix, goal, self._axis(key), size if math.isfinite(size) else 0.0)
        number = len(self._series)
        self._series[key] = {
            "id": number,
            "key": label_text(key, 200),
            "label": label_text(label),
            "colour": len(panel.series),
            "goal": goal,
            "along": None,
            "over": "",
        }
        panel.series.append(number)
        return number

    def _panel(self, prefix: str, goal: str | None, axis: str | None, size: float) -> _Panel:
        alike = self._by_prefix.setdefault(prefix, [])
        for panel in alike:
            near = max(size, panel.size) <= _APART * min(size, panel.size)
            if (panel.goal, panel.axis) == (goal, axis) and near and len(panel.series) < _TOGETHER:
                return panel
        panel = _Panel(prefix, goal, axis, size)
        alike.append(panel)
        self._panels.append(panel)
        return panel

    def hide(self, keys: Collection[str]) -> None:
        """Draw none of these, and all others."""
        self._hidden = {self._series[key]["id"] for key in keys if key in self._series}

    @property
    def series(self) -> list[SeriesInfo]:
        """All series that are drawn, by number."""
        return [
            one | self._along(key)
            for key, one in self._series.items()
            if one["id"] not in self._hidden
        ]

    def _along(self, key: str) -> Any:
        found = self._series.get(self._axis(key) or "")
        return {} if found is None else {"along": found["id"], "over": label_text(found["key"])}

    @property
    def panels(self) -> list[PanelInfo]:
        """All charts in the order in which they came, the machine's last."""
        found: list[tuple[bool, PanelInfo]] = []
        for place, panel in enumerate(self._panels):
            drawn = [number for number in panel.series if number not in self._hidden]
            if drawn:
                is_system = panel.prefix.split("/")[0] == "system"
                title = label_text(panel.prefix)
                found.append((is_system, {"id": f"p{place}", "title": title, "series": drawn}))
        return [panel for _, panel in sorted(found, key=lambda one: one[0])]
