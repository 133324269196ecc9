"""What log() of three scalars costs, beside an empty function and a bare sketch in the same run.

Run by ``make bench``. Machines are noisy: look at the ratios. Times are nanoseconds a call;
*CPU in all* is that of the whole process, encoding and writing included.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import os
import statistics
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from report import publish, table

import runfolio
from runfolio.record.run import Run

Call = Callable[[dict[str, float]], Any]

ROUND = 2_000
DATA = {"train/loss": 0.31, "train/acc": 0.9, "lr": 0.001}
SCALARS: dict[str, Any] = {
    "numpy float64": {key: np.float64(value) for key, value in DATA.items()},
    "numpy float32": {key: np.float32(value) for key, value in DATA.items()},
    "numpy 0-d arrays": {key: np.array(value) for key, value in DATA.items()},
}


def empty(data: dict[str, float]) -> None:
    """Do nothing."""


_bare: deque[tuple[int | None, int, dict[str, float]]] = deque(maxlen=ROUND)


def bare(data: dict[str, float], step: int | None = None) -> None:
    """Do the least that records: look at the types, copy, take the time, append."""
    for value in data.values():
        if type(value) is not float and type(value) is not int:
            return
    _bare.append((step, time.time_ns(), data.copy()))


def settle(run: Run) -> None:
    """Wait until the writer has nothing to do, which would be counted for whoever comes next."""
    while run.life.writer.unwritten:
        time.sleep(0.001)


def tight(call: Call, data: dict[str, float]) -> float:
    """Return the mean time of a call in one round of a tight loop."""
    start = time.perf_counter_ns()
    for _ in range(ROUND):
        call(data)
    return (time.perf_counter_ns() - start) / ROUND


def tight_loops(run: Run, calls: dict[str, tuple[Call, Any]], rounds: int) -> dict[str, float]:
    """Return the median round of each, the rounds of all interleaved."""
    means: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, (call, data) in calls.items():
            settle(run)
            means[name].append(tight(call, data))
    return {name: statistics.median(values) for name, values in means.items()}


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


def paced(call: Call, blocks: int, steps: int = 200) -> dict[str, float]:
    """Return what a loop of 1-ms steps takes more, of time and of the process's CPU, in percent.

    A block with stands between two without, for the speed of a machine changes as it goes. A step
    is numpy's work: a loop of additions in Python changes its own speed by some percent with
    where the allocator happens to put its integers.
    """
    weights = np.random.default_rng(0).normal(size=100_000)

    def work(times: int) -> None:
        for _ in range(times):
            np.multiply(weights, 1.0001, out=weights).sum()

    start = time.perf_counter_ns()
    work(100)
    times_a_step = max(1, round(100 * 1e6 / (time.perf_counter_ns() - start)))

    def block(called: Call) -> tuple[int, int]:
        wall, cpu = time.perf_counter_ns(), time.process_time_ns()
        for _ in range(steps):
            work(times_a_step)
            called(DATA)
        return time.perf_counter_ns() - wall, time.process_time_ns() - cpu

    wall, cpu, before = [], [], block(empty)
    for _ in range(blocks):
        logged, after = block(call), block(empty)
        wall.append(2 * logged[0] / (before[0] + after[0]))
        cpu.append(2 * logged[1] / (before[1] + after[1]))
        before = after
    return {
        "step_ms": before[0] / steps / 1e6,
        "wall": 100 * (statistics.median(wall) - 1),
        "cpu": 100 * (statistics.median(cpu) - 1),
    }


def sketch(calls: int) -> dict[str, float]:
    """Return what the least that could record costs: a deque, one encoder, one file."""
    rows: deque[tuple[int, dict[str, float]]] = deque()
    start_cpu, start = time.process_time_ns(), time.perf_counter_ns()
    for _ in range(calls):
        rows.append((time.time_ns(), DATA.copy()))
    with Path(os.environ["RUNFOLIO_DIR"]).with_name("sketch.jsonl").open("wb") as file:
        for step, (moment, values) in enumerate(rows):
            row = {"step": step, "time": moment // 1_000_000, "values": values}
            file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
        file.flush()
        os.fsync(file.fileno())
    return {
        "cpu": (time.process_time_ns() - start_cpu) / calls,
        "wall with finish": (time.perf_counter_ns() - start) / calls,
    }


def cpu_in_all(calls: int) -> dict[str, float]:
    """Return CPU a call in ns: of a run without its end, and with its conversion to Parquet."""
    run = runfolio.init(name="cpu")
    start_cpu, start = time.process_time_ns(), time.perf_counter_ns()
    for _ in range(calls):
        run.log(DATA)
    settle(run)
    written = time.process_time_ns()
    run.finish(quiet=True)
    return {
        "cpu": (written - start_cpu) / calls,
        "cpu with conversion": (time.process_time_ns() - start_cpu) / calls,
        "wall with finish": (time.perf_counter_ns() - start) / calls,
    }


def everything(calls: int, times: int) -> dict[str, Any]:
    """Return the least of some runs back to back, a sketch between them."""
    with runfolio.init(name="warm") as run:
        run.log(DATA)  # what is imported once is not counted
    ours, least = [], []
    for _ in range(times):
        ours.append(cpu_in_all(calls))
        least.append(sketch(calls))
    return {
        "calls": calls,
        "runfolio": {name: min(figures[name] for figures in ours) for name in ours[0]},
        "sketch": {name: min(figures[name] for figures in least) for name in least[0]},
    }


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Return all figures."""
    rounds = options.rounds
    kept: list[dict[str, float]] = []
    steps = itertools.count()
    with runfolio.init(name="log") as run:
        calls: dict[str, Call] = {
            "empty call": empty,
            "list.append": kept.append,
            "bare sketch": bare,
            "run.log": run.log,
            "runfolio.log": runfolio.log,
        }
        loops: dict[str, tuple[Call, Any]] = {name: (call, DATA) for name, call in calls.items()}
        loops["run.log, step named"] = (lambda data: run.log(data, step=next(steps)), DATA)
        loops |= {f"run.log, {name}": (run.log, data) for name, data in SCALARS.items()}
        tight_loops(run, loops, 3)
        kept.clear()
        gc.collect()
        tight = tight_loops(run, loops, rounds)
        kept.clear()
        single = {name: figures(each(call, rounds * 500)) for name, call in calls.items()}
        kept.clear()
        cold = {
            name: figures(each(calls[name], rounds * 30, step_of_training()))
            for name in ("empty call", "bare sketch", "run.log")
        }
        slower = paced(run.log, max(3, rounds))
    with runfolio.init(mode="disabled") as run:
        tight |= tight_loops(run, {"run.log, disabled": (run.log, DATA)}, rounds)
    return {
        "tight loop": tight,
        "ratio to empty call": {k: v / tight["empty call"] for k, v in tight.items()},
        "ratio to the sketch": {k: v / tight["bare sketch"] for k, v in tight.items()},
        "single calls": single,
        "single calls between steps of training": cold,
        "loop of 1-ms steps, % slower": slower,
        "everything": everything(rounds * ROUND, max(1, min(5, rounds // 20))),
    }


def as_lines(result: dict[str, Any]) -> list[str]:
    """Return the figures as tables."""
    lines = table(
        "tight loop | ns a call | × empty call | × bare sketch",
        {
            name: (
                f"{value:,.0f}",
                f"{result['ratio to empty call'][name]:.1f}",
                f"{result['ratio to the sketch'][name]:.1f}",
            )
            for name, value in result["tight loop"].items()
        },
    )
    for title in ("single calls", "single calls between steps of training"):
        base = result[title]["empty call"]["median"]
        lines += table(
            f"{title} | median ns | above an empty call | p99 | p99.9 | max",
            {
                name: tuple(
                    f"{value:,.0f}"
                    for value in (row["median"], row["median"] - base, *list(row.values())[1:])
                )
                for name, row in result[title].items()
            },
        )
    slower = result["loop of 1-ms steps, % slower"]
    lines += table(
        f"loop of {slower['step_ms']:.2f}-ms steps | % slower",
        {"time": f"{slower['wall']:.2f}", "CPU of the process": f"{slower['cpu']:.2f}"},
    )
    whole = result["everything"]
    lines += table(
        f"{whole['calls']:,} calls back to back, ns a call | runfolio | sketch | ratio",
        {
            name: (
                f"{value:,.0f}",
                *(
                    (f"{whole['sketch'][name]:,.0f}", f"{value / whole['sketch'][name]:.1f}")
                    if name in whole["sketch"]
                    else ("", "")
                ),
            )
            for name, value in whole["runfolio"].items()
        },
    )
    return lines


if __name__ == "__main__":
    publish("log", __doc__, measure, as_lines, rounds=100)
