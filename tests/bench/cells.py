"""What a notebook cell costs more when its variables are looked at: 1,000 names, among them tables.

Each figure is the median of cells executed in one shell, in turns of ten without runfolio, with it
loaded, and with a run open; each text is new, as a cell is that somebody has just written, and
comes a moment after the one before: IPython has written that into its history by then.
Everything is captured, as it is by default: random numbers are looked at, opened files heard of.
The target was set on a machine where a million steps of a bare loop take 45 ms. Others are slower,
and many change their pace from one second to the next; so a short loop is timed before and after
each cell. The first table has all cells, the second those alone around which the machine was about
as fast as that one.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import time
from typing import Any, NamedTuple

from report import publish, table, throwaway_store

TARGET_MS = 2.0
LOOP_MS = 45.0
AS_FAST = 1.2
STEPS = 20_000
PAUSE_S = 0.005

HEADS = "cell | cells | loop | ms without | more when loaded | more with a run open | of it CPU | target"

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


class Taken(NamedTuple):
    """What a cell took, and a million steps of a bare loop around it, all in milliseconds."""

    wall: float
    cpu: float
    loop: float


Samples = dict[str, dict[str, list[Taken]]]


def loop_ms() -> float:
    """Return the milliseconds a million steps of a bare loop would take just now."""
    total, begun = 0, time.perf_counter()
    for step in range(STEPS):
        total += step
    return (time.perf_counter() - begun) * 1e3 * 1_000_000 / STEPS


def run_cell(shell: Any, source: str) -> Taken:
    """Execute a cell, and return what it took and how fast the machine was around it."""
    time.sleep(PAUSE_S)
    before = loop_ms()
    wall, cpu = time.perf_counter(), time.thread_time()
    shell.run_cell(source, store_history=True)
    both = time.perf_counter() - wall, time.thread_time() - cpu
    return Taken(both[0] * 1e3, both[1] * 1e3, max(before, loop_ms()))


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Return the median milliseconds of each cell in each state, of all and of the fast ones."""
    from IPython.core.interactiveshell import InteractiveShell

    with throwaway_store():
        os.environ["RUNFOLIO_CAPTURE"] = "true"
        shell = InteractiveShell.instance()
        shell.user_ns |= filled(options.names) | {"n0": 0.5, "n1": 1.5}
        numbers = itertools.count(1000)
        taken: Samples = {}
        for _ in range(options.rounds):
            for state in ("plain", "loaded", "recording"):
                # IPython adds a name with each cell: they would be 5,000 after a while.
                for name in [name for name in shell.user_ns if name.startswith("_i")]:
                    shell.user_ns.pop(name)
                if state == "loaded":
                    shell.run_line_magic("load_ext", "runfolio")
                elif state == "recording":
                    shell.run_cell("import runfolio\nrun = runfolio.init()")
                    # What is taken once, in the background, is no cost of a cell.
                    shell.user_ns["run"].life.snapshot.wait(60)
                for name, text in [*CELLS.items()] * 10:
                    source = text.replace("{n}", str(next(numbers)))
                    found = run_cell(shell, source)
                    taken.setdefault(name, {}).setdefault(state, []).append(found)
            shell.run_cell("run.finish()\ndel run")
            shell.run_line_magic("unload_ext", "runfolio")
        return {"all": medians(taken, 0), "fast": medians(taken, LOOP_MS * AS_FAST)}


def medians(taken: Samples, loop: float) -> dict[str, Any]:
    """Return the medians of each cell, of those alone around which a loop took no longer."""
    found: dict[str, Any] = {}
    for name, states in taken.items():
        kept = {
            state: [one for one in all_of if not loop or one.loop <= loop]
            for state, all_of in states.items()
        }
        if all(kept.values()):
            found[name] = {
                state: [
                    len(ones),
                    *(statistics.median(figures) for figures in zip(*ones, strict=True)),
                ]
                for state, ones in kept.items()
            }
    return found


def as_lines(result: dict[str, Any]) -> list[str]:
    """Return the figures as two tables."""
    lines: list[str] = []
    for which, about in (
        ("all", "All cells:"),
        (
            "fast",
            f"Those around which a million steps took {LOOP_MS * AS_FAST:.0f} ms at the most:",
        ),
    ):
        rows = {}
        for name, found in result[which].items():
            (n, plain, plain_cpu, _), loaded = found["plain"], found["loaded"]
            some, wall, cpu, loop = found["recording"]
            rows[name] = (
                f"{min(n, loaded[0], some)}",
                f"{loop:.0f}",
                f"{plain:.2f}",
                f"{loaded[1] - plain:.2f}",
                f"{wall - plain:.2f}",
                f"{cpu - plain_cpu:.2f}",
                f"{TARGET_MS:.0f}",
            )
        lines += [about, *table(HEADS, rows), ""] if rows else [f"{about} none.", ""]
    return lines


if __name__ == "__main__":
    publish("cells", __doc__, measure, as_lines, rounds=6, names=1000)
