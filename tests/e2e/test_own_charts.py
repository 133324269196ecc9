"""A live chart of one's own in a page: its values, and its lines smoothed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import altair as alt
import pytest
from tests.e2e.card_page import ChartPage
from tests.store.conftest import set_up_store

import runfolio
from runfolio.charts.streamed import streamed
from runfolio.widgets.chart import LiveChart

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("cards")]


def test_values_are_read_in_the_colours_of_the_chart_and_lines_can_be_smoothed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_page: Callable[..., Any]
) -> None:
    set_up_store(tmp_path, monkeypatch)
    for name, sign in (("<b>up</b>", 1), ("down", -1)):
        with runfolio.init(name=name) as run:
            for step in range(400):
                run.log({"loss": sign * step + 50 * (step % 7)})
    frame = runfolio.runs().history(["loss"])
    chart = alt.Chart(frame).mark_line().encode(x="step", y="value", color="name")
    paths = {record.id: record.path for record in runfolio.runs().records}
    page = ChartPage(open_page("file://"), LiveChart(streamed(chart), paths), tmp_path)
    page.turn(4)
    canvas = page.find(".own-chart canvas")
    canvas.hover(position={"x": 150, "y": 100})
    lines = page.find(".tip > div:not(:first-child)").all_inner_texts()
    inks = page.find(".tip .swatch").evaluate_all("all => all.map(one => one.style.color)")
    page.page.screenshot(path=tmp_path / "read.png")
    page.page.mouse.move(0, 0)
    raw = canvas.screenshot()
    page.find(".controls select").select_option("0.99")
    page.page.wait_for_timeout(300)
    canvas.screenshot(path=tmp_path / "smoothed.png")

    assert sorted(line.split()[0] for line in lines) == ["<b>up</b>", "down"]
    assert len(set(inks)) == 2
    assert raw != (tmp_path / "smoothed.png").read_bytes()
    assert page.trouble == []
