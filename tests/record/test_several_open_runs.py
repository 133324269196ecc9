"""Runs that are open at once end with their process, each as it did, the last one first."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from runfolio.format.manifest import read_record
from runfolio.format.series import read_series
from runfolio.model.run import RunRecord, Status
from runfolio.record import neighbours
from runfolio.record.api import init
from runfolio.record.session import session

Script = Callable[..., subprocess.CompletedProcess[str]]

THREE = """
    import os, signal, sys, threading, time, runfolio
    runs = [runfolio.init(id=name, reinit=reinit) for name, reinit in
            (("a", "create_new"), ("b", None), ("c", "create_new"))]
    for run in runs:
        run.log({"x": 1})
"""
NAMES = ("a", "b", "c")


def records(store: Path) -> list[RunRecord]:
    return [read_record(store / name) for name in NAMES]


WAYS_OUT = {
    "end of the script": ("pass", "finished", None, 0),
    "uncaught exception": ("raise ValueError('no')", "failed", None, 1),
    "sys.exit(3)": ("sys.exit(3)", "failed", None, 3),
    "keyboard interrupt": ("raise KeyboardInterrupt", "interrupted", None, 130),
    "SIGTERM": ("os.kill(os.getpid(), signal.SIGTERM); time.sleep(9)",
                "interrupted", "SIGTERM", 143),
    "SIGHUP": ("os.kill(os.getpid(), signal.SIGHUP); time.sleep(9)",
               "interrupted", "SIGHUP", 129),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS_OUT)
def test_the_end_of_the_process_ends_all_of_them_the_last_one_first(
    script: Script, store: Path, way: str
) -> None:
    code, *ending = WAYS_OUT[way]

    done = script(f"{THREE}\n    {code}")

    found = records(store)
    assert [[r.status, r.signal, r.exit_code] for r in found] == [ending] * 3, done.stderr
    assert [read_series(r.path)["x"].value.tolist() for r in found] == [[1.0]] * 3
    ended = [(store / name / "seal.json").stat().st_mtime_ns for name in NAMES]
    assert ended == sorted(ended, reverse=True)


def test_one_that_has_ended_stays_as_it_is(script: Script, store: Path) -> None:
    script(f"{THREE}\n    runs[1].finish(); runs[2].finish(); sys.exit(3)")

    assert [r.status for r in records(store)] == ["failed", "finished", "finished"]


def test_hooks_go_with_the_last_of_them() -> None:
    def of_process() -> object:
        return [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)]

    before = of_process()
    first, second = init(), init(reinit="create_new")
    held = of_process()
    first.finish()
    assert (held != before, of_process() == held, list(session.open_runs)) == (True, True, [second])
    second.finish()
    assert (of_process(), list(session.open_runs)) == (before, [])


def test_one_opened_in_a_thread_leaves_signals_to_be_heard_later(
    script: Script, store: Path
) -> None:
    script("""
        import os, signal, threading, time, runfolio
        def work():
            runfolio.init(id="a", reinit="create_new")
        thread = threading.Thread(target=work)
        thread.start(); thread.join()
        runfolio.init(id="b")
        runfolio.init(id="c", reinit="create_new")
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(9)
    """)

    assert [r.signal for r in records(store)] == ["SIGTERM"] * 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("leave", ["sys.exit(3)", "raise ValueError", "time.sleep(60)"])
def test_a_forked_child_ends_none_of_its_parents_and_logs_to_none(
    script: Script, store: Path, leave: str
) -> None:
    done = script(f"""{THREE}
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        for run in runs:
            for n in range(20_000):
                run.log({{"x": -1}})
            run.finish(exit_code=1)
        own = runfolio.init(id="own")
        own.log({{"y": 1}})
        own.finish()
        os.write(write, b"!")
        {leave}
    os.read(read, 1)
    if "sleep" in {leave!r}:
        os.kill(child, signal.SIGTERM)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), [run.status for run in runs])
    for run in runs:
        run.log({{"x": 2}})
    """)

    code = {"s": 3, "r": 1, "t": -signal.SIGTERM}[leave[0]]
    told = f"{code} {[Status.RUNNING] * 3}\n"
    assert done.stdout == told, done.stderr
    assert [r.status for r in records(store)] == ["finished"] * 3
    assert [read_series(store / n)["x"].value.tolist() for n in NAMES] == [[1.0, 2.0]] * 3
    assert read_record(store / "own").status == "finished"


def test_what_logs_when_all_have_ended_is_told_once_and_harms_nobody(
    script: Script, store: Path
) -> None:
    done = script(f"""
    import atexit
    late = []
    atexit.register(lambda: [run.log({{"x": 2}}) for run in late])
    {THREE.strip()}
    late += runs
    """)

    assert "Traceback" not in done.stderr
    assert done.stderr.count("after the run had ended with its process") == 1
    assert [r.status for r in records(store)] == ["finished"] * 3


def test_without_any_time_left_a_run_still_says_how_it_ended() -> None:
    run = init()
    run.log({"x": 1})
    run.life.ends_by = 0.0
    run.finish()

    record = read_record(run.path)
    assert (record.status, read_series(run.path)["x"].value.tolist()) == ("finished", [1.0])
    assert (run.path / "seal.json").is_file()  # the disk had confirmed all of it


def test_what_several_leave_to_be_converted_is_left_to_one_process_a_store(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started: list[Path] = []
    monkeypatch.setenv("RUNFOLIO_UPKEEP", "true")
    monkeypatch.setattr(neighbours, "_start", started.append)

    with neighbours.converted_together():
        for name in ("a", "b", "a"):
            neighbours.convert_later(tmp_path / name)
        assert started == []

    assert sorted(started) == [tmp_path / "a", tmp_path / "b"]
    neighbours.convert_later(tmp_path)
    assert started[2:] == [tmp_path]
