"""restore_seeds finds the run, puts back what it can, and says what it cannot."""

# ruff: noqa: NPY002 - the legacy generator is one of those that are tested
from __future__ import annotations

import json
import random

import numpy as np
import pytest

import runfolio
from runfolio.errors import RunfolioWarning, RunNotFound, UsageError
from runfolio.record.api import init
from runfolio.verbs.restore_seeds import restore_seeds


@pytest.fixture(autouse=True)
def own_states(monkeypatch):
    """Capture for once, and leave the process's generators as they were."""
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "true")
    python, legacy = random.getstate(), np.random.get_state()
    yield
    random.setstate(python)
    np.random.set_state(legacy)


@pytest.fixture
def trained(store_path):
    """A run that drew ten numbers, and those numbers."""
    run = init(name="drawn")
    numbers = draw()
    run.finish(quiet=True)
    return run.path, numbers


def draw():
    return [*np.random.standard_normal(5), *(random.random() for _ in range(5))]


def states_file(folder, generator):
    return folder / json.loads((folder / "seeds.json").read_text())["states"][generator]


def test_a_script_draws_the_same_numbers_again_whatever_names_the_run(trained):
    folder, numbers = trained
    for run in (
        "drawn",
        folder.name,
        folder.name[-6:],
        folder,
        str(folder),
        runfolio.load("drawn"),
    ):
        answer = restore_seeds(run)
        assert draw() == numbers
        assert {"random", "numpy"} <= set(answer.data()["restored"])
    assert "As" in str(answer)
    assert "started without PYTHONHASHSEED" in str(answer)


def test_the_run_that_is_open_can_be_meant(store_path):
    with init() as run:
        numbers = draw()
        restore_seeds(run)
        assert draw() == numbers


def test_a_state_that_was_damaged_is_named_and_the_others_come_back(trained):
    folder, numbers = trained
    file = states_file(folder, "numpy")
    file.write_bytes(file.read_bytes().replace(b"0", b"1"))
    with pytest.warns(RunfolioWarning, match=r"numpy was not put back: rng/.* is damaged"):
        answer = restore_seeds(folder)
    assert draw()[5:] == numbers[5:]
    assert set(answer.data()["missed"]) == {"numpy", "environment"}


def test_a_state_whose_file_is_gone_is_named(trained):
    folder, _ = trained
    states_file(folder, "random").unlink()
    with pytest.warns(RunfolioWarning, match="random was not put back"):
        restore_seeds(folder)


def test_a_name_that_leads_out_of_the_run_is_not_followed(trained, tmp_path):
    folder, _ = trained
    body = json.loads((folder / "seeds.json").read_text())
    body["states"]["random"] = "../../outside.json"
    (folder / "seeds.json").write_text(json.dumps(body))
    with pytest.warns(RunfolioWarning, match="is no file of states"):
        restore_seeds(folder)


def test_a_script_has_no_cells(trained):
    with pytest.raises(UsageError, match="no notebook's"):
        restore_seeds("drawn", cell=3)


@pytest.mark.parametrize("cell", [0, -1, True, "3", 2.0])
def test_what_is_no_cell_is_refused(trained, cell):
    with pytest.raises(UsageError, match="expected the execution count"):
        restore_seeds("drawn", cell=cell)


def test_a_run_without_states_says_why(store_path, monkeypatch):
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "false")
    init(name="bare").finish(quiet=True)
    with pytest.raises(UsageError, match="RUNFOLIO_CAPTURE"):
        restore_seeds("bare")


def test_no_run_is_meant_by_a_folder_without_one(trained, tmp_path):
    with pytest.raises(RunNotFound, match="no run directory"):
        restore_seeds(tmp_path)
    with pytest.raises(RunNotFound, match="drawn"):
        restore_seeds("drwan")
