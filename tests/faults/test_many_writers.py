"""Several processes in one run: ranks, further writers, resumes at once; each is killed, or ends."""

from __future__ import annotations

import contextlib
import random
import signal
import time
from pathlib import Path

import pytest
from tests.faults.oracle import Child, Told, Verdicts, seeds
from tests.faults.victim import values

from runfolio.format.series import read_series

OPENS = """
import sys, time
from runfolio.record.api import init
from tests.faults.victim import Points
run, points = init(id="victim"), Points()
print("open", flush=True)
"""
# The stream is the rank, so that every process logs keys of its own.
ATTACHES = """
import sys, time
from runfolio.record.api import attach
from tests.faults.victim import Points
run = attach("victim", rank=int(sys.argv[1]))
points = Points(int(sys.argv[2]))
print("open", flush=True)
"""
FOR_EVER = """
while True:
    points.log(run, step=points.number)
    time.sleep(0.0005)
"""
FOR_A_WHILE = """
for _ in range(2_000):
    points.log(run, step=points.number)
run.finish()
"""


@pytest.mark.parametrize("seed", seeds(2, base=300))
def test_two_ranks_are_killed_together(store: Path, verdicts: Verdicts, seed: int) -> None:
    with Child(OPENS + FOR_EVER, store, seed=seed) as first:
        assert first.hear() == "open"
        with Child(ATTACHES + FOR_EVER, store, 1, 1, seed=seed) as second:
            second.wait_for(1)
            time.sleep(random.Random(seed).uniform(0.02, 0.4))
            told = [*first.kill(), *second.kill()]
    verdicts.judge("F01 two ranks", store / "victim", told, fired=2)


@pytest.mark.parametrize("seed", seeds(1, base=400))
@pytest.mark.parametrize("dies", ["rank 0", "rank 1"])
def test_of_two_ranks_one_is_killed_and_the_other_ends_in_order(
    store: Path, verdicts: Verdicts, dies: str, seed: int
) -> None:
    ways = [FOR_EVER, FOR_A_WHILE] if dies == "rank 0" else [FOR_A_WHILE, FOR_EVER]
    told: list[Told] = []
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(Child(OPENS + ways[0], store, seed=seed))
        assert first.hear() == "open"
        second = stack.enter_context(Child(ATTACHES + ways[1], store, 1, 1, seed=seed))
        second.wait_for(1)
        time.sleep(random.Random(seed).uniform(0.02, 0.2))
        for child, way in ((first, ways[0]), (second, ways[1])):
            told += child.kill() if way is FOR_EVER else child.wait(exited=True)
    status = "crashed" if dies == "rank 0" else "finished"
    verdicts.judge("F01 one of two ranks", store / "victim", told, status=status)


def test_of_eight_ranks_one_dies_and_one_is_slow(store: Path, verdicts: Verdicts) -> None:
    told: list[Told] = []
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(Child(OPENS + "input()\n" + FOR_A_WHILE, store))
        assert first.hear() == "open"
        others = [
            stack.enter_context(
                Child(ATTACHES + (FOR_EVER if rank == 3 else FOR_A_WHILE), store, rank, rank)
            )
            for rank in range(1, 8)
        ]
        for other in others:
            other.wait_for(1)
        others[4].process.send_signal(signal.SIGSTOP)
        told += others[2].kill()
        first.tell("end")
        told += first.wait(exited=True)
        others[4].process.send_signal(signal.SIGCONT)
        for rank, other in enumerate(others, 1):
            if rank != 3:
                told += other.wait(exited=True)
    verdicts.judge("F26", store / "victim", told, status="finished")


@pytest.mark.parametrize("writers", [2, 4])
def test_processes_that_resume_at_once_get_a_segment_each(
    store: Path, verdicts: Verdicts, writers: int
) -> None:
    resumes = (
        OPENS.replace('id="victim"', 'id="victim", resume="allow"')
        .replace("Points()", "Points(int(sys.argv[1]))")
        .replace("run, points", "input()\nrun, points")
    )
    with Child(OPENS + FOR_A_WHILE, store) as child:
        told = child.wait(exited=True)
    with contextlib.ExitStack() as stack:
        children = [
            stack.enter_context(Child(resumes + FOR_A_WHILE, store, number))
            for number in range(1, writers + 1)
        ]
        for child in children:
            child.tell("now")
        for child in children:
            told += child.wait(exited=True)
    verdicts.judge("F24 resumed at once", store / "victim", told, status="finished")
    assert len(list((store / "victim").glob("heartbeat*"))) == 1 + writers


def test_a_run_resumed_while_it_still_runs_holds_what_both_log(
    store: Path, verdicts: Verdicts
) -> None:
    resumes = OPENS.replace('id="victim"', 'id="victim", resume="allow"').replace(
        "Points()", "Points(1)"
    )
    with Child(OPENS + FOR_EVER, store) as old:
        assert old.hear() == "open"
        with Child(resumes + FOR_A_WHILE, store) as new:
            told = [*new.wait(exited=True), *old.kill()]
    told.sort(key=lambda one: one.stream)
    verdicts.judge(
        "F24 resumed while running", store / "victim", told, status=("finished", "crashed")
    )


def test_processes_that_open_one_id_at_once_get_a_run_each(store: Path, verdicts: Verdicts) -> None:
    opens = OPENS.replace("run, points", "input()\nrun, points") + FOR_A_WHILE
    with contextlib.ExitStack() as stack:
        children = [stack.enter_context(Child(opens, store, seed=n)) for n in range(4)]
        for child in children:
            child.tell("now")
        told = {child.seed: child.wait(exited=True) for child in children}
    folders = sorted(path for path in store.iterdir() if path.name.startswith("victim"))
    assert len(folders) == 4
    firsts = {float(read_series(folder)["a"].value[0]): folder for folder in folders}
    for seed, mine in told.items():
        folder = firsts[values(seed, 0).random()]
        verdicts.judge("F24 one id", folder, mine, status="finished")
