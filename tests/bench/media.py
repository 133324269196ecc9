"""The media browser in JupyterLab: fifty runs of a hundred steps of pictures, beside what it has.

A cell finds the runs; the next one shows their media, and its moment is what the first picture is
counted from. A move of the slider lasts from its event to the frame in which every picture in sight
is the one of its step. Moves back to steps that the page holds are the reference: the same way to
the kernel and back, with no picture on it. The search looks for a word in a log, beside reading the
same file in blocks.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from lab import open_lab, settle, write_notebook
from report import publish, table
from tests.e2e.many_runs import write_runs
from tests.jupyter import run_all_cells, wait_for_kernel

FIND = "import runfolio\nbrowser = runfolio.media('status:finished')"
SHOW = "import time\nprint(time.time() * 1000)\nbrowser"

# Executed in the page.
WATCH = """() => {
  window.seen = {};
  const timer = setInterval(() => {
    const root = document.querySelector(".runfolio-table-host:not([hidden])")?.shadowRoot;
    const images = [...(root?.querySelectorAll(".m-cell img") ?? [])];
    const drawn = images.filter((one) => one.complete && one.naturalWidth > 0).length;
    if (drawn > 0) seen.first ??= Date.now();
    if (drawn > 0 && drawn === images.length) {
      seen.all = Date.now();
      seen.images = drawn;
      clearInterval(timer);
    }
  }, 4);
}"""
MOVES = """async (places) => {
  const root = document.querySelector(".runfolio-table-host:not([hidden])").shadowRoot;
  const range = root.querySelector(".m-range");
  const frame = () => new Promise(requestAnimationFrame);
  const taken = [];
  for (const place of places) {
    const began = performance.now();
    range.value = place;
    range.dispatchEvent(new Event("input"));
    const isThere = () => [...root.querySelectorAll(".m-cell")].every((cell) =>
      cell.querySelector(".m-step")?.textContent === `step ${place}` &&
      cell.querySelector("img")?.alt.endsWith(`step ${place}`) && cell.querySelector("img").complete);
    while (!isThere() && performance.now() - began < 9000) await frame();
    await frame();
    taken.push(performance.now() - began);
    await new Promise((done) => setTimeout(done, 60));
  }
  return taken;
}"""


def share(values: list[float], part: float) -> float:
    return sorted(values)[min(int(part * len(values)), len(values) - 1)]


def look(page: Any, address: str, notebook: Path, steps: int) -> dict[str, Any]:
    """Show the media and move the slider as people do."""
    import nbformat

    page.goto(f"{address}lab/tree/media.ipynb")
    wait_for_kernel(page, address)
    page.evaluate(WATCH)
    run_all_cells(page)
    page.wait_for_function("window.seen.all", timeout=120_000)
    seen = page.evaluate("seen")
    some = [(7 * n) % (steps - 1) for n in range(1, 41)]
    new = page.evaluate(MOVES, some)
    back = page.evaluate(MOVES, some[::-1])
    page.keyboard.press("Control+s")
    page.wait_for_timeout(1500)
    began = float(nbformat.read(notebook, 4).cells[1].outputs[0]["text"])
    return {
        "images": seen["images"],
        "ms": {"first picture": seen["first"] - began, "all in sight": seen["all"] - began},
        "moves": {"to a new step": new, "to one that is held": back},
    }


def search(home: Path, megabytes: int) -> dict[str, float]:
    """Look for a word in a long log, and read the same file in blocks."""
    from runfolio.query.printed import PrintedLog

    file = home / "output.log"
    line = b"epoch %07d loss 0.123456 accuracy 0.987654 seconds 12.3 of 45.6, all is well\n"
    file.write_bytes(b"".join(line % n for n in range(megabytes * 1_000_000 // 78)))
    began = time.perf_counter()
    with file.open("rb") as opened:
        while opened.read(1 << 20):
            pass
    read = time.perf_counter()
    log = PrintedLog(home)
    log.look()
    looked = time.perf_counter()
    log.find("epoch 0000077 ")
    found = time.perf_counter()
    log.read(log.n // 2, log.n // 2 + 200)
    return {"read in blocks": read - began, "lines counted": looked - read,
            "a word found": found - looked, "200 lines from the middle": time.perf_counter() - found}  # fmt: skip


def measure(sizes: argparse.Namespace) -> dict[str, Any]:
    home = settle(SYSTEM="false")
    searched = search(home, sizes.megabytes)
    write_runs(home / "folio", sizes.runs, 6, 3, images=sizes.steps, pixels=256)
    notebook = write_notebook("media.ipynb", FIND, SHOW)
    with open_lab(home) as (browser, address):
        found = look(browser.new_page(), address, notebook, sizes.steps)
    return found | {"search": searched}


def page(found: dict[str, Any]) -> list[str]:
    ms = {what: f"{value:.0f}" for what, value in found["ms"].items()}
    moves = {
        what: (f"{share(taken, 0.5):.0f}", f"{share(taken, 0.95):.0f}")
        for what, taken in found["moves"].items()
    }
    reference = found["search"]["read in blocks"]
    searched = {
        what: (f"{1000 * seconds:.0f}", f"{seconds / reference:.1f}")
        for what, seconds in found["search"].items()
    }
    return [
        *table("from the cell | ms", ms),
        *table(f"moves of the slider, {found['images']} pictures | median, ms | p95, ms", moves),
        *table("output | ms | times as long", searched),
    ]


if __name__ == "__main__":
    publish("media", __doc__, measure, page, runs=50, steps=100, megabytes=100)
