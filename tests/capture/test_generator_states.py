"""Generator states are taken as JSON and put back so that the same numbers come."""

# ruff: noqa: NPY002 - the legacy generator is one of those that are tested
from __future__ import annotations

import json
import random
import subprocess
import sys

import numpy as np
import orjson
import pytest

from runfolio.capture.generators import as_json, generator_states
from runfolio.capture.restoring import restore
from runfolio.capture.seeds import known_seeds
from runfolio.errors import UsageError


@pytest.fixture(autouse=True)
def own_states():
    """Leave the process's generators as they were."""
    python, legacy = random.getstate(), np.random.get_state()
    yield
    random.setstate(python)
    np.random.set_state(legacy)


def taken_from(namespace=None):
    """Return the states as they come back from a file."""
    states = {key: as_json(state) for key, state in generator_states(namespace).items()}
    return json.loads(orjson.dumps(states))


def without_environment(missed):
    """Leave out the order of sets, which no running process can be given."""
    return {key: why for key, why in missed.items() if key != "environment"}


def test_the_states_of_random_and_numpy_come_back():
    random.gauss(0, 1)
    np.random.standard_normal(3)
    taken = taken_from()
    drawn = [random.gauss(0, 1), random.random(), *np.random.standard_normal(5)]
    assert without_environment(restore(taken)) == {}
    assert [random.gauss(0, 1), random.random(), *np.random.standard_normal(5)] == drawn


@pytest.mark.parametrize("bits", ["MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"])
def test_a_generator_in_the_namespace_comes_back(bits):
    namespace = {"rng": np.random.Generator(getattr(np.random, bits)(3))}
    namespace["rng"].integers(0, 9, dtype=np.int8)
    taken = taken_from(namespace)
    drawn = namespace["rng"].standard_normal(5).tolist()
    assert restore({"variable:rng": taken["variable:rng"]}, namespace) == {}
    assert namespace["rng"].standard_normal(5).tolist() == drawn


def test_generators_of_all_kinds_are_made_anew_where_they_are_missing():
    here = {
        "r": random.Random(1),
        "old": np.random.RandomState(2),
        "new": np.random.default_rng(3),
        "bits": np.random.PCG64(4),
    }
    taken = {key: state for key, state in taken_from(here).items() if key.startswith("variable:")}
    there: dict[str, object] = {}
    assert restore(taken, there) == {}
    assert there["r"].random() == here["r"].random()
    assert there["old"].random_sample() == here["old"].random_sample()
    assert there["new"].random() == here["new"].random()
    assert there["bits"].random_raw() == here["bits"].random_raw()


def test_one_generator_under_two_names_is_taken_once():
    rng = np.random.default_rng(0)
    assert [key for key in generator_states({"rng": rng, "same": rng}) if ":" in key] == [
        "variable:rng"
    ]


def test_private_names_and_generators_without_state_are_passed_over():
    states = generator_states(
        {"_rng": np.random.default_rng(0), "system": random.SystemRandom(), "n": 3}
    )
    assert not [key for key in states if key.startswith("variable:")]


def test_numbers_of_128_bits_are_hex():
    state = taken_from({"rng": np.random.default_rng(0)})["variable:rng"]
    assert int(state["state"]["state"]["int"], 16).bit_length() > 64


def test_the_hash_seed_is_known(monkeypatch):
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    assert known_seeds()["PYTHONHASHSEED"] == 7
    monkeypatch.setenv("PYTHONHASHSEED", "random")
    assert "PYTHONHASHSEED" not in known_seeds()


def test_no_package_is_imported_for_it():
    code = "import sys; from runfolio.capture.generators import generator_states; print(sorted(generator_states())); assert 'numpy' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "['environment', 'random']\n"


def test_a_package_that_is_half_imported_is_passed_over(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", type(sys)("torch"))
    assert "torch" not in generator_states()


@pytest.mark.parametrize(
    "state",
    [{}, {"kind": "pickle"}, {"kind": "random.Random", "version": 3, "key": "zz", "position": 1, "gauss": None},
     {"kind": "random.Random", "version": 3, "key": "00", "position": 1, "gauss": None},
     {"kind": "numpy.random", "bit_generator": "MT19937"}],
)  # fmt: skip
def test_a_damaged_state_is_refused_and_changes_nothing(state):
    before = random.getstate()
    with pytest.raises(UsageError, match="cannot be read"):
        restore({"random": state})
    assert random.getstate() == before


def test_what_cannot_be_put_back_is_told():
    state = taken_from({"rng": np.random.default_rng(0)})["variable:rng"]
    assert "namespace=globals()" in restore({"variable:rng": state})["variable:rng"]
    assert "something else" in restore({"variable:rng": state}, {"rng": 3})["variable:rng"]


@pytest.mark.parametrize("place", [-1, 625, 10**9])
def test_a_position_outside_of_a_generators_memory_is_refused(place):
    state = taken_from({"rng": np.random.RandomState(1)})["variable:rng"]
    state["state"]["pos"] = {"int": hex(place)}
    with pytest.raises(UsageError, match="position"):
        restore({"variable:rng": state}, {})
    with pytest.raises(UsageError, match="position"):
        restore({"numpy": {**state, "kind": "numpy.random"}})


def test_a_position_outside_of_a_buffer_is_refused():
    state = taken_from({"rng": np.random.Generator(np.random.Philox(1))})["variable:rng"]
    state["buffer_pos"] = {"int": "-0x9"}
    with pytest.raises(UsageError, match="position"):
        restore({"variable:rng": state}, {})


def test_no_name_of_pythons_own_is_covered():
    state = taken_from({"rng": random.Random(1)})["variable:rng"]
    there = {}
    assert "Python has something" in restore({"variable:print": state}, there)["variable:print"]
    assert there == {}
    with pytest.raises(UsageError, match="no name of a variable"):
        restore({"variable:__builtins__": state}, there)
