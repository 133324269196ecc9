"""Images on a real disk without room: the training goes on, and they arrive once there is some."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.faults.disks import SmallDisk

from runfolio.format.events import read_events
from runfolio.model.media import media_items

TRAIN = """
import sys, numpy as np, runfolio
noise = np.random.default_rng(0)
run = runfolio.init(id="victim")
for n in range(60):
    image = runfolio.Image(noise.integers(0, 256, (160, 160, 3), dtype=np.uint8))
    run.log({"image": image, "n": n})
print("logged", flush=True)
sys.stdin.readline()
run.finish()
"""
"""Logs some 4.5 MB of images, says so, and finishes when it is told to."""

TOLD = "The disk does not take an image"


def trained(disk: SmallDisk, *, remounted: str | None) -> tuple[Path, str]:
    """Train on a disk, perhaps give it room once it is full; return the run and what was said."""
    env = os.environ | {
        "RUNFOLIO_DIR": str(disk.inside), "RUNFOLIO_CAPTURE": "false", "RUNFOLIO_STRICT": "0",
    }  # fmt: skip
    with subprocess.Popen(
        [*disk.under, sys.executable, "-c", TRAIN], env=env, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as child:  # fmt: skip
        assert child.stdout is not None
        assert child.stderr is not None
        assert child.stdout.readline() == "logged\n"
        told = next(line for line in child.stderr if TOLD in line)
        if remounted is not None:
            disk.remount(remounted)
        _, said = child.communicate("\n", timeout=120)
    assert child.returncode == 0, said
    return disk.path / "victim", told + said


def steps(run: Path) -> list[float]:
    """Return the steps of the images whose events stand there, each with a whole file."""
    items = [item for event in read_events(run) for item in media_items(event)]
    assert [i.path for i in items if (run / str(i.path)).stat().st_size != i.size_bytes] == []
    return [item.step for item in items]


def test_images_wait_for_room_and_then_arrive_in_their_order() -> None:
    with SmallDisk("size=2m") as disk:
        run, said = trained(disk, remounted="size=64m")

        assert steps(run) == list(range(60))
        assert said.count(TOLD) == 1


def test_images_that_found_no_room_to_the_end_are_counted_and_the_points_are_there() -> None:
    with SmallDisk("size=2m") as disk:
        run, said = trained(disk, remounted=None)
        manifest = json.loads((run / "run.json").read_text("utf-8"))

        assert steps(run) == list(range(len(steps(run))))
        assert manifest["counts"]["refused"] == 60 - len(steps(run)) > 0
        assert manifest["metrics"]["n"]["n"] == 60
        assert "left out and counted" in said
