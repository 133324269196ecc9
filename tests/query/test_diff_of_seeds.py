"""Seeds of two runs: what was set, and the states of the generators, which nobody has to set."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from runfolio.query.diff import run_diff
from runfolio.record.api import init
from runfolio.store.reader import RunReader

pytestmark = pytest.mark.usefixtures("store_path")


def run(seed: int) -> RunReader:
    random.seed(seed)
    with init() as made:
        made.life.snapshot.wait(60)
    return RunReader(made.path)


def states(was: RunReader, now: RunReader) -> list[str]:
    return [change.name for change in run_diff(was, now).seeds.states]


def test_generators_in_other_states_are_no_same_seeds() -> None:
    assert "random" in states(run(1), run(2))


def test_generators_in_the_same_states_do_not_differ() -> None:
    found = run_diff(run(1), run(1)).seeds
    assert found.is_same
    assert "random" in found.same_states


def test_a_damaged_record_of_the_seeds_is_named_and_stops_nothing() -> None:
    was, now = run(1), run(1)
    Path(now.path, "seeds.json").write_text("{")
    found = run_diff(was, now)
    assert any("seeds.json" in words for words in found.why("seeds"))
    assert found.config == ()
