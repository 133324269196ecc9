"""Series of a thousand runs: an overlay of one metric, and a frame of every point; one long run.

The runs are written by the format's own conversion; a few bodies of different values are made so
and then copied, for what is measured is reading. Each figure is that of a process of its own that
has its libraries loaded, the least of some rounds, with its largest memory; beside it bare pyarrow
and DuckDB read the same Parquet files.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from report import publish, table

from runfolio.format.codec import dumps, rfc3339
from runfolio.format.disk import Disk
from runfolio.format.finished import convert_part
from runfolio.format.lines import live_parts
from runfolio.format.manifest import write_manifest

KEYS = ("train/loss", "train/acc", "lr")
BODIES = 16
START_MS = 1_795_383_000_000


def body(folder: Path, steps: int, seed: int) -> dict[str, dict[str, float]]:
    """Write the finished table of a run into a folder; return the figures of its manifest."""
    draw, at = np.random.default_rng(seed), np.arange(steps)
    loss = 2.3 * np.exp(-4 * at / steps) + 0.1 + draw.normal(size=steps) * 0.02
    columns = dict(zip(KEYS, (loss, 1 - loss / 3, 1e-3 * (1 - at / steps)), strict=True))
    folder.mkdir(parents=True)
    times = START_MS + at * 20 + draw.integers(0, 8, steps)
    with (folder / "metrics.jsonl").open("wb") as file:
        rows = zip(*(column.tolist() for column in columns.values()), strict=True)
        for step, (time, values) in enumerate(zip(times.tolist(), rows, strict=True)):
            row = dict(zip(KEYS, values, strict=True))
            file.write(dumps({"step": step, "time": time, "values": row}) + b"\n")
    for part in live_parts(folder, "metrics"):
        convert_part(part, Disk())
    return {
        key: {
            "n": steps,
            "last": float(column[-1]),
            "min": float(column.min()),
            "max": float(column.max()),
            "last_step": steps - 1,
        }
        for key, column in columns.items()
    }


def write_store(folio: Path, runs: int, steps: int, bodies: int = BODIES) -> None:
    """Write so many finished runs of so many steps and three metrics."""
    made = [folio.with_name(f"{folio.name}-bodies") / str(n) for n in range(min(runs, bodies))]
    figures = [body(folder, steps, seed) for seed, folder in enumerate(made)]
    for n in range(runs):
        folder = folio / f"20261122T{n // 3600:02d}{n // 60 % 60:02d}{n % 60:02d}-{n:06x}"
        folder.mkdir(parents=True)
        shutil.copyfile(made[n % len(made)] / "metrics.parquet", folder / "metrics.parquet")
        document = {
            "format": 1,
            "id": folder.name,
            "name": f"run-{n % 50}",
            "status": "finished",
            "created_at": rfc3339(START_MS + n * 1000),
            "duration_s": steps / 50,
            "config": {"lr": 10 ** -(n % 5), "opt": ("adam", "sgd")[n % 2]},
            "metrics": figures[n % len(made)],
        }
        write_manifest(folder, document, Disk())


# Executed in a process of its own.
CHILD = """
import json, os, resource, sys, time
from pathlib import Path
import duckdb, pandas, pyarrow as pa, pyarrow.parquet as pq
from runfolio.query.runs import LoadedRun, Runs
from runfolio.store.store import Store
folio, what, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
files = sorted(map(str, folio.glob("*/metrics.parquet")))
long = files[-1]

def ours_overlay():
    return len(runs.overlay("train/loss"))

def ours_frame():
    return len(runs.history())

def arrow_frame():
    columns = ["key", "step", "time", "value"]
    tables = [pq.read_table(f, columns=columns, read_dictionary=["key"]) for f in files]
    return len(pa.concat_tables(tables).unify_dictionaries().to_pandas())

def ours_long():
    return len(LoadedRun(runs.store.reader(runs[0].id)).history())

def arrow_long():
    return len(pq.read_table(long).to_pandas())

def duckdb_long():
    return len(duckdb.sql(f"SELECT * FROM read_parquet('{long}')").df())

def duckdb_overlay():
    return len(duckdb.sql(
        f"SELECT filename, step * 1000 // {sys.argv[4]} AS b, min(value), max(value) FROM "
        f"read_parquet({files!r}, filename = true) WHERE key = 'train/loss' GROUP BY ALL"
    ).fetchnumpy()["b"])

seconds = []
for _ in range(rounds):
    runs = Runs(Store(folio))
    start = time.perf_counter()
    rows = globals()[what]()
    seconds.append(time.perf_counter() - start)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": min(seconds), "rows": rows, "peak_mb": peak}))
"""
WAYS = {
    "ours_overlay": "overlay of one metric",
    "duckdb_overlay": "the same, DuckDB on the files",
    "ours_frame": "every point to pandas",
    "arrow_frame": "the same without runs, pyarrow",
}
LONG_WAYS = {
    "ours_long": "one long run to pandas, a column a metric",
    "arrow_long": "its Parquet table as it is, pyarrow",
    "duckdb_long": "the same, DuckDB",
}


def measured(options: argparse.Namespace) -> dict[str, Any]:
    """Return seconds and memory of each way."""
    folio = Path(os.environ["RUNFOLIO_DIR"])
    write_store(folio, options.runs, options.steps)
    write_store(folio.with_name("long"), 1, options.long)
    found: dict[str, Any] = {key: getattr(options, key) for key in ("runs", "steps", "long")}
    for way in (*WAYS, *LONG_WAYS):
        words = [
            sys.executable,
            "-c",
            CHILD,
            str(folio if way in WAYS else folio.with_name("long")),
            way,
            str(options.rounds),
            str(options.steps),
        ]
        said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        found[way] = json.loads(said)
    return found


def as_lines(result: dict[str, Any]) -> list[str]:
    """Return the page."""
    rows = {
        name: (f"{result[way]['seconds']:.3g} s", f"{result[way]['peak_mb']:,.0f} MB")
        for way, name in (WAYS | LONG_WAYS).items()
    }
    points = result["runs"] * result["steps"] * len(KEYS)
    return [
        f"{result['runs']:,} runs, {points:,} points; the long run has {result['long']:,} steps.",
        *table("what | least | most memory", rows),
    ]


if __name__ == "__main__":
    publish(
        "series", __doc__, measured, as_lines, runs=1000, steps=10_000, long=1_000_000, rounds=3
    )
