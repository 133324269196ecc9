"""Every door gives the same runs, in the same order, with the same values, to the same query."""

from __future__ import annotations

import contextlib
import io
import json
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.odd_store import NAMES, write_odd_store
from tests.widgets.table_page import Table

import runfolio
from runfolio.cli.main import main
from runfolio.errors import QueryError
from runfolio.format.codec import flatten
from runfolio.format.summaries import summary_from_json
from runfolio.query.fields import ABSENT, resolve
from runfolio.query.runs import Runs
from runfolio.query.table import runs_table
from runfolio.query.terms import Compare, Missing, Not, Sort, Word
from runfolio.store import listing
from runfolio.verbs.terminal import clean

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
COLUMNS = ("name", "status", "tags", "created_at", "duration_s", "config.lr", "config.opt",
           r"config.a.c\.d.e", "metrics.loss", "metrics.val/acc")  # fmt: skip


@pytest.fixture(scope="module", params=["indexed", "off"])
def odd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The store of every kind of run, read with an index and without one."""
    room = tmp_path_factory.mktemp("contract")
    folio = write_odd_store(room / "folio")
    time.sleep(0.05)  # what was written a moment ago is not indexed
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUNFOLIO_DIR", str(folio))
        patch.setenv("RUNFOLIO_INDEX", str(room / "index") if request.param == "indexed" else "off")
        patch.setattr(listing, "WORTH_AN_INDEX", 1)
        runfolio.runs()
        assert (room / "index").is_dir() == (request.param == "indexed")
        yield folio


@pytest.fixture(autouse=True)
def _of_the_store(odd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The tests' own guard takes such variables away before each test.
    index = odd.parent / "index"
    monkeypatch.setenv("RUNFOLIO_DIR", str(odd))
    monkeypatch.setenv("RUNFOLIO_INDEX", str(index) if index.is_dir() else "off")


def plain(value: Any) -> Any:
    """Return a value of any door as what it means; a NaN is the same as nothing, as in pandas."""
    if value is pd.NA:
        return None
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return tuple(map(plain, value))
    if isinstance(value, datetime):
        return None if value != value else (value - EPOCH) // (datetime.resolution * 1000)  # noqa: PLR0124
    if isinstance(value, dict) or hasattr(value, "items"):
        return json.dumps(dict(value), ensure_ascii=False, default=str)
    if value is None or value is ABSENT or value != value:  # noqa: PLR0124
        return None
    return value.value if hasattr(value, "glyph") else value


def same(value: Any, told: Any) -> bool:
    """Return whether a door told of a value, as it is or, under a name of several types, as text."""
    value, told = plain(value), plain(told)
    if type(value) is type(told):
        return bool(value == told)
    if {type(value), type(told)} == {int, float}:
        return bool(value == told)  # to Python, only where the double is that whole number
    if isinstance(value, tuple) and isinstance(told, str):
        value = list(value)
    return isinstance(told, str) and told == json.dumps(value, ensure_ascii=False, default=str)


def command(*words: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(words)
    return code, out.getvalue(), err.getvalue()


def check_frames(found: Runs) -> None:
    """Compare all columns, place by place: the engine calls those that differ in case otherwise."""
    frame, arrow = found.frame(), found.frame("arrow")
    polars, sql = found.frame("polars"), found.sql("select * from runs", as_="arrow")
    assert [*frame.columns] == arrow.column_names == polars.columns
    assert sql.column("run_id").to_pylist() == [record.id for record in found]
    for place, name in enumerate(frame.columns):
        typed = arrow.column(place).to_pylist()
        assert all(map(same, typed, polars.to_series(place).to_list())), name
        assert all(map(same, typed, sql.column(place + 1).to_pylist())), name
        assert all(map(same, frame.iloc[:, place].tolist(), typed)), name


def check_table(found: Runs, said: Sequence[dict[str, Any]]) -> None:
    """Compare the cells of some columns with what the command says and what the records hold."""
    records = found.records
    fields = {name: field for name in COLUMNS if (field := resolve(name, records)) is not None}
    table = runs_table(records, list(fields), sparkline=lambda *_: ())
    assert [row.record.id for row in table.rows] == [run["id"] for run in said]
    frame = found.frame()
    for column, (name, field) in enumerate(fields.items()):
        for place, record in enumerate(records):
            held = field.get(record)
            if field.kind == "metric" and held is not ABSENT:
                held = float(held)  # whatever wrote it
            cell = table.rows[place].cells[column]
            assert repr(cell) == repr(field.get(record))
            assert same(held, of_json(name, said[place])), name
            if name in frame:
                assert same(held, frame[name].iloc[place]), name


def check_widget(query: str, found: Runs) -> None:
    """Compare what a page is told of every column with the frame."""
    table, frame = Table(query), found.frame()
    facts = table.ask("facts", query=query)[0]
    columns = [
        one["id"] for one in facts["columns"] if one["id"] not in ("run", "sha", "dirty", "branch")
    ]
    cells = table.cells(*columns[:200])
    table.widget.end()
    assert cells.pop("id") == frame["id"].tolist()
    assert (facts["n"], facts["total"], facts["notes"]) == (len(found), found.total, found.notes)
    for name in cells.keys() & set(frame.columns):
        held = list(map(plain, frame[name].tolist()))
        assert all(map(shown, held, cells[name])), name


def shown(value: Any, cell: Any) -> bool:
    """Return whether a cell of a page is this value: numbers are numbers, all else is text."""
    if isinstance(cell, list):
        return len(cell) == len(value) and all(map(shown, value, cell))
    if value is None or not isinstance(cell, str):
        return plain(cell) == value or cell in ("", "none")
    if isinstance(value, bool):
        return cell == str(value).lower()
    if isinstance(value, (int, float)):
        return type(value)(cell) == value
    if isinstance(value, tuple) or value.startswith("{"):
        return cell[:1] in "[{"
    visible = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in value)
    return cell in (visible, f'"{visible}"')


def of_json(name: str, run: dict[str, Any]) -> Any:
    where, _, rest = name.partition(".")
    if where == "metrics":
        found = summary_from_json(run["metrics"].get(rest, {})).figure
        return None if found is None else float(found)
    if where == "config":
        held = run["config"].get(rest, ABSENT)
        return flatten(run["config"]).get(rest, ABSENT) if held is ABSENT else held
    value = run[name]
    return datetime.fromisoformat(value) if value and name == "created_at" else value


def check(query: str) -> None:
    """Ask every door; what one cannot read, none can."""
    code, out, err = command("runs", "--json", "--", query)
    if code == 2:
        with pytest.raises(QueryError) as caught:
            runfolio.runs(query)
        assert clean(str(caught.value)).strip() == err.strip()
        told = Table().ask("facts", query=query)[0]["error"]
        assert (told["message"], told["position"]) == (caught.value.message, caught.value.position)
        return
    found = runfolio.runs(query)
    said = json.loads(out)
    assert code == (0 if len(found) else 1)
    assert [run["id"] for run in said] == [record.id for record in found]
    check_frames(found)
    check_table(found, said)
    check_widget(query, found)


@pytest.mark.parametrize("query", [
    "", "lr<0.5", "lr:0.05..1", "lr=auto", "lr:missing", "lr=none", "config.lr>1", "metrics.lr>1",
    "model.depth=3", r"a\.b=1", "a.b=2", "loss=nan", "loss<0", "loss:missing sort:name",
    "sort:-loss limit:5", "sort:lr", "sort:-created sort:name", "tag:two*", 'tag:"two words"',
    "status:failed or took>5", "not status:finished", "created:2026-11-22", "created<2000",
    "data:digits", "data:b3*", "data.digits:b3:7*", "config.data=digits", "branch:main dirty:true",
    "sha:13e8", "model.name:é*", "seeds.numpy=7", "name:run-? opt:sgd", "loss.min>7", "big>1",
    "summary.best.x=1", "nonsense=1", "status:finishd", "lr<", "limit:0", "(", "took<soon",
])  # fmt: skip
def test_a_query_has_one_answer(query: str) -> None:
    check(query)


_values = st.sampled_from(
    ["1", "0.1", "nan", "-inf", "adam", "a*", "?", "0..1", "..1", "1..", "true", "none", "2026-11",
     "7d", "5min", "main", "failed", "two words", "missing", "é*", '"', "\\", str(2**64)]
) | st.text(max_size=4)  # fmt: skip
_terms = (
    st.builds(
        Compare,
        st.sampled_from(NAMES),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">=", ":"]),
        _values,
    )
    | st.builds(Missing, st.sampled_from(NAMES))
    | st.builds(Word, st.sampled_from(["run", "1", "golden", "20261122", "r*-2", "x"]))
)
_queries = st.lists(
    _terms | st.builds(Not, _terms) | st.builds(Sort, st.sampled_from(NAMES), st.booleans())
    | st.just("limit:3"),
    max_size=3,
).flatmap(lambda terms: st.sampled_from([" ", " and ", " or "]).map(
    lambda word: word.join(map(str, terms))))  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(query=_queries)
def test_whatever_the_query_it_has_one_answer(query: str) -> None:
    check(query)


def test_broken_directories_are_runs_with_a_reason_and_the_others_are_shown(odd: Path) -> None:
    found = {record.id: record for record in runfolio.runs()}
    assert {"no-json", "deep", "wrong"} <= found.keys()
    assert all(found[name].problems for name in ("no-json", "deep", "wrong"))
    assert len(found) > 20


@pytest.mark.parametrize("broken", ["no-json", "deep", "wrong"])
def test_a_broken_directory_stands_in_every_table_and_the_widget_tells_why(
    odd: Path, broken: str
) -> None:
    found = runfolio.runs()
    record = next(record for record in found if record.id == broken)
    table = Table()
    told = table.ask("run", name=broken)[0]
    table.widget.end()

    assert all(broken in shown for shown in (found.to_json(), found.to_markdown()))
    assert " ".join(record.problems[0][:50].split()) in str(runfolio.runs(f"id:{broken}"))
    assert len(told["faults"]) == min(len(record.problems), 8)


def test_what_a_run_calls_itself_is_text_behind_every_door(odd: Path) -> None:
    found = runfolio.runs("notes!=x")
    for shown in (str(found), found.to_json(), found.to_markdown(), found.to_html()):
        assert "\x1b" not in shown
        assert "\u202e" not in shown
    assert "<b>=cmd" not in found.to_html()
    assert found.frame()["name"].str.contains("\x1b").any()  # a frame is data, as it was written
