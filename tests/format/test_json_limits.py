"""JSON with limits, times as text, nested names made flat and back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runfolio.errors import CorruptRecord
from runfolio.format import codec


def nested(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = {"a": value}
    return value


def test_what_nests_to_the_limit_goes_there_and_back() -> None:
    assert codec.loads(codec.dumps(nested(64)), "x") == nested(64)


def test_one_level_more_is_refused_at_writing_and_reading() -> None:
    with pytest.raises(TypeError, match="deeper than 64"):
        codec.dumps(nested(65))
    with pytest.raises(CorruptRecord, match="deeper than 64"):
        codec.loads(b'{"a":' * 65 + b"1" + b"}" * 65, "x")


def test_a_document_above_the_limit_is_refused_unread() -> None:
    with pytest.raises(CorruptRecord, match="at most 16,777,216"):
        codec.loads(b" " * (codec.MAX_BYTES + 1), "big.json")


def test_the_checksum_tells_an_edited_text() -> None:
    body = codec.loads(codec.with_crc({"a": [1.5, None], "é": "x"}), "x")
    assert codec.crc_matches(body)
    assert not codec.crc_matches({**body, "a": [1.5]})


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(st.integers(codec._MIN_MS, codec._MAX_MS))
def test_times_go_to_text_and_back(ms: int) -> None:
    moment = codec.parse_time(codec.rfc3339(ms))
    assert moment is not None
    assert (moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000 == pytest.approx(ms)


def test_a_time_outside_the_calendar_is_clamped() -> None:
    assert codec.rfc3339(10**30).startswith("9999-12-31")
    assert codec.rfc3339(-(10**30)).startswith("0001-01-01")


KEYS = st.text(st.sampled_from("ab.\\/ é"), max_size=4)
TREES = st.recursive(
    st.integers(), lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.dictionaries(KEYS, TREES, max_size=3))
def test_dotted_names_lead_back_to_the_nested_settings(tree: dict[str, object]) -> None:
    assert codec.unflatten(codec.flatten(tree)) == tree


def test_a_dot_in_a_key_and_a_level_are_two_things() -> None:
    flat = codec.flatten({"a.b": 1, "a": {"b": 2}, "a\\": {"b": 3}})
    assert flat == {r"a\.b": 1, "a.b": 2, r"a\\.b": 3}


def test_an_empty_level_is_kept() -> None:
    assert codec.flatten({"a": {}, "b": {"c": {}}}) == {"a": {}, "b.c": {}}
