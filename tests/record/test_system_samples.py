"""Samples of the machine lie beside the points: taken by one thread, in no one's way, and kept."""

from __future__ import annotations

import errno
import itertools
import json
import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.capture.nvml_playback import Playback

import runfolio
from runfolio.capture import hardware
from runfolio.errors import RunfolioWarning
from runfolio.format import seal
from runfolio.format.check import check_run
from runfolio.format.conversion import convert_run
from runfolio.format.disk import Disk
from runfolio.format.series import read_points
from runfolio.record import monitor as monitors
from runfolio.record.api import init
from runfolio.record.monitor import ALLOWED_S, Monitor, Pace
from runfolio.record.run import Run
from runfolio.record.session import Session
from runfolio.store.reader import RunReader
from runfolio.testing import Fault, FaultyFiles

INTERVAL_S = 0.1
KEYS = {
    "cpu_percent", "memory_bytes", "network_sent_bytes_per_s", "network_received_bytes_per_s",
}  # fmt: skip


@pytest.fixture(autouse=True)
def sampling(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "true")
    monkeypatch.setenv("RUNFOLIO_SYSTEM_INTERVAL_S", str(INTERVAL_S))
    yield
    until(lambda: not samplers())


@pytest.fixture
def nvml(monkeypatch: pytest.MonkeyPatch) -> Playback:
    played = Playback()
    monkeypatch.setitem(sys.modules, "pynvml", played)
    return played


def samplers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "runfolio-system"]


def until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def lines(folder: Path, name: str = "system.jsonl") -> list[dict]:
    path = folder / name
    text = path.read_text() if path.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def sampled(run: Run, rows: int = 3) -> list[dict]:
    """Return the rows of a run that goes on, once there are so many."""
    until(lambda: len(lines(run.path)) >= rows)
    return lines(run.path)


def rows_of(folder: Path, key: str = "memory_bytes") -> int:
    return sum(map(len, read_points(folder, kind="system").get(key, [])))


# Rows -----------------------------------------------------------------------------------------


def test_a_run_of_some_seconds_has_the_rows_that_it_should() -> None:
    began = time.monotonic()
    with init() as run:
        time.sleep(3)
        live = lines(run.path)
    due = (time.monotonic() - began) / INTERVAL_S
    assert due / 2 < len(live) <= due
    assert all(row.keys() == {"step", "time", "values"} and row["values"] for row in live)
    series = RunReader(run.path).series(kind="system")
    assert series.keys() >= KEYS
    assert len(live) <= len(series["cpu_percent"]) <= len(live) + 1


def test_rows_stand_at_their_time_and_go_on_from_each_other() -> None:
    with init() as run:
        rows = sampled(run, 5)
    times = [row["time"] for row in rows]
    assert [row["step"] for row in rows] == times
    assert sorted(set(times)) == times


def test_the_end_makes_them_a_table_that_is_sealed_and_sound() -> None:
    with init() as run:
        rows = sampled(run)
    assert not (run.path / "system.jsonl").exists()
    assert rows_of(run.path) >= len(rows)
    assert "system.parquet" in seal.read_seal(run.path)
    assert check_run(run.path) == []


def test_a_live_run_is_read_as_it_grows() -> None:
    with init() as run:
        reader = RunReader(run.path)
        sampled(run, 2)
        before = len(reader.series(kind="system")["memory_bytes"])
        sampled(run, before + 2)
        assert len(reader.series(kind="system")["memory_bytes"]) > before


def test_a_short_run_leaves_no_file_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNFOLIO_SYSTEM_INTERVAL_S", "60")
    with init() as run:
        run.log({"a": 1})
    assert [path.name for path in run.path.glob("system*")] == []


def test_samples_are_no_metrics_of_the_run() -> None:
    with init() as run:
        run.log({"loss": 1.0})
        sampled(run)
    assert list(run.summary) == ["loss"]
    assert RunReader(run.path).keys() == ["loss"]


# Pace -----------------------------------------------------------------------------------------


def due_times(pace: Pace, spent: Iterator[float], upto: float) -> list[float]:
    now, found = 0.0, []
    while (now := now + pace.pause(now)) <= upto:
        found.append(now)
        cost = next(spent)
        now += cost
        pace.took(cost)
    return found


def test_an_hour_has_a_sample_every_two_seconds_and_none_drifts() -> None:
    costs = iter(np.random.default_rng(0).uniform(0.0002, ALLOWED_S, 4000))
    found = due_times(Pace(2.0, 0.0), costs, 3600)
    assert len(found) == 1800
    assert np.allclose(found, np.arange(1, 1801) * 2.0)


