"""One very long run: its memory, how long its end takes, and what lies there afterwards.

Run by ``make endurance``; the default size needs 10 GB of room. The run is recorded by a process
of its own, whose memory is noted all along; what its end left is converted as `gc` does it.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from report import publish, table

LOOK_S = 1.0


def record(points: int, keys: int) -> dict[str, Any]:
    """Log so many points, as fast as one can; return times and the memory over time."""
    import runfolio

    names = [f"train/metric{n}" for n in range(keys)]
    process, clock = psutil.Process(), time.perf_counter
    memory = [(0.0, process.memory_info().rss / 2**20, 0)]
    run = runfolio.init(name="endurance")
    start = look = clock()
    calls = points // keys
    for call in range(calls):
        value = (call * 0.6180339887498949) % 1.0
        run.log(dict.fromkeys(names, value))
        if call % 4096 == 0 and clock() >= look:
            look = clock() + LOOK_S
            memory.append((clock() - start, process.memory_info().rss / 2**20, call * keys))
    logged, cpu = clock() - start, time.process_time()
    run.finish(quiet=True)
    return {
        "folder": str(run.life.folder),
        "points": calls * keys,
        "logging_s": logged,
        "finish_s": clock() - start - logged,
        "finish_cpu_s": time.process_time() - cpu,
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "waits": run.life.writer.waits,
        "memory": memory,
    }


def convert(folder: Path) -> dict[str, Any]:
    """Convert what was left, as whoever comes by does; return time and memory."""
    from runfolio.format.conversion import SETTLED_S, convert_run, convertible
    from runfolio.format.disk import Disk
    from runfolio.format.finished import unconverted

    patience = time.monotonic() + 2 * SETTLED_S
    while unconverted(folder, "metrics") and not convertible(folder):
        assert time.monotonic() < patience, "nobody may convert what the run left"
        time.sleep(1.0)
    start = time.perf_counter()
    done = convert_run(folder, Disk())
    return {
        "parts": len(done.converted),
        "kept": done.kept,
        "conversion_s": time.perf_counter() - start,
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def count(folder: Path) -> dict[str, Any]:
    """Return what lies there: points and bytes by kind of file."""
    import pyarrow.parquet as pq

    finished, live = sorted(folder.glob("metrics*.parquet")), sorted(folder.glob("metrics*.jsonl"))
    manifest = json.loads((folder / "run.json").read_text())
    return {
        "points_by_manifest": manifest["counts"]["points"],
        "points_finished": sum(pq.ParquetFile(path).metadata.num_rows for path in finished),
        "parts_finished": len(finished),
        "parts_live": len(live),
        "bytes_finished": sum(path.stat().st_size for path in finished),
        "bytes_live": sum(path.stat().st_size for path in live),
    }


STAGES: dict[str, Callable[..., dict[str, Any]]] = {"convert": convert, "count": count}


def stage(*words: str) -> Any:
    """Return what a stage says that runs in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, *words], check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Record, convert and count, each in a process of its own."""
    run = stage("record", str(options.points), str(options.keys))
    before = stage("count", run["folder"])
    conversion = stage("convert", run["folder"])
    after = stage("count", run["folder"])
    return {
        "keys": options.keys,
        "run": run,
        "before": before,
        "conversion": conversion,
        "after": after,
    }


def as_lines(result: dict[str, Any]) -> list[str]:
    """Return the figures as tables."""
    run, before, after = result["run"], result["before"], result["after"]
    conversion = result["conversion"]
    memory = [rss for _, rss, _ in run["memory"]]
    left = before["points_by_manifest"] - before["points_finished"]
    live = f"{before['bytes_live'] / left:.1f}" if left else "none left"
    return table(
        f"{run['points']:,} points, {result['keys']} a call | ",
        {
            "logging, s": f"{run['logging_s']:,.1f}",
            "memory after a tenth of it, MB": f"{memory[len(memory) // 10]:,.0f}",
            "memory at its end, MB": f"{memory[-1]:,.0f}",
            "memory at most, MB": f"{max(memory):,.0f}",
            "finish, s": f"{run['finish_s']:,.2f}",
            "memory at most with it, MB": f"{run['peak_rss_mb']:,.0f}",
            "parts its end left live": str(before["parts_live"]),
            "their conversion, s": f"{conversion['conversion_s']:,.1f}",
            "memory at most of that, MB": f"{conversion['peak_rss_mb']:,.0f}",
            "points by the manifest": f"{after['points_by_manifest']:,}",
            "points in the tables": f"{after['points_finished']:,}",
            "bytes a point, live": live,
            "bytes a point, finished": f"{after['bytes_finished'] / after['points_finished']:.2f}",
        },
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["record"]:
        print(json.dumps(record(*map(int, sys.argv[2:]))))
    elif sys.argv[1:] and sys.argv[1] in STAGES:
        print(json.dumps(STAGES[sys.argv[1]](Path(sys.argv[2]))))
    else:
        publish("endurance", __doc__, measure, as_lines, points=100_000_000, keys=3)
