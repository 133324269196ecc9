"""Seeds of two runs: what was set, and the states of the generators, which nobody has to set."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from runfolio.query.compare import Change
from runfolio.query.diff import run_diff
from runfolio.record.api import init
from runfolio.store.reader import RunReader

pytestmark = pytest.mark.usefixtures("store_path")


def run(seed: int) -> RunReader:
    random.seed(seed)
    with init() as made:
        made.life.snapshot.wait(60)
    return RunReader(made.path)


def states(changes: tuple[Change, ...]) -> list[str]:
    return [change.name for change in changes if change.name.startswith("state of ")]


def test_generators_in_other_states_are_no_same_seeds() -> None:
    assert "state of random" in states(run_diff(run(1), run(2)).seeds)


def test_generators_in_the_same_states_do_not_differ() -> None:
    assert run_diff(run(1), run(1)).seeds == ()


def test_a_damaged_record_of_the_seeds_is_named_and_stops_nothing() -> None:
    was, now = run(1), run(1)
    Path(now.path, "seeds.json").write_text("{")
    found = run_diff(was, now)
    assert any("seeds.json" in words for words in found.unread)
    assert [change.name for change in found.config] == []
