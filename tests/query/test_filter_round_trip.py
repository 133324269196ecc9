"""Whatever text is given, reading ends in a query or a QueryError; printing loses nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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
_ends = st.sampled_from(
    ["", "1e-4", "-1", "inf", "nan", "7d", "5min", "today", "2026-11", "2026-11-22T15:30", "a", "9" * 40]
) | st.floats().map(repr)  # fmt: skip
_values = st.one_of(
    _texts,
    st.just(""),
    st.builds("{}..{}".format, _ends, _ends),
    st.lists(st.sampled_from(["*", "?", "[", "]", "a", "\\", " ", '"', "."]), max_size=6).map(
        "".join
    ),
    st.datetimes().map(lambda moment: moment.isoformat()[:10]),
)
_names = _texts | st.sampled_from(
    ["data", "data.digits", "created", "took", "status", "config.x", "x"]
)
_words = st.builds(Word, _texts)
_compares = st.builds(
    Compare, _names, st.sampled_from(["=", "!=", "<", "<=", ">", ">=", ":"]), _values
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


RECORDS = [
    make_record(0, "a", config={"lr": 0.1, "x": [1, "a", None, True]}, metrics={"loss": 1.0},
                data=({"name": "digits", "hash": "b3:77"},), tags=("t", "two words"), duration_s=5.0),
    make_record(1, "__import__('os')", config={"lr": "auto", "x": {"y": 2**70}, "": 1},
                metrics={"loss": float("nan")}, created_at=None, git={"dirty": True, "branch": "main"}),
]  # fmt: skip


def outcome(text: str) -> list[str] | str:
    """Return the runs that a query selects, or what is wrong with it, at a place inside of it."""
    try:
        return [run.id for run in parse(text).select(RECORDS, now=NOW)]
    except QueryError as error:
        fault = error
    assert 0 <= fault.position <= len(fault.query) == len(text)
    return fault.message


@settings(deadline=None)
@given(_queries)
def test_a_query_and_its_printed_form_select_the_same_or_fail_alike(query: Query) -> None:
    once = str(query)
    assert outcome(once) == outcome(str(parse(once)))


@settings(deadline=None)
@given(_terms)
def test_not_selects_the_others(term: Term) -> None:
    try:
        chosen = Query(term).select(RECORDS, now=NOW)
        others = Query(Not(term)).select(RECORDS, now=NOW)
    except QueryError:
        return
    assert sorted(run.id for run in chosen + others) == sorted(run.id for run in RECORDS)


PROGRAMS = (
    "lr<__import__('os').system('touch pwned')", "{0.__class__}", "x=${HOME}", "name:`touch pwned`",
    "lr<1 if open('pwned','w') else 0", "eval(1)", "lr:1..exit()", "%(x)s", "name:$(touch pwned)",
)  # fmt: skip

# In a process of its own: what listens to the interpreter cannot be taken away again.
LISTENING = """
import sys
from tests.query.test_filter_round_trip import NOW, PROGRAMS, RECORDS, QueryError, parse
def ask(text):
    try:
        parse(text).select(RECORDS, now=NOW)
    except QueryError:
        pass
ask("lr<1 created:today nothing"), ask("lr<")
heard = []
sys.addaudithook(lambda event, _: heard.append(event))
for text in PROGRAMS:
    ask(text)
print(sorted({event for event in heard if event.split(".")[0] in
              ("exec", "compile", "open", "os", "subprocess", "import", "socket")}))
"""


def test_a_query_is_never_carried_out(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    path = os.pathsep.join([str(root), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run([sys.executable, "-c", LISTENING], cwd=tmp_path, capture_output=True,
                          text=True, check=True, env=os.environ | {"PYTHONPATH": path})  # fmt: skip
    assert done.stdout == "[]\n"
    assert list(tmp_path.iterdir()) == []


@settings(deadline=None)
@given(_fragments | st.text())
def test_any_text_is_a_query_or_a_query_error(text: str) -> None:
    records = RECORDS
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
