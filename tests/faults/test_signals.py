"""Signals at any moment: one is heard where nothing is lost by it, a second one does not wait."""

from __future__ import annotations

import contextlib
import itertools
import random
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from tests.faults.oracle import FULL, Child, Told, Verdicts, seeds
from tests.faults.victim import values

from runfolio.format.manifest import read_record
from runfolio.model.run import Status
from runfolio.record.api import init
from runfolio.record.session import reset_for_tests

OURS = ("runfolio/record/", "runfolio/format/")


class Interrupter:
    """Sends this process a signal when the n-th line of ours is about to run.

    Parameters
    ----------
    number : int
        The signal.
    line : int
        Which line, from 1.
    """

    def __init__(self, number: int, line: int) -> None:
        self.number, self.left, self.fired = number, line, 0

    def __enter__(self) -> None:
        sys.settrace(self._trace)

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def _trace(self, frame: FrameType, event: str, _: Any) -> Any:
        if not any(place in frame.f_code.co_filename for place in OURS):
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                self.fired += 1
                signal.raise_signal(self.number)
        return self._trace


@pytest.fixture
def here(store: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The store, for runs of this very process."""
    monkeypatch.setenv("RUNFOLIO_DIR", str(store))
    monkeypatch.setenv("RUNFOLIO_SILENT", "1")
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "0")
    reset_for_tests()
    yield store
    reset_for_tests()


def lines(short: int, full: int) -> Iterator[int]:
    """Yield lines to interrupt at, without end: every `short`-th, or every `full`-th."""
    return itertools.count(1, full if FULL else short)


def log_now(run: Any, number: int, drawn: float) -> None:
    """Log a point that is written before `log` returns, as in a slow loop."""
    run.life.writer.gate.due = run.life.writer._done_from = 0
    run.log({"a": drawn, "b": number})


def test_an_interrupt_at_any_line_of_log_loses_and_doubles_nothing(
    here: Path, verdicts: Verdicts
) -> None:
    for place in lines(9, 1):
        run, stream, came_back = init(id=f"line-{place}"), values(place, 0), 0
        interrupter = Interrupter(signal.SIGINT, place)
        with contextlib.suppress(KeyboardInterrupt), interrupter:
            for n in range(3):
                log_now(run, n, stream.random())
                came_back = n + 1
        run.finish()
        told = Told(place, 0, 0, came_back, came_back)
        verdicts.judge(
            "F06 interrupt in log", run.path, [told], status="finished", fired=interrupter.fired
        )
        shutil.rmtree(run.path)  # the journal looks at its neighbours
        if not interrupter.fired:
            break


# An interrupt between opening a file and the block that closes it leaves that to the collector.
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_at_any_line_of_finish_leaves_a_run_that_has_ended(
    here: Path, verdicts: Verdicts
) -> None:
    for place in lines(613, 7):
        run, stream = init(id=f"line-{place}"), values(place, 0)
        for n in range(50):
            run.log({"a": stream.random(), "b": n})
        interrupter = Interrupter(signal.SIGINT, place)
        with contextlib.suppress(KeyboardInterrupt), interrupter:
            run.finish()
        # What the end of the process does, where it had not begun.
        run.end(Status.FINISHED)
        told = Told(place, 0, 0, 50, 50)
        verdicts.judge(
            "F06 interrupt in finish", run.path, [told], status="finished", fired=interrupter.fired
        )
        shutil.rmtree(run.path)  # the journal looks at its neighbours
        if not interrupter.fired:
            break


LOOP = """
import sys, time
from runfolio.record.api import init
from tests.faults.victim import Points
run, points = init(id="victim"), Points()
for n in range(20_000):
    points.log(run)
    if sys.argv[1] == "log": time.sleep(0.001)
print("finishing", flush=True)
run.finish()
"""
SIGNALS = ("SIGTERM", "SIGHUP", "SIGINT")


@pytest.mark.parametrize("seed", seeds(1, 70))
@pytest.mark.parametrize("name", SIGNALS)
def test_one_signal_in_log_ends_the_run_as_interrupted(
    store: Path, verdicts: Verdicts, name: str, seed: int
) -> None:
    with Child(LOOP, store, "log", seed=seed) as child:
        child.wait_for(1)
        time.sleep(random.Random(seed).uniform(0, 0.2))
        child.process.send_signal(getattr(signal, name))
        told = child.wait(exited=True)
    verdicts.judge(f"F06 {name}", store / "victim", told, status="interrupted")
    assert read_record(store / "victim").exit_code == 128 + getattr(signal, name)


@pytest.mark.parametrize("seed", seeds(1, 70))
@pytest.mark.parametrize("name", SIGNALS)
def test_one_signal_in_finish_leaves_a_run_that_has_ended(
    store: Path, verdicts: Verdicts, name: str, seed: int
) -> None:
    with Child(LOOP, store, "finish", seed=seed) as child:
        assert child.hear() == "finishing"
        time.sleep(random.Random(seed).uniform(0, 0.2))
        child.process.send_signal(getattr(signal, name))
        told = child.wait(exited=True)
    verdicts.judge(
        f"F06 {name} in finish", store / "victim", told, status=("finished", "interrupted")
    )


@pytest.mark.parametrize("seed", seeds(1, 70))
@pytest.mark.parametrize("name", SIGNALS)
def test_a_second_signal_leaves_at_once_and_loses_nothing_older_than_the_promise(
    store: Path, verdicts: Verdicts, name: str, seed: int
) -> None:
    pause = random.Random(seed).uniform(0, 0.05)
    with Child(LOOP, store, "log", seed=seed) as child:
        child.wait_for(100)
        child.process.send_signal(getattr(signal, name))
        time.sleep(pause)
        told = child.kill(getattr(signal, name))
    verdicts.judge(
        f"F06 {name} twice", store / "victim", told, status=("interrupted", "crashed"), fired=2
    )
