"""``live``: the card of the run that goes on, some of its metrics, or a chart of one's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from runfolio.errors import UsageError
from runfolio.verbs.live import LiveOutput, can_live, card_output, freshened
from runfolio.verbs.lookup import find, the_store
from runfolio.verbs.show import ShowView, shown_now
from runfolio.verbs.view import View

if TYPE_CHECKING:
    from runfolio.charts.streamed import StreamedChart
    from runfolio.widgets.chart import LiveChart

__all__ = ["LiveCardView", "LiveChartView", "live"]


def live(*what: Any) -> View:
    """Return the live card of a run, or a live chart, which shows itself in a notebook's cell.

    Parameters
    ----------
    *what
        Nothing: all metrics of the open run, or of the last one. Names of metrics, or patterns
        (``"val/*"``): only these. An Altair chart of line, point, area and rule marks over a
        frame of ``runs(…).history(…)``, ``x`` over ``step`` or ``time`` and ``y`` over ``value``:
        the chart, with every extreme of the runs, as they go on.

    Raises
    ------
    UsageError
        A chart that cannot be fed, more than one, or something that is neither text nor chart.
    RunNotFound
        There is no run.

    Examples
    --------
    >>> import runfolio
    >>> runfolio.live("train/*")  # doctest: +SKIP
    """
    names = [one for one in what if isinstance(one, str)]
    if len(names) == len(what):
        return LiveCardView(_current_path(), names)
    if len(what) != 1:
        raise UsageError("live: give either names of metrics, or one Altair chart.")
    from runfolio.charts.streamed import streamed

    return LiveChartView(streamed(what[0]))


def _current_path() -> Path:
    from runfolio.record.session import current

    run = current()
    return run.path if run is not None else find("@last").path


class LiveCardView(View):
    """The card of a run, live where there is a page."""

    def __init__(self, path: Path, metrics: list[str]) -> None:
        self._path = path
        self._metrics = metrics

    def _card(self) -> ShowView:
        return shown_now(self._path)

    def text(self, width: int | None = None) -> Text:
        """Return the card as text."""
        return self._card().text(width)

    def data(self) -> Any:
        """Return what is known of the run."""
        return self._card().data()

    def _ipython_display_(self) -> None:
        if can_live():
            card_output(
                self._path, freshened(self._path), metrics=self._metrics,
                stays=lambda: self._card().stays(),
            ).begin()  # fmt: skip
        else:
            self._card()._ipython_display_()


class LiveChartView(View):
    """A chart of one's own, fed while its runs go on."""

    def __init__(self, chart: StreamedChart) -> None:
        self._chart = chart
        store = the_store()
        self._paths = {run: store.reader(run).path for run, _ in chart.series}

    def text(self, width: int | None = None) -> Text:
        """Return what it is."""
        del width
        n = len(self._paths)
        return Text(f"A live chart of {n} run{'s' * (n != 1)}; a notebook shows it.")

    def data(self) -> Any:
        """Return the runs and metrics it draws."""
        return [{"run": run, "key": key} for run, key in self._chart.series]

    def _ipython_display_(self) -> None:
        if can_live():
            LiveOutput(self._made, self._stays).begin()
        else:
            from IPython.display import display

            show: Callable[..., object] = display
            show(dict(self._stays()[0]), raw=True)

    def _made(self, ended: Callable[[], None]) -> LiveChart:
        from runfolio.widgets.chart import LiveChart

        return LiveChart(self._chart, self._paths, fresh=freshened(None), ended=ended)

    def _stays(self) -> tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]:
        from runfolio.charts.streamed import still

        store = the_store()
        found = {run: store.reader(run).series() for run in self._paths}
        names = {run: store.reader(run).record.name for run in self._paths}
        return still(self._chart, found, names), {}, {}
