"""What is new of a run since the last look, while it is written and when it is over."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import numpy as np
import pytest

import runfolio
from runfolio.store.follow import Follower, News


def taken(found: list[News], into: dict[str, list[float]]) -> None:
    for new in found:
        into.setdefault(new.key, []).extend(new.step.tolist())


def test_each_point_is_told_once_while_the_run_is_written_and_after(folio: Path) -> None:
    run = runfolio.init()
    follower, seen = Follower(run.path), {}
    dice = random.Random(7)
    for step in range(3000):
        run.log({"a": step, "b/c": 2 * step} if step % 3 else {"a": step}, step=step)
        if dice.random() < 0.01:
            run.life.writer.flush()
            taken(follower.news()[0], seen)
    run.finish()
    taken(follower.news()[0], seen)

    assert seen["a"] == list(range(3000))
    assert seen["b/c"] == [step for step in range(3000) if step % 3]
    assert follower.news() == ([], False)


def test_a_finished_run_is_told_whole_and_a_resumed_one_goes_on(folio: Path) -> None:
    run = runfolio.init(id="mine")
    for step in range(50):
        run.log({"a": step}, step=step)
    run.finish()
    follower, seen = Follower(run.path), {}
    taken(follower.news()[0], seen)
    again = runfolio.init(id="mine", resume="must")
    for step in range(50, 90):
        again.log({"a": step}, step=step)
    again.life.writer.flush()
    taken(follower.news()[0], seen)
    again.finish()
    taken(follower.news()[0], seen)

    assert seen["a"] == list(range(90))


def test_a_folder_that_was_long_quiet_is_listed_again_when_a_part_comes(folio: Path) -> None:
    run = runfolio.init(id="quiet")
    run.log({"a": 0.0}, step=0)
    run.finish()
    follower, seen = Follower(run.path), {}
    os.utime(run.path, (1.6e9, 1.6e9))
    for _ in range(2):
        taken(follower.news()[0], seen)
    again = runfolio.init(id="quiet", resume="must")
    again.log({"a": 1.0}, step=1)
    again.life.writer.flush()
    taken(follower.news()[0], seen)
    again.finish()

    assert seen["a"] == [0, 1]


def test_a_run_that_ends_between_two_looks_loses_nothing(folio: Path) -> None:
    run = runfolio.init()
    follower, seen = Follower(run.path), {}
    run.log({"a": 1.0}, step=0)
    run.life.writer.flush()
    taken(follower.news()[0], seen)
    for step in range(1, 400):
        run.log({"a": np.sin(step), "late": step}, step=step)
    run.finish()
    taken(follower.news()[0], seen)

    assert seen == {"a": list(range(400)), "late": list(range(1, 400))}


def test_a_live_file_that_was_replaced_starts_anew_and_says_so(folio: Path) -> None:
    run = runfolio.init()
    run.log({"a": 1.0}, step=0)
    run.log({"a": 2.0}, step=1)
    run.life.writer.flush()
    copy = shutil.copytree(run.path, folio.parent / "copy")
    follower = Follower(copy)
    follower.news()
    file = copy / "metrics.jsonl"
    first = file.read_bytes().split(b"\n")[0] + b"\n"
    file.with_suffix(".new").write_bytes(first)
    file.with_suffix(".new").replace(file)

    found, restarted = follower.news()

    assert restarted
    assert [new.step.tolist() for new in found] == [[0.0]]


def test_a_run_directory_that_is_gone_is_told(folio: Path) -> None:
    run = runfolio.init()
    run.log({"a": 1.0})
    run.finish()
    follower = Follower(run.path)
    shutil.rmtree(run.path)

    with pytest.raises(FileNotFoundError):
        follower.news()
