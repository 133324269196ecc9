"""What a notebook cell costs more when its variables are looked at: 1,000 names, among them tables.

Each figure is the median of cells executed in one shell, in turns of ten without runfolio, with it
loaded, and with a run open; each text is new, as a cell is that somebody has just written, and
comes a moment after the one before: IPython has written that into its history by then.
Everything is captured, as it is by default: random numbers are looked at, opened files heard of.
How fast the machine is just then a bare loop tells: 45 ms for a million steps where the target was
set.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import time
from typing import Any

from report import publish, table, throwaway_store

TARGET_MS = 2.0
LOOP = "A million steps of a bare loop"
PAUSE_S = 0.005

CELLS = {
    "trivial": "x = {n}",
    "training": """
# a cell as people write them
import math
best, rate = None, {n} / 1000
for epoch in range(3):
    total = 0.0
    for n in range(5):
        total += n0 * n1 + array50.sum() * rate
    if best is None or total < best:
        best = total
history = [best, total]
frame0['d'] = frame0['a'] * 2
""",
    "60 new arrays": "n = {n}\n" + "\n".join(f"v{n} = array{n} + 1" for n in range(60)),
}


def filled(count: int) -> dict[str, Any]:
    """Return so many variables: numbers, texts, lists, arrays, five tables."""
    import numpy as np
    import pandas as pd

    tables = {
        f"frame{n}": pd.DataFrame({"a": np.arange(100_000.0), "b": 1, "c": "x"}) for n in range(5)
    }
    arrays = {f"array{n}": np.zeros((n + 1, 100)) for n in range(100)}
    rest = count - len(tables) - len(arrays)
    kinds = (lambda n: n * 1.5, lambda n: "x" * n, lambda n: list(range(n)), lambda n: {"a": n})
    return tables | arrays | {f"n{n}": kinds[n % 4](n) for n in range(rest)}


def loop_ms() -> float:
    """Return the milliseconds of a million steps of a bare loop."""
    total, begun = 0, time.perf_counter()
    for step in range(1_000_000):
        total += step
    return (time.perf_counter() - begun) * 1e3


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Return the median milliseconds of each cell in each state."""
    from IPython.core.interactiveshell import InteractiveShell

    with throwaway_store():
        os.environ["RUNFOLIO_CAPTURE"] = "true"
        shell = InteractiveShell.instance()
        shell.user_ns |= filled(options.names) | {"n0": 0.5, "n1": 1.5}
        numbers = itertools.count(1000)
        taken: dict[str, dict[str, list[float]]] = {}
        loops = []
        for _ in range(options.rounds):
            loops.append(loop_ms())
            for state in ("plain", "loaded", "recording"):
                if state == "loaded":
                    shell.run_line_magic("load_ext", "runfolio")
                elif state == "recording":
                    shell.run_cell("import runfolio\nrun = runfolio.init()")
                    # What is taken once, in the background, is no cost of a cell.
                    shell.user_ns["run"].life.snapshot.wait(60)
                for name, text in [*CELLS.items()] * 10:
                    source = text.replace("{n}", str(next(numbers)))
                    time.sleep(PAUSE_S)
                    wall, cpu = time.perf_counter(), time.thread_time()
                    shell.run_cell(source, store_history=True)
                    both = time.perf_counter() - wall, time.thread_time() - cpu
                    for clock, took in zip(("", " cpu"), both, strict=True):
                        taken.setdefault(name, {}).setdefault(state + clock, []).append(took * 1e3)
            shell.run_cell("run.finish()\ndel run")
            shell.run_line_magic("unload_ext", "runfolio")
        return {
            name: {state: statistics.median(found) for state, found in states.items()}
            for name, states in taken.items()
        } | {LOOP: statistics.median(loops)}


def as_lines(result: dict[str, Any]) -> list[str]:
    """Return the figures as a table."""
    cells = {name: found for name, found in result.items() if name in CELLS}
    rows = table(
        "cell | ms without | more when loaded | more with a run open | of it CPU | target",
        {
            name: (
                f"{found['plain']:.2f}",
                f"{found['loaded'] - found['plain']:.2f}",
                f"{found['recording'] - found['plain']:.2f}",
                f"{found['recording cpu'] - found['plain cpu']:.2f}",
                f"{TARGET_MS:.0f}",
            )
            for name, found in cells.items()
        },
    )
    return [*rows, f"{LOOP}: {result[LOOP]:.0f} ms (median).", ""]


if __name__ == "__main__":
    publish("cells", __doc__, measure, as_lines, rounds=6, names=1000)
