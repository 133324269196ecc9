"""A setting that is None is not one that a run does not have, and 1 is not "1": behind every door."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.store.conftest import Maker, folio, lines, make_run
from tests.widgets.table_page import Table

import runfolio
from runfolio.charts.spread import band_name
from runfolio.query.diff import run_diff
from runfolio.query.filter import parse
from runfolio.store.store import Store

__all__ = ["folio", "make_run"]

VALUES = {
    "nothing": None, "word": "none", "number": 1, "text": "1", "flag": True, "flag_word": "true",
    "list": [1, None], "list_word": "[1, none]", "blank": "", "space": " ",
}  # fmt: skip


@pytest.fixture(autouse=True)
def store(folio: Path, make_run: Maker) -> Path:
    """A store of a run for each value, and one without the setting."""
    for name, value in VALUES.items():
        make_run(name, config={"x": value}, metrics={"loss": {"n": 1, "last": 1.0}})
    make_run("without", config={}, metrics={"loss": {"n": 1, "last": 2.0}})
    return folio


def cells(sheet: str) -> dict[str, str]:
    """Return the column of the setting in a table of Markdown."""
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in sheet.splitlines()]
    place = rows[0].index("x")
    return {row[0].split()[1]: row[place] for row in rows[2:] if len(row) > place}


def test_in_a_table_each_value_looks_different() -> None:
    found = cells(runfolio.runs(columns=["x"]).to_markdown().replace("\\_", "_"))

    assert found.keys() == VALUES.keys() | {"without"}
    assert len(set(found.values())) == len(found)
    assert (found["without"], found["nothing"]) == ("", "none")


def test_in_the_widget_each_value_looks_different_also_as_the_name_of_a_group() -> None:
    table = Table()
    table.ask("facts", query="")
    told = table.ask("rows", first=0, end=99, columns=["config.x"], group="config.x")[0]
    table.widget.end()
    texts = dict(zip((run[1] for run in told["runs"]), told["columns"][0]["texts"], strict=True))

    assert len(set(texts.values())) == len(texts) == len(VALUES) + 1
    assert (texts["without"], texts["nothing"]) == ("", "none")
    labels = [group["label"] for group in told["groups"]]
    assert {"(missing)", "none", '"none"', "1", '"1"'} <= set(labels)
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("n", [2, 11])
def test_in_a_comparison_each_value_looks_different(n: int) -> None:
    for other in VALUES:
        few = [other, "without"] if n == 2 else [*VALUES, "without"]
        text = str(runfolio.compare(*few))
        assert ("none" in text) == (n == 11 or other in ("nothing", "word", "list", "list_word"))
    assert "–" in str(runfolio.compare("nothing", "without"))


def test_json_of_a_comparison_says_which_runs_lack_a_setting() -> None:
    view = runfolio.compare("nothing", "without", "number")
    said = json.loads(view.to_json())

    (setting,) = said["settings"]
    assert setting["values"] == [None, None, 1]
    assert setting["missing"] == [said["runs"][1]["id"]]


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [("nothing", "without", ("none", "–")), ("nothing", "word", ("none", '"none"')),
     ("number", "text", ("1", '"1"')), ("flag", "flag_word", ("true", '"true"'))],
)  # fmt: skip
def test_a_difference_tells_them_apart(was: str, now: str, words: tuple[str, str]) -> None:
    text = str(runfolio.diff(was, now, only=["config"]))

    line = next(line for line in text.splitlines() if line.strip().startswith("x "))
    assert [word for word in line.split() if word in words] == list(words)


def test_a_difference_between_none_and_missing_is_one(store: Path) -> None:
    readers = {r.name: Store(store).reader(r.id) for r in Store(store).records()}

    assert len(run_diff(readers["nothing"], readers["without"], ("config",)).config) == 1


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("config.x:missing", {"without"}), ("x:missing", {"without"}), ("x=none", {"nothing", "word", "list"}),
        ("x=null", {"nothing", "list"}),
        ("not x:missing x!=none", VALUES.keys() - {"nothing", "word", "list"}),
        ("x=1", {"number", "text", "list"}), ("x=true", {"flag", "flag_word"}), ('x=""', {"blank"}),
    ],
)  # fmt: skip
def test_a_query_tells_none_from_missing(store: Path, query: str, names: set[str]) -> None:
    assert {run.name for run in parse(query).select(Store(store).records())} == set(names)


def test_groups_of_curves_are_told_apart(store: Path, make_run: Maker) -> None:
    for config in ({"y": None}, {"y": 1}, {}):
        folder = make_run("curve", config=config, metrics={"loss": {"n": 2, "last": 1.0}})
        (folder / "metrics.jsonl").write_bytes(lines({"loss": 2.0}, {"loss": 1.0}))
    view = runfolio.compare("name:curve", metric="loss", by="y")

    bands = json.loads(view.to_json())["groups"]["bands"]
    told = [(band["value"], band["missing"]) for band in bands]
    assert sorted(told, key=str) == [(1, False), (None, False), (None, True)]
    assert [band_name(band) for band in view.compared.spread.bands] == ["missing", "none", "1"]
