"""Figures of matplotlib, plotly and altair, as they were when they were logged."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import altair as alt
import matplotlib as mpl
import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from PIL import Image as Pillow
from tests.record.media.conftest import file_of, pixels_of, told

from runfolio.errors import RunfolioWarning, UsageError
from runfolio.model.media import MediaItem
from runfolio.record.media import figures
from runfolio.record.media.figures import Plotly
from runfolio.record.media.image import Image
from runfolio.record.run import Run

mpl.use("agg")
import matplotlib.pyplot as plt

Log = Callable[[object], MediaItem]


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    plt.close("all")  # of whatever ran before in this process
    yield
    plt.close("all")


def curve() -> Any:
    figure, axes = plt.subplots(figsize=(3, 2), dpi=100)
    axes.plot([0, 1], [0, 1])
    return figure


@pytest.mark.parametrize(
    "of", [lambda f: f, lambda f: f.axes[0], lambda f: plt, lambda f: f.axes[0].lines[0], Plotly]
)
def test_a_figure_an_axis_and_pyplot_itself_are_drawn(
    run: Run, logged: Log, of: Callable[[Any], object]
) -> None:
    figure = curve()
    item = logged(of(figure))
    figure.savefig(expected := io.BytesIO(), format="png")

    assert (item.type, item.extra["source"]) == ("figure", "matplotlib")
    assert (item.extra["width"], item.extra["height"]) == (300, 200)
    assert (pixels_of(run, item) == np.asarray(Pillow.open(expected))).all()


def test_what_holds_a_figure_is_drawn_as_seaborns_grids_are(run: Run, logged: Log) -> None:
    class Grid:
        figure = curve()
        axes = np.array([1, 2])
        savefig = figure.savefig

    assert pixels_of(run, logged(Grid())).shape == (200, 300, 4)


def test_a_figure_may_be_an_image(run: Run, logged: Log) -> None:
    item = logged(Image(curve(), caption="a curve"))

    assert (item.type, item.caption, pixels_of(run, item).shape) == (
        "image", "a curve", (200, 300, 4),
    )  # fmt: skip


def test_a_figure_that_changes_after_log_is_recorded_as_it_was(run: Run) -> None:
    figure = curve()
    run.log({"a": figure})
    figure.axes[0].clear()
    run.log({"b": figure})
    first, second = told(run)

    assert (pixels_of(run, first) != pixels_of(run, second)).any()


def test_the_figure_keeps_its_canvas_and_is_not_closed(logged: Log) -> None:
    figure = curve()
    canvas = figure.canvas
    logged(figure)

    assert figure.canvas is canvas
    assert plt.fignum_exists(figure.number)


@pytest.mark.parametrize("value", [plt, plt.figure], ids=["pyplot", "figure"])
def test_an_empty_figure_is_refused_with_the_reason(run: Run, value: Any) -> None:
    with pytest.warns(RunfolioWarning, match="the figure is empty"):
        run.log({"x": value() if value is not plt else plt, "a": 1})

    assert told(run) == []
    assert run.summary["a"] == 1


def test_a_figure_that_cannot_be_drawn_leaves_the_row_and_the_training_alone(run: Run) -> None:
    figure = curve()
    figure.axes[0].set_title("$\\frac{$")
    canvas = figure.canvas
    with pytest.warns(RunfolioWarning, match=r"cannot be logged: ValueError"):
        run.log({"x": figure, "a": 1})

    assert figure.canvas is canvas
    assert told(run) == []
    assert run.summary["a"] == 1


def test_a_figure_of_plotly_is_kept_as_its_document(run: Run, logged: Log) -> None:
    figure = go.Figure(go.Scatter(x=[1, 2], y=np.array([3.0, np.nan])))
    item = logged(figure)

    assert item.extra["source"] == "plotly"
    document = json.loads(file_of(run, item))
    assert go.Figure(document).data[0].x == (1, 2)
    assert {"data", "layout"} <= set(document)


def test_a_chart_of_altair_is_kept_with_its_data_and_a_preview(run: Run, logged: Log) -> None:
    frame = pd.DataFrame({"a": range(6000), "b": range(6000)})
    item = logged(alt.Chart(frame).mark_line().encode(x="a:Q", y="b:Q"))

    document = json.loads(file_of(run, item))
    (rows,) = document["datasets"].values()
    assert (item.extra["source"], len(rows)) == ("altair", 6000)


def test_a_preview_is_a_picture_beside_the_document(run: Run) -> None:
    chart = alt.Chart(pd.DataFrame({"a": [1, 2]})).mark_bar().encode(x="a:Q")
    run.log({"x": chart})
    run.life.writer.flush()
    media = run.life.media_writer()
    with media._changed:
        assert media._changed.wait_for(media._is_done, 60)
    (item,) = told(run)

    assert (run.path / item.extra["preview"]).read_bytes().startswith(b"\x89PNG")


def endless() -> alt.Chart:
    """Return a chart whose one mark takes 2⁶⁰ steps to place."""
    ways = f"test(regexp('(a+)+$'), '{'a' * 60}b') ? 1 : 0"
    chart = alt.Chart(pd.DataFrame({"a": [1, 2]})).mark_bar()
    return chart.transform_calculate(b=ways).encode(x="a:Q", y="b:Q")


def test_a_chart_that_never_ends_costs_its_picture_alone(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from runfolio.record.media.engine import engine

    engine.pictured(json.dumps({"mark": "point", "data": {"values": []}}), limit_s=60)
    monkeypatch.setattr(figures, "PREVIEW_S", 0.5)
    run.log({"slow": endless()})
    run.log({"plain": curve(), "loss": 1.0})
    run.life.writer.flush()
    media = run.life.media_writer()
    with media._changed:
        assert media._changed.wait_for(media._is_done, 60)
    slow, plain = told(run)

    assert (slow.key, plain.key) == ("slow", "plain")
    assert json.loads(file_of(run, slow))["transform"]
    assert "preview" not in slow.extra


def test_a_run_that_ends_does_not_wait_for_a_picture(run: Run) -> None:
    run.log({"slow": endless(), "plain": curve()})
    run.life.writer.flush()
    items = {item.key: item for item in told(run)}

    assert set(items) == {"slow", "plain"}
    assert "preview" not in items["slow"].extra


def test_a_chart_that_is_no_chart_yet_is_refused(run: Run) -> None:
    with pytest.warns(RunfolioWarning, match="cannot be logged"):
        run.log({"x": alt.Chart(pd.DataFrame({"a": [1]})).mark_line().encode(x="a:nonsense")})

    assert run.life.refused_values == {"x": 1}


def test_plotly_takes_figures_alone() -> None:
    with pytest.raises(UsageError, match="Plotly"):
        Plotly([1, 2])
