"""Somebody's own Altair chart of runs, fed with their points as they come."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import traitlets

from runfolio.charts.streamed import StreamedChart
from runfolio.format.manifest import read_record
from runfolio.store.follow import Follower
from runfolio.widgets.base import STATIC, PageWidget
from runfolio.widgets.feed import feed
from runfolio.widgets.protocol import Up
from runfolio.widgets.streaming import Streaming

__all__ = ["LiveChart"]

_LOOK_S: Final = 1.0
_TICK_S: Final = 1.0


class LiveChart(PageWidget):
    """Draws a chart with every extreme of its runs, those that go on among them.

    Parameters
    ----------
    chart : StreamedChart
    paths : mapping of str to Path
        Id → run directory, of the runs it draws.
    fresh : callable, optional
        Called before each look: has what is still in memory written down.
    ended : callable, optional
        Called once, in the thread of the feed, when all runs are over and were shown to their end.
    """

    _esm = STATIC / "chart.js"
    chart = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        chart: StreamedChart,
        paths: Mapping[str, Path],
        *,
        fresh: Callable[[], None] | None = None,
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        names = {run: read_record(path).name for run, path in paths.items()}
        super().__init__(
            chart={
                "spec": chart.page_spec, "dataset": chart.dataset, "x": chart.x, "y": chart.y,
                "smooth": chart.can_smooth,
                "series": [
                    {"run_id": run, "name": names.get(run, run), "key": key}
                    for run, key in chart.series
                ],
            }
        )  # fmt: skip
        self._fresh = fresh
        self._when_over = ended
        self._numbers = {pair: number for number, pair in enumerate(chart.series)}
        self._followers = {run: Follower(path) for run, path in paths.items()}
        self._paths = dict(paths)
        self._points = Streaming(self.send)
        self._looked_s = self._ticked_s = float("-inf")
        self.over = self._said_over = False

    def begin(self) -> None:
        """Take in what is there, and follow what comes."""
        feed.add(self)

    def end(self) -> None:
        """Follow no longer, and take the widget out of the page."""
        feed.remove(self)
        self.close()

    def turn(self) -> None:
        """Tell the pages what is new; called by the thread of the feed, some times a second."""
        now = time.monotonic()
        if self._followers:
            self._look(now)
        self._points.send()
        if now - self._ticked_s >= _TICK_S:
            self._ticked_s = now
            self.send({"kind": "tick", "now_ms": time.time() * 1000})
        if self.over and not self._said_over:
            self._said_over = True
            self._when_over()

    def _look(self, now: float) -> None:
        if self._fresh is not None:
            self._fresh()
        ended: list[str] = []
        if now - self._looked_s >= _LOOK_S:
            self._looked_s = now
            ended = [run for run in self._followers if _is_over(self._paths[run])]
        for run, follower in list(self._followers.items()):
            try:
                news, restarted = follower.news()
            except FileNotFoundError:
                del self._followers[run]
                continue
            if restarted:
                self._begin_anew()
                return
            for new in news:
                number = self._numbers.get((run, new.key))
                if number is not None:
                    self._points.add(number, new.step, new.time_ms, new.value)
        for run in ended:  # before the look: there is nothing after it
            self._followers.pop(run, None)
        self.over = not self._followers

    def _begin_anew(self) -> None:
        self._points.forget()
        self._followers = {run: Follower(path) for run, path in self._paths.items()}

    def heard(self, message: Up) -> None:
        """Answer a page; in whatever thread the kernel hears it."""
        if message["kind"] == "do":
            answer: dict[str, Any] = {"kind": "answer", "id": message.get("id", 0)}
            self.send(answer | {"error": "A chart has nothing to do."})
        else:
            self._points.heard(message)


def _is_over(path: Path) -> bool:
    return not path.is_dir() or read_record(path, counted=False).status.ended
