"""A tracked cell executed by hand in JupyterLab and in Notebook 7."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from tests.jupyter import KERNEL, run_all_cells, wait_for_kernel

from runfolio.format.cells import executed_cells
from runfolio.format.manifest import read_record

pytestmark = [pytest.mark.slow, pytest.mark.browser]

CELLS = {
    "load": "import runfolio\n%load_ext runfolio",
    "tracked": "%%track by-hand\nlr = 0.1\n"
    "for step in range(50):\n    runfolio.log({'train/loss': 1 / (step + 1)}, step=step)",
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
        opened.page.locator(".vega-embed .marks").first.wait_for(timeout=90_000)
    finally:
        opened.page.screenshot(path=tmp_path / "live.png")
    (manifest,) = (tmp_path / "folio").glob("*/run.json")
    record = read_record(manifest.parent)
    assert (record.name, record.status.value, record.config) == ("by-hand", "finished", {"lr": 0.1})
    assert record.notebook == str(folder / "digits.ipynb")
    assert [cell.cell_id for cell in executed_cells(record.path)] == ["load", "tracked"]
    assert opened.asked == []