@pytest.mark.parametrize("cost", [0.008, 0.1, 3.0])
def test_samples_that_cost_more_come_rarer_and_keep_to_a_five_hundredth(cost: float) -> None:
    found = due_times(Pace(2.0, 0.0), itertools.repeat(cost), 20_000)
    _, *later = found  # that the first one was dear is known at the second
    share = cost * len(later[1:]) / (later[-1] - later[0])
    assert share == pytest.approx(0.002)


def test_a_single_dear_sample_changes_nothing() -> None:
    costs = iter([0.5] + [0.001] * 49 + [0.5] + [0.001] * 2000)
    assert len(due_times(Pace(2.0, 0.0), costs, 200)) == 100


def test_after_a_sleep_of_the_machine_nothing_is_made_up_for() -> None:
    pace = Pace(2.0, 0.0)
    pace.took(0.001)
    assert pace.pause(1001.5) == pytest.approx(0.5)
    pace.took(0.001)
    assert pace.pause(1002.0) == pytest.approx(2.0)


# Settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "variable",
    [("RUNFOLIO_SYSTEM", "false"), ("RUNFOLIO_CAPTURE", "false"), ("WANDB__DISABLE_STATS", "true"),
     ("WANDB_X_DISABLE_STATS", "true"), ("RUNFOLIO_MODE", "disabled")],
)  # fmt: skip
def test_a_variable_turns_them_off(
    monkeypatch: pytest.MonkeyPatch, variable: tuple[str, str]
) -> None:
    monkeypatch.setenv(*variable)
    with init():
        assert samplers() == []


@pytest.mark.parametrize(
    "keywords",
    [{"system": False}, {"system": "off"}, {"settings": runfolio.Settings(x_disable_stats=True)},
     {"settings": {"_disable_stats": True}}],
)  # fmt: skip
def test_a_keyword_turns_them_off(keywords: dict) -> None:
    with init(**keywords):
        assert samplers() == []


def test_settings_that_say_nothing_against_them_leave_them_on() -> None:
    with init(settings={"x_disable_stats": False}) as run:
        assert sampled(run, 1)


