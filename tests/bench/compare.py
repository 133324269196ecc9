"""A comparison of long runs in JupyterLab: fifty runs of a million points, beside an empty page.

A cell shows the comparison, and its moment is what the first picture is counted from: the frame
with the first curves, and the one with all of them. Frames are those of an empty page and of the
comparison while a pointer moves over its curves. A zoom and a move of the axis last from the key to
the frame that is drawn from what the page has, and to the one that is exact. The query by itself,
whole and a tenth, stands beside DuckDB, which takes the extremes of as many columns from the same
files, and pyarrow, which only reads them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any

import numpy as np
from lab import open_lab, settle, write_notebook
from report import publish, table
from series import write_store
from tests.jupyter import run_all_cells, wait_for_kernel

from runfolio import settings as known_settings

SHOW = """import runfolio, time
print(time.time() * 1000)
view = runfolio.compare('status:finished', metric='train/loss')
view"""
MEMORY = """import resource
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)"""

# Executed in the page.
WATCH = """() => {
  window.drawn = [];
  new PerformanceObserver((list) => {
    for (const one of list.getEntries())
      if (one.name === "runfolio:compare")
        window.drawn.push({ ...one.detail, at: performance.timeOrigin + one.startTime + one.duration,
                            now: one.startTime + one.duration, took: one.duration });
  }).observe({ entryTypes: ["measure"] });
}"""
FRAMES = """async (over) => {
  const root = document.querySelector(".runfolio-table-host:not([hidden])")?.shadowRoot;
  const plot = over ? root.querySelector(".plot.curves") : null;
  const box = plot?.getBoundingClientRect();
  const began = performance.now();
  let [frames, worst, last] = [0, 0, began];
  while (last - began < 3000) {
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    worst = Math.max(worst, now - last);
    last = now;
    frames++;
    if (!plot) continue;
    const at = { clientX: box.left + 60 + (frames * 7) % (box.width - 80),
                 clientY: box.top + 20 + (frames * 3) % 120, bubbles: true };
    plot.dispatchEvent(new PointerEvent("pointermove", at));
  }
  return [(1000 * frames) / (last - began), worst];
}"""
MOVES = """async ([keys, rest]) => {
  const root = document.querySelector(".runfolio-table-host:not([hidden])").shadowRoot;
  const plot = root.querySelector(".plot.curves");
  const frame = () => new Promise(requestAnimationFrame);
  const until = async (fits) => {
    const began = performance.now();
    while (!fits() && performance.now() - began < 20000) await frame();
    return performance.now() - began;
  };
  const [first, exact] = [[], []];
  for (const key of keys) {
    window.drawn.length = 0;
    const began = performance.now();
    plot.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    await until(() => window.drawn.length > 0);
    first.push(window.drawn[0].now - began);
    await until(() => window.drawn.some((one) => one.exact));
    exact.push(window.drawn.find((one) => one.exact).now - began);
    await new Promise((done) => setTimeout(done, rest));
  }
  return [first, exact];
}"""
# Executed in a process of its own.
QUERY = """
import json, sys, time
from pathlib import Path
import duckdb, numpy as np, pyarrow.parquet as pq
from runfolio.query.windows import Window, Windows
from runfolio.store.store import Store
folio, steps = Path(sys.argv[1]), int(sys.argv[2])
store = Store(folio)
records = store.records()
files = sorted(map(str, folio.glob("*/metrics.parquet")))
windows = Windows(store, records)

def least(what, rounds=2):
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        what()
        taken.append(time.perf_counter() - began)
    return 1000 * min(taken)

def ours(part):
    return lambda: list(windows.pieces(records, Window(("train/loss",), x_range=part, raw=False)))

def duck(part):
    low, high = part or (0, steps)
    def run():
        for file in files:
            duckdb.sql(f\"\"\"select floor((step - {low}) * 700 / {high - low}) as c, min(value), max(value)
                from '{file}' where key = 'train/loss' and step between {low} and {high}
                group by c\"\"\").fetchall()
    return run

def arrow():
    for file in files:
        pq.read_table(file, columns=["step", "value"], filters=[("key", "=", "train/loss")])

tenth = (0.45 * steps, 0.55 * steps)
print(json.dumps({
    "runfolio, whole": least(ours(None)), "runfolio, a tenth": least(ours(tenth)),
    "DuckDB, whole": least(duck(None)), "DuckDB, a tenth": least(duck(tenth)),
    "pyarrow, only reading": least(arrow),
}))
"""


def look(page: Any, address: str) -> dict[str, Any]:
    """Show the comparison and do with it what people do."""
    page.goto(f"{address}lab/tree/compare.ipynb")
    wait_for_kernel(page, address)
    page.evaluate(WATCH)
    run_all_cells(page)
    page.locator(".card.compare .brush-axis").first.wait_for(timeout=120_000)
    page.wait_for_function("drawn.some((one) => one.exact)", timeout=120_000)
    seen = page.evaluate(
        "[drawn.find((one) => one.shown > 0), drawn.find((one) => one.exact)].map((one) => one.at)"
    )
    page.locator(".jp-OutputArea-output pre").nth(1).wait_for(timeout=120_000)
    page.wait_for_timeout(2000)
    texts = page.locator(".jp-OutputArea-output pre").all_inner_texts()
    began, memory = float(texts[0]), float(texts[-1])
    empty = page.context.new_page()
    empty.bring_to_front()
    frames = {"an empty page": empty.evaluate(FRAMES, False)}
    empty.close()
    page.bring_to_front()
    frames["hovering over curves"] = page.evaluate(FRAMES, True)
    zoom, zoomed = page.evaluate(MOVES, [["+"] * 8, 300])
    pan, panned = page.evaluate(MOVES, [["ArrowRight", "ArrowLeft"] * 4, 300])
    return {
        "ms": {"first curves": seen[0] - began, "all curves": seen[1] - began},
        "moves": {
            "zoom, from what is there": zoom, "zoom, exact": zoomed,
            "move, from what is there": pan, "move, exact": panned,
        },
        "frames": frames,
        "megabytes": memory,
    }  # fmt: skip


def measure(sizes: argparse.Namespace) -> dict[str, Any]:
    home = settle(SYSTEM="false", UPKEEP="false")
    folio = home / "folio"
    known_settings.make_store(folio)
    write_store(folio, sizes.runs, sizes.steps, bodies=3)
    done = subprocess.run(
        [sys.executable, "-c", QUERY, str(folio), str(sizes.steps)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    write_notebook("compare.ipynb", SHOW, MEMORY)
    with open_lab(home) as (browser, address):
        return {"query": json.loads(done.stdout), **look(browser.new_page(), address)}


def page(found: dict[str, Any]) -> list[str]:
    rows = {what: f"{ms:.0f}" for what, ms in found["ms"].items()}
    moves = {
        what: (f"{np.median(ms):.0f}", f"{np.percentile(ms, 95):.0f}")
        for what, ms in found["moves"].items()
    }
    frames = {
        what: (f"{rate:.1f}", f"{worst:.0f}") for what, (rate, worst) in found["frames"].items()
    }
    query = {what: f"{ms:.0f}" for what, ms in found["query"].items()}
    return [
        *table("from the cell | ms", rows),
        *table("from the key | median, ms | p95, ms", moves),
        *table("frames a second | of 3 s | longest, ms", frames),
        *table("one metric of all runs | ms", query),
        "",
        f"The kernel's largest memory, static charts included: {found['megabytes']:.0f} MB.",
    ]


if __name__ == "__main__":
    publish("compare", __doc__, measure, page, runs=50, steps=1_000_000)
