"""A tracked cell executed by hand in JupyterLab and in Notebook 7."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from runfolio.format.cells import executed_cells
from runfolio.format.manifest import read_record

pytestmark = [pytest.mark.slow, pytest.mark.browser]

CELLS = {
    "load": "import runfolio\n%load_ext runfolio",
    "tracked": "%%track by-hand\nlr = 0.1\n"
    "for step in range(50):\n    runfolio.log({'train/loss': 1 / (step + 1)}, step=step)",
}

# As the kernel calls itself: under another name Lab starts a second one while the first comes up.
KERNEL = {
    "kernelspec": {
        "name": "python3",
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
    }
}


@pytest.mark.parametrize("place", ["lab/tree", "notebooks"])
def test_a_cell_run_by_hand_is_recorded_and_drawn(
    place: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    open_page: Callable[..., Any],
    lab: Callable[[Path], str],
) -> None:
    monkeypatch.setenv("RUNFOLIO_DIR", str(tmp_path / "folio"))
    monkeypatch.setenv("RUNFOLIO_STRICT", "1")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    cells = [new_code_cell(source, id=name) for name, source in CELLS.items()]
    nbformat.write(new_notebook(cells=cells, metadata=KERNEL), folder / "digits.ipynb")
    address = lab(folder)
    opened = open_page(address, address.replace("http", "ws"))

    opened.page.goto(f"{address}{place}/digits.ipynb")
    wait_for_kernel(opened.page, address)
    run_all_cells(opened.page)

    try:
        opened.page.locator(".vega-embed .marks").first.wait_for(timeout=40_000)
    finally:
        opened.page.screenshot(path=tmp_path / "live.png")
    (manifest,) = (tmp_path / "folio").glob("*/run.json")
    record = read_record(manifest.parent)
    assert (record.name, record.status.value, record.config) == ("by-hand", "finished", {"lr": 0.1})
    assert record.notebook == str(folder / "digits.ipynb")
    assert [cell.cell_id for cell in executed_cells(record.path)] == ["load", "tracked"]
    assert opened.asked == []


def wait_for_kernel(page: Any, address: str) -> None:
    """Wait until the page is connected to one idle kernel: what is asked earlier gets lost."""
    quiet = 0
    deadline = time.monotonic() + 60
    while quiet < 4 and time.monotonic() < deadline:
        page.wait_for_timeout(500)  # not time.sleep: the page's requests are served in here
        try:
            with urllib.request.urlopen(address + "api/kernels", timeout=10) as answer:
                kernels = json.load(answer)
        except urllib.error.HTTPError:  # a kernel that is just coming up is listed or is not
            kernels = []
        ready = [k for k in kernels if k["connections"] and k["execution_state"] == "idle"]
        quiet = quiet + 1 if len(kernels) == len(ready) == 1 else 0


def run_all_cells(page: Any) -> None:
    """Choose *Run All Cells* of the menu."""
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).first.click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
