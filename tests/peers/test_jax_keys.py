"""Keys of JAX in variables, new style and old, are recorded and bound again."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest

from runfolio.capture.generators import as_json, generator_states
from runfolio.capture.restoring import restore
from runfolio.capture.state_history import StateHistory


@pytest.fixture
def jax():
    """The package."""
    import jax

    return jax


def taken(namespace: dict[str, Any]) -> Any:
    """Return the states of variables as they come back from a file."""
    found = generator_states(namespace).items()
    states = {key: as_json(state) for key, state in found if key.startswith("variable:")}
    return json.loads(orjson.dumps(states))


def test_keys_of_both_styles_and_batches_of_them_come_back(jax) -> None:
    namespace = {
        "key": jax.random.key(1),
        "old": jax.random.PRNGKey(2),
        "many": jax.random.split(jax.random.key(3), 5),
        "other": jax.random.key(4, impl="rbg"),
    }
    states = taken(namespace)
    there: dict[str, Any] = {"key": jax.random.key(9)}
    assert restore(states, there) == {}
    for name in ("key", "old", "other"):
        drawn = jax.random.normal(namespace[name], (3,)).tolist()
        assert jax.random.normal(there[name], (3,)).tolist() == drawn
    assert (there["many"] == namespace["many"]).all()


def test_arrays_that_are_no_keys_are_passed_over(jax) -> None:
    numbers = {"x": jax.numpy.ones(2), "table": jax.numpy.zeros((2, 2), "uint32")}
    assert taken(numbers) == {}


def test_a_key_that_is_bound_anew_is_a_change_and_one_that_stays_is_none(jax) -> None:
    history = StateHistory()
    namespace = {"key": jax.random.key(1)}
    history.look(1, namespace)
    assert history.look(2, namespace) is None
    namespace["key"], _ = jax.random.split(namespace["key"])
    assert set(history.look(3, namespace).states) == {"variable:key"}


def test_what_holds_something_else_now_is_left_alone(jax) -> None:
    there = {"key": "a password"}
    assert "something else" in restore(taken({"key": jax.random.key(1)}), there)["variable:key"]
    assert there == {"key": "a password"}
