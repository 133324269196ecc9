"""What can be logged: numbers of every library; what cannot is told once, counted, left out."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from runfolio.errors import RunfolioWarning
from runfolio.format.events import read_events
from runfolio.format.manifest import read_record
from runfolio.format.series import read_series
from runfolio.record.api import init
from runfolio.record.run import Run


class Tensor:
    """A torch tensor as far as a tracker may look: its shape and its item."""

    def __init__(self, value: Any, shape: tuple[int, ...] = ()) -> None:
        self._value, self.shape = value, shape
        self.requires_grad = True

    def detach(self) -> Tensor:
        raise AssertionError("detach() costs more than the item itself, which leaves the graph be")

    def item(self) -> Any:
        return self._value

    def __float__(self) -> float:
        raise AssertionError("float() would wait for the device twice")


class JaxArray:
    """A jax array: an ``item`` and an ``__array__``."""

    shape = ()

    def item(self) -> float:
        return 0.25


class EagerTensor:
    """A TensorFlow tensor: a ``numpy()`` and no ``item``."""

    shape = (1, 1)

    def numpy(self) -> np.ndarray:
        return np.array([[4.0]])


class BFloat16:
    """A scalar type of its own, as ml_dtypes' bfloat16 is."""

    def __float__(self) -> float:
        return 1.5


def logged(**values: Any) -> dict[str, float]:
    run = init()
    run.log(values)
    return last_values(run)


def last_values(run: Run) -> dict[str, float]:
    run.finish()
    return {key: series.value.tolist()[-1] for key, series in read_series(run.path).items()}


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (True, 1.0), (3, 3.0), (0.1, 0.1), (Fraction(1, 4), 0.25), (Decimal("0.1"), 0.1),
        (np.float32(0.1), float(np.float32(0.1))), (np.float16(0.5), 0.5), (np.int8(-3), -3.0),
        (np.bool_(True), 1.0), (np.array(2.5), 2.5), (np.array([[7]]), 7.0), (np.longdouble(2), 2.0),
        (Tensor(0.5), 0.5), (Tensor(3, (1,)), 3.0), (Tensor(BFloat16()), 1.5), (JaxArray(), 0.25),
        (EagerTensor(), 4.0), (-0.0, -0.0), (5e-324, 5e-324), (np.uint64(2**63), 2.0**63),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_a_number_of_any_library_is_kept(value: object, number: float) -> None:
    found = logged(x=value)["x"]
    assert found == number
    assert math.copysign(1, found) == math.copysign(1, number)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), np.float32("nan")])
def test_a_number_that_is_not_finite_is_kept_and_counted(value: float) -> None:
    run = init()
    run.log({"x": value, "y": 1.0})
    found = last_values(run)
    assert found["x"] == value or (math.isnan(found["x"]) and math.isnan(value))
    assert found["y"] == 1.0
    assert read_record(run.path).counts["nonfinite"] == 1


def test_a_none_is_no_value() -> None:
    assert logged(x=None, y=1) == {"y": 1.0}


def test_nested_mappings_become_dotted_names() -> None:
    run = init()
    run.log({"a": {"b": 1, "c": {"d": 2}}, "e/f": 3})
    assert last_values(run) == {"a.b": 1.0, "a.c.d": 2.0, "e/f": 3.0}


@pytest.mark.parametrize("value", [2**53 + 1, 2**63, 2**64, -(2**63) - 1, 10**400])
def test_a_large_integer_is_kept_as_text_too(value: int) -> None:
    run = init()
    run.log({"a": 1.0})
    run.log({"x": value})
    found = last_values(run)
    texts = [event for event in read_events(run.path) if event["kind"] == "text"]
    assert [(event["key"], event["value"]) for event in texts] == [("x", str(value))]
    assert found == {"a": 1.0, "x": float(value) if value < 10**300 else math.inf}


def test_a_text_becomes_an_event_at_its_step() -> None:
    run = init()
    run.log({"caption": "a cat", "x": 1}, step=4)
    run.finish()
    (event,) = [event for event in read_events(run.path) if event["kind"] == "text"]
    assert (event["key"], event["step"], event["value"]) == ("caption", 4, "a cat")


class Hostile:
    """An object that raises at whatever it is asked."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __repr__(self) -> str:
        raise RuntimeError("repr")


@pytest.mark.parametrize(
    "value",
    [object(), [1, 2], np.zeros(3), np.zeros(0), Tensor(1, (2,)), 1j, np.complex64(1j), b"x",
     Decimal("sNaN"), Fraction(10**400), np.datetime64("2026-01-01"), Hostile(), {1, 2}],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_is_no_number_warns_once_is_counted_and_leaves_the_rest(value: object) -> None:
    run = init()
    with pytest.warns(RunfolioWarning, match="'bad' cannot be logged"):
        run.log({"bad": value, "good": 0})
    for n in (1, 2):
        run.log({"bad": value, "good": n})  # a second warning would be an error here
    run.finish()
    assert read_series(run.path)["good"].value.tolist() == [0, 1, 2]
    assert read_record(run.path).counts["refused"] == 3
    assert [e["key"] for e in read_events(run.path) if e["kind"] == "refused"] == ["bad"]


@pytest.mark.parametrize("data", [None, 7, "loss", [1], {1, 2}])
def test_a_log_of_something_else_than_a_mapping_raises(data: Any) -> None:
    run = init()
    with pytest.raises(TypeError, match="takes a dictionary"):
        run.log(data)


def test_keys_that_are_no_text_get_their_text() -> None:
    run = init()
    run.log({1: 2.0, ("a", 1): 3.0})
    assert last_values(run) == {"1": 2.0, "('a', 1)": 3.0}


@pytest.mark.parametrize("text", ["bad \ud800", "\udcff", "nul \0", "\u2028", "x" * 70_000])
def test_texts_no_encoding_takes_do_not_stop_the_training(text: str) -> None:
    run = init()
    run.log({"x": 1.0, text[:40]: 2.0, "note": text})
    run.config.update({"path": text})
    run.log({"x": 3.0})
    run.finish()
    assert read_series(run.path)["x"].value.tolist() == [1.0, 3.0]
    assert "path" in read_record(run.path).config


def test_a_value_changed_in_place_later_does_not_change_the_record() -> None:
    run = init()
    value, row = np.array(1.0), {"a": 1.0, "b": 1.0}
    run.log({"x": value})
    run.log(row)
    value[...] = 2.0
    row["a"] = 2.0
    found = last_values(run)
    assert (found["x"], found["a"]) == (1.0, 1.0)
