"""Children by fork, spawn and forkserver, with the writer's thread and locks held: nobody hangs."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.faults.oracle import FULL, Child, Told, Verdicts

from runfolio.format.series import read_series

FORKS = """
import os, signal, sys, threading
import runfolio
from tests.faults.victim import Points
run, points = runfolio.init(id="victim"), Points()
go = True
def work():
    while go:
        points.log(run)
threads = [threading.Thread(target=work)]
for thread in threads: thread.start()
for n in range(int(sys.argv[1])):
    child = os.fork()
    if child == 0:
        # Whoever hangs here is ended by the alarm, with a status that is not 0.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(20)
        run.log({"child": n}); runfolio.log({"child": n}, step=7)
        run.config.update({"child": n}); run.alert("child"); run.summary["child"] = n
        if n % 2: run.finish()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, f"child {n} hung or failed"
go = False
for thread in threads: thread.join()
run.finish()
"""


def test_children_forked_in_the_middle_of_logging_hang_nobody_and_write_nothing(
    store: Path, verdicts: Verdicts
) -> None:
    forks = 1000 if FULL else 40
    with Child(FORKS, store, forks) as child:
        told = child.wait(exited=True)
    assert child.process.returncode == 0, child.stderr
    verdicts.judge("F25 fork", store / "victim", told, status="finished", fired=forks)


POOL = """
import multiprocessing, os, sys
import runfolio
from tests.faults.victim import Points

def load(batch):
    '''What a worker of a DataLoader does: it reads, and perhaps logs by mistake.'''
    try:
        runfolio.log({"worker": batch})
    except runfolio.NoActiveRun:
        pass
    return batch * 2

if __name__ == "__main__":
    run, points = runfolio.init(id="victim"), Points()
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        for batch in pool.imap(load, range(60)):
            points.log(run)
    run.finish()
"""
TAKES_PART = """
import multiprocessing, os, sys
import runfolio
from tests.faults.victim import Points

def train(rank):
    points = Points(rank, tells=False)
    with runfolio.attach("victim", rank=rank) as run:
        for _ in range(50):
            points.log(run, step=points.number)

if __name__ == "__main__":
    run = runfolio.init(id="victim")
    workers = [multiprocessing.get_context(sys.argv[1]).Process(target=train, args=[rank])
               for rank in (1, 2)]
    for worker in workers: worker.start()
    for worker in workers: worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0]
    run.finish()
"""


METHODS = ("fork", "spawn", "forkserver")


def file_of(folder: Path, source: str) -> Path:
    """Return a program as a file: workers that are spawned import it."""
    path = folder / "program.py"
    path.write_text(source)
    return path


@pytest.mark.parametrize("method", METHODS)
def test_workers_of_a_pool_leave_the_run_to_the_trainer(
    store: Path, verdicts: Verdicts, tmp_path: Path, method: str
) -> None:
    with Child(file_of(tmp_path, POOL), store, method) as child:
        told = child.wait(exited=True)
    assert child.process.returncode == 0, child.stderr
    assert "worker" not in read_series(store / "victim")
    verdicts.judge(f"F25 pool by {method}", store / "victim", told, status="finished")


@pytest.mark.parametrize("method", METHODS)
def test_workers_that_take_part_have_files_of_their_own(
    store: Path, verdicts: Verdicts, tmp_path: Path, method: str
) -> None:
    with Child(file_of(tmp_path, TAKES_PART), store, method) as child:
        child.wait(exited=True)
    assert child.process.returncode == 0, child.stderr
    told = [Told(child.seed, rank, 0, 50, 50) for rank in (1, 2)]
    verdicts.judge(f"F25 workers by {method}", store / "victim", told, status="finished")


SIGNALLED = """
import os, signal, sys, time
import runfolio
from tests.faults.victim import Points

run, points = runfolio.init(id="victim"), Points()
points.log(run)
child = os.fork()
if child == 0:
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert sys.excepthook is sys.__excepthook__
    time.sleep(60)
time.sleep(1)  # one that comes before Python knows of the fork is lost, run or none
os.kill(child, signal.SIGTERM)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGTERM
assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
run.finish()
"""


def test_a_forked_child_hears_signals_as_without_a_run(store: Path, verdicts: Verdicts) -> None:
    """It ended by unwinding the user's code: where that swallowed the exception, never."""
    with Child(SIGNALLED, store) as child:
        told = child.wait(exited=True)
    assert child.process.returncode == 0, child.stderr
    verdicts.judge("F25 signal to a child", store / "victim", told, status="finished")
