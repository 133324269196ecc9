"""What it costs to read a store's artifacts, beside reading the bytes of the same files.

A list reads of each artifact its newest version and its log; to resolve a stage reads one log and
one version; an upkeep that finds nothing to do reads every version twice.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from report import publish, table

from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.disk import Disk
from runfolio.model.artifact import Entry
from runfolio.store.artifacts import Artifacts
from runfolio.store.gc_contents import sweep_contents


class Unsynced(Disk):
    """A disk nobody waits for: thousands of files are only to be there."""

    def write_new(self, path: Path, data: bytes) -> None:
        """Create a file."""
        path.write_bytes(data)


def filled(store: Path, artifacts: int, versions: int) -> None:
    """Fill a store with versions of two files each, an alias and a stage for each artifact."""
    for number in range(artifacts):
        one = ArtifactVersions(store, f"artifact-{number:05d}", Unsynced())
        for version in range(versions):
            entries = [Entry(f"{part}.bin", f"{version:064x}", 4096) for part in "ab"]
            one.make(entries, type="model", metadata={"val/acc": version / versions})
        one.move("best", versions // 2)
        one.stage("production", versions - 1, why="it is the best")


def best(work: Callable[[], object], rounds: int) -> float:
    """Return the seconds of the fastest of several calls."""
    found = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return min(found)


def read_bytes(store: Path, pattern: str) -> None:
    """Read files as bytes of JSON and do nothing else."""
    for path in (store / ".artifacts").glob(pattern):
        json.loads(path.read_bytes())


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Measure all."""
    with tempfile.TemporaryDirectory(dir=options.room) as folder:
        store = Path(folder)
        filled(store, options.artifacts, options.versions)
        os.sync()
        known = Artifacts(store)
        name = f"artifact-{options.artifacts // 2:05d}"
        seconds = {
            "json of one version each": best(
                lambda: read_bytes(store, f"*/v{options.versions - 1}.json"), options.rounds
            ),
            "json of all versions": best(lambda: read_bytes(store, "*/v*.json"), options.rounds),
            "list": best(known.told, options.rounds),
            "one artifact": best(lambda: known.one(name), options.rounds),
            "resolve a stage": best(lambda: known.resolve(f"{name}:production"), options.rounds),
            "gc, nothing to do": best(
                lambda: list(sweep_contents(store, dry_run=True)), options.rounds
            ),
        }
        return {"seconds": seconds}


def as_lines(result: dict[str, Any]) -> list[str]:
    """Return the figures as a table."""
    took = result["seconds"]
    reference = took["json of all versions"]
    return table(
        "work | s | beside the JSON of all versions",
        {name: (f"{one:.4f}", f"{one / reference:.3f}") for name, one in took.items()},
    )


if __name__ == "__main__":
    publish("registry", __doc__, measure, as_lines, rounds=3, artifacts=1000, versions=20)
