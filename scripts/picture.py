"""Take the README's pictures from the demo: a cell with its live card, and what stays of it.

The live card is taken in JupyterLab in mid-training, from the demo's notebook with more epochs: as
it is, its cell is over before a hand could reach the card.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "demo" / "quickstart.html"
NOTEBOOK = ROOT / "notebooks" / "quickstart.ipynb"
IMAGES = ROOT / "docs" / "images"

WIDTH = 940
SCALE = 2
COLOURS = 96
EPOCHS, STEP = 80, 900

# Only the two cells stay; the journal entry below the card would take the table out of sight.
ARRANGE = """
    const shown = ['fast-lr', 'runs'].map(id => document.getElementById('cell-id=' + id))
    for (const cell of document.querySelectorAll('.jp-Cell'))
        if (!shown.includes(cell)) cell.style.display = 'none'
    for (const output of shown[0].querySelectorAll('.jp-OutputArea-child'))
        if (!output.querySelector('img')) output.style.display = 'none'
    document.querySelector('main').style.padding = '12px 16px'
"""


def main() -> None:
    """Take the pictures and write them with few colours."""
    from tests.jupyter import FLAGS

    program = shutil.which(os.environ.get("RUNFOLIO_CHROMIUM", "chromium"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        page = browser.new_page(viewport={"width": WIDTH, "height": 900}, device_scale_factor=SCALE)
        page.goto(PAGE.as_uri())
        page.evaluate(f"() => {{ {ARRANGE} }}")
        write("quickstart.png", page.locator("main").screenshot())
        with tempfile.TemporaryDirectory() as home:
            page.set_viewport_size({"width": 1240, "height": 900})
            write("live.png", live(page, Path(home)))
        browser.close()


def live(page: Any, home: Path) -> bytes:
    """Train in JupyterLab; return the picture of the cell and its card half-way."""
    from tests.jupyter import run_all_cells, running_lab, settle_in, wait_for_kernel

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.id in ("load", "data", "fast-lr")]
    notebook.cells[-1].source = notebook.cells[-1].source.replace(
        "= 1e-2, 64, 64, 12", f"= 1e-2, 64, 64, {EPOCHS}"
    )
    folder = home / "notebooks"
    folder.mkdir()
    nbformat.write(notebook, folder / "quickstart.ipynb")
    os.environ |= settle_in(home) | {"RUNFOLIO_DIR": str(home / "folio")}
    with running_lab(folder, home / "lab.log") as address:
        page.goto(f"{address}lab/tree/quickstart.ipynb")
        wait_for_kernel(page, address)
        run_all_cells(page)
        progress = page.locator(".card .progress b").first
        while int(progress.inner_text(timeout=60_000).replace(",", "")) < STEP:
            page.wait_for_timeout(100)
        cell = page.locator(".jp-Cell", has=page.locator(".card")).last
        cell.scroll_into_view_if_needed()
        page.mouse.move(0, 0)
        page.add_style_tag(content=".jp-cell-toolbar, .jp-Collapser { visibility: hidden }")
        return bytes(cell.screenshot())


def write(name: str, taken: bytes) -> None:
    """Write a picture with few colours."""
    picture = Image.open(io.BytesIO(taken)).convert("RGB")
    path = IMAGES / name
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"picture: {path.relative_to(ROOT)}, {path.stat().st_size / 1e3:,.0f} kB")


if __name__ == "__main__":
    sys.path.append(str(ROOT))
    main()
