"""What it costs to keep files in a store, beside ``cp`` and the blake3 library in the same run.

Each figure is the best of several rounds. Nothing waits for the disk in the figures of one large
file, ours without its sync, for ``cp`` waits for none either; the line with it stands beside.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import blake3
from report import publish, table

from runfolio.format.blobs import BlobStore
from runfolio.format.disk import Disk
from runfolio.model.artifact import Kept


class Unsynced(Disk):
    """A disk nobody waits for."""

    def adopt(self, path: Path, target: Path) -> None:
        """Rename."""
        path.replace(target)


def best(work: Callable[[Path], object], beside: Path, rounds: int) -> float:
    """Return the seconds of the fastest of several calls, each with a folder of its own."""
    found = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(dir=beside) as folder:
            os.sync()
            begun = time.perf_counter()
            work(Path(folder))
            found.append(time.perf_counter() - begun)
    return min(found)


def hashed(path: Path) -> None:
    """Hash a file as fast as the library can."""
    blake3.blake3(max_threads=blake3.blake3.AUTO).update_mmap(path)


def one_large(beside: Path, size: int, rounds: int) -> dict[str, float]:
    """Return the seconds of one large file."""
    source = beside / "large"
    with source.open("wb") as file:
        for _ in range(size >> 20):
            file.write(os.urandom(1 << 20))
    found = {
        "blake3 alone": best(lambda _: hashed(source), beside, rounds),
        "cp": best(lambda to: subprocess.run(["cp", source, to / "a"], check=True), beside, rounds),
        "kept": best(lambda to: BlobStore(to, Unsynced()).add(source), beside, rounds),
        "kept and synced": best(lambda to: BlobStore(to).add(source), beside, 1),
    }
    source.unlink()
    return found


def many_small(beside: Path, count: int, rounds: int) -> dict[str, float]:
    """Return the seconds of many files of 4 KiB."""
    sources = []
    folder = beside / "small"
    folder.mkdir()
    for number in range(count):
        sources.append(folder / str(number))
        sources[-1].write_bytes(os.urandom(4096))

    def keep(to: Path) -> None:
        if not all(isinstance(one, Kept) for one in BlobStore(to).add_all(sources)):
            raise SystemExit("not all were kept")

    return {
        "cp -r": best(
            lambda to: subprocess.run(["cp", "-r", folder, to / "a"], check=True), beside, rounds
        ),
        "kept and synced": best(keep, beside, rounds),
    }


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Measure all."""
    with tempfile.TemporaryDirectory(dir=options.room) as folder:
        large = one_large(Path(folder), options.mebibytes << 20, options.rounds)
        return {"large": large, "small": many_small(Path(folder), options.files, options.rounds)}


def as_lines(result: dict[str, Any]) -> list[str]:
    """Return the figures as tables."""
    large, small = result["large"], result["small"]
    longer, copied = max(large["blake3 alone"], large["cp"]), small["cp -r"]
    return [
        *table(
            "one large file | s | beside the longer of hash and copy",
            {name: (f"{took:.3f}", f"{took / longer:.2f}") for name, took in large.items()},
        ),
        *table(
            "files of 4 KiB | s | beside cp -r",
            {name: (f"{took:.3f}", f"{took / copied:.2f}") for name, took in small.items()},
        ),
    ]


if __name__ == "__main__":
    publish("artifacts", __doc__, measure, as_lines, rounds=3, files=10_000, mebibytes=1024)
