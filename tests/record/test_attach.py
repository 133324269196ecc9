"""A run that several processes write at once: those that attach leave what others hold alone."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from runfolio.errors import StopRun, UsageError
from runfolio.format import seal, writers
from runfolio.format.check import check_run
from runfolio.format.edits import write_edit
from runfolio.format.manifest import read_record
from runfolio.format.series import read_series
from runfolio.model.run import RunRecord
from runfolio.record.api import attach, init
from runfolio.record.session import Session

Script = Callable[..., subprocess.CompletedProcess[str]]


def faults(folder: Path) -> list[str]:
    return [str(found) for found in check_run(folder) if found.severity == "fault"]


def manifest(folder: Path, name: str = "run.json") -> dict:
    return orjson.loads((folder / name).read_bytes())


def until(found: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)


def start(source: str) -> subprocess.Popen[str]:
    env = os.environ | {"RUNFOLIO_STRICT": "0"}
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(source)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env,
    )  # fmt: skip


def says(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout is not None
    assert process.stdout.readline().strip() == word


def test_the_points_of_a_process_that_attached_are_added(script: Script, store: Path) -> None:
    run = init(id="r")
    for n in range(10):
        run.log({"a": float(n)})
    run.life.writer.flush()
    done = script("""
        import runfolio
        with runfolio.attach("r") as run:
            for n in range(5): run.log({"a": 100.0 + n, "b": float("nan")})
            print(run.id, runfolio.run is run)
    """)
    assert done.stdout == "r True\n", done.stderr
    run.finish()
    record = read_record(store / "r")
    assert (record.metrics["a"].n, record.metrics["b"].n) == (15, 5)
    assert (record.metrics["a"].last, record.metrics["a"].min) == (104.0, 0.0)
    assert record.metrics["a"].mean == pytest.approx((45 + 510) / 15)
    assert record.counts == {"points": 20, "late": 0, "duplicate": 0, "nonfinite": 5, "refused": 0}
    assert len(read_series(store / "r")["a"]) == 15
    assert faults(store / "r") == []


def test_steps_go_on_after_the_largest_of_the_run(script: Script) -> None:
    run = init(id="r")
    run.log({"a": 1.0}, step=41)
    run.life.writer.flush()
    done = script("""
        import runfolio
        for _ in range(2):
            with runfolio.attach("r") as run: print(run.step); run.log({"a": 2.0})
    """)
    assert done.stdout.split() == ["42", "43"], done.stderr


def test_the_end_of_a_part_is_not_the_end_of_the_run(script: Script, store: Path) -> None:
    run = init(id="r")
    before = (store / "r" / "run.json").read_bytes()
    done = script("import runfolio; runfolio.attach('r'); raise ValueError('shapes differ')")
    assert done.returncode == 1
    assert (store / "r" / "run.json").read_bytes() == before
    part = manifest(store / "r", "run.s2.json")
    assert (part["status"], part["joined"], part["segment"]) == ("failed", True, 2)
    record = read_record(store / "r")
    assert (record.status, record.note) == (
        "running",
        "segment 2: failed: ValueError: shapes differ",
    )
    run.life.refresh()
    assert manifest(store / "r")["segment"] == 1
    run.finish()
    assert read_record(store / "r").status == "finished"


def test_a_part_may_outlive_the_run(store: Path) -> None:
    run = init(id="r")
    run.log({"a": 1.0})
    child = start("""
        import runfolio
        run = runfolio.attach("r"); run.log({"a": 2.0}); print("up", flush=True); input()
        run.log({"a": 3.0}); run.finish()
    """)
    says(child, "up")
    run.finish()
    until(lambda: read_record(store / "r").metrics["a"].n == 2)
    record = read_record(store / "r")
    assert (record.status, record.unsettled) == ("finished", True)
    child.communicate("\n", timeout=60)
    record = read_record(store / "r")
    assert (record.metrics["a"].n, record.metrics["a"].last, record.unsettled) == (3, 3.0, False)
    assert faults(store / "r") == []
    assert {"metrics.parquet", "metrics.s2.parquet"} <= set(seal.read_seal(store / "r"))
    assert seal.grade(store / "r") == "own"


def test_a_part_that_was_killed_keeps_its_points_and_is_named(store: Path) -> None:
    run = init(id="r")
    child = start("""
        import runfolio
        run = runfolio.attach("r")
        for n in range(100): run.log({"a": n})
        run.life.writer.flush(); print("up", flush=True); input()
    """)
    says(child, "up")
    child.kill()
    child.communicate()
    run.log({"b": 1.0})
    assert read_record(store / "r").note == "segment 2: process gone"
    run.finish()
    record = read_record(store / "r")
    assert (record.status, record.note) == ("finished", "segment 2: process gone")
    assert (record.metrics["a"].n, record.counts["points"]) == (100, 101)
    assert faults(store / "r") == []


def test_a_run_is_resumed_beside_the_parts_that_joined_it(script: Script, store: Path) -> None:
    first = init(id="r")
    script("import runfolio; run = runfolio.attach('r'); run.log({'a': 1.0}, step=7)")
    first.finish()
    run = init(id="r", resume="must")
    assert (run.life.segment, run.step) == (3, 8)
    run.log({"a": 2.0})
    run.finish()
    record = read_record(store / "r")
    assert (record.metrics["a"].n, record.metrics["a"].last) == (2, 2.0)
    assert record.counts["points"] == 2
    assert manifest(store / "r")["metrics"]["a"]["n"] == 2


def test_settings_of_a_part_fill_what_the_run_lacks(script: Script, store: Path) -> None:
    run = init(id="r", config={"lr": 0.1, "model": {"depth": 2}})
    done = script("""
        import runfolio
        with runfolio.attach("r") as run:
            print(run.config.lr, run.config.model["depth"])
            run.config.update({"lr": 9, "model": {"width": 3}, "seed": 7}, allow_val_change=True)
    """)
    assert done.stdout == "0.1 2\n", done.stderr
    run.finish()
    record = read_record(store / "r")
    assert record.config == {"lr": 0.1, "model": {"depth": 2, "width": 3}, "seed": 7}


def test_what_a_part_calls_the_run_reaches_its_owner(store: Path) -> None:
    run = init(id="r", tags=["first"], name="old")
    part = Session().attach("r")
    assert (part.name, part.tags) == ("old", ("first",))
    part.name, part.notes = "new", "a note"
    part.tags = ("second",)
    run.life.take_edits()
    assert (run.name, run.notes, run.tags) == ("new", "a note", ("second",))
    part.finish()
    run.finish()
    record = read_record(store / "r")
    assert (record.name, record.notes, record.tags) == ("new", "a note", ("second",))


def test_a_stop_reaches_every_writer(store: Path) -> None:
    runs = [init(id="r"), Session().attach("r"), Session().attach("r", 2)]
    write_edit(store / "r", "stop", "run", value=True)
    for run in runs:
        run.life.take_edits()
        with pytest.raises(StopRun):
            run.log({"a": 1.0})
    for run in reversed(runs):
        run.finish()
    assert read_record(store / "r").status == "stopped"


def test_a_process_joins_only_a_run_that_is_there(store: Path) -> None:
    init(id="baseline").finish()
    with pytest.raises(UsageError, match=r"no run 'baselin' .* Did you mean \"baseline\""):
        attach("baselin")
    with pytest.raises(UsageError, match="cannot be a run's id"):
        attach("../baseline")
    with pytest.raises(UsageError, match="rank is -1"):
        attach("baseline", -1)
    init(id="other")
    with pytest.raises(UsageError, match="the run 'other' is open in this process"):
        attach("baseline")


def test_a_run_that_has_ended_is_gone_on_with_and_not_joined(script: Script, store: Path) -> None:
    init(id="r").finish()
    told = r"attach\('r'\): the run has ended \(finished\).*init\(id='r', resume='must'\)"
    with pytest.raises(UsageError, match=told):
        attach("r")
    done = script("import runfolio; runfolio.attach('r')")
    assert "resume='must'" in done.stderr
    assert not list((store / "r").glob("*.s2.*"))


def test_a_worker_that_comes_just_too_late_takes_part_all_the_same(store: Path) -> None:
    run = init(id="r")
    worker = start("""
        import sys
        print("up", flush=True)
        sys.stdin.readline()
        import runfolio
        runfolio.attach("r").log({"a": 1})
    """)
    says(worker, "up")
    run.finish()
    worker.communicate("go\n", timeout=60)
    assert read_record(store / "r").counts["points"] == 1


def test_attaching_to_the_open_run_only_adds_a_leave() -> None:
    run = init(id="r")
    assert attach("r") is run
    run.finish()
    run.log({"a": 1.0})
    run.finish()
    assert read_record(run.path).status == "finished"


def test_an_older_segment_adds_what_the_newer_one_had_not_seen(store: Path) -> None:
    older = Session().open({"id": "r"})
    older.log({"a": 1.0}, step=0)
    older.life.writer.flush()
    newer = Session().open({"id": "r", "resume": "must"})
    for step in range(1, 6):
        older.log({"a": 10.0 + step}, step=step)
    newer.log({"a": 3.0}, step=9)
    newer.life.writer.flush()
    seen: list[RunRecord] = []
    for end in (older.life.writer.flush, older.finish, newer.finish):
        end()
        seen.append(read_record(store / "r"))
    assert [(one.metrics["a"].n, one.metrics["a"].max, one.counts["points"]) for one in seen] == [
        (7, 15.0, 7)
    ] * 3
    assert manifest(store / "r", "run.s1.json")["metrics"]["a"]["n"] == 5
    assert faults(store / "r") == []


def test_two_that_resume_at_once_count_each_point_once(store: Path) -> None:
    first = init(id="r")
    first.log({"a": 1.0})
    first.finish()
    runs = [Session().open({"id": "r", "resume": "must"}) for _ in range(2)]
    for run in runs:
        run.log({"a": 2.0})
    for run in runs:
        run.finish()
    assert read_record(store / "r").metrics["a"].n == 3


def test_a_claim_of_one_that_died_before_it_joined_takes_nothing_over(store: Path) -> None:
    run = init(id="r")
    (store / "r" / "heartbeat.s2").touch()
    run.log({"a": 1.0})
    run.finish()
    assert manifest(store / "r")["status"] == "finished"
    assert not (store / "r" / "run.s1.json").exists()


def test_a_part_that_ends_while_it_is_read_is_told_anew(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    init(id="r")
    part = Session().attach("r")
    for n in range(50):
        part.log({"a": float(n)})
    part.life.writer.flush()
    real = writers.extend_from_log

    def end_it_first(*args: Any, **keywords: Any) -> Any:
        part.finish()
        return real(*args, **keywords)

    monkeypatch.setattr(writers, "extend_from_log", end_it_first)
    assert read_record(store / "r").metrics["a"].n == 50


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_of_a_pool_attach_however_they_are_started(
    script: Script, store: Path, method: str
) -> None:
    Path("pool.py").write_text(
        textwrap.dedent("""
        import multiprocessing, sys, runfolio
        def work(number):
            with runfolio.attach("r", rank=number) as run:
                for step in range(100): run.log({f"worker{number}": step})
        if __name__ == "__main__":
            with runfolio.init(id="r") as run:
                context = multiprocessing.get_context(sys.argv[1])
                jobs = [context.Process(target=work, args=(number,)) for number in (1, 2)]
                for job in jobs: job.start()
                for step in range(100): run.log({"own": step})
                for job in jobs: job.join()
                assert [job.exitcode for job in jobs] == [0, 0]
    """)
    )
    env = os.environ | {"RUNFOLIO_STRICT": "0"}
    subprocess.run([sys.executable, "pool.py", method], env=env, check=True, timeout=120)
    record = read_record(store / "r")
    assert {key: one.n for key, one in record.metrics.items()} == {
        "own": 100, "worker1": 100, "worker2": 100,
    }  # fmt: skip
    assert (record.status, record.note) == ("finished", "")
    assert faults(store / "r") == []
