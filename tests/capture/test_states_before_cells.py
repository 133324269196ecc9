"""Before each cell only what has changed is kept, as much of it as memory allows."""

from __future__ import annotations

import random

import numpy as np
import pytest

from runfolio.capture import generators
from runfolio.capture.generators import as_json, generator_states
from runfolio.capture.state_history import StateHistory


@pytest.fixture(autouse=True)
def own_state():
    """Leave the process's generator as it was."""
    state = random.getstate()
    yield
    random.setstate(state)


def test_the_first_look_keeps_everything_and_the_next_only_what_has_changed():
    history = StateHistory()
    namespace = {"rng": np.random.default_rng(1), "n": 3}
    first = history.look(1, namespace, began=True)
    assert {"random", "numpy", "environment", "variable:rng"} <= set(first.states)
    assert history.look(2, namespace) is None
    namespace["rng"].random()
    assert set(history.look(3, namespace).states) == {"variable:rng"}
    assert [(change.cell, change.began) for change in history.changes] == [(1, True), (3, False)]


def test_what_is_kept_is_the_state_before_the_cell():
    history = StateHistory()
    history.look(1, {})
    random.random()
    before = as_json(generator_states()["random"])
    change = history.look(2, {})
    random.random()
    assert change.states["random"] == before


def test_a_cached_half_of_a_pair_of_normal_numbers_is_a_change():
    old = np.random.RandomState(1)
    history = StateHistory()
    old.standard_normal()
    history.look(1, {"old": old})
    old.standard_normal()  # the second of the pair: nothing but the cache has changed
    assert set(history.look(2, {"old": old}).states) == {"variable:old"}


def test_a_quick_look_sees_every_number_that_is_drawn():
    history = StateHistory()
    numpy = np.random
    before = numpy.get_state()
    numpy.seed(1)
    history.look(1, {})
    assert history.look(2, {}, quick=True) is None
    for cell, draw in enumerate([numpy.rand, numpy.randn, numpy.randn, numpy.randn, numpy.rand], 3):
        draw()
        assert set(history.look(cell, {}, quick=True).states) == {"numpy"}
        assert history.look(cell, {}, quick=True) is None
        assert history.changes[-1].states["numpy"] == as_json(generator_states()["numpy"])
    numpy.set_state(before)


def test_a_variable_that_comes_again_is_kept_again():
    history = StateHistory()
    rng = np.random.default_rng(1)
    history.look(1, {"rng": rng})
    assert history.look(2, {}) is None
    assert set(history.look(3, {"rng": rng}).states) == {"variable:rng"}


def test_a_generator_that_has_just_come_is_taken_within_the_cell_and_no_other():
    history = StateHistory()
    history.look(1, {})
    history._last.pop("numpy")
    random.random()
    assert set(history.look_at_new(1, ["numpy", "random"]).states) == {"numpy"}
    assert set(history.look(2, {}).states) == {"random"}


def test_the_oldest_changes_but_the_first_are_let_go_of_and_say_so():
    history = StateHistory(most_chars=40_000)
    for cell in range(1, 12):
        history.look(cell, {})
        random.random()
    kept = [change.states["random"] is not None for change in history.changes]
    assert kept[0]
    assert 3 <= sum(kept) <= 8
    assert kept[1:] == sorted(kept[1:])


@pytest.mark.parametrize("memory", ["this Python's", "unknown"])
def test_a_quick_look_sees_every_number_that_python_draws(memory, monkeypatch):
    if memory == "unknown":
        monkeypatch.setattr(generators, "_memory_of_random", lambda _: None)
    history = StateHistory()
    random.seed(1)
    history.look(1, {})
    assert history.look(2, {}, quick=True) is None
    draws = [random.random, lambda: random.gauss(0, 1), lambda: random.gauss(0, 1)]
    for cell, draw in enumerate([*draws, random.getrandbits, random.random], 3):
        draw(*[3] * (draw == random.getrandbits))
        change = history.look(cell, {}, quick=True)
        assert change.states["random"] == as_json(generator_states()["random"])
    kept = random.getstate()
    random.seed(2)
    assert history.look(9, {}, quick=True) is not None
    random.setstate(kept)
    assert history.look(10, {}, quick=True).states["random"] == as_json(
        generator_states()["random"]
    )


def test_the_memory_of_pythons_generator_is_read_here():
    assert generators._memory_of_random(random.random.__self__) is not None


def test_a_variable_that_becomes_a_generator_is_seen_where_a_cell_may_use_it():
    history = StateHistory()
    namespace = {"a": 1, "b": 2}
    history.look(1, namespace)
    namespace |= {"a": random.Random(1), "b": random.Random(2)}
    assert history.look(2, namespace, within=()) is None
    assert set(history.look(3, namespace, within={"b"}).states) == {"variable:b"}
    namespace["b"].random()
    assert set(history.look(4, namespace, within=()).states) == {"variable:b"}
    assert set(history.look(5, namespace, within=None).states) == {"variable:a"}


def test_functions_that_somebody_put_in_place_of_pythons_own_cost_no_state(monkeypatch):
    history = StateHistory()
    history.look(1, {})
    monkeypatch.setattr(random, "random", lambda: 0.5)
    assert history.look(2, {}, quick=True) is None
    state = random.getstate()
    monkeypatch.setattr(random, "getstate", lambda: state)
    assert history.look(3, {}, quick=True) is None
