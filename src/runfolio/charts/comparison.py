"""The charts of a comparison, chosen and put together: what a notebook keeps, and a report prints."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from runfolio.charts.board import board, panel_tile
from runfolio.charts.card import compare_card
from runfolio.charts.curves import Rows, label_text
from runfolio.charts.export import BUDGET_BYTES, drawn_bundle, drawn_png, size_bytes
from runfolio.charts.figures import figure
from runfolio.charts.frame import unchecked
from runfolio.charts.importance import BARS, explained_words, importance_tile
from runfolio.charts.parallel import parallel_tile
from runfolio.charts.progress import progress_tile
from runfolio.charts.scatter import correlation_words, scatter_tile
from runfolio.charts.spread import band_name, spread_tile
from runfolio.charts.theme import LIGHT
from runfolio.charts.tile import Tile, marked
from runfolio.query.comparison import Comparison
from runfolio.query.curves import COLOURED
from runfolio.query.overlaid import thinned
from runfolio.query.panel import Panels
from runfolio.query.run_names import run_name
from runfolio.record.media.engine import engine

__all__ = ["comparison_bundle", "comparison_lines", "comparison_png"]

_ATTEMPTS: Final = (7000, 4000, 2000, 800)
_VEGA_SHARE: Final = 0.6
_SCALES: Final = (2.0, 1.4, 1.0)
_PAPER: Final = 3.0
_BAR: Final = 20


def comparison_bundle(compared: Comparison) -> tuple[dict[str, Any], float]:
    """Return the charts as Vega and as a picture, together at most `BUDGET_BYTES`.

    Also how many dots of the picture make a pixel.

    Raises
    ------
    MissingDependency
        altair, vl-convert-python or Pillow is not installed.
    """
    engine.begin()  # while this process loads what it needs itself
    vega: dict[str, Any] = {}
    for points in _ATTEMPTS:
        vega = _vega(compared, points)
        if size_bytes({"vega": vega}) <= _VEGA_SHARE * BUDGET_BYTES:
            break
    inks = _inks(compared)
    # Many thin lines make a large picture; drawn coarser it is still read.
    scales = _SCALES if len(compared.records) <= COLOURED else _SCALES[1:]
    made: dict[str, Any] = {}
    for scale in scales:
        made = drawn_bundle(vega, inks, scale=scale)
        if size_bytes(made) <= BUDGET_BYTES:
            break
    return made, scale


def comparison_png(compared: Comparison) -> bytes | None:
    """Return the charts as a picture for paper; ``None`` where it cannot be drawn in time."""
    return drawn_png(_vega(compared, 3 * _ATTEMPTS[0]), _inks(compared), scale=_PAPER)


def _vega(compared: Comparison, points: int) -> dict[str, Any]:
    rows = Rows()
    panels = thinned(compared.panels, points)
    with unchecked():
        tiles = _tiles(compared, panels, rows)
    card = replace(compare_card(compared.records, panels), title=f"Compare {len(compared.records)} runs",
                   facts=label_text(" ".join(compared.remarks), 300) if tiles else "", empty="" if tiles else next(iter(compared.remarks), ""))  # fmt: skip
    return board(card, tiles, rows)


def _tiles(compared: Comparison, panels: Panels, rows: Rows) -> list[Tile]:
    runs = marked(compared.records)
    tiles = [panel_tile(panel, panels.x, rows) for panel in panels.panels]
    if compared.spread is not None and compared.spread.bands:
        tiles.append(spread_tile(compared.spread, rows))
    if compared.parallel is not None:
        tiles.append(parallel_tile(compared.parallel, runs, compared.way, rows))
    if compared.importance.shares:
        tiles.append(importance_tile(compared.importance, rows))
    if compared.scatter is not None and compared.scatter.n > 1:
        tiles.append(scatter_tile(compared.scatter, runs, label_text(compared.metric), rows))
    if len(compared.progress) > 1:
        tiles.append(progress_tile(compared.progress, runs, rows))
    return tiles


def _inks(compared: Comparison) -> list[str]:
    n = min(len(compared.records), len(LIGHT.series))
    bands = len(compared.spread.bands) if compared.spread is not None else 0
    return list(LIGHT.series[: max(n, bands, 1)])


def comparison_lines(compared: Comparison) -> list[str]:
    """Return in plain words what the charts show: the best, what matters, the groups."""
    metric = label_text(compared.metric, 60)
    lines = []
    if (champion := compared.best) is not None:
        value = champion.figure_of(compared.metric)
        told = figure(value) if value is not None else ""
        name = label_text(run_name(champion), 40)
        lines.append(f"best {metric}  {told}  {name} {champion.short_id}")
    if len(compared.progress) > 1:
        first, last = compared.progress[0], compared.progress[-1]
        n = sum(one.is_better for one in compared.progress) - 1
        lines.append(f"best so far  {figure(first.value)} → {figure(last.best)} over "
                     f"{len(compared.progress)} runs, better {n} time{'s' * (n != 1)}")  # fmt: skip
    lines += _bars(compared)
    if compared.scatter is not None and compared.scatter.correlation is not None:
        title = label_text(compared.scatter.setting.title, 40)
        lines.append(f"{title} → {metric}  {correlation_words(compared.scatter)}, "
                     f"{compared.scatter.n} runs")  # fmt: skip
    return lines + _groups(compared)


def _bars(compared: Comparison) -> list[str]:
    found = compared.importance
    if not found.shares:
        return []
    shares = found.shares[:BARS]
    names = [label_text(share.title, 32) for share in shares]
    wide, most = max(map(len, names)), max(0.05, *(share.mean for share in shares))
    lines = [f"importance of settings  {explained_words(found)}"]
    for name, share in zip(names, shares, strict=True):
        bar = "█" * round(max(share.mean, 0) / most * _BAR)
        lines.append(f"  {name:<{wide}}  {bar:<{_BAR}}  {share.mean:5.2f}  "
                     f"({share.low:.2f} to {share.high:.2f})")  # fmt: skip
    return lines


def _groups(compared: Comparison) -> list[str]:
    if compared.spread is None or not compared.spread.bands:
        return []
    bands = compared.spread.bands
    names = [band_name(band) for band in bands]
    wide = max(map(len, names))
    by = label_text(compared.spread.by, 40)
    lines = [f"{label_text(compared.metric, 60)} by {by}  mean ± deviation at the end"]
    for name, band in zip(names, bands, strict=True):
        apart = float(band.deviation[-1])
        around = f" ± {figure(apart)}" if apart == apart else ""  # noqa: PLR0124 - NaN
        n = f"{band.n_runs} run{'s' * (band.n_runs != 1)}"
        lines.append(f"  {name:<{wide}}  {figure(float(band.mean[-1]))}{around}  {n}")
    return lines
