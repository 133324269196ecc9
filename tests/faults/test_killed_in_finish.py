"""Killed before every single call by which ``finish`` changes the disk: each stop reads the same."""

from __future__ import annotations

import itertools
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.faults.oracle import FULL, Child, Told, Verdicts

from runfolio.format.manifest import read_record

# What changes a disk, other than creating an empty file: that shows before the next of these.
CHANGES = (
    "write", "pwrite64", "writev", "fsync", "fdatasync", "rename", "renameat", "renameat2",
    "unlink", "unlinkat", "mkdir", "mkdirat", "ftruncate", "link", "linkat",
)  # fmt: skip
READY = """
import os, time
from runfolio.record.api import init
from tests.faults.victim import Points
run, points = init(id="victim", config={"turn": 0}), Points()
for n in range(300):
    points.log(run)
time.sleep(0.2)
print(os.getpid(), flush=True)
input()
"""
FINISHES = READY + "run.finish()"
REPLACES = (
    READY
    + """
for turn in range(1, 4):
    run.config.update({"turn": turn}, allow_val_change=True)
    run.life.refresh()
os._exit(0)
"""
)


@dataclass(frozen=True)
class Stop:
    """One place at which a child was stopped, or was to be."""

    name: str
    told: list[Told]
    was_killed: bool


def may_trace() -> bool:
    """Return whether strace is there, and this machine lets it look at a process."""
    strace = shutil.which("strace")
    if strace is None:
        return False
    return subprocess.run([strace, "-qq", "-o/dev/null", "true"], check=False).returncode == 0


pytestmark = pytest.mark.skipif(not may_trace(), reason="strace is not here or not allowed")


def killed_at(store: Path, source: str, name: str, call: int) -> tuple[list[Told], bool]:
    """Let a child go on until its n-th such call; return what it told, and whether it was killed."""
    inject = [f"--trace={name}", f"--inject={name}:signal=SIGKILL:when={call}"]
    with Child(source, store, seed=call) as child:
        pid = child.hear()
        strace = subprocess.Popen(["strace", "-o", "/dev/null", *inject, "-p", pid],
                                  stderr=subprocess.PIPE, text=True)  # fmt: skip
        assert strace.stderr is not None
        assert "attached" in strace.stderr.readline()
        child.tell("go on")
        told = child.wait(exited=True)
        strace.communicate(timeout=60)
        return told, child.process.returncode == -9


def sweep(store: Path, source: str, short: Sequence[tuple[str, int]]) -> Iterator[Stop]:
    """Yield each stop; with ``RUNFOLIO_FAULTS=full`` every call of every kind, else a few."""
    for name in CHANGES:
        for call in itertools.count(1) if FULL else [n for kind, n in short if kind == name]:
            told, was_killed = killed_at(store, source, name, call)
            yield Stop(f"{name} {call}", told, was_killed)
            shutil.rmtree(store / "victim")
            if not was_killed:
                break


def test_a_kill_before_any_change_of_the_disk_in_finish_leaves_the_same_points(
    store: Path, verdicts: Verdicts
) -> None:
    short = [("write", 1), ("write", 4), ("fsync", 1), ("rename", 1), ("rename", 2), ("unlink", 1)]
    stops: list[str] = []
    for stop in sweep(store, FINISHES, short):
        status = ("crashed", "finished") if stop.was_killed else "finished"
        verdicts.judge("F02", store / "victim", stop.told, status=status, fired=stop.was_killed)
        stops += [stop.name] * stop.was_killed
    print(f"killed before {len(stops)} calls of finish: {stops}")
    assert len(stops) >= (25 if FULL else 5)


def test_a_kill_in_the_replacing_of_the_manifest_leaves_the_old_or_the_new(
    store: Path, verdicts: Verdicts
) -> None:
    stops, turns = 0, set()
    for stop in sweep(store, REPLACES, [("rename", 2), ("fsync", 5)]):
        verdicts.judge("F03", store / "victim", stop.told, fired=stop.was_killed)
        turns.add(read_record(store / "victim").config["turn"])
        stops += stop.was_killed
    print(f"killed before {stops} calls of three replacements")
    assert turns == {0, 1, 2, 3} if FULL else turns <= {0, 1, 2, 3}
    assert stops >= (12 if FULL else 2)