@pytest.mark.parametrize("text", ["soon", "0", "-1", "nan"])
def test_an_interval_that_is_none_is_told_and_the_default_taken(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("RUNFOLIO_SYSTEM_INTERVAL_S", text)
    with pytest.warns(RunfolioWarning, match="expected seconds above 0. 2 s is taken"):
        assert monitors._interval_s() == 2.0


# Threads and processes ------------------------------------------------------------------------


def test_many_runs_of_a_process_have_one_thread_and_a_file_each() -> None:
    first = init(id="first")
    second = init(id="second", reinit="create_new")
    sampled(first)
    sampled(second)
    assert len(samplers()) == 1
    second.finish()
    rows = len(sampled(first))
    sampled(first, rows + 2)
    first.finish()


def test_the_thread_ends_with_the_last_run_and_comes_back_with_the_next() -> None:
    for _ in range(3):
        with init() as run:
            sampled(run, 1)
        assert samplers() == []


def test_a_forked_child_takes_none_and_leaves_those_of_its_parent(
    script: Callable[..., subprocess.CompletedProcess[str]], store: Path
) -> None:
    done = script("""
        import os, sys, threading, time, runfolio
        run = runfolio.init(id="parent")
        time.sleep(0.5)
        pid = os.fork()
        if pid == 0:
            time.sleep(0.5)
            names = [thread.name for thread in threading.enumerate()]
            os._exit("runfolio-system" in names)
        assert os.waitpid(pid, 0)[1] == 0
        run.finish()
    """)
    assert done.returncode == 0, done.stderr
    assert rows_of(store / "parent") >= 4
    assert check_run(store / "parent") == []


def test_a_forked_child_may_have_a_run_with_samples_of_its_own(
    script: Callable[..., subprocess.CompletedProcess[str]], store: Path
) -> None:
    done = script("""
        import os, time, runfolio
        run = runfolio.init(id="parent")
        time.sleep(0.5)
        pid = os.fork()
        if pid == 0:
            with runfolio.init(id="child"):
                time.sleep(0.7)
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
        run.finish()
    """)
    assert done.returncode == 0, done.stderr
    assert rows_of(store / "child") >= 2


def test_a_rank_keeps_its_own_apart_from_those_of_the_others() -> None:
    with init(id="r") as run:
        sampled(run)
        session = Session()
        joined = session.attach("r", rank=3)
        until(lambda: len(lines(run.path, "system.rank3.jsonl")) >= 2)
        joined.finish()
    assert {"memory_bytes", "rank3/memory_bytes"} <= RunReader(run.path).series(
        kind="system"
    ).keys()
    assert check_run(run.path) == []


def test_who_joins_as_rank_0_is_in_the_tree_of_the_one_that_opened_the_run(
    script: Callable[..., subprocess.CompletedProcess[str]], store: Path
) -> None:
    with init(id="r") as run:
        script(
            """
            import time, runfolio
            with runfolio.attach("r"):
                time.sleep(0.5)
        """,
            check=True,
        )
        sampled(run)
    assert [path.name for path in run.path.glob("system*")] == ["system.parquet"]


def test_a_resumed_run_goes_on_with_them() -> None:
    for _ in range(2):
        with init(id="r", resume="allow") as run:
            until(lambda run=run: rows_of(run.path) and samplers())
            time.sleep(3 * INTERVAL_S)
    assert {path.name for path in run.path.glob("system*")} == {
        "system.parquet", "system.s2.parquet",
    }  # fmt: skip
    series = RunReader(run.path).series(kind="system")["memory_bytes"]
    assert len(series) == rows_of(run.path)
    assert check_run(run.path) == []


# What goes wrong ------------------------------------------------------------------------------


def test_of_a_killed_run_every_row_is_read_and_converted_by_others(store: Path) -> None:
    source = """
        import time, runfolio
        run = runfolio.init(id="r")
        time.sleep(60)
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(source)], env=os.environ) as child:
        until(lambda: len(lines(store / "r")) >= 7)
        child.kill()
    rows = len(lines(store / "r"))
    assert rows_of(store / "r") == rows
    assert {found.severity for found in check_run(store / "r")} <= {"note"}
    done = convert_run(store / "r", Disk())
    assert [(one.file, one.rows) for one in done.converted] == [("system.parquet", rows)]
    assert rows_of(store / "r") == rows


def test_a_driver_that_hangs_holds_neither_the_end_nor_the_next_run(
    nvml: Playback, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    monkeypatch.setattr(nvml, "nvmlInit", lambda: release.wait(60))
    monkeypatch.setattr(monitors, "_END_S", 0.01)
    monkeypatch.setattr(hardware, "_NVML_SECONDS", 0.01)
    for _ in range(2):
        with init() as run:
            run.log({"a": 1})
            until(samplers)
        assert run.life.ended
    assert not release.is_set()
    release.set()


def live_until(session: Session, is_so: Callable[[], object]) -> Run:
    """Return a run that has ended, once something was so while it was open."""
    with session.open({}) as run:
        until(is_so)
    return run


def test_gpus_are_in_the_rows_and_a_lost_one_is_told_once(nvml: Playback) -> None:
    with pytest.warns(RunfolioWarning, match=r"GPU 1 does not answer any more \(GPU is lost\)"):
        run = live_until(Session(), lambda: nvml.asked[0, "utilization"] > 7)
    told = [event for event in RunReader(run.path).events() if event["kind"] == "gpu_lost"]
    assert [(event["gpu"], event["why"]) for event in told] == [(1, "GPU is lost")]
    series = RunReader(run.path).series(kind="system")
    assert len(series["gpu.0.power_w"]) > len(series["gpu.1.power_w"]) > 0
    assert "gpu.2.power_w" not in series
    until(lambda: nvml.users == 0)


def test_rows_wait_for_a_disk_that_recovers() -> None:
    files = FaultyFiles(Fault("write", errno.ENOSPC, at=3, times=4, name="system.jsonl"))
    with pytest.warns(RunfolioWarning, match="does not take the samples"):
        run = live_until(Session(files), lambda: files.fired == 4)
    assert rows_of(run.path) >= 6
    assert {found.severity for found in check_run(run.path)} <= {"note"}


def test_a_disk_that_stays_full_is_given_no_more_than_it_was_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(monitors, "_HELD_BYTES", 500)
    fault = Fault("write", errno.ENOSPC, times=10**6, name="system.jsonl")
    waiting: list[int] = []

    def refused_often() -> bool:
        waiting[:] = [one._lines.waiting for one in monitors.monitor._runs.values()]
        return fault.fired > 10

    with pytest.warns(RunfolioWarning, match="does not take the samples"):
        live_until(Session(FaultyFiles(fault)), refused_often)
    assert 500 <= waiting[0] < 1000


def test_a_run_that_an_interrupt_took_out_of_its_end_is_sampled_no_more() -> None:
    with init() as run:
        sampled(run)
        (samples,) = monitors.monitor._runs.values()
        samples.end()
        until(lambda: not samplers())


def test_where_no_thread_may_start_there_are_no_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with init(system=False) as run:
        mine = Monitor()
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuses)
            mine.watch(run.life)
            assert mine.leave(run.life, 1.0)
