"""Fingerprints tell values apart, cheaply, and run no code of the user's."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from runfolio.capture.fingerprints import fingerprint


class Model:
    """An object as a notebook makes one."""

    def __init__(self) -> None:
        self.weights = np.zeros(5)
        self.options = {"depth": [1, 2]}


def add(x: int, y: int = 2) -> int:
    return x + y


def put(value: Any, place: Any, item: Any) -> None:
    value[place] = item


CHANGES: list[tuple[str, Callable[[], Any], Callable[[Any], Any]]] = [
    ("list", lambda: [1, [2]], lambda v: v[1].append(3)),
    ("dict", lambda: {"a": {"b": 1}}, lambda v: put(v["a"], "b", 2)),
    ("set", lambda: {1, 2}, lambda v: v.add(3)),
    ("bytes", lambda: bytearray(b"ab"), lambda v: v.append(1)),
    ("array", lambda: np.zeros((20, 20)), lambda v: put(v, (3, 4), 1.0)),
    ("view", lambda: np.zeros((40, 40))[::2, ::3], lambda v: put(v, (3, 4), 1.0)),
    ("large array", lambda: np.zeros(10**6), lambda v: v.__iadd__(1)),
    ("fortran", lambda: np.asfortranarray(np.zeros((4, 5))), lambda v: put(v, (1, 2), 1.0)),
    ("dates", lambda: np.array(["2020-01-01"], "M8[D]"), lambda v: put(v, 0, "2021-01-01")),
    ("objects", lambda: np.array([1, "a"], object), lambda v: put(v, 0, 2)),
    ("frame", lambda: pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), lambda v: put(v, "a", 7)),
    ("series", lambda: pd.Series([1.0, 2.0]), lambda v: v.update(pd.Series([5.0]))),
    ("object", Model, lambda v: put(v.weights, 2, 1.0)),
    ("attribute", Model, lambda v: setattr(v, "rate", 2)),
]


@pytest.mark.parametrize(("make", "change"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_a_change_in_place_changes_the_fingerprint_and_nothing_else_does(
    make: Callable[[], Any], change: Callable[[Any], Any]
) -> None:
    value = make()
    before = fingerprint(value)
    assert fingerprint(value) == before
    assert fingerprint(make())["hash"] == before["hash"]

    change(value)

    assert fingerprint(value)["hash"] != before["hash"]
    assert fingerprint(value)["id"] == before["id"]


def test_a_function_is_known_by_its_code_and_its_defaults() -> None:
    def same(x: int, y: int = 2) -> int:
        return x + y

    other = lambda x, y=3: x + y  # noqa: E731
    assert fingerprint(add)["hash"] == fingerprint(same)["hash"]
    assert fingerprint(add)["hash"] != fingerprint(other)["hash"]


@pytest.mark.parametrize(
    "values",
    [(0, False, 0.0, None, "0", "", b"", [], (), {}, np.int64(0), np.float32(0), np.zeros(1)),
     (["ab", "c"], ["a", "bc"], ["abc"], [["ab"], "c"]), (2**5000, 2**5000 + 1)],
)  # fmt: skip
def test_values_that_differ_have_different_fingerprints(values: tuple[Any, ...]) -> None:
    assert len({fingerprint(value)["hash"] for value in values}) == len(values)


def test_extent_and_columns_are_told() -> None:
    frame = fingerprint(pd.DataFrame({"a": [1, 2], "b": [3.5, 4.5]}))

    assert (frame["type"], frame["shape"], frame["columns"]) == (
        "pandas.DataFrame", [2, 2], ["a", "b"],
    )  # fmt: skip
    assert (
        fingerprint(np.zeros((2, 3), "f4")).items() >= {"shape": [2, 3], "dtype": "float32"}.items()
    )
    assert fingerprint("abc")["len"] == 3


def test_a_table_whose_columns_get_other_names_is_another() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": [3.5, 4.5]})
    several = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "x"), ("b", "x")]))
    first, its = fingerprint(frame), fingerprint(several)
    frame.columns = pd.Index(["a", "c"])
    several.columns = pd.MultiIndex.from_tuples([("a", "x"), ("b", "y")])
    then = fingerprint(frame)
    frame["d"] = 1

    assert (first["columns"], then["columns"]) == (["a", "b"], ["a", "c"])
    assert fingerprint(frame)["columns"] == ["a", "c", "d"]
    assert len({first["hash"], then["hash"], fingerprint(frame)["hash"]}) == 3
    assert (its["shape"], its["columns"]) == ([1, 2], [])
    assert its["hash"] != fingerprint(several)["hash"]


@pytest.mark.parametrize("shape", [(3, 5), (300, 500), (0, 4)])
def test_a_view_has_the_fingerprint_of_a_copy(shape: tuple[int, int]) -> None:
    room = np.arange((shape[0] + 1) * shape[1], dtype="f4").reshape(-1, shape[1])
    array = room[1:].copy()

    assert fingerprint(room[1:])["hash"] == fingerprint(array)["hash"]
    if array.size:
        before = fingerprint(array)["hash"]
        array[-1, -1] += 1
        assert fingerprint(array)["hash"] != before


def test_what_was_not_read_whole_says_so() -> None:
    class Slotted:
        __slots__ = ("x",)

    class Own(list[int]):
        pass

    assert not any("sampled" in fingerprint(value) for value in (np.zeros(100), Model(), add))
    for value in (
        np.zeros(10**6),
        list(range(1000)),
        "x" * 10**6,
        iter([1]),
        open,
        Slotted(),
        Own(),
    ):
        assert fingerprint(value)["sampled"] is True


def asked(*_: Any) -> Any:
    """Stand in for every method of the user's that must not be called."""
    pytest.fail("code of the user's was run")


def traps() -> list[Any]:
    """Return values whose every method is an accident; made here, for pytest would ask them, too."""

    class Trap(type):
        __getattribute__ = __len__ = __repr__ = __eq__ = __hash__ = asked

    class Touchy(metaclass=Trap):
        __getattribute__ = __len__ = __repr__ = __eq__ = __iter__ = __bool__ = __hash__ = asked

    class Dressed(list[Any]):
        __len__ = __iter__ = __getitem__ = __repr__ = __eq__ = asked

    return [Touchy(), [Touchy()], {"a": Touchy()}, Touchy, Dressed(), {1: Dressed([1])}]


def test_no_code_of_the_users_runs() -> None:
    found = [fingerprint(value) for value in traps()]

    assert all("hash" in one for one in found)


def test_a_password_cannot_be_guessed_by_its_hash() -> None:
    code = (
        "from runfolio.capture.fingerprints import fingerprint as f\n"
        "print(f('hunter2')['hash'], f(['hunter2', b'x'])['hash'], f([1, 2.5])['hash'])"
    )
    one, other = (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(2)
    )
    text, listed, numbers = zip(one.stdout.split(), other.stdout.split(), strict=True)

    assert text[0] != text[1]
    assert listed[0] != listed[1]
    assert numbers[0] == numbers[1]


def test_a_value_that_holds_itself_and_a_huge_one_end(tmp_path: Any) -> None:
    loop: list[Any] = []
    loop.append(loop)
    huge = np.memmap(tmp_path / "huge", np.uint8, "w+", shape=(2**36,))

    assert fingerprint(loop)["sampled"] is True
    assert fingerprint({"a": np.asarray(huge)})["sampled"] is True
    assert fingerprint([list(range(10**5))] * 10**4)["len"] == 10**4
