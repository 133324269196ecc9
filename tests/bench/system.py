"""What a sample of the machine costs, alone and with child processes, beside psutil alone.

Processor time of the thread that takes it, the median of rounds, while another thread computes; and
the share of a core that it is at one sample every two seconds.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from report import publish, table

from runfolio.capture.process_tree import ProcessTree
from runfolio.capture.system import System

TARGET_PERCENT = 0.2
INTERVAL_S = 2.0
CHILD = "import sys\nprint('here', flush=True)\nsys.stdin.read()"


def cost_ms(look: Callable[[], object], rounds: int) -> float:
    """Return milliseconds of processor time of a call in a thread, beside a busy one."""
    taken: list[float] = []

    def sample() -> None:
        look()
        for _ in range(rounds):
            time.sleep(0.05)
            begun = time.thread_time()
            look()
            taken.append((time.thread_time() - begun) * 1e3)

    thread = threading.Thread(target=sample)
    thread.start()
    while thread.is_alive():
        sum(range(1000))
    return statistics.median(taken)


def start(count: int) -> list[subprocess.Popen[str]]:
    """Return so many child processes that have loaded what they need, and wait."""
    pipe = subprocess.PIPE
    found = [
        subprocess.Popen([sys.executable, "-c", CHILD], stdin=pipe, stdout=pipe, text=True)
        for _ in range(count)
    ]
    for child in found:
        assert child.stdout is not None
        child.stdout.readline()
    return found


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Return milliseconds a sample and per cent of a core."""
    result: dict[str, Any] = {}
    for count in (0, options.children):
        children = start(count)
        system, tree = System(), ProcessTree(through_psutil=True)
        ways = {"a sample": system.read, "the processes by psutil": tree.look}
        for what, look in ways.items():
            took = cost_ms(look, options.rounds)
            percent = took / 1e3 / INTERVAL_S * 100
            result[f"{what}, {count} children"] = {"ms": took, "percent_of_a_core": percent}
        system.close()
        for child in children:
            child.communicate()
    return result


def as_lines(result: dict[str, Any]) -> list[str]:
    """Return the page."""
    return table(
        "what | ms | % of a core | allowed",
        {
            what: (f"{took['ms']:.2f}", f"{took['percent_of_a_core']:.3f}", f"{TARGET_PERCENT}")
            for what, took in result.items()
            if what != "machine"
        },
    )


if __name__ == "__main__":
    publish("system", __doc__, measure, as_lines, rounds=20, children=50)
