"""``resume="auto"`` without an id: a job that was cut short goes on where it was."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from runfolio.format.manifest import read_record
from runfolio.model.run import Status

PROGRAM = """
import os, signal, sys
from runfolio.record.api import init
end = os.environ["END"]
run = init(resume="auto", project=os.environ.get("IN", "p"))
run.log({"a": run.step})
run.life.writer.flush()
if end == "kill": os.kill(os.getpid(), signal.SIGKILL)
if end == "term": os.kill(os.getpid(), signal.SIGTERM)
if end == "raise": raise ValueError("shapes differ")
run.finish()
"""


@pytest.fixture
def start(store: Path, tmp_path: Path):
    """Start the program with these words; it ends as told."""
    (tmp_path / "train.py").write_text(PROGRAM, encoding="utf-8")

    def run(end: str, *words: str, project: str = "p") -> None:
        command = [sys.executable, str(tmp_path / "train.py"), *words]
        env = os.environ | {"END": end, "IN": project, "RUNFOLIO_STRICT": "0"}
        subprocess.run(command, env=env, capture_output=True, timeout=60, check=False)

    return run


def runs(store: Path) -> list[Path]:
    return sorted(path.parent for path in store.glob("*/run.json"))


@pytest.mark.parametrize("end", ["kill", "term", "raise"])
def test_a_run_that_was_cut_short_is_gone_on_with(store: Path, start, end: str) -> None:
    start(end)
    start("finish")
    (only,) = runs(store)
    record = read_record(only)
    assert record.status is Status.FINISHED
    assert (record.metrics["a"].n, record.metrics["a"].last) == (2, 1)


def test_a_run_that_came_to_its_end_is_left_alone(store: Path, start) -> None:
    start("finish")
    start("finish")
    assert len(runs(store)) == 2


def test_another_command_or_project_begins_a_run_of_its_own(store: Path, start) -> None:
    start("kill", "--lr", "1")
    start("finish", "--lr", "2")
    start("finish", "--lr", "1", project="other")
    assert len(runs(store)) == 3


def test_only_the_last_run_of_the_program_counts(store: Path, start) -> None:
    start("kill", "x")
    start("finish", "x")
    start("finish", "x")
    assert len(runs(store)) == 2
