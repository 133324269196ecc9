"""What import, init() and finish() of a short run cost, beside a bare interpreter.

Each figure is the least of some processes of their own. Bytecode is compiled before.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from typing import Any

from report import publish, table

CLOCKS = """
import json, sys, time
clocks = lambda: (time.perf_counter(), time.process_time())
def since(start):
    return [now - then for now, then in zip(clocks(), start)]
found = {}
start = clocks()
"""

PROGRAMS = {
    "bare interpreter": "found['nothing'] = since(start)",
    "pyarrow": "import pyarrow.parquet, numpy\nfound['import of pyarrow and numpy'] = since(start)",
    "runfolio": """
import runfolio
found['import'] = since(start)
for which in ('first', 'second'):
    start = clocks(); run = runfolio.init(config={'lr': 0.1})
    found[f'{which} init'] = since(start)
    for step in range(100):
        run.log({'loss': 1 / (step + 1), 'acc': step / 100}, step=step)
    run.life.snapshot.wait(30)  # as in any run that lasts a second
    start = clocks(); run.finish(quiet=True)
    found[f'{which} finish'] = since(start)
""",
}


def seconds(source: str, cache: str) -> dict[str, list[float]]:
    """Run a program in an interpreter of its own; return its figures, wall and CPU, in s."""
    env = {
        k: v
        for k, v in os.environ.items()
        if k not in ("PYTHONDONTWRITEBYTECODE", "RUNFOLIO_CAPTURE")
    }
    done = subprocess.run(
        [sys.executable, "-c", CLOCKS + source + "\nprint(json.dumps(found))"],
        check=True, stdout=subprocess.PIPE, text=True,
        env=env | {"PYTHONPYCACHEPREFIX": cache},
    )  # fmt: skip
    found: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Return the least wall and CPU seconds of each."""
    samples: dict[str, list[list[float]]] = {}
    with tempfile.TemporaryDirectory() as cache:
        for warm in range(-1, options.rounds):
            for source in PROGRAMS.values():
                for name, taken in seconds(source, cache).items():
                    if warm >= 0:
                        samples.setdefault(name, []).append(taken)
    return {
        "seconds": {
            name: {"wall": min(wall for wall, _ in taken), "cpu": min(cpu for _, cpu in taken)}
            for name, taken in samples.items()
            if name != "nothing"
        }
    }


TARGETS = {
    "import": 0.10, "first init": 0.05, "second init": 0.05, "first finish": 0.30,
    "second finish": 0.15,
}  # fmt: skip


def as_lines(result: dict[str, Any]) -> list[str]:
    """Return the figures as a table."""
    return table(
        "short run | ms | CPU ms | target ms",
        {
            name: (
                f"{taken['wall'] * 1e3:,.0f}",
                f"{taken['cpu'] * 1e3:,.0f}",
                f"{TARGETS[name] * 1e3:,.0f}" if name in TARGETS else "",
            )
            for name, taken in result["seconds"].items()
        },
    )


if __name__ == "__main__":
    publish("starting", __doc__, measure, as_lines, rounds=7)
