"""Clocks that jump, processes that stand still, numbers of processes that come again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.faults.oracle import Child, Verdicts

from runfolio.format.codec import with_crc
from runfolio.format.manifest import read_manifest, read_record
from runfolio.model.run import Status

JUMPS = {
    "an hour back": "lambda real: real - 3_600_000_000_000",
    "ten years ahead": "lambda real: real + 10 * 365 * 86_400_000_000_000",
    "standing still": "lambda real: 1_795_383_045_123_000_000",
    "to and fro": "lambda real: real + (-1) ** (real // 10_000_000 % 2) * 3_600_000_000_000",
}
JUMPING = """
import sys, time
from runfolio.record.api import init
from runfolio.record.session import session
from tests.faults.victim import Points

class Clock:
    monotonic = staticmethod(time.monotonic)
    jump = None
    def time_ns(self):
        return self.jump(time.time_ns()) if self.jump else time.time_ns()

session.clock = clock = Clock()
run, points = init(id="victim"), Points()
for _ in range(500): points.log(run)
clock.jump = JUMP
while points.number < 3_000:
    points.log(run)
    time.sleep(0.0002)
if sys.argv[1] == "finish": run.finish()
else: input()
"""


@pytest.mark.parametrize("jump", JUMPS)
def test_a_clock_that_jumps_changes_neither_order_nor_duration(
    store: Path, verdicts: Verdicts, jump: str
) -> None:
    with Child(JUMPING.replace("JUMP", JUMPS[jump]), store, "finish") as child:
        told = child.wait(exited=True)
    assert child.process.returncode == 0, child.stderr
    verdicts.judge(f"F27 {jump}", store / "victim", told, status="finished")
    assert 0 < (read_record(store / "victim").duration_s or 0) < 60


@pytest.mark.parametrize("jump", JUMPS)
def test_a_kill_after_a_jump_of_the_clock_loses_nothing_older_than_the_promise(
    store: Path, verdicts: Verdicts, jump: str
) -> None:
    with Child(JUMPING.replace("JUMP", JUMPS[jump]), store, "stay") as child:
        child.wait_for(1_500)
        told = child.kill()
    verdicts.judge(f"F27 {jump}", store / "victim", told)


LOOP = """
import time
from runfolio.record.api import init
from tests.faults.victim import Points
run, points = init(id="victim"), Points()
while points.number < 3_000:
    points.log(run)
    time.sleep(0.0002)
run.finish()
"""


def test_a_process_that_stands_still_runs_and_ends_in_order(
    store: Path, verdicts: Verdicts
) -> None:
    with Child(LOOP, store) as child:
        child.wait_for(100)
        child.process.send_signal(signal.SIGSTOP)
        (store / "victim" / "heartbeat").write_bytes(b"%013d\n" % (time.time() * 1000 - 600_000))
        assert read_record(store / "victim").status is Status.RUNNING
        child.process.send_signal(signal.SIGCONT)
        told = child.wait(exited=True)
    verdicts.judge("F28", store / "victim", told, status="finished")


def test_a_process_killed_while_it_stood_still_has_crashed(store: Path, verdicts: Verdicts) -> None:
    with Child(LOOP, store) as child:
        child.wait_for(100)
        child.process.send_signal(signal.SIGSTOP)
        told = child.kill()
    verdicts.judge("F28 killed", store / "victim", told)


def test_another_process_that_got_the_number_does_not_keep_a_run_alive(
    store: Path, verdicts: Verdicts
) -> None:
    with Child(LOOP, store) as child:
        child.wait_for(100)
        told = child.kill()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as another:
        manifest = read_manifest(store / "victim") | {"pid": another.pid}
        manifest.pop("crc32")
        (store / "victim" / "run.json").write_bytes(with_crc(manifest))
        os.kill(another.pid, 0)
        verdicts.judge("F29", store / "victim", told)
        another.communicate(b"\n")
