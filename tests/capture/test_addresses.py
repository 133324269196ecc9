"""Which objects many names stand for, told by where they lie."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.capture import addresses
from runfolio.capture.addresses import addresses_of, names_of, places_that_differ, singly


@pytest.fixture(params=[True, False], ids=["at once", "one by one"])
def both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As this Python lays out its tuples, and as one would that lays them out in another way."""
    monkeypatch.setattr(addresses, "_AT_ONCE", request.param)


def test_this_python_tells_them_at_once() -> None:
    assert addresses._AT_ONCE


@pytest.mark.usefixtures("both_ways")
def test_the_same_object_lies_at_one_address_and_no_other_does() -> None:
    one, other = [1], [1]
    first, second, third = singly(addresses_of([one, other, one]))

    assert first == third != second
    assert [first] == list(singly(addresses_of([one])))
    assert addresses_of([]) == b""


class Untouchable:
    """What asks it anything gets an error."""

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(name)

    __eq__ = __hash__ = __repr__ = __len__ = __getattribute__  # type: ignore[assignment]


@pytest.mark.usefixtures("both_ways")
def test_objects_are_neither_asked_nor_held() -> None:
    assert len(set(singly(addresses_of([Untouchable(), Untouchable()])))) in (1, 2)
    held = {1, 2}
    gone = weakref.ref(held)
    addresses_of([held])
    del held
    gc.collect()
    assert gone() is None


places = st.lists(st.integers(0, 3), max_size=700)


@given(places, st.dictionaries(st.integers(0, 699), st.integers(0, 3), max_size=20))
def test_every_place_that_differs_is_found(before: list[int], changes: dict[int, int]) -> None:
    objects = [object() for _ in range(4)]
    now = [changes.get(place, one) for place, one in enumerate(before)]
    told = places_that_differ(*(addresses_of(objects[n] for n in some) for some in (before, now)))

    pairs: Iterable[tuple[int, tuple[int, int]]] = enumerate(zip(before, now, strict=True))
    assert list(told) == [place for place, (was, is_now) in pairs if was != is_now]


def test_what_only_one_of_two_has_is_no_difference() -> None:
    one, other = object(), object()
    assert list(places_that_differ(addresses_of([one]), addresses_of([one, other]))) == []


@pytest.mark.usefixtures("both_ways")
def test_names_of_some_objects() -> None:
    a, b = object(), object()
    names, where = ["x", "y", "z"], addresses_of([a, b, a])

    assert names_of(singly(addresses_of([a])), names, where) == {"x", "z"}
    assert names_of(singly(addresses_of([object()])), names, where) == set()
    assert names_of([], names, where) == set()
