"""What a notebook file holds of a card that was live when it was saved."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from tests.e2e.test_live_card import LOAD, TRAIN, Notebook, open_notebook

__all__ = ["open_notebook"]

pytestmark = [pytest.mark.slow, pytest.mark.browser]

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.mark.parametrize("place", ["lab/tree", "notebooks"])
def test_a_notebook_saved_while_a_card_is_live_shows_a_picture_when_its_kernel_is_dead(
    place: str, open_notebook: Callable[..., Notebook], tmp_path: Any
) -> None:
    notebook = open_notebook(LOAD + "\nimport os; print(os.getpid())", TRAIN, place=place)
    notebook.wait_for_more(notebook.wait_for_more(0))
    pid = int(notebook.page.locator(".jp-OutputArea pre").first.inner_text())
    notebook.page.keyboard.press("Control+s")
    notebook.page.wait_for_timeout(1500)
    live = notebook.wait_for_more(notebook.points())
    address = notebook.page.url
    notebook.page.goto("about:blank")
    os.kill(pid, signal.SIGKILL)
    notebook.page.goto(address)
    notebook.page.locator(".jp-OutputArea img").first.wait_for(timeout=30_000)
    notebook.page.screenshot(path=tmp_path / "opened-again.png")

    saved = json.loads((notebook.folder / "live.ipynb").read_text(encoding="utf-8"))
    kinds = [set(out.get("data", ())) for cell in saved["cells"] for out in cell.get("outputs", ())]
    (output,) = [out for out in saved["cells"][1]["outputs"] if "image/png" in out.get("data", ())]
    assert live > 0
    assert not any(VIEW in one for one in kinds)
    assert "%track show" in "".join(output["data"]["text/plain"])
    assert len("".join(output["data"]["image/png"])) <= 200_000
    assert "model not found" not in notebook.page.locator("body").inner_text()
