"""What a difference of two runs costs, part by part, beside git, difflib and pyarrow.

Two runs of one repository: every tenth file is not the same, every fourth cell, and half of the
points. And the line that says what changed since the best run, beside reading both manifests.
"""

from __future__ import annotations

import argparse
import difflib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from blake3 import blake3
from report import publish, table

from runfolio.format.codec import dumps
from runfolio.format.conversion import convert_run
from runfolio.format.disk import Disk
from runfolio.format.manifest import read_record
from runfolio.query.diff import run_diff
from runfolio.query.since_files import files_since
from runfolio.replay.trees import code_diff
from runfolio.store.reader import RunReader

_TRACKED = 30


def git(*words: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    subprocess.run(["git", *identity, *words], check=True, capture_output=True)


def module(n: int, edited: int) -> str:
    lines = [f"def f{k}(x):\n    return {edited} * x + {n}\n\n" for k in range(40)]
    return "".join(lines)


def write_files(n: int, edited: int) -> None:
    for place in range(n):
        path = Path(f"pkg{place % 50}", f"m{place}.py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(module(place, edited if place % 10 == 0 else 1))


def cell(place: int, edited: int) -> bytes:
    changed = edited if place % 4 == 0 else 1
    source = "\n".join(f"x{place}_{k} = compute({changed}, {k}, y{k})" for k in range(12))
    digest = blake3(source.encode()).hexdigest()[:32]
    event = {"time": 1, "kind": "cell", "order": place, "cell_id": f"c{place}", "hash": digest,
             "started_at": place, "status": "ok", "source": source}  # fmt: skip
    return dumps(event) + b"\n"


_RECORD = """
import sys
import numpy as np
from runfolio.record.api import init
name, edited, points = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
run = init("bench", name=name, config={"lr": edited})
run.life.snapshot.wait(60)
values = np.random.default_rng(0).normal(size=points)
values[points // 2 :] *= edited
for step, value in enumerate(values.tolist()):
    run.log({"val/loss": value}, step=step)
run.finish(quiet=True)
print(run.path)
"""


def record(name: str, edited: int, cells: int, points: int) -> RunReader:
    """Record a run in a process of its own, whose code is that of the folder it works in."""
    words = [sys.executable, "-c", _RECORD, name, str(edited), str(points)]
    told = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    path = Path(told.splitlines()[-1])
    convert_run(path, Disk())
    events = b"".join(cell(place, edited) for place in range(cells))
    (path / "events.s2.jsonl").write_bytes(events)
    return RunReader(path)


def fastest(rounds: int, work: Callable[[], Any]) -> float:
    times = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    os.environ["RUNFOLIO_CAPTURE"] = "true"
    folder = Path(os.environ["RUNFOLIO_DIR"]).parent / "project"
    folder.mkdir()
    os.chdir(folder)
    git("init", "-q")
    readers = []
    for edited in (1, 2):
        write_files(options.files, edited)
        git("add", "-A")
        git("commit", "-qm", f"{edited}")
        readers.append(record(f"run-{edited}", edited, options.cells, options.points))
    a, b = (reader.record for reader in readers)
    sources = [[c.source for c in reader.cells()] for reader in readers]
    whole = ["\n".join(some).splitlines() for some in sources]
    few = [record(f"few-{edited}", edited, _TRACKED, 1).record for edited in (1, 2)]

    def fresh(part: str) -> Callable[[], Any]:
        return lambda: run_diff(*(RunReader(one.path) for one in (a, b)), [part])

    def tables() -> list[Any]:
        parts = [path for one in (a, b) for path in sorted(one.path.glob("metrics*.parquet"))]
        return [pq.ParquetFile(path).read() for path in parts]

    rounds = options.rounds
    began = time.perf_counter()
    git("diff", "HEAD~1", "HEAD")
    git_s = time.perf_counter() - began
    began = time.perf_counter()
    found = code_diff(a, b)
    if len(found.changes) + found.left_out != -(-options.files // 10):
        raise SystemExit(f"the code was not compared: {found.note}")
    return {
        "sizes": {"files": options.files, "cells": options.cells, "points": options.points},
        "code_s": time.perf_counter() - began,
        "git_s": git_s,
        "cells_s": fastest(rounds, fresh("cells")),
        "difflib_s": fastest(rounds, lambda: list(difflib.unified_diff(*whole))),
        "metrics_s": fastest(rounds, fresh("metrics")),
        "pyarrow_s": fastest(rounds, tables),
        "since_s": fastest(rounds, lambda: files_since(*few)),
        "manifests_s": fastest(rounds, lambda: [read_record(one.path) for one in few]),
    }


def as_lines(result: dict[str, Any]) -> list[str]:
    sizes = result["sizes"]
    pairs = {
        f"code, {sizes['files']:,} files (wall)": ("code_s", "git_s", "git diff"),
        f"cells, {sizes['cells']:,}": ("cells_s", "difflib_s", "difflib over all lines"),
        f"metrics, {sizes['points']:,} points": ("metrics_s", "pyarrow_s", "reading both tables"),
        f"since best, {_TRACKED} cells": ("since_s", "manifests_s", "reading both manifests"),
    }
    rows = {
        name: (f"{result[own]:.4f} s", f"{result[other]:.4f} s", f"{result[own] / max(result[other], 1e-9):.2f}", words)
        for name, (own, other, words) in pairs.items()
    }  # fmt: skip
    return table("part | ours | reference | ratio | which", rows)


if __name__ == "__main__":
    publish("diffs", __doc__, measure, as_lines, rounds=3, files=5000, cells=2000, points=1_000_000)
