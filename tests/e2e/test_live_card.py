"""The live card in a real page: points arrive while the cell runs, buttons answer, something stays."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from tests.e2e.test_live_notebooks import KERNEL, run_all_cells, wait_for_kernel

from runfolio.format.manifest import read_record

pytestmark = [pytest.mark.slow, pytest.mark.browser]

LOAD = "import math, time, runfolio\n%load_ext runfolio"
TRAIN = """%%track busy --tag first -c steps=20000
for step in range(20000):
    began = time.perf_counter()
    while time.perf_counter() - began < 0.004:
        pass
    runfolio.log({"train/loss": math.exp(-step / 300), "val/acc": step / 20000})
"""
SCRIPT = """
import time, runfolio
with runfolio.init(name="script") as run:
    for step in range(1500):
        run.log({"loss": 1 / (step + 1)})
        time.sleep(0.02)
"""


class Notebook:
    """A notebook that is open in a page."""

    def __init__(self, page: Any, folder: Path) -> None:
        self.page = page.page
        self.opened = page
        self.folder = folder

    @property
    def card(self) -> Any:
        return self.page.locator(".card").first

    def points(self) -> int:
        """Return how many points the first chart says it shows."""
        words = self.card.locator(".caption").first.inner_text(timeout=30_000)
        found = re.match(r"[\d,]+ of ([\d,]+) point", words)
        return int(found[1].replace(",", "")) if found else 0

    def wait_for_more(self, than: int) -> int:
        for _ in range(100):
            if (now := self.points()) > than:
                return now
            self.page.wait_for_timeout(200)
        raise AssertionError(f"no more than {than} points arrived")

    def record(self) -> Any:
        (manifest,) = (self.folder.parent / "folio").glob("*/run.json")
        return read_record(manifest.parent)


@pytest.fixture
def open_notebook(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    open_page: Callable[..., Any],
    lab: Callable[[Path], str],
) -> Callable[..., Notebook]:
    monkeypatch.setenv("RUNFOLIO_DIR", str(tmp_path / "folio"))
    folder = tmp_path / "notebooks"
    folder.mkdir()

    def open_one(*cells: str, place: str = "lab/tree") -> Notebook:
        nbformat.write(
            new_notebook(cells=[new_code_cell(cell) for cell in cells], metadata=KERNEL),
            folder / "live.ipynb",
        )
        address = lab(folder)
        opened = open_page(address, address.replace("http", "ws"))
        opened.page.goto(f"{address}{place}/live.ipynb")
        wait_for_kernel(opened.page, address)
        run_all_cells(opened.page)
        return Notebook(opened, folder)

    return open_one


@pytest.mark.parametrize("place", ["lab/tree", "notebooks"])
def test_points_arrive_and_buttons_answer_while_the_cell_runs(
    place: str, open_notebook: Callable[..., Notebook], tmp_path: Path
) -> None:
    notebook = open_notebook(LOAD, TRAIN, place=place)
    first = notebook.wait_for_more(0)
    notebook.wait_for_more(first)
    notebook.card.locator("button[data-verb=tag]").click()
    notebook.card.locator(".ask input").fill("clicked")
    notebook.card.locator(".ask input").press("Enter")
    notebook.card.locator(".said", has_text="Tagged clicked.").wait_for(timeout=20_000)
    notebook.page.screenshot(path=tmp_path / "live.png")
    notebook.card.locator("button[data-verb=stop]").click()
    notebook.page.locator(".vega-embed .marks").first.wait_for(timeout=60_000)
    notebook.page.screenshot(path=tmp_path / "stopped.png")

    record = notebook.record()
    assert (record.status.value, record.tags) == ("stopped", ("first", "clicked"))
    assert notebook.page.locator(".card").count() == 0
    # Notebook 7.6 says this of its own settings, whatever is opened in it.
    errors = [error for error in notebook.opened.errors if "reading 'schema'" not in error]
    assert (notebook.opened.asked, errors) == ([], [])


def test_a_run_of_a_script_is_live_in_a_notebook_and_stays_when_it_is_over(
    open_notebook: Callable[..., Notebook], tmp_path: Path
) -> None:
    script = subprocess.Popen([sys.executable, "-c", SCRIPT], cwd=tmp_path)
    try:
        notebook = open_notebook(LOAD, "%track show @last")
        notebook.wait_for_more(notebook.wait_for_more(0))
        notebook.card.locator("button[data-verb=stop]").click()
        notebook.page.locator(".vega-embed .marks").first.wait_for(timeout=60_000)
    finally:
        script.kill()
        script.wait()

    assert notebook.record().status.value == "stopped"
    assert (notebook.opened.asked, notebook.opened.errors) == ([], [])


def test_what_is_drawn_can_be_zoomed_read_and_hidden(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(LOAD, TRAIN.replace("val/acc", "train/bias"))
    notebook.wait_for_more(300)
    plot = notebook.card.locator(".plot").first
    plot.hover(position={"x": 150, "y": 60})
    tip = notebook.card.locator(".tip").first
    tip.wait_for(timeout=5000)
    assert "step" in tip.inner_text()
    plot.focus()
    for _ in range(4):
        plot.press("+")
    notebook.page.wait_for_timeout(500)
    shown = re.match(r"([\d,]+) of", notebook.card.locator(".caption").first.inner_text())
    assert shown is not None
    assert int(shown[1].replace(",", "")) < notebook.points() / 2
    notebook.card.locator("select").nth(1).select_option("log")
    notebook.card.locator(".caption", has_text="log scale").first.wait_for(timeout=5000)
    assert notebook.opened.errors == []


CHART = """import altair as alt
run = runfolio.init(name="own")
for step in range(100):
    run.log({"loss": math.exp(-step / 300)})
run.life.writer.flush()
frame = runfolio.runs("name:own").history(["loss"])
runfolio.live(alt.Chart(frame).mark_line().encode(x="step", y="value", color="name"))
"""
GO_ON = """for step in range(100, 1500):
    run.log({"loss": math.exp(-step / 300)})
    time.sleep(0.005)
run.finish()
"""


def test_a_chart_of_ones_own_is_fed_and_stays_as_a_picture(
    open_notebook: Callable[..., Notebook], tmp_path: Path
) -> None:
    notebook = open_notebook(LOAD, CHART, GO_ON)
    chart = notebook.page.locator(".own-chart canvas")
    chart.wait_for(timeout=60_000)
    notebook.page.wait_for_timeout(500)
    before = chart.screenshot()
    notebook.page.wait_for_timeout(1500)
    after = chart.screenshot()
    chart.hover(position={"x": 150, "y": 60})
    tip = notebook.page.locator(".own-chart .tip")
    tip.wait_for(timeout=5000)
    told = tip.inner_text()
    notebook.page.screenshot(path=tmp_path / "own.png")
    # Its card and the chart, each as what stays.
    notebook.page.locator(".vega-embed .marks").nth(1).wait_for(timeout=60_000)

    assert before != after
    assert re.fullmatch(r"step \d+\s+loss\s+0\.\d+", told)
    assert notebook.page.locator(".own-chart, .card").count() == 0
    assert (notebook.opened.asked, notebook.opened.errors) == ([], [])
