"""What a person sees of the executed notebook, in a real browser, with nothing from a network."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("demo")]

CARDS = 4  # three tracked cells, and `%track show`


def test_the_page_shows_its_charts_without_network(
    demo: Any, open_page: Callable[..., Any], tmp_path: Path
) -> None:
    opened = open_page("file://")

    opened.page.goto((demo.folder / "quickstart.html").as_uri())

    opened.page.screenshot(path=tmp_path / "page.png", full_page=True)
    widths = opened.page.evaluate("[...document.images].map(image => image.naturalWidth)")
    assert len(widths) == 1 + CARDS
    assert min(widths) > 600
    assert (opened.asked, opened.errors) == ([], [])


def test_the_page_shows_table_and_journal(demo: Any, open_page: Callable[..., Any]) -> None:
    opened = open_page("file://")

    opened.page.goto((demo.folder / "quickstart.html").as_uri())

    words = opened.page.inner_text("body")
    assert "Changed since" in words
    assert "What I tried" in words
    assert opened.page.locator("table").count() >= 3


def test_the_page_runs_no_script(demo: Any) -> None:
    page = (demo.folder / "quickstart.html").read_text(encoding="utf-8")

    assert "<script" not in page.lower()


def test_jupyterlab_draws_the_charts_without_network(
    demo: Any, open_page: Callable[..., Any], lab: Callable[[Path], str], tmp_path: Path
) -> None:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    shutil.copy(demo.folder / "quickstart.ipynb", folder)
    address = lab(folder)
    opened = open_page(address, address.replace("http", "ws"))

    opened.page.goto(address + "lab/tree/quickstart.ipynb")

    charts = opened.page.locator(".vega-embed :is(canvas, svg).marks")
    charts.nth(CARDS - 1).wait_for(timeout=60_000)
    charts.first.scroll_into_view_if_needed()
    opened.page.screenshot(path=tmp_path / "lab.png")
    assert charts.count() == CARDS
    assert (opened.asked, opened.errors) == ([], [])
