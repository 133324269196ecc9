"""What lineage and the difference of two data versions cost, beside references of the same run.

Lineage of one version is asked of a store whose runs each use three things: two versions and a
file that is known by its hash. Beside it stands the listing of the same runs. The difference of
two Parquet versions stands beside one DuckDB join of the same files by their key, in a process
of its own each, so that the peak of its memory can be told.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import blake3
from report import publish, table

from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.blobs import BlobStore
from runfolio.format.codec import with_crc
from runfolio.model.artifact import Entry

START = datetime(2026, 1, 1, tzinfo=UTC)
VERSIONS = 5

JOIN = """
import duckdb, sys
print(duckdb.sql(
    "SELECT count(*) FILTER (a.id IS NULL), count(*) FILTER (b.id IS NULL), "
    "count(*) FILTER (hash(a) <> hash(b) AND a.id IS NOT NULL AND b.id IS NOT NULL) "
    f"FROM read_parquet('{sys.argv[1]}') a FULL JOIN read_parquet('{sys.argv[2]}') b USING (id)"
).fetchall())
"""
DIFF = """
import sys
from runfolio.query.data_version_diff import data_version_diff
from runfolio.store.store import Store
print(data_version_diff(Store(sys.argv[1]), "big:v0", "big:v1").tables[0].rows)
"""
# Of this process alone: what ru_maxrss says begins with the peak of the one that started it.
PEAK = """
import resource
from pathlib import Path
status = Path("/proc/self/status")
lines = status.read_text().splitlines() if status.exists() else []
peak = [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
print((peak or [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss])[0] / 1024)
"""


def digest(text: str) -> str:
    """Return a hash."""
    return blake3.blake3(text.encode()).hexdigest()


def write_runs(store: Path, runs: int) -> None:
    """Write runs that each use three things; every tenth makes a model."""
    for name in ("digits", "vocab", "labels"):
        versions = ArtifactVersions(store, name)
        for n in range(VERSIONS):
            versions.make([Entry(f"{name}.csv", digest(f"{name}{n}"), 100)], type="dataset")
    models = [ArtifactVersions(store, f"model-{n}") for n in range(max(runs // 100, 1))]
    for n in range(runs):
        began = START + timedelta(minutes=n)
        run_id = f"{began:%Y%m%dT%H%M%S}-{n:06x}"
        (store / run_id).mkdir()
        made = []
        if n % 10 == 0:
            entries = [Entry("m.pt", digest(f"m{n}"), 1000)]
            version, _ = models[n // 10 % len(models)].make(entries, type="model", run_id=run_id)
            made = [[version.name, version.number, "model"]]
        newest = n * VERSIONS // runs
        body = {
            "format": 1, "id": run_id, "name": f"run-{n}", "project": "p", "status": "finished",
            "created_at": f"{began:%Y-%m-%dT%H:%M:%SZ}",
            "ended_at": f"{began + timedelta(seconds=30):%Y-%m-%dT%H:%M:%SZ}",
            "config": {"lr": 0.1, "seed": n}, "metrics": {"loss": {"n": 10, "last": 0.1}},
            "data": [{"name": "labels.csv", "uri": "data/labels.csv", "found": "detected",
                      "hash": f"blake3:{digest(f'labels{newest}')}"}],
            "artifacts": {"made": made, "used": [["digits", newest, "dataset"], ["vocab", 0, "dataset"]]},
        }  # fmt: skip
        (store / run_id / "run.json").write_bytes(with_crc(body))


def of_lineage(beside: Path, runs: int, rounds: int) -> dict[str, float]:
    """Return the seconds of lineage: first in a process that has listed the runs, and again."""
    store = beside / "folio"
    store.mkdir()
    write_runs(store, runs)
    source = (
        "import sys, time; from runfolio.store.store import Store\n"
        "from runfolio.query.artifact_lineage import artifact_lineage\n"
        "store = Store(sys.argv[1]); store.records(); found = []\n"
        "for ask in (store.records, *[lambda: artifact_lineage(store, 'digits:v2')] * 2):\n"
        "    begun = time.perf_counter(); ask(); found.append(time.perf_counter() - begun)\n"
        "print(found)"
    )
    environ = os.environ | {"XDG_CACHE_HOME": str(beside / "cache")}
    told = [
        json.loads(subprocess.check_output([sys.executable, "-c", source, store], env=environ))
        for _ in range(rounds + 1)
    ][1:]  # the first one makes the index
    listed, first, again = (min(one) for one in zip(*told, strict=True))
    return {"runs listed again": listed, "lineage, first": first, "lineage, again": again}


def of_difference(beside: Path, rows: int, rounds: int) -> dict[str, tuple[float, float]]:
    """Return seconds and peak of memory in MB of both ways."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    draw = np.random.default_rng(0)
    was = {"id": np.arange(rows), "x": draw.normal(size=rows), "y": draw.normal(size=rows),
           "label": draw.integers(0, 10, rows), "name": [f"name {n % 5000}" for n in range(rows)]}  # fmt: skip
    now = was | {"x": np.where(np.arange(rows) % 100 == 0, was["x"] + 1, was["x"])}
    store, files = beside / "data", []
    store.mkdir()
    for n, columns in enumerate((was, now)):
        files.append(beside / f"{n}.parquet")
        pq.write_table(pa.table(columns).slice(n * 10), files[-1])
        kept = BlobStore(store).add(files[-1])
        ArtifactVersions(store, "big").make(
            [Entry("t.parquet", kept.blake3, kept.size)], type="dataset"
        )
    return {
        "one DuckDB join": _timed(lambda: _child(JOIN, *files), rounds),
        "the difference": _timed(lambda: _child(DIFF, store), rounds),
    }


def _child(source: str, *argv: Path) -> float:
    """Run Python in a process of its own and return its peak of memory in MB."""
    told = subprocess.check_output(
        [sys.executable, "-c", source + PEAK, *map(str, argv)], text=True
    )
    return float(told.splitlines()[-1])


def _timed(work: Callable[[], float], rounds: int) -> tuple[float, float]:
    found = []
    for _ in range(rounds):
        begun = time.perf_counter()
        peak = work()
        found.append((time.perf_counter() - begun, peak))
    return min(found)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Measure both."""
    with tempfile.TemporaryDirectory(dir=options.room) as folder:
        return {
            "lineage": of_lineage(Path(folder), options.runs, options.rounds),
            "difference": of_difference(Path(folder), options.rows, options.rounds),
        }


def as_lines(result: dict[str, Any]) -> list[str]:
    """Return the figures as tables."""
    lineage, difference = result["lineage"], result["difference"]
    listed, joined = lineage["runs listed again"], difference["one DuckDB join"][0]
    return [
        *table(
            "lineage of one version | s | beside the listing",
            {name: (f"{took:.3f}", f"{took / listed:.1f}") for name, took in lineage.items()},
        ),
        *table(
            "two Parquet versions | s | beside the join | peak MB",
            {
                name: (f"{took:.2f}", f"{took / joined:.1f}", f"{peak:.0f}")
                for name, (took, peak) in difference.items()
            },
        ),
    ]


if __name__ == "__main__":
    publish("lineage", __doc__, measure, as_lines, rounds=3, runs=10_000, rows=1_000_000)
