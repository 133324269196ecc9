"""A run that several processes wrote to stays one run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from runfolio.format import seal
from runfolio.format.manifest import read_record
from runfolio.format.series import read_series
from runfolio.record.api import init
from runfolio.record.session import Session


def test_counts_survive_a_resume() -> None:
    run = init(id="r")
    for step in (5, 5, 1):
        run.log({"a": float("nan")}, step=step)
    run.finish()
    run = init(id="r", resume="must")
    run.log({"a": float("inf")}, step=7)
    run.log({"a": 1.0}, step=7)
    run.finish()
    assert read_record(run.path).counts == {
        "points": 5, "late": 1, "duplicate": 2, "nonfinite": 4, "refused": 0,
    }  # fmt: skip


def test_an_older_segment_leaves_the_manifest_to_the_newer_one() -> None:
    older, newer = Session().open({"id": "r"}), Session().open({"id": "r", "resume": "allow"})
    older.log({"old": 1.0})
    newer.log({"new": 2.0})
    newer.name = "from the newer"
    newer.finish()
    older.finish(exit_code=1)
    record = read_record(newer.path)
    assert (record.status, record.name) == ("finished", "from the newer")
    assert orjson.loads((newer.path / "run.json").read_bytes())["status"] == "finished"
    assert record.metrics["old"].last == 1.0
    assert sorted(read_series(newer.path)) == ["new", "old"]


def test_two_that_resume_at_once_both_keep_their_points(store: Path) -> None:
    init(id="r").finish()
    runs = [Session().open({"id": "r", "resume": "must"}) for _ in range(2)]
    for place, run in enumerate(runs):
        for n in range(50):
            run.log({f"m{place}": n})
    for run in runs:
        run.finish()
    assert {key: len(series) for key, series in read_series(store / "r").items()} == {
        "m0": 50, "m1": 50,
    }  # fmt: skip


def test_what_was_captured_is_sealed_before_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "true")
    run = init()
    assert run.life.snapshot is not None
    assert run.life.snapshot.wait(30)
    sealed = seal.read_seal(run.path)
    assert "environment/environment.json" in sealed
    assert "metrics.jsonl" not in sealed
    run.finish()
    assert {"events.jsonl", "seeds.json"} <= set(seal.read_seal(run.path))
    assert seal.grade(run.path) == "own"


def test_a_crashed_run_is_resumed_with_what_it_left(script: Callable, store: Path) -> None:
    script("""
        import os, runfolio
        run = runfolio.init(id="r", config={"lr": 0.5})
        for n in range(10): run.log({"a": n})
        run.life.writer.flush()
        os._exit(1)
    """)
    assert read_record(store / "r").status == "crashed"
    run = init(id="r", resume="must")
    assert (run.config.lr, run.step) == (0.5, 10)
    run.log({"a": 10})
    run.finish()
    record = read_record(store / "r")
    assert (record.status, record.metrics["a"].n) == ("finished", 11)
