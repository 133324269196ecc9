"""A live card when pages are reloaded and kernels end, in JupyterLab."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from tests.e2e.test_live_card import LOAD, TRAIN, Notebook, open_notebook
from tests.e2e.test_live_notebooks import KERNEL, run_all_cells

__all__ = ["open_notebook"]

pytestmark = [pytest.mark.slow, pytest.mark.browser]

OTHER = "other.ipynb"


def test_a_run_is_live_after_a_reload_and_leaves_a_picture_when_that_kernel_ends(
    open_notebook: Callable[..., Notebook],
    tmp_path: Any,
) -> None:
    notebook = open_notebook(LOAD, TRAIN)
    notebook.wait_for_more(0)
    address = notebook.page.url.partition("lab/")[0]
    notebook.page.reload()
    cells = [
        new_code_cell(LOAD + "\nimport os; print(os.getpid())"),
        new_code_cell("%track show @last"),
    ]
    nbformat.write(new_notebook(cells=cells, metadata=KERNEL), notebook.folder / OTHER)
    notebook.page.goto(f"{address}lab/tree/{OTHER}?reset")
    wait_for_other(notebook, address)
    run_all_cells(notebook.page)
    notebook.wait_for_more(notebook.wait_for_more(0))
    os.kill(int(notebook.page.locator(".jp-OutputArea pre").first.inner_text()), signal.SIGKILL)
    notebook.page.locator(".jp-OutputArea img").first.wait_for(timeout=20_000)
    notebook.page.locator(".jp-Dialog button").first.click()
    notebook.page.screenshot(path=tmp_path / "remains.png")
    notebook.page.keyboard.press("Control+s")
    notebook.page.wait_for_timeout(1500)

    (left,) = [kinds for kinds in saved_kinds(notebook) if "image/png" in kinds]
    assert left == {"text/plain", "image/png"}
    assert notebook.page.locator(".card").count() == 0
    assert (notebook.opened.asked, notebook.opened.errors) == ([], [])


def wait_for_other(notebook: Notebook, address: str) -> None:
    """Wait until the other notebook has a kernel that is idle."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        notebook.page.wait_for_timeout(1500)  # the page's requests are served in here
        with urllib.request.urlopen(address + "api/sessions", timeout=10) as answer:
            for session in json.load(answer):
                kernel = session["kernel"]
                if session["path"] == OTHER and kernel["execution_state"] == "idle":
                    return
    raise AssertionError("no kernel came up")


def saved_kinds(notebook: Notebook) -> list[set[str]]:
    """Return the MIME types of each output of the other notebook, as it was saved."""
    saved = json.loads((notebook.folder / OTHER).read_text(encoding="utf-8"))
    return [set(out.get("data", ())) for cell in saved["cells"] for out in cell.get("outputs", ())]
