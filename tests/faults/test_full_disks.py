"""Disks without room: the training goes on, and what was acknowledged is there once there is some.

The disks are real ones of a few hundred kilobytes or a few inodes (`tests.faults.disks`), the
limits of a user real ones of the kernel.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.faults.disks import SmallDisk
from tests.faults.oracle import FULL, Child, Verdicts, by_our_reader, judge, until

TRAIN = """
import select, sys, time
from runfolio.record import writer
from runfolio.record.api import init
from tests.faults.victim import Points
if sys.argv[1:]:
    writer.HELD = int(sys.argv[1])
    writer.BUFFERED = writer.HELD // 2
run, points = init(id="victim"), Points()
while not select.select([sys.stdin], [], [], 0.0005)[0]:
    points.log(run)
run.finish()
print(run.life.writer.refused)
"""
"""Logs about a thousand points a second until somebody says a word, then finishes."""

MORE_THAN_FITS = 4_000


def times_told(child: Child) -> int:
    """Return how often the child's user was told that the disk takes nothing."""
    return str(child.stderr).count("The disk does not take the run's data")


def test_a_disk_that_fills_up_and_is_emptied_loses_nothing(verdicts: Verdicts) -> None:
    with SmallDisk("size=192k") as disk, Child(TRAIN, disk.inside, under=disk.under) as child:
        child.wait_for(MORE_THAN_FITS)
        there = len(by_our_reader(disk.path / "victim"))
        disk.remount("size=64m")
        child.wait_for(MORE_THAN_FITS + 200)
        child.tell("")
        told = child.wait(exited=True)
        assert there < MORE_THAN_FITS
        assert times_told(child) == 1
        verdicts.judge("F10 full in the middle", disk.path / "victim", told, status="finished")


def test_a_disk_that_is_full_at_the_start_holds_all_once_there_is_room(
    verdicts: Verdicts,
) -> None:
    with SmallDisk("size=64k") as disk:
        filler = disk.fill()
        with Child(TRAIN, disk.inside, under=disk.under) as child:
            child.wait_for(300)
            filler.unlink()
            disk.remount("size=64m")
            child.wait_for(900)
            child.tell("")
            told = child.wait(exited=True)
        verdicts.judge("F10 full at the start", disk.path / "victim", told, status="finished")
        assert times_told(child) == 1


def test_a_disk_that_is_full_at_the_end_keeps_every_point_and_says_what_it_could_not_write(
    verdicts: Verdicts,
) -> None:
    with SmallDisk("size=1m") as disk, Child(TRAIN, disk.inside, under=disk.under) as child:
        child.wait_for(100)
        disk.fill()
        child.tell("")
        told = child.wait(exited=True)
        verdict = judge(disk.path / "victim", told, status="crashed")
        lost = int((re.search(r"did not take ([\d,]+) rows", str(child.stderr)) or [0, "0"])[1])
        verdict.problems = [one for one in verdict.problems if "lost" not in one]
        verdicts.add("F10 full at the end", **verdict.counts | {"lost": 0, "safe": verdict.found})
        assert verdict.problems == []
        assert verdict.lost <= lost
    assert "writing the manifest failed (OSError: [Errno 28] No space" in str(child.stderr)
    assert child.process.returncode == 0


def test_a_disk_full_for_ever_keeps_what_it_took_and_every_other_point_is_counted_and_told(
    verdicts: Verdicts,
) -> None:
    with SmallDisk("size=192k") as disk:
        with Child(TRAIN, disk.inside, 400, under=disk.under) as child:
            child.wait_for(MORE_THAN_FITS)
            child.tell("")
            (told,) = child.wait(exited=True)
        refused = int(str(child.stdout))
        waiting, at_the_end = re.findall(r"([\d,]+) (?:rows|values)", last_word(child))
        found = by_our_reader(disk.path / "victim")
    assert found[:, 2].tolist() == list(range(len(found)))
    assert times_told(child) == 1
    assert int(at_the_end.replace(",", "")) == refused > 1000
    rows = len(found) + int(waiting.replace(",", "")) + refused // 2
    assert rows == told.acknowledged
    verdicts.add("F11 full for ever", acknowledged=told.acknowledged, safe=len(found),
                 found=len(found))  # fmt: skip


def last_word(child: Child) -> str:
    """Return what the run says of the points that it could not bring to the disk."""
    return next(line for line in str(child.stderr).splitlines() if "did not take" in line)


@pytest.mark.parametrize("inodes", range(3, 14) if FULL else [4, 7])
def test_a_disk_without_inodes_refuses_the_run_or_holds_all_of_it_once_there_are_some(
    verdicts: Verdicts, inodes: int
) -> None:
    with SmallDisk(f"size=64m,nr_inodes={inodes}") as disk:
        with Child(TRAIN, disk.inside, under=disk.under) as child:
            if began(child):
                disk.remount("nr_inodes=1000")
                child.wait_for(900)
                child.tell("")
            told = child.wait(exited=True)
        if not told:
            assert "StoreUnusable" in str(child.stderr)
            assert "No space left on device. Free some space" in str(child.stderr)
        else:
            verdicts.judge("F12 no inodes", disk.path / "victim", told, status="finished")


def began(child: Child) -> bool:
    """Return whether the run could begin, once it has logged a little."""
    until(lambda: child.acknowledged > 300 or child.process.poll() is not None, "a beginning")
    return child.acknowledged > 300


@pytest.mark.parametrize("size", [20_000, 100_000] if FULL else [20_000])
def test_where_no_file_may_grow_the_points_go_on_in_the_next_part(
    store: Path, verdicts: Verdicts, size: int
) -> None:
    under = ["prlimit", f"--fsize={size}"]
    with Child(TRAIN, store, under=under) as child:
        child.wait_for(2_000)
        child.tell("")
        told = child.wait(exited=True)
    verdicts.judge("F13 limit of a file's size", store / "victim", told, status="finished")
    assert "(File too large)" in str(child.stderr)
    assert times_told(child) == 1
