"""Power cuts, by the image of a mounted disk: what was not yet on it when the plug was pulled is gone.

An ext4 file system on a loop device, told to commit by itself as rarely as it may. While a run
writes to it the image is copied, as it is; the copy is mounted, which replays its journal as a
machine that starts again does.

The child is stopped before the copy is taken: a power cut has one moment, a copy takes some.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.faults.oracle import Child, Told, Verdicts, judge, seeds

TRAIN = """
import sys, time
from runfolio.record.api import init
from tests.faults.victim import Points
run, points = init(id="victim"), Points()
while True:
    points.log(run)
    time.sleep(float(sys.argv[1]))
"""
# After a power cut the promise is a second; a sync that is on its way takes its time, too.
PROMISE_S = 1.0
SYNC_S = 0.5
SIZE = 24 * 1024 * 1024


def need(*programs: str) -> None:
    """Skip the test where it cannot run."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        pytest.skip(f"no {', '.join(missing)} here")
    if os.geteuid() != 0:
        pytest.skip("only root may mount a loop device")


@contextmanager
def mounted(image: Path, at: Path, options: str) -> Iterator[Path]:
    """Mount an image for the length of the block."""
    at.mkdir(exist_ok=True)
    mount = ["mount", "-o", f"loop,{options}", str(image), str(at)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no image can be mounted here: {done.stderr.strip()[:80]}")
    try:
        yield at
    finally:
        for _ in range(50):
            if (
                subprocess.run(["umount", str(at)], capture_output=True, check=False).returncode
                == 0
            ):
                break
            time.sleep(0.1)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An empty file system, as a file."""
    need("mkfs.ext4", "mount", "losetup")
    path = tmp_path / "disk"
    with path.open("wb") as file:
        file.truncate(SIZE)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(path)], check=True, capture_output=True)
    return path


def cut(image: Path, seed: int, *, pause_s: float, under: list[str]) -> tuple[Path, list[Told]]:
    """Let a child log for a while, pull the plug, and return what is left and what it had told."""
    left = image.with_name("left")
    with (
        mounted(image, image.with_name("mounted"), "commit=300") as disk,
        Child(TRAIN, disk, pause_s, under=under, seed=seed) as child,
    ):
        child.wait_for(1)
        time.sleep(random.Random(seed).uniform(1.2, 4.0))
        at = time.monotonic_ns()
        child.process.send_signal(signal.SIGSTOP)
        time.sleep(0.05)  # a sync that was on its way comes to its end
        shutil.copyfile(image, left)
        told = child.kill()
        safe_until = at - int((PROMISE_S + SYNC_S) * 1e9)
        safe = sum(moment <= safe_until for moment in child.moments)
    return left, [replace(one, safe=safe) for one in told]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("pause_s", [0.0005, 0.03], ids=["fast", "slow"])
@pytest.mark.parametrize("seed", seeds(3, 30))
def test_a_power_cut_loses_nothing_older_than_the_promise(
    image: Path, verdicts: Verdicts, seed: int, pause_s: float
) -> None:
    left, told = cut(image, seed, pause_s=pause_s, under=[])
    with mounted(left, left.with_name("after"), "rw") as disk:
        verdicts.judge("F04 power cut", disk / "victim", told)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", seeds(1, 10))
def test_a_disk_that_lies_about_a_sync_loses_points_and_invents_none(
    image: Path, verdicts: Verdicts, seed: int
) -> None:
    need("eatmydata")
    left, told = cut(image, seed, pause_s=0.0005, under=["eatmydata"])
    with mounted(left, left.with_name("after"), "rw") as disk:
        if not (disk / "victim").is_dir():
            verdicts.add("F19 disk that lies")
            return
        verdict = judge(disk / "victim", [replace(one, safe=0) for one in told])
    verdicts.add("F19 disk that lies", **verdict.counts)
    assert (verdict.doubled, verdict.invented) == (0, 0), verdict.problems
