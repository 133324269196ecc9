"""Hostile media in a real browser: they are seen, and nothing of them acts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from runfolio.record.api import init
from runfolio.record.media.audio import Audio
from runfolio.record.media.histogram import Histogram
from runfolio.record.media.html import Html
from runfolio.record.media.image import Image
from runfolio.record.media.table import Table
from runfolio.verbs.show import show

pytestmark = [pytest.mark.slow, pytest.mark.browser]

AWAY = "http://away.example"
ACTING = "parent.__pwn=1;top.__pwn=1;window.__pwn=1"
PAGE = f"""
<h1>Report</h1><script>{ACTING};fetch('{AWAY}/fetched')</script>
<img src="{AWAY}/image.png" onerror="{ACTING}"><img src=x onerror="{ACTING}">
<link rel=stylesheet href="{AWAY}/style.css"><link rel=preconnect href="{AWAY}">
<style>@import url({AWAY}/import.css);body{{background:url({AWAY}/ground.png)}}</style>
<iframe srcdoc="<script>{ACTING}</script>"></iframe><iframe src="{AWAY}/frame"></iframe>
<object data="{AWAY}/object"></object><embed src="{AWAY}/embed"><video src="{AWAY}/video"></video>
<meta http-equiv=refresh content="0;url={AWAY}/refreshed"><base href="{AWAY}/base/">
<a id=away href="{AWAY}/link" target=_top>away</a><a id=script href="javascript:{ACTING}">run</a>
<form action="{AWAY}/form" target=_top><input name=body value=x><button id=send>send</button></form>
<svg onload="{ACTING}"><use href="{AWAY}/use.svg#x"></use></svg>
<math><mtext></form><form><mglyph><style></math><img src onerror="{ACTING}">
<button data-commandlinker-command="console:create" data-commandlinker-args="{{}}">command</button>
"""
TEXT = f'</script><img src=x onerror="{ACTING}">'


@pytest.fixture
def beside(store_path: Path) -> str:
    """Return what stands beside the card of a run whose media are hostile."""
    del store_path
    run = init("digits", name=TEXT)
    picture = np.random.default_rng(0).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    run.log({"page": Html(PAGE, caption=TEXT)})
    run.log({TEXT: Image(picture, caption=TEXT)})
    run.log({"table": Table(columns=[TEXT], data=[[TEXT]])})
    run.log({"weights": Histogram(np.linspace(0, 1, 99)), "a": Audio(np.zeros(800), 800)})
    run.finish(quiet=True)
    return show()._beside({})["text/html"]


def test_a_hostile_page_is_seen_and_does_nothing(
    beside: str, open_page: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><meta charset=utf-8>{beside}", encoding="utf-8")
    opened = open_page("file://")

    opened.page.goto(file.as_uri())
    frame = opened.page.frame_locator("iframe[sandbox]")
    frame.get_by_role("heading", name="Report").wait_for(timeout=60_000)
    for name in ("#send", "#away", "#script"):
        frame.locator(name).click(timeout=60_000, force=True)
    opened.page.wait_for_timeout(500)

    assert opened.page.url == file.as_uri()
    assert opened.page.evaluate("window.__pwn") is None
    assert opened.asked == []


def test_the_media_can_be_seen(beside: str, open_page: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><meta charset=utf-8>{beside}", encoding="utf-8")
    opened = open_page("file://")

    opened.page.goto(file.as_uri())

    assert opened.page.evaluate("[...document.images].map(i => i.naturalWidth)") == [60]
    assert opened.page.locator("svg.rf-bars path").first.bounding_box()["height"] > 50
    assert opened.page.locator("audio").count() == 1
    assert TEXT[:30] in opened.page.inner_text("table")
    assert opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_jupyterlab_shows_hostile_media_and_does_nothing_they_ask(
    beside: str, open_page: Callable[..., Any], lab: Callable[[Path], str], tmp_path: Path
) -> None:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    output = new_output("display_data", {"text/html": beside})
    nbformat.write(new_notebook(cells=[new_code_cell("1", outputs=[output])]), folder / "a.ipynb")
    trust = [sys.executable, "-m", "jupyter", "trust", str(folder / "a.ipynb")]
    subprocess.run(trust, check=True, capture_output=True, timeout=120)
    address = lab(folder)
    opened = open_page(address, address.replace("http", "ws"))

    opened.page.goto(address + "lab/tree/a.ipynb")
    frame = opened.page.frame_locator("iframe[sandbox='']")
    frame.get_by_role("heading", name="Report").wait_for(timeout=60_000)
    opened.page.screenshot(path=tmp_path / "lab.png")

    assert opened.page.evaluate("window.__pwn") is None
    assert opened.page.locator(".jp-ConsolePanel").count() == 0
    assert opened.asked == []
