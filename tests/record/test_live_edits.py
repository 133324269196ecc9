"""What others say while the run is open is taken in by its writer."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest

from runfolio.errors import StopRun
from runfolio.format.edits import write_edit
from runfolio.format.manifest import read_manifest, read_record
from runfolio.model.run import Status
from runfolio.record.api import init


def test_a_tag_and_a_note_of_another_process_reach_the_open_run() -> None:
    run = init(tags=["a"], notes="mine")
    first = write_edit(run.path, "add", "tags", "b")
    write_edit(run.path, "remove", "tags", "a")
    write_edit(run.path, "set", "notes", "theirs", was="mine")
    write_edit(run.path, "set", "name", "renamed")
    run.life.take_edits()
    assert (run.tags, run.notes, run.name) == (("b",), "theirs", "renamed")
    run.finish()
    assert first.id in read_manifest(run.path)["applied"]
    record = read_record(run.path)
    assert (record.tags, record.notes, record.name) == (("b",), "theirs", "renamed")


def test_what_was_taken_in_may_be_changed_again() -> None:
    run = init()
    write_edit(run.path, "add", "tags", "wrong")
    run.life.take_edits()
    run.tags = ()
    run.finish()
    assert read_record(run.path).tags == ()


def test_a_change_reaches_other_readers_without_waiting_for_the_next_round() -> None:
    run = init(name="first")
    run.name, run.config.lr = "second", 0.5
    deadline = time.monotonic() + 20
    while read_record(run.path).name != "second" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert read_record(run.path).config == {"lr": 0.5}


def test_an_edit_that_was_already_true_is_not_applied_later() -> None:
    run = init(tags=["good"])
    write_edit(run.path, "add", "tags", "good")
    run.life.take_edits()
    run.tags = ()
    run.finish()
    assert read_record(run.path).tags == ()


def test_the_writer_looks_for_edits_by_itself() -> None:
    run = init()
    write_edit(run.path, "add", "tags", "seen")
    deadline = time.monotonic() + 20
    while run.tags != ("seen",) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert run.tags == ("seen",)


@pytest.mark.parametrize("step", [None, 5], ids=["counted", "explicit"])
def test_a_stop_ends_the_loop_at_the_next_log(step: int | None) -> None:
    rounds = []
    with init() as run:
        for n in range(10):
            run.log({"a": n}, step=None if step is None else step + n)
            rounds.append(n)
            if n == 3:
                write_edit(run.path, "stop", "run")
                run.life.take_edits()
    assert rounds == [0, 1, 2, 3]
    record = read_record(run.path)
    assert record.status is Status.STOPPED
    assert record.metrics["a"].n == 4


def test_a_stop_passes_an_except_exception() -> None:
    run = init()
    write_edit(run.path, "stop", "run")
    run.life.take_edits()
    with pytest.raises(StopRun), contextlib.suppress(Exception):  # what training loops do
        run.log({"a": 1})


def test_a_damaged_edit_does_not_disturb_the_run(store: Path) -> None:
    run = init()
    (run.path / "edits").mkdir()
    (run.path / "edits" / "x.json").write_bytes(b"{")
    write_edit(run.path, "add", "tags", "good")
    run.life.take_edits()
    assert run.tags == ("good",)


def test_a_stop_that_the_program_takes_itself_ends_as_stopped() -> None:
    run = init()
    write_edit(run.path, "stop", "run", value=True)
    run.life.take_edits()
    with pytest.raises(StopRun):
        run.log({"a": 1})
    run.finish()
    assert read_record(run.path).status is Status.STOPPED


def test_what_is_known_of_the_whole_is_logged_though_the_run_was_asked_to_stop() -> None:
    run = init()
    run.life.before_end.append(lambda: run.log({"best": 7}))
    for _ in range(2):
        run.life.ask_to_stop()
    with pytest.raises(StopRun):
        run.log({"a": 1})
    run.finish()
    record = read_record(run.path)
    assert (record.status, set(record.metrics)) == (Status.STOPPED, {"best"})
