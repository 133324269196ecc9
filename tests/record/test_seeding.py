"""runfolio.seed seeds what is there, what comes later, and is part of the record."""

# ruff: noqa: NPY002 - the legacy generator is one of those that are tested
from __future__ import annotations

import json
import random
import subprocess
import sys

import numpy as np
import pytest

from runfolio.capture import seeds
from runfolio.errors import UsageError
from runfolio.format.events import read_events
from runfolio.format.manifest import read_record
from runfolio.record.api import init
from runfolio.record.seeding import seed


@pytest.fixture(autouse=True)
def own_states(monkeypatch):
    """Capture, leave the process's generators as they were, and let it know of no seed."""
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "true")
    monkeypatch.setattr(seeds, "_given", {})
    python, legacy = random.getstate(), np.random.get_state()
    yield
    random.setstate(python)
    np.random.set_state(legacy)


def in_a_fresh_process(source):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", source],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_what_is_imported_is_seeded_at_once():
    assert {"random", "numpy"} <= set(seed(42))
    drawn = [random.random(), *np.random.rand(3)]
    random.seed(42)
    np.random.seed(42)
    assert [random.random(), *np.random.rand(3)] == drawn


def test_what_is_imported_later_is_seeded_as_it_comes():
    drawn = in_a_fresh_process(
        "import runfolio, sys\n"
        "assert runfolio.seed(1) == ('random',)\n"
        "assert runfolio.seed(7) == ('random',)\n"
        "assert 'numpy' not in sys.modules\n"
        "import numpy as np\n"
        "print(np.random.rand())"
    )
    np.random.seed(7)
    assert drawn == [str(np.random.rand())]


def test_the_open_run_records_it(store_path):
    run = init()
    seed(42)
    run.finish(quiet=True)
    told = list(read_events(run.path, ["seed"]))
    assert read_record(run.path).seeds["runfolio.seed"] == 42
    assert [(event["value"], event["deterministic"]) for event in told] == [(42, False)]
    assert "numpy" in told[0]["seeded"]


def test_a_run_that_is_opened_later_knows_it(store_path):
    seed(3)
    run = init()
    run.finish(quiet=True)
    assert read_record(run.path).seeds["runfolio.seed"] == 3
    assert json.loads((run.path / "seeds.json").read_text())["set"]["runfolio.seed"] == 3


def test_whole_numbers_of_numpy_are_numbers():
    assert "random" in seed(np.int64(5))


@pytest.mark.parametrize("value", [-1, 2**32, 1.5, "42", None, True])
def test_what_is_no_seed_is_refused_and_seeds_nothing(value):
    before = random.getstate()
    with pytest.raises(UsageError, match=r"expected a whole number .* runfolio.seed\(42\)"):
        seed(value)
    assert random.getstate() == before
    assert seeds._given == {}
