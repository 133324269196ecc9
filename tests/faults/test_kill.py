"""A writer killed at any moment: every point it had acknowledged in time is there, bit by bit.

The child tells over a pipe when each ``log`` had returned. The parent kills it at a random
moment and reads the folder, as it lies, with DuckDB and with the package's own reader.
``RUNFOLIO_FAULTS=full`` makes 200 kills of each kind instead of a few.
"""

from __future__ import annotations

import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from runfolio.format.check import check_run
from runfolio.format.manifest import read_record
from runfolio.format.series import read_series
from runfolio.model.run import Status

FULL = os.environ.get("RUNFOLIO_FAULTS") == "full"
ACK = struct.Struct("=qq")
PROMISE_NS = 100_000_000
PAUSE_NS = 20_000_000

CHILD = """
import os, random, struct, sys, time
from runfolio.record.api import init
seed, start, pause, resume = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
run = init(id="victim", resume=resume or None)
stream, n, ack = random.Random(seed), start, struct.Struct("=qq").pack
while True:
    run.log({"a": stream.random(), "b": n})
    os.write(1, ack(n, time.monotonic_ns()))
    n += 1
    if pause: time.sleep(pause)
"""


@dataclass(frozen=True)
class Victim:
    """What a killed child had acknowledged: how many steps, and which of them long enough ago."""

    seed: int
    start: int
    acknowledged: int
    safe: int


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Path]:
    """A store in memory where there is one: a disk that blocks a write is another test's matter."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="runfolio-") as folder:
        yield Path(folder)


def kill_one(store: Path, seed: int, *, pause_s: float, start: int = 0, resume: str = "") -> Victim:
    """Start a child, let it log for a random while, kill it and drain its pipe."""
    env = os.environ | {"RUNFOLIO_DIR": str(store), "RUNFOLIO_SILENT": "1", "RUNFOLIO_CAPTURE": "0"}
    arguments = [str(seed), str(start), str(pause_s), resume]
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, *arguments], stdout=subprocess.PIPE, env=env
    )
    assert child.stdout is not None
    pipe = child.stdout.fileno()
    acks = bytearray(os.read(pipe, 1))
    deadline = time.monotonic() + random.Random(seed).uniform(0.02, 0.4)
    while time.monotonic() < deadline:
        acks += os.read(pipe, 1 << 16)
    killed_at = time.monotonic_ns()
    child.send_signal(signal.SIGKILL)
    while chunk := os.read(pipe, 1 << 16):
        acks += chunk
    child.wait()
    child.stdout.close()
    told = list(ACK.iter_unpack(acks[: len(acks) // ACK.size * ACK.size]))
    return Victim(seed, start, len(told), how_many_are_safe([at for _, at in told], killed_at))


def how_many_are_safe(times: list[int], killed_at: int) -> int:
    """Return how many acknowledgements came long enough before the kill, as the child lived it.

    A pause between two steps counts as 20 ms at most: on a busy machine the child, its writer
    thread included, gets no processor for longer than that now and then.
    """
    age, later = 0, killed_at
    for place in range(len(times) - 1, -1, -1):
        age += min(later - times[place], PAUSE_NS)
        later = times[place]
        if age > PROMISE_NS:
            return place + 1
    return 0


def expected(victim: Victim, count: int) -> list[tuple[float, float, float]]:
    """Return step and both values of the first rows of a victim."""
    stream = random.Random(victim.seed)
    return [
        (float(n), stream.random(), float(n)) for n in range(victim.start, victim.start + count)
    ]


def by_our_reader(folder: Path) -> list[tuple[float, float, float]]:
    found = read_series(folder)
    if not found:
        return []
    a, b = found["a"], found["b"]
    assert a.logged == len(a)
    assert a.step.tolist() == b.step.tolist()
    return list(zip(a.step.astype(float).tolist(), a.value.tolist(), b.value.tolist(), strict=True))


def by_duckdb(folder: Path) -> list[tuple[float, float, float]]:
    """Read every live file of the run with nothing of ours."""
    columns = "{step: 'DOUBLE', time: 'BIGINT', values: 'MAP(VARCHAR, DOUBLE)'}"
    source = f"read_json(?, format='newline_delimited', columns={columns}, ignore_errors=true)"
    query = f"SELECT step, values['a'], values['b'] FROM {source} WHERE step IS NOT NULL ORDER BY 1"
    connection = duckdb.connect()
    try:
        return connection.execute(query, [str(folder / "metrics*.jsonl")]).fetchall()
    finally:
        connection.close()


def assert_survived(folder: Path, victims: list[Victim], *, every_one: bool) -> None:
    """Nothing acknowledged in time is missing, nothing is doubled or invented."""
    rows = by_our_reader(folder)
    # A write cut just before a newline: the row is there for others, and torn to our reader.
    assert by_duckdb(folder)[: len(rows)] == rows
    assert len(by_duckdb(folder)) <= len(rows) + len(victims)
    for victim, following in zip(victims, [*victims[1:], None], strict=True):
        end = following.start if following else float("inf")
        mine = [row for row in rows if victim.start <= row[0] < end]
        # One more log may have been on the disk before its acknowledgement was sent.
        assert mine == expected(victim, len(mine))
        assert len(mine) <= victim.acknowledged + 1 or not every_one
        assert len(mine) >= (victim.acknowledged if every_one else victim.safe)
    record = read_record(folder)
    assert (record.status, record.note) == (Status.CRASHED, "process gone")
    assert record.metrics["b"].n == len(rows) if rows else True
    assert [found for found in check_run(folder) if found.severity == "fault"] == []


def seeds(short: int, base: int) -> range:
    return range(base, base + (200 if FULL else short))


@pytest.mark.parametrize("seed", seeds(12, 1000))
def test_a_tight_loop_loses_nothing_older_than_the_promise(store: Path, seed: int) -> None:
    victim = kill_one(store, seed, pause_s=0)
    assert_survived(store / "victim", [victim], every_one=False)


@pytest.mark.parametrize("seed", seeds(8, 5000))
def test_a_loop_slower_than_25_steps_a_second_loses_nothing(store: Path, seed: int) -> None:
    victim = kill_one(store, seed, pause_s=0.045)
    assert_survived(store / "victim", [victim], every_one=True)


@pytest.mark.parametrize("seed", seeds(2, 9000))
def test_a_run_killed_resumed_and_killed_again_holds_both(store: Path, seed: int) -> None:
    first = kill_one(store, seed, pause_s=0.001)
    folder = store / "victim"
    reached = len(by_our_reader(folder))
    second = kill_one(store, seed + 1, pause_s=0.001, start=reached, resume="must")
    assert_survived(folder, [first, second], every_one=False)
    assert (folder / "metrics.s2.jsonl").exists()


def test_a_run_killed_and_resumed_finishes_with_all_its_points(store: Path) -> None:
    kill_one(store, 77, pause_s=0.001)
    folder = store / "victim"
    before = by_our_reader(folder)
    env = os.environ | {"RUNFOLIO_DIR": str(store), "RUNFOLIO_CAPTURE": "0"}
    source = """
        from runfolio.record.api import init
        with init(id="victim", resume="must") as run:
            run.log({"a": 0.5, "b": run.step})
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(source)], env=env, check=True)
    assert by_our_reader(folder) == [*before, (len(before), 0.5, len(before))]
    assert read_record(folder).status is Status.FINISHED
    assert read_record(folder).metrics["b"].n == len(before) + 1
