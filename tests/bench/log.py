"""What ``log`` costs, beside an empty function and a bare list append, in one run.

Run by ``make bench``. Machines are noisy: look at the ratios. Times are nanoseconds a call with
three scalars; *CPU in all* is that of the whole process, encoding and writing included.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import runfolio

Call = Callable[[dict[str, float]], Any]

ROUND = 2_000
DATA = {"train/loss": 0.31, "train/acc": 0.9, "lr": 0.001}


def empty(data: dict[str, float]) -> None:
    """Do nothing."""


def tight(call: Call, rounds: int) -> Iterator[float]:
    """Give the mean time of a call for each round of a tight loop."""
    for _ in range(rounds):
        start = time.perf_counter_ns()
        for _ in range(ROUND):
            call(DATA)
        yield (time.perf_counter_ns() - start) / ROUND


def each(call: Call, calls: int, between: Callable[[], object] | None = None) -> list[int]:
    """Return the time of every single call, the clock's own cost included."""
    clock = time.perf_counter_ns
    times = []
    for _ in range(calls):
        if between is not None:
            between()
        start = clock()
        call(DATA)
        times.append(clock() - start)
    return times


def step_of_training() -> Callable[[], object]:
    """Return work of about 230 µs that leaves the caches cold."""
    weights = np.random.default_rng(0).normal(size=500_000)

    def step() -> None:
        (weights * 1.0001).sum()

    return step


def figures(times: list[int]) -> dict[str, float]:
    """Return median and tails of single calls, in ns."""
    ordered = np.sort(np.array(times))
    return {
        "median": float(ordered[len(ordered) // 2]),
        "p99": float(ordered[int(len(ordered) * 0.99)]),
        "p99.9": float(ordered[int(len(ordered) * 0.999)]),
        "max": float(ordered[-1]),
    }


def tight_loops(calls: dict[str, Call], rounds: int) -> dict[str, float]:
    """Return the median round of each, the rounds of all interleaved."""
    means: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            means[name] += tight(call, 1)
    return {name: statistics.median(values) for name, values in means.items()}


def cpu_in_all(rounds: int) -> dict[str, float]:
    """Return CPU a call in ns: of a run without its end, and with its conversion to Parquet."""
    with runfolio.init(name="warm") as run:
        run.log(DATA)  # what is imported once is not counted
    run = runfolio.init(name="cpu")
    start_cpu, start = time.process_time_ns(), time.perf_counter_ns()
    for _ in range(rounds * ROUND):
        run.log(DATA)
    while run.life.writer.unwritten:
        time.sleep(0.005)
    written = time.process_time_ns()
    run.finish(quiet=True)
    calls = rounds * ROUND
    return {
        "cpu": (written - start_cpu) / calls,
        "cpu with conversion": (time.process_time_ns() - start_cpu) / calls,
        "wall with finish": (time.perf_counter_ns() - start) / calls,
        "calls": calls,
    }


def measure(rounds: int) -> dict[str, Any]:
    """Return all figures."""
    kept: list[dict[str, float]] = []
    with runfolio.init(name="log") as run:
        calls: dict[str, Call] = {
            "empty call": empty,
            "list.append": kept.append,
            "run.log": run.log,
            "runfolio.log": runfolio.log,
        }
        tight_loops(calls, 3)
        kept.clear()
        gc.collect()
        loops = tight_loops(calls, rounds)
        kept.clear()
        single = {name: figures(each(call, rounds * 500)) for name, call in calls.items()}
        kept.clear()
        cold = {
            name: figures(each(calls[name], rounds * 30, step_of_training()))
            for name in ("empty call", "run.log")
        }
    with runfolio.init(mode="disabled") as run:
        loops["run.log, disabled"] = tight_loops({"": run.log}, rounds)[""]
    return {
        "machine": {
            "python": platform.python_version(),
            "system": platform.platform(),
            "cores": os.cpu_count(),
        },
        "tight loop": loops,
        "ratio to empty call": {k: v / loops["empty call"] for k, v in loops.items()},
        "ratio to list.append": {k: v / loops["list.append"] for k, v in loops.items()},
        "single calls": single,
        "single calls between steps of training": cold,
        "everything": cpu_in_all(rounds),
    }


def as_markdown(result: dict[str, Any]) -> str:
    """Return the figures as a page."""
    machine = result["machine"]
    lines = [
        "# What log() of three scalars costs",
        "",
        f"Python {machine['python']}, {machine['cores']} cores, {machine['system']}.",
        "",
        "| tight loop | ns a call | × empty call | × list.append |",
        "|---|--:|--:|--:|",
    ]
    for name, value in result["tight loop"].items():
        ratios = result["ratio to empty call"][name], result["ratio to list.append"][name]
        lines.append(f"| {name} | {value:,.0f} | {ratios[0]:.1f} | {ratios[1]:.1f} |")
    for title in ("single calls", "single calls between steps of training"):
        heads = "median ns | above an empty call | p99 | p99.9 | max"
        lines += ["", f"| {title} | {heads} |", "|---|--:|--:|--:|--:|--:|"]
        base = result[title]["empty call"]["median"]
        for name, row in result[title].items():
            values = row["median"], row["median"] - base, row["p99"], row["p99.9"], row["max"]
            lines.append(f"| {name} | " + " | ".join(f"{value:,.0f}" for value in values) + " |")
    whole = result["everything"]
    lines += [
        "",
        f"| everything, {whole['calls']:,.0f} calls back to back | ns a call |",
        "|---|--:|",
        *(f"| {name} | {value:,.0f} |" for name, value in whole.items() if name != "calls"),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure in a store that is thrown away; print JSON and Markdown, and write both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="folder for log.json and log.md")
    parser.add_argument("--rounds", type=int, default=100, help=f"of {ROUND:,} calls each")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "RUNFOLIO_DIR": str(Path(folder) / "folio"),
            "RUNFOLIO_SILENT": "true",
            "RUNFOLIO_CAPTURE": "false",
        }
        result = measure(options.rounds)
    document, page = json.dumps(result, indent=2), as_markdown(result)
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "log.json").write_text(document + "\n", encoding="utf-8")
        (options.out / "log.md").write_text(page, encoding="utf-8")
    print(document, page, sep="\n\n")


if __name__ == "__main__":
    main()
