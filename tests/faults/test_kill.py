"""A writer killed at any moment: every point it had acknowledged in time is there, bit by bit.

``RUNFOLIO_FAULTS=full`` makes 200 kills of each kind instead of a few.
"""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from tests.faults.oracle import Child, Told, Verdicts, by_our_reader, seeds

from runfolio.format.manifest import read_record
from runfolio.model.run import Status

LOOP = """
import sys, time
from runfolio.record.api import init
from tests.faults.victim import Points
pause, resume = float(sys.argv[1]), sys.argv[2]
run, points = init(id="victim", resume=resume or None), Points()
while True:
    points.log(run)
    if pause: time.sleep(pause)
"""


def kill_one(
    store: Path, seed: int, *, pause_s: float, start: int = 0, resume: str = ""
) -> list[Told]:
    """Start a child, let it log for a random while, kill it."""
    with Child(LOOP, store, pause_s, resume, seed=seed, start=start) as child:
        child.wait_for(1)
        time.sleep(random.Random(seed).uniform(0.02, 0.4))
        return child.kill()


@pytest.mark.parametrize("seed", seeds(8, base=1000))
def test_a_tight_loop_loses_nothing_older_than_the_promise(
    store: Path, verdicts: Verdicts, seed: int
) -> None:
    told = kill_one(store, seed, pause_s=0)
    verdicts.judge("F01 tight loop", store / "victim", told)


@pytest.mark.parametrize("seed", seeds(4, base=5000))
def test_a_loop_slower_than_25_steps_a_second_loses_nothing(
    store: Path, verdicts: Verdicts, seed: int
) -> None:
    told = kill_one(store, seed, pause_s=0.045)
    verdicts.judge("F01 slow loop", store / "victim", told, every_one=True)


@pytest.mark.parametrize("seed", seeds(1, base=9000))
def test_a_run_killed_resumed_and_killed_again_holds_both(
    store: Path, verdicts: Verdicts, seed: int
) -> None:
    first = kill_one(store, seed, pause_s=0.001)
    reached = len(by_our_reader(store / "victim"))
    second = kill_one(store, seed + 1, pause_s=0.001, start=reached, resume="must")
    verdicts.judge("F01 resumed", store / "victim", [*first, *second], fired=2)
    assert (store / "victim" / "metrics.s2.jsonl").exists()


FINISH = """
from runfolio.record.api import init
from tests.faults.victim import Points
with init(id="victim", resume="must") as run:
    points = Points()
    points.log(run)
"""


def test_a_run_killed_and_resumed_finishes_with_all_its_points(
    store: Path, verdicts: Verdicts
) -> None:
    first = kill_one(store, 77, pause_s=0.001)
    reached = len(by_our_reader(store / "victim"))
    with Child(FINISH, store, seed=78, start=reached) as child:
        second = child.wait(exited=True)
    verdicts.judge("F01 resumed", store / "victim", [*first, *second], status="finished")
    assert read_record(store / "victim").status is Status.FINISHED
