"""Fifty finished cards in one notebook that JupyterLab opens, beside the same notebook of pictures.

The other notebook has the picture of each card alone, of the same pixels and, with bytes in it that
nobody looks at, of the same size. Counted from asking for the page to the frame in which the last
output is drawn; all cells are drawn, those out of sight too.
"""

from __future__ import annotations

import argparse
import base64
import os
import random
import statistics
import struct
import sys
import time
import zlib
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from live import opened
from report import publish, table

sys.path.append(str(Path(__file__).parents[2]))

from tests.jupyter import KERNEL

DRAWN = {"cards": ".vega-embed .marks", "pictures": ".jp-RenderedImage img"}

# Executed in the page: whether all are there, and have their size.
READY = """([selector, n]) => {
  const all = [...document.querySelectorAll(selector)];
  return all.length >= n && all.every((one) => one.complete !== false && one.clientWidth > 0);
}"""


def card(number: int, steps: int) -> dict[str, Any]:
    """Record a run of two charts, and return what a notebook keeps of its card."""
    import runfolio

    draw = random.Random(number).random
    run = runfolio.init(name=f"run-{number}")
    for step in range(steps):
        loss = 2 / (1 + step / 100) + 0.1 * draw()
        run.log({"train/loss": loss, "val/loss": 1.1 * loss, "val/acc": 1 - loss / 3})
    run.finish()
    bundle, _ = runfolio.show(run.id)._repr_mimebundle_()
    return bundle


def padded(picture: str, room: int) -> str:
    """Return a PNG in base64 that shows the same and has about so many letters."""
    data = base64.b64decode(picture)
    body = random.Random(0).randbytes(max(room * 3 // 4 - len(data) - 12, 0))
    chunk = b"ruNf" + body  # small letters: a reader that does not know it passes it over
    part = struct.pack(">I", len(body)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    end = len(data) - 12
    return base64.b64encode(data[:end] + part + data[end:]).decode("ascii")


def write(path: Path, bundles: list[dict[str, Any]]) -> int:
    """Write a notebook with an output for each; return its bytes."""
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    cells = [
        new_code_cell("runfolio.show()", outputs=[new_output("display_data", bundle)])
        for bundle in bundles
    ]
    nbformat.write(new_notebook(cells=cells, metadata=KERNEL), path)
    return path.stat().st_size


def opening_s(browser: Any, address: str, name: str, n: int) -> float:
    """Return seconds until a notebook of so many outputs is drawn in a page of its own."""
    page = browser.new_page()
    began = time.monotonic()
    page.goto(f"{address}lab/tree/{name}.ipynb")
    page.wait_for_function(READY, arg=[DRAWN.get(name, DRAWN["pictures"]), n], timeout=120_000)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    taken = time.monotonic() - began
    page.close()
    return taken


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Return seconds of both notebooks, opened in turn."""
    folder = Path(os.environ["RUNFOLIO_DIR"]).parent
    (folder / "notebooks").mkdir()
    cards = [card(number, options.steps) for number in range(options.cards)]
    sizes = {"cards": write(folder / "notebooks" / "cards.ipynb", cards)}
    room = sizes["cards"] // len(cards)
    pictures = [{"image/png": padded(one["image/png"], room)} for one in cards]
    sizes["pictures"] = write(folder / "notebooks" / "pictures.ipynb", pictures)
    write(folder / "notebooks" / "warm.ipynb", pictures[:1])
    taken: dict[str, list[float]] = {"cards": [], "pictures": []}
    with ExitStack() as stack:
        browser, address = opened(stack, folder)
        opening_s(browser, address, "warm", 1)  # the server and the browser's cache
        for _ in range(options.rounds):
            for name, all_ in taken.items():
                all_.append(opening_s(browser, address, name, options.cards))
    found = {
        name: {"median": statistics.median(all_), "min": min(all_), "MB": sizes[name] / 1e6}
        for name, all_ in taken.items()
    }
    ratio = {of: found["cards"][of] / found["pictures"][of] for of in ("median", "min", "MB")}
    return {**found, "ratio": ratio}


def as_lines(result: dict[str, Any]) -> list[str]:
    """Return the page."""
    rows = {
        words: tuple(f"{result[part][of]:.2f}" for part in ("cards", "pictures", "ratio"))
        for of, words in (
            ("median", "s, median"),
            ("min", "s, least"),
            ("MB", "MB of the notebook"),
        )
    }
    return table("what | finished cards | pictures alone | ratio", rows)


if __name__ == "__main__":
    publish("finished_cards", __doc__, measure, as_lines, cards=50, steps=2000, rounds=3)
