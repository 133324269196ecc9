"""What this process and its children use, read from real processes; what errs is left out."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from runfolio.capture.process_tree import ProcessTree, Usage
from runfolio.capture.system import System

linux = pytest.mark.skipif(sys.platform != "linux", reason="counters of children that ended")
WAIT = "__import__('sys').stdin.read()"
BURN = "import time\nwhile time.process_time() < 0.5: pass\nprint('burnt', flush=True)\n"
HOLD = f"kept = b'x' * 50_000_000\nprint(len(kept), flush=True)\n{WAIT}"
BURNT_S = 0.4  # the system counts in hundredths of a second


@pytest.fixture(params=["proc", "psutil"])
def tree(request: pytest.FixtureRequest) -> ProcessTree:
    if request.param == "proc" and sys.platform != "linux":
        pytest.skip("no /proc here")
    return ProcessTree(through_psutil=request.param == "psutil")


@pytest.fixture
def start() -> Iterator[object]:
    started: list[subprocess.Popen[str]] = []

    def run(*argv: str) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [sys.executable, "-c", *argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(child)
        assert child.stdout is not None
        child.stdout.readline()
        return child

    yield run
    for child in started:
        child.communicate(timeout=30)


def test_the_first_look_knows_memory_alone(tree: ProcessTree) -> None:
    usage = tree.look()
    assert usage[1:] == (None, None, None)
    assert usage.memory_bytes > 1 << 20


def test_memory_of_children_counts(tree: ProcessTree, start) -> None:
    before = tree.look().memory_bytes
    start(HOLD)
    assert tree.look().memory_bytes > before + 50_000_000


def test_processor_time_of_a_child_counts_while_it_lives(tree: ProcessTree, start) -> None:
    tree.look()
    start(BURN + WAIT)
    used = tree.look().cpu_s
    assert used is not None
    assert used >= BURNT_S


def test_grandchildren_are_of_the_tree(tree: ProcessTree, start) -> None:
    before = tree.look().memory_bytes
    child = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', sys.argv[1]])"
    start(child, HOLD)
    assert tree.look().memory_bytes > before + 50_000_000


@linux
def test_a_child_that_ended_between_two_looks_is_counted(start) -> None:
    tree = ProcessTree()
    tree.look()
    start(BURN).communicate()
    assert (tree.look().cpu_s or 0) >= BURNT_S


@linux
def test_a_child_that_ended_is_not_counted_twice(start) -> None:
    tree = ProcessTree()
    tree.look()
    child = start(BURN + WAIT)
    assert (tree.look().cpu_s or 0) >= BURNT_S
    child.communicate()
    assert (tree.look().cpu_s or 0) < BURNT_S


@linux
def test_a_branch_that_ended_as_a_whole_is_not_counted_twice(start) -> None:
    tree = ProcessTree()
    tree.look()
    parent = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', sys.argv[1]])"
    child = start(parent, BURN + WAIT)
    assert (tree.look().cpu_s or 0) >= BURNT_S
    child.communicate()
    assert (tree.look().cpu_s or 0) < BURNT_S


@linux
def test_a_child_of_a_thread_is_found_beside_foreign_processes(start) -> None:
    import threading

    tree = ProcessTree()
    before = tree.look().memory_bytes
    for _ in range(2):
        tree.look()
    thread = threading.Thread(target=start, args=(HOLD,))
    thread.start()
    thread.join()
    assert tree.look().memory_bytes > before + 50_000_000


@linux
def test_both_ways_of_looking_agree(start) -> None:
    start(HOLD)
    theirs = psutil.Process().children(recursive=True)
    mine = ProcessTree()
    mine.look()
    there = ProcessTree(through_psutil=True).look().memory_bytes
    assert abs(mine.look().memory_bytes - there) < 30_000_000
    assert theirs


def test_readings_have_their_units_in_their_names() -> None:
    system = System()
    first = system.read()
    assert "memory_bytes" in first
    assert not any(name.endswith(("_per_s", "percent")) for name in first if name[:3] != "gpu")
    time.sleep(0.01)
    found = {name for name in system.read() if not name.startswith("gpu.")}
    assert {"cpu_percent", "memory_bytes"} <= found
    assert found <= {
        "cpu_percent", "memory_bytes", "disk_read_bytes_per_s", "disk_written_bytes_per_s",
        "network_sent_bytes_per_s", "network_received_bytes_per_s",
    }  # fmt: skip


def test_a_hundred_percent_is_one_core() -> None:
    now = iter([0.0, 2.0])
    system = System(monotonic=lambda: next(now))
    system.read()
    used = iter([Usage(1000, 3.0, 40, 10)])
    system._tree = type("Tree", (), {"look": lambda _: next(used)})()
    found = system.read()
    assert found["cpu_percent"] == 150.0
    assert (found["disk_read_bytes_per_s"], found["disk_written_bytes_per_s"]) == (20, 5)


def test_without_psutil_the_others_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psutil", None)
    system = System()
    system.read()
    found = system.read()
    assert not any(name.startswith("network") for name in found)
    assert ("memory_bytes" in found) == (sys.platform == "linux")


def test_a_reading_that_errs_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    system = System()
    monkeypatch.setattr(os, "listdir", lambda _: 1 / 0)
    system.read()
    assert "cpu_percent" not in system.read()
    assert any(name.startswith("network") for name in system.read())
