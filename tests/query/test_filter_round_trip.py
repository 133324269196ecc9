"""Whatever text is given, reading ends in a query or a QueryError; printing loses nothing."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.query.conftest import NOW, make_record

from runfolio.errors import QueryError
from runfolio.query.filter import Query, parse
from runfolio.query.terms import (
    AllOf,
    AnyOf,
    Compare,
    Missing,
    Not,
    Sort,
    Term,
    Word,
    join_terms,
)

_texts = st.one_of(
    st.sampled_from(
        ["lr", "val/acc", "and", "OR", "not", "sort", "limit", "missing", "a b", "-x", "+", "it's",
         '"', "\\", "\\'", "a:b", "(", "1e-3", "*", "tag", "status", "created"]
    ),
    st.text(min_size=1, max_size=12),
)  # fmt: skip
_words = st.builds(Word, _texts)
_compares = st.builds(
    Compare, _texts, st.sampled_from(["=", "!=", "<", "<=", ">", ">=", ":"]), _texts | st.just("")
)


def _combined(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    several = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        st.builds(Not, inner),
        several.map(lambda terms: join_terms(AllOf, terms)),
        several.map(lambda terms: join_terms(AnyOf, terms)),
    )


_terms = st.recursive(_words | _compares | st.builds(Missing, _texts), _combined, max_leaves=8)
_queries = st.builds(
    Query,
    st.none() | _terms,
    st.lists(st.builds(Sort, _texts, st.booleans()), max_size=2).map(tuple),
    st.none() | st.integers(1, 10**9 - 1),
)
_fragments = st.lists(
    st.one_of(
        st.sampled_from(
            ["(", ")", " ", "and", "or", "not", "lr", "<", "=", "!", ":", '"', "'", "\\", "sort:",
             "limit:", "1e-3", "tag:x", "status:", "created>", "7d", "missing", "-"]
        ),
        st.text(max_size=4),
    ),
    max_size=15,
).map("".join)  # fmt: skip


@settings(deadline=None)
@given(_queries)
def test_a_printed_query_reads_as_the_same_query(query: Query) -> None:
    assert parse(str(query)) == query


@settings(deadline=None)
@given(_fragments | st.text())
def test_any_text_is_a_query_or_a_query_error(text: str) -> None:
    records = [make_record(0, "a", config={"lr": 0.1, "x": [1, "a"]}, metrics={"loss": 1.0})]
    try:
        query = parse(text)
        query.select(records, now=NOW)
    except QueryError as error:
        fault: QueryError | None = error
    else:
        fault = None
    if fault is None:
        assert parse(str(query)) == query
    else:
        assert 0 <= fault.position <= len(fault.query)
