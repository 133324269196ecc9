"""File systems that err: a mounted one in a process of its own, which fails when it is told to.

Here the kernel stands between the run and the error, as it does at home: it cuts writes into
pages, remembers names, and passes on what the file system says. What is judged is the folder
below, not what the mount shows of it.
"""

from __future__ import annotations

import errno
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tests.faults.mounts import ErringMount
from tests.faults.oracle import Child, Told, Verdicts, judge, seeds, until

TRAIN = """
import select, sys
from runfolio.record.api import init
from tests.faults.victim import Points
run, points = init(id="victim"), Points()
while not select.select([sys.stdin], [], [], float(sys.argv[1]))[0]:
    points.log(run)
run.finish()
"""
"""Logs until somebody says a word, then finishes."""

ALWAYS = 10**9
HANG_S = 3.0
LONGEST_S = 1.5
"""No pause between two points was longer, but for a call of the disk that `log` made itself."""

# What goes wrong, and how often its user is told.
FAULTS: dict[str, tuple[dict[str, Any], int]] = {
    "F17 EIO of a sync, then success": (
        {"call": "fsync", "errno": errno.EIO, "name": ".jsonl", "drops": True}, 1),
    "F17 EIO of every sync": (
        {"call": "fsync", "errno": errno.EIO, "name": ".jsonl", "drops": True, "times": ALWAYS}, 1),
    "F17 EIO of every sync of any file": (
        {"call": "fsync", "errno": errno.EIO, "drops": True, "times": ALWAYS}, 1),
    "F10 ENOSPC of some writes": (
        {"call": "write", "errno": errno.ENOSPC, "at": 5, "times": 20}, 1),
    "F10 ENOSPC of every write": ({"call": "write", "errno": errno.ENOSPC, "times": ALWAYS}, 1),
    "F10 ENOSPC of every new file": (
        {"call": "create", "errno": errno.ENOSPC, "times": ALWAYS}, 0),
    "F13 EDQUOT of every write": ({"call": "write", "errno": errno.EDQUOT, "times": ALWAYS}, 1),
    "F14 writes of one byte": ({"call": "write", "taken": 1, "times": 2_000}, 0),
    "F14 writes without their last byte": ({"call": "write", "taken": -1, "times": ALWAYS}, 0),
    "F16 EIO of some writes": ({"call": "write", "errno": errno.EIO, "at": 5, "times": 3}, 1),
    "F16 EIO of every write": ({"call": "write", "errno": errno.EIO, "times": ALWAYS}, 1),
    "F18 a write that hangs": (
        {"call": "write", "hang_s": HANG_S, "at": 3, "name": "metrics.jsonl"}, 0),
    "F18 a sync that hangs": ({"call": "fsync", "hang_s": HANG_S, "name": "metrics.jsonl"}, 0),
    "F23 EIO of every close": ({"call": "flush", "errno": errno.EIO, "times": ALWAYS}, 1),
    "F23 ESTALE of every open file": (
        {"errno": errno.ESTALE, "call": "", "stale": True, "times": ALWAYS}, 1),
}  # fmt: skip


def times_told(child: Child) -> int:
    """Return how often the child's user was told that the disk takes nothing."""
    return str(child.stderr).count("The disk does not take the run's data")


def longest_pause_s(child: Child) -> float:
    """Return the longest time between two points."""
    moments = child.moments
    return max(b - a for a, b in pairwise(moments)) / 1e9


# A part is closed only when the next one is begun, which a failed sync brings about.
SYNC_FAILS = {"call": "fsync", "errno": errno.EIO, "name": ".jsonl", "drops": True}


def live(
    mount: ErringMount, what: str, seed: int, end: str, train: str = TRAIN
) -> tuple[Child, list[Told]]:
    """Let a child log before, while and after something goes wrong, and end it."""
    fault, _ = FAULTS[what]
    with Child(train, mount.path, 0.001, seed=seed) as child:
        child.wait_for(300 + 100 * seed)
        mount.fail(fault, *([SYNC_FAILS] if fault["call"] == "flush" else []))
        child.wait_for(child.acknowledged + 2_000)
        until(lambda: mount.fired > 0, f"{what} to come up")
        mount.fail()
        child.wait_for(child.acknowledged + 1_000)
        if end == "finished":
            child.tell("")
            return child, child.wait(exited=True)
        return child, child.kill()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("end", ["finished", "crashed"])
@pytest.mark.parametrize("what", FAULTS)
@pytest.mark.parametrize("seed", seeds(1, 2))
def test_a_file_system_that_errs_for_a_while_loses_nothing_and_holds_up_nobody(
    store: Path, tmp_path: Path, verdicts: Verdicts, seed: int, what: str, end: str
) -> None:
    fault, told_times = FAULTS[what]
    with ErringMount(store, tmp_path / "mounted") as mount:
        child, told = live(mount, what, seed, end)
    verdicts.judge(what, store / "victim", told, status=end, fired=mount.fired)
    assert times_told(child) == told_times, child.stderr
    assert longest_pause_s(child) < LONGEST_S + float(fault.get("hang_s", 0))


BELIEVES = """
from runfolio.format.lines import LineWriter
settle = LineWriter.settle
LineWriter.settle = lambda self, mark, error: settle(self, mark, None)
"""


def test_a_recorder_that_takes_a_failed_sync_for_a_good_one_is_seen(
    store: Path, tmp_path: Path
) -> None:
    with ErringMount(store, tmp_path / "mounted") as mount:
        what = "F17 EIO of a sync, then success"
        _, told = live(mount, what, 0, "crashed", train=BELIEVES + TRAIN)
    assert judge(store / "victim", told).lost > 100
