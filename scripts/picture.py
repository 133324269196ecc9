"""Take the README's picture from demo/quickstart.html: a tracked cell, its card, the runs table."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "demo" / "quickstart.html"
PICTURE = ROOT / "docs" / "images" / "quickstart.png"

WIDTH = 940
SCALE = 2
COLOURS = 96

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
    """Take the picture and write it with few colours."""
    program = shutil.which(os.environ.get("RUNFOLIO_CHROMIUM", "chromium"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": WIDTH, "height": 900}, device_scale_factor=SCALE)
        page.goto(PAGE.as_uri())
        page.evaluate(f"() => {{ {ARRANGE} }}")
        taken = page.locator("main").screenshot()
        browser.close()
    picture = Image.open(io.BytesIO(taken)).convert("RGB")
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(PICTURE, optimize=True)
    print(f"picture: {PICTURE.relative_to(ROOT)}, {PICTURE.stat().st_size / 1e3:,.0f} kB")


if __name__ == "__main__":
    main()
