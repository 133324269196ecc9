"""Generators that lie in containers and objects are found, and put back where they lie."""

from __future__ import annotations

import collections
import json
import random

import numpy as np
import orjson
import pytest

from runfolio.capture.generators import as_json, generator_states
from runfolio.capture.held_generators import held_generators
from runfolio.capture.restoring import restore
from runfolio.capture.state_history import StateHistory
from runfolio.errors import UsageError


class Trainer:
    """Holds what somebody's class holds."""

    def __init__(self, **parts):
        self.__dict__.update(parts)

    def __getattr__(self, name):
        raise AssertionError(f"{name} was asked for")


def paths_in(**variables):
    """Return the paths of the generators that variables hold."""
    return [path for path, _ in held_generators(variables)]


def taken_from(variables):
    """Return the states as they come back from a file."""
    states = generator_states(variables, held=held_generators(variables))
    variable = {key: as_json(s) for key, s in states.items() if key.startswith("variable:")}
    return json.loads(orjson.dumps(variable))


def test_they_are_found_in_objects_dictionaries_lists_and_those_within():
    rng = np.random.default_rng
    found = paths_in(
        trainer=Trainer(_rng=random.Random(1), loader=Trainer(sampler=Trainer(generator=rng(2)))),
        rngs={"data": rng(3), 7: rng(4), "of this": {"fold": np.random.RandomState(5)}},
        pair=("a", np.random.PCG64(6)),
        some=collections.defaultdict(list, a=[rng(7)]),
    )
    assert set(found) == {
        "trainer._rng", "trainer.loader.sampler.generator", 'rngs["data"]', "rngs[7]",
        'rngs["of this"]["fold"]', "pair[1]", 'some["a"][0]',
    }  # fmt: skip


def test_they_draw_the_same_numbers_again_where_they_lie():
    here = {
        "trainer": Trainer(rng=np.random.default_rng(), r=random.Random()),
        "bits": [getattr(np.random, b)() for b in ("MT19937", "PCG64DXSM", "Philox", "SFC64")],
        "old": {"state": np.random.RandomState()},
    }

    def drawn():
        bits = [np.random.Generator(bits).normal() for bits in here["bits"]]
        trainer = here["trainer"].__dict__
        return trainer["rng"].random(), trainer["r"].random(), bits, here["old"]["state"].rand()

    taken = taken_from(here)
    before = drawn()
    assert drawn() != before
    assert restore(taken, here) == {}
    assert drawn() == before


def test_one_that_a_variable_stands_for_has_the_name_of_the_variable():
    rng = np.random.default_rng(0)
    held = {"trainer": Trainer(rng=rng), "rng": rng}
    assert list(taken_from(held)) == ["variable:rng"]


def test_rings_and_large_containers_end_the_search():
    ring: list[object] = []
    ring.append(ring)
    rows = {"rows": [[n] for n in range(100_000)]}
    assert paths_in(ring=ring, rows=rows, last=[np.random.default_rng(0)]) == ["last[0]"]


def test_keys_that_could_break_a_path_and_private_variables_are_passed_over():
    rng = np.random.default_rng
    assert paths_in(rngs={'a"]': rng(1), "k" * 40: rng(2), ("a", 1): rng(3)}, _own=[rng(4)]) == []


def test_what_lies_elsewhere_by_now_is_told():
    taken = taken_from({"trainer": Trainer(rng=np.random.default_rng(1)), "r": [random.Random(2)]})
    assert restore(taken, {"trainer": Trainer(rng=3)}) == {
        "variable:trainer.rng": "something else lies there now (int)",
        "variable:r[0]": "there is none at that place now; execute first the cell that makes it",
    }


def test_looking_changes_nothing_and_asks_no_key():
    class Key:
        def __hash__(self):
            return hash("_modules")

        def __eq__(self, other):
            raise AssertionError("it was compared")

    counted = collections.defaultdict(lambda: np.random.default_rng(0))
    held = {"counted": counted, "keyed": {Key(): [1], 7: [np.random.default_rng(1)]}}
    taken = {"variable:counted[3]": taken_from({"a": np.random.default_rng(2)})["variable:a"]}
    assert "there is none" in restore(taken, held)["variable:counted[3]"]
    assert (dict(counted), paths_in(**held)) == ({}, ["keyed[7][0]"])


@pytest.mark.parametrize("path", ["a.b()", "a[b]", "_a.b", "a..b", "a.", "a[-1]", 'a["]"]', "1.b"])
def test_a_path_that_no_record_holds_is_refused(path):
    state = as_json(generator_states({"a": np.random.default_rng(1)})["variable:a"])
    with pytest.raises(UsageError, match="cannot be read"):
        restore({f"variable:{path}": state}, {"a": {}})


def test_before_a_cell_those_are_searched_for_that_it_may_reach_and_known_ones_kept():
    history = StateHistory()
    history.look(1, {})
    held = {"a": [np.random.default_rng(1)], "b": [np.random.default_rng(2)]}
    assert set(history.look(2, held, within=["a"]).states) >= {"variable:a[0]"}
    held["a"][0].random()
    assert set(history.look(3, held, within=[]).states) == {"variable:a[0]"}
    assert set(history.look(4, held, within=["b"]).states) == {"variable:b[0]"}
