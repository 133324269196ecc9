"""The settings of many runs by column are those that each run's own flat names give."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.query.conftest import make_record

from runfolio.format.codec import flatten
from runfolio.model.run import RunRecord
from runfolio.query.compare import same
from runfolio.query.config_columns import ConfigColumns
from runfolio.query.fields import ABSENT

Maker = Callable[..., RunRecord]

# Few keys, so that runs share them; among them none at all, and some that look like others.
KEYS = st.sampled_from(["", "a", "b", "a.b", ".", "\\", "a\\", "b.", "<img>", "\u202e\x00", "é"])
VALUES = st.one_of(
    st.sampled_from([None, True, False, 0, 1, 1.0, -0.0, math.nan, math.inf, "", "1", "a.b"]),
    st.sampled_from([[], {}, [1], [True], [{"a": 1}], [math.nan], (1, 2)]),
)
CONFIGS = st.dictionaries(
    KEYS,
    st.recursive(VALUES, lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=5),
    max_size=4,
)


def told(value: Any) -> Any:
    """Return a value so that no two of different types, and no two NaN, are told apart wrongly."""
    return type(value), repr(value)


@given(st.lists(CONFIGS, max_size=6))
def test_columns_are_those_of_the_flat_settings(configs: list[dict[str, Any]]) -> None:
    flat = [flatten(config) for config in configs]
    names = list(dict.fromkeys(name for one in flat for name in one))

    found = ConfigColumns([make_record(n, config=one) for n, one in enumerate(configs)])

    assert sorted(found.names) == sorted(names)
    for name in [*names, "nobody has this"]:
        wanted = [told(one.get(name, ABSENT)) for one in flat]
        assert list(map(told, found.column(name))) == wanted
        assert [told(found.value(name, place)) for place in range(len(flat))] == wanted


@given(st.lists(CONFIGS, min_size=1, max_size=3), st.lists(st.integers(0, 2), max_size=6))
def test_settings_are_equal_where_each_run_has_the_same_as_the_first(
    kinds: list[dict[str, Any]], places: list[int]
) -> None:
    configs = [kinds[0], *(kinds[place % len(kinds)] for place in places)]
    flat = [flatten(config) for config in configs]
    names = list(dict.fromkeys(name for one in flat for name in one))
    wanted = {
        name
        for name in names
        if all(name in one and same(flat[0].get(name), one[name]) for one in flat)
    }

    columns = ConfigColumns([make_record(n, config=one) for n, one in enumerate(configs)])

    assert columns.equal(names) == wanted
    assert columns.equal([*names, "nobody has this"]) == wanted


@pytest.mark.parametrize(
    ("values", "is_equal"),
    [((1, 1.0), True), ((1, True), False), ((math.nan, float("nan")), True), (({}, {}), True),
     (({}, {"b": 1}), False), (("1", 1), False), ((None, None), True)],
)  # fmt: skip
def test_one_setting_of_two_runs_is_equal_or_not(
    values: tuple[Any, Any], is_equal: bool, record: Maker
) -> None:
    columns = ConfigColumns([record(config={"": {"a": value}}) for value in values])

    assert columns.equal([".a"]) == ({".a"} if is_equal else set())


def test_of_no_runs_there_are_no_columns() -> None:
    columns = ConfigColumns([])

    assert (columns.names, columns.column("a"), columns.equal(["a"])) == ((), [], set())
