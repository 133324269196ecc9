"""What it takes to look at 300 installed distributions, in the background of a run.

Each figure is the median of rounds, every round with folders that nobody has looked at before (their
files are in the system's cache); beside it what ``importlib.metadata`` takes for names and versions.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from report import publish, table, throwaway_store

from runfolio.capture import hardware, locks, numerics
from runfolio.capture.distributions import installed, path_stamp
from runfolio.capture.imported import imported_versions
from runfolio.model.context import Environment

TARGET_MS = 300.0
DESCRIPTION = "A line of a long description.\n" * 400
FILES = 40
IN_ALL = ("distributions", "processor, memory, GPUs", "libraries that compute", "the lock")


def fill(site: Path, count: int) -> None:
    """Write as much metadata as ordinary distributions have."""
    for n in range(count):
        info = site / f"probe_{n}-1.{n}.dist-info"
        info.mkdir(parents=True)
        head = f"Metadata-Version: 2.1\nName: probe-{n}\nVersion: 1.{n}\n"
        needs = "".join(f"Requires-Dist: probe-{m} (>=1)\n" for m in range(20))
        (info / "METADATA").write_text(f"{head}{needs}\n{DESCRIPTION}")
        (info / "INSTALLER").write_text("pip\n")
        (info / "RECORD").write_text(
            "".join(f"probe_{n}/module_{m}.py,sha256={'x' * 43},1234\n" for m in range(FILES))
        )
        if n % 20 == 0:
            direct = {"url": "https://host/p.git", "vcs_info": {"vcs": "git", "commit_id": "ab12"}}
            (info / "direct_url.json").write_text(json.dumps(direct))


class Stopwatch:
    """Collects how long each step took, in milliseconds."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = {}

    def __call__(self, step: str, work: Callable[..., Any], *given: Any) -> Any:
        """Do a step, and return what it returns."""
        begun = time.perf_counter()
        found = work(*given)
        self.taken.setdefault(step, []).append((time.perf_counter() - begun) * 1e3)
        return found


def by_importlib(path: list[str]) -> list[tuple[str, str]]:
    """Return names and versions as the standard library reads them."""
    context = importlib.metadata.DistributionFinder.Context(path=path)
    found = importlib.metadata.MetadataPathFinder.find_distributions(context)
    return [(one.metadata["Name"], one.version) for one in found]


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Return milliseconds of each step."""
    timed = Stopwatch()
    with throwaway_store() as folder:
        for n in range(options.rounds):
            site = folder / f"site-{n}" / "site-packages"
            fill(site, options.distributions)
            path = [str(site)]
            timed("importlib.metadata, names and versions", by_importlib, path)
            found = timed("distributions", installed, folder, path)
            assert len(found) == options.distributions
            timed("processor, memory, GPUs", hardware.facts)
            timed("libraries that compute", numerics.numerics)
            timed("the lock", locks.pins, Environment({}, found))
            timed("what a cell's end asks", path_stamp)
            timed("at the end: which were imported", imported_versions, found)
    steps = {step: statistics.median(took) for step, took in timed.taken.items()}
    whole = sum(took for step, took in steps.items() if step in IN_ALL)
    return steps | {"environment, all of it": whole}


def as_lines(result: dict[str, Any]) -> list[str]:
    """Return the figures as a table."""
    return table(
        "step | ms | target",
        {
            step: (f"{took:.2f}", f"{TARGET_MS:.0f}" if step.startswith("environment") else "")
            for step, took in result.items()
            if step != "machine"
        },
    )


if __name__ == "__main__":
    publish("environment", __doc__, measure, as_lines, rounds=7, distributions=300)
