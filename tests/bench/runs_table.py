"""The runs table in JupyterLab: ten thousand runs of two hundred columns, beside an empty page.

An earlier process left the index, as yesterday's session does. A cell reads the store once; the
next one shows the table, and its moment is what first rows are counted from. Frames are those of an
empty page and of the table while a script scrolls it, in the same browser; a sort, a filter, a group
lasts from the click to the frame that shows it. The reference is what it takes to read and parse
the manifests of all runs, one by one.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
from lab import open_lab, settle, write_notebook
from report import publish, table
from tests.e2e.many_runs import write_runs
from tests.jupyter import run_all_cells, wait_for_kernel

READ = (
    "import os, runfolio, time\nbegan = time.time()\nlen(runfolio.runs())\n"
    "print(1000 * (time.time() - began), os.getpid())"
)
SHOW = "print(time.time() * 1000)\ntable = runfolio.runs('sort:-val/acc')\ntable"

# Executed in the page.
WATCH = """() => {
  window.seen = {};
  const timer = setInterval(() => {
    if (document.querySelector(".runfolio-sheet")) seen.still ??= Date.now();
    const host = document.querySelector(".runfolio-table-host:not([hidden])");
    if (host?.shadowRoot.querySelector(".run-name")) {
      seen.rows = Date.now();
      clearInterval(timer);
    }
  }, 5);
}"""
FRAMES = """async ([right, down]) => {
  const node = document.querySelector(".runfolio-table-host:not([hidden])")?.shadowRoot
    .querySelector(".scroller");
  const began = performance.now();
  let [frames, worst, last] = [0, 0, began];
  while (last - began < 3000) {
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    worst = Math.max(worst, now - last);
    last = now;
    frames++;
    if (node) {
      node.scrollTop += down;
      node.scrollLeft += right;
    }
  }
  if (node) node.scrollLeft = 0;
  await new Promise((done) => setTimeout(done, 500));
  return [(1000 * frames) / (last - began), worst];
}"""
ANSWERS = """async () => {
  const root = document.querySelector(".runfolio-table-host:not([hidden])").shadowRoot;
  const rest = (ms) => new Promise((done) => setTimeout(done, ms));
  root.querySelector(".scroller").scrollTop = 0;
  await rest(500);
  const timed = async (does, say) => {
    const [before, began] = [say(), performance.now()];
    does();
    while (say() === before && performance.now() - began < 9000) await new Promise(requestAnimationFrame);
    const taken = performance.now() - began;
    await rest(400);
    return taken;
  };
  const first = () => root.querySelector('.row[data-row="0"] .run-name')?.textContent;
  const count = () => root.querySelector("footer b").textContent;
  const sort = await timed(
    () => root.querySelector('.head [data-column="metrics.val/acc"]').click(), first);
  const box = root.querySelector(".filter");
  box.value = "optimizer:a lr<1e-1";
  const enter = () => box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
  const filter = await timed(enter, count);
  box.value = "sort:-val/acc";
  const all = await timed(enter, count);
  const choose = (label, value) => {
    const select = root.querySelector(`[aria-label="${label}"]`);
    select.value = value;
    select.dispatchEvent(new Event("change"));
  };
  const groups = () => root.querySelectorAll(".row.group:not([hidden])").length > 0;
  const group = await timed(() => choose("Group by", "group"), groups);
  const whole = await timed(() => choose("Group by", ""), groups);
  root.querySelector('button[title="Choose columns"]').click();
  const shaded = () => root.querySelectorAll(".row:not([hidden]) .shaded").length;
  const shade = await timed(() => choose("Shading of metrics", "none"), shaded);
  return { sort, filter, "all again": all, group, ungroup: whole, "shade none": shade };
}"""


def heap(session: Any) -> float:
    """Return megabytes of the page that are in use."""
    session.send("HeapProfiler.collectGarbage")
    found = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in found if one["name"] == "JSHeapUsedSize")) / 1e6


def look(page: Any, address: str, notebook: Path) -> dict[str, Any]:
    """Show the table and do with it what people do."""
    import nbformat

    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.goto(f"{address}lab/tree/table.ipynb")
    wait_for_kernel(page, address)
    page.evaluate(WATCH)
    before = heap(session)
    run_all_cells(page)
    page.locator(".card.table .run-name").first.wait_for(timeout=120_000)
    page.wait_for_timeout(1500)
    seen = page.evaluate("seen")
    page.keyboard.press("Control+s")
    page.wait_for_timeout(1500)
    shown = heap(session) - before
    empty = page.context.new_page()
    empty.bring_to_front()
    frames = {"an empty page": empty.evaluate(FRAMES, [0, 0])}
    empty.close()
    page.bring_to_front()
    frames |= {"down": page.evaluate(FRAMES, [0, 60]), "across": page.evaluate(FRAMES, [40, 0])}
    answers = page.evaluate(ANSWERS)
    scrolled = heap(session) - before
    before_it, its = nbformat.read(notebook, 4).cells
    (printed,), outputs = before_it.outputs, its.outputs
    began = float(outputs[0]["text"])
    read, kernel = printed["text"].split()
    known = {"records, the cell before": float(read), "static table": seen["still"] - began}
    return {
        "ms": {**known, "rows": seen["rows"] - began, **answers},
        "kernel": psutil.Process(int(kernel)).memory_info().rss / 1e6,
        "frames": frames,
        "megabytes": {"shown": shown, "scrolled": scrolled},
        "kept": len(json.dumps(outputs[1])),
    }


def measure(sizes: argparse.Namespace) -> dict[str, Any]:
    home = settle(SYSTEM="false")
    write_runs(home / "folio", sizes.runs)
    raw = raw_parse(home / "folio")
    subprocess.run([sys.executable, "-c", "import runfolio; len(runfolio.runs())"], check=True)
    notebook = write_notebook("table.ipynb", READ, SHOW)
    with open_lab(home) as (browser, address):
        return look(browser.new_page(), address, notebook) | {"raw": raw}


def raw_parse(folio: Path) -> float:
    """Return the milliseconds that it takes to read and parse all manifests."""
    import orjson

    began = time.perf_counter()
    for path in folio.glob("*/run.json"):
        orjson.loads(path.read_bytes())
    return 1000 * (time.perf_counter() - began)


def page(found: dict[str, Any]) -> list[str]:
    rows = {
        what: (f"{ms:.0f}", f"{ms / found['raw']:.2f}")
        for what, ms in {"raw parse of all manifests": found["raw"], **found["ms"]}.items()
    }
    frames = {
        what: (f"{rate:.1f}", f"{worst:.0f}") for what, (rate, worst) in found["frames"].items()
    }
    memory = {what: f"{size:.1f}" for what, size in found["megabytes"].items()}
    return [
        *table("from the cell, or from the click | ms | of the raw parse", rows),
        *table("scrolling | frames a second | longest, ms", frames),
        *table("page, more than before | MB", memory),
        "",
        f"The kernel holds {found['kernel']:.0f} MB. The notebook keeps {found['kept']:,} bytes.",
    ]


if __name__ == "__main__":
    publish("runs_table", __doc__, measure, page, runs=10_000)
