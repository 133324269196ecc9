"""Ends that no hook hears of: the process leaves, is replaced, or breaks down inside C."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.faults.oracle import Child, Verdicts

from runfolio.format.manifest import read_record
from runfolio.model.run import Status

LOGS = """
import ctypes, os, sys, time
from runfolio.record.api import init
from tests.faults.victim import Points
run, points = init(id="victim"), Points()
for _ in range(5_000):
    points.log(run)
"""

WAYS = {
    "os._exit": "os._exit(0)",
    "os.execv": "os.execv(sys.executable, [sys.executable, '-c', 'pass'])",
    "segmentation fault": "ctypes.string_at(0)",
    "abort": "os.abort()",
    "exit from C": "ctypes.CDLL(None)._exit(3)",
}


@pytest.mark.parametrize("way", WAYS)
def test_an_end_without_a_word_loses_nothing_older_than_the_promise(
    store: Path, verdicts: Verdicts, way: str
) -> None:
    with Child(LOGS + WAYS[way], store) as child:
        told = child.wait()
    verdicts.judge(f"F08 {way}", store / "victim", told)


def test_a_process_that_became_another_program_has_crashed_once_that_is_gone(
    store: Path, verdicts: Verdicts
) -> None:
    becomes = "os.execv(sys.executable, [sys.executable, '-c', 'print(1, flush=True); input()'])"
    with Child(LOGS + "time.sleep(0.3)\n" + becomes, store) as child:
        assert child.hear() == "1"
        assert read_record(store / "victim").status is Status.RUNNING
        child.tell("")
        told = child.wait()
    verdicts.judge("F08 os.execv", store / "victim", told, every_one=True)
