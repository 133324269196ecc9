"""Threads, tasks and hooks: every point of each of them, in the order of each of them."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from tests.faults.oracle import Child, Verdicts

PROGRAMS = {
    "threads": """
        streams = [Points(n) for n in range(8)]
        def work(points):
            for _ in range(2_000): points.log(run)
        threads = [threading.Thread(target=work, args=[one]) for one in streams]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
    """,
    "tasks": """
        async def work(points):
            for n in range(300):
                points.log(run)
                await asyncio.sleep(0)
        async def everybody():
            await asyncio.gather(*(work(Points(n)) for n in range(8)))
        asyncio.run(everybody())
    """,
    "handlers of signals that log": """
        points, others = Points(), Points(1)
        signal.signal(signal.SIGUSR1, lambda *_: others.log(run))
        for n in range(5_000):
            points.log(run)
            if n % 10 == 0: os.kill(os.getpid(), signal.SIGUSR1)
    """,
    "handlers that raise": """
        points = Points()
        class Late(Exception): pass
        def late(*_): raise Late
        signal.signal(signal.SIGALRM, late)
        for n in range(200):
            number = points.number
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.001)
                while True: time.sleep(0.0001); run.log({"c": 1.0})
            except Late: pass
            points.log(run)
    """,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_many_at_once_lose_and_double_nothing(store: Path, verdicts: Verdicts, name: str) -> None:
    imports = "import asyncio, os, signal, threading, time, runfolio\nfrom tests.faults.victim import Points\n"
    begin = imports + 'run = runfolio.init(id="victim")\n'
    with Child(begin + textwrap.dedent(PROGRAMS[name]) + "run.finish()", store) as child:
        told = child.wait(exited=True)
    assert child.process.returncode == 0, child.stderr
    verdicts.judge(f"F33 threads: {name}", store / "victim", told, status="finished", stepped=False)


BREAKS = {
    "its loop raises": "run.life.writer._loop = broken(run.life.writer._loop, RuntimeError)",
    "its encoder runs out of memory": (
        "run.life.writer.encoder.encode = broken(run.life.writer.encoder.encode, MemoryError)"
    ),
    "its housekeeping raises": "run.life.writer._tick = broken(run.life.writer._tick, ValueError)",
}
BREAKING = """
import sys, time, runfolio
from tests.faults.victim import Points
def broken(call, error):
    left = [2]
    def once_more(*given, **named):
        if left[0]:
            left[0] -= 1
            raise error("on purpose")
        return call(*given, **named)
    return once_more
run, points = runfolio.init(id="victim"), Points()
for _ in range(100): points.log(run)
BREAK
for _ in range(400):
    points.log(run)
    time.sleep(0.001)
run.finish()
"""


@pytest.mark.parametrize("name", BREAKS)
def test_an_error_in_the_writers_thread_loses_no_point(
    store: Path, verdicts: Verdicts, name: str
) -> None:
    with Child(BREAKING.replace("BREAK", BREAKS[name]), store) as child:
        told = child.wait(exited=True)
    assert child.process.returncode == 0, child.stderr
    verdicts.judge(f"F30 {name}", store / "victim", told, status="finished", fired=2)


def test_warnings_that_are_errors_do_not_end_a_training(store: Path, verdicts: Verdicts) -> None:
    source = """
        import warnings, runfolio
        warnings.simplefilter("error")
        from tests.faults.victim import Points
        run, points = runfolio.init(id="victim"), Points()
        run.life.observers.append(type("Broken", (), {"finished": lambda *_: 1 / 0})())
        for _ in range(100):
            points.log(run)
        run.log({"bad": object()})
        run.finish()
    """
    with Child(textwrap.dedent(source), store) as child:
        told = child.wait(exited=True)
    assert child.process.returncode == 0, child.stderr
    verdicts.judge("F32", store / "victim", told, status="finished", counted=False)
