"""No memory, no descriptors, no threads: the training goes on, and what it logged is there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.faults.oracle import Child, Verdicts

from runfolio.format.manifest import read_record
from runfolio.format.series import read_series

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits as Linux has them")

# From the limit on, the process has so little more than it has: the writer's batches do not fit.
NO_MEMORY = """
import resource, sys, time
import runfolio
from tests.faults.victim import Points
run, points = runfolio.init(id="victim"), Points()
for _ in range(1_000):
    points.log(run)
def kib(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name))
wide = {f"key/{n}": float(n) for n in range(4_000)}
free = resource.getrlimit(resource.RLIMIT_AS)
resource.setrlimit(resource.RLIMIT_AS, (kib("VmSize") * 1024 + (1 << 21), free[1]))
hoard, missed = [], 0
try:
    while True: hoard.append(bytearray(1 << 16))
except MemoryError:
    pass
for n in range(200):
    try:
        run.log(wide)
    except MemoryError:
        missed += 1
    time.sleep(0.002)
hoard.clear()
resource.setrlimit(resource.RLIMIT_AS, free)
for _ in range(1_000):
    points.log(run)
print(missed, run.life.writer.restarts, flush=True)
run.finish()
"""


def test_a_training_that_runs_out_of_memory_goes_on_and_loses_no_point(
    store: Path, verdicts: Verdicts
) -> None:
    with Child(NO_MEMORY, store) as child:
        told = child.wait(exited=True)
    assert child.process.returncode == 0, child.stderr
    missed = int(child.stdout.split()[0])
    verdicts.judge("F09", store / "victim", told, status="finished", stepped=False, counted=False)
    record = read_record(store / "victim")
    kept = record.metrics["key/0"].n if "key/0" in record.metrics else 0
    assert kept + missed + record.counts["refused"] // 4_000 == 200


NO_DESCRIPTORS = """
import os, resource, sys, time
import runfolio
from tests.faults.victim import Points
when, left = sys.argv[1], int(sys.argv[2])
def use_up():
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    taken = []
    try:
        while True: taken.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        pass
    for _ in range(left): os.close(taken.pop())
    return taken
if when == "before": taken = use_up()
run, points = runfolio.init(id="victim"), Points()
points.log(run)
if when == "after": taken = use_up()
for _ in range(200):
    points.log(run)
    time.sleep(0.001)
if sys.argv[3] == "free":
    for fd in taken: os.close(fd)
run.finish()
"""


@pytest.mark.parametrize(("when", "left"), [("before", 16), ("after", 16), ("after", 0)])
def test_few_descriptors_or_none_for_a_while_lose_no_point(
    store: Path, verdicts: Verdicts, when: str, left: int
) -> None:
    with Child(NO_DESCRIPTORS, store, when, left, "free") as child:
        told = child.wait(exited=True)
    assert child.process.returncode == 0, child.stderr
    verdicts.judge(f"F34 {left} {when}", store / "victim", told, status="finished")


def test_a_run_that_ends_without_a_free_descriptor_keeps_its_points(
    store: Path, verdicts: Verdicts
) -> None:
    with Child(NO_DESCRIPTORS, store, "after", 0, "never") as child:
        told = child.wait(exited=True)
    assert child.process.returncode == 0, child.stderr
    verdicts.judge("F34 never", store / "victim", told, status=("finished", "crashed"))


NO_THREADS = """
import sys, threading
import runfolio
from tests.faults.victim import Points
if sys.argv[1] == "refused":
    def refuse(*_, **__): raise RuntimeError("can't start new thread")
    threading._start_new_thread = refuse
run, points = runfolio.init(id="victim"), Points()
for _ in range(20_000):
    points.log(run)
run.finish()
"""


def test_where_no_thread_may_start_each_log_writes_by_itself(
    store: Path, verdicts: Verdicts
) -> None:
    with Child(NO_THREADS, store, "refused") as child:
        told = child.wait(exited=True)
    assert child.process.returncode == 0, child.stderr
    assert child.stderr.count("No thread can be started") == 1
    verdicts.judge("F35", store / "victim", told, status="finished")


CLOSED_STREAMS = """
import os, time
import runfolio
run = runfolio.init(id="victim")
for n in range(20):
    run.log({"loss": n})
    time.sleep(0.05)
    for stream in (1, 2):
        try: os.write(stream, b"a library of C complains")
        except OSError: pass
spoilt = [path.name for path in run.path.glob("*") if b"complains" in path.read_bytes()]
run.finish()
raise SystemExit(len(spoilt))
"""


def test_what_is_written_to_streams_that_are_closed_reaches_no_file_of_a_run(
    store: Path, tmp_path: Path
) -> None:
    script = tmp_path / "script.py"
    script.write_text(CLOSED_STREAMS)
    done = subprocess.run(
        f"{sys.executable} {script} <&- >&- 2>&-", shell=True, check=False, timeout=60,
        env={**os.environ, "RUNFOLIO_DIR": str(store), "RUNFOLIO_CAPTURE": "0"},
    )  # fmt: skip
    assert done.returncode == 0
    assert list(read_series(store / "victim")["loss"].value) == list(range(20))
