"""The kernel's half of the runs table: what its page asks for is what the frame holds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.widgets.table_page import Table

from runfolio.errors import UsageError
from runfolio.query.runs import Runs
from runfolio.record.api import init
from runfolio.store.store import Store
from runfolio.verbs.edit import tag
from runfolio.widgets.live import LiveCard

HOSTILE = "<img src=x onerror=alert(1)>\u202e\x1b[31m"


@pytest.fixture
def five_runs(folio: Path) -> None:
    """Five runs that differ in their settings; one has no metric, one is hostile."""
    for n in range(4):
        with init(name=f"run{n}", config={"lr": 10.0**-n, "batch": 64, "opt": "ab"[n % 2]}) as run:
            run.log({"val/acc": 0.5 + n / 10, "loss": math.nan if n == 2 else 1 / (n + 1)})
    with init(name=HOSTILE, config={HOSTILE: HOSTILE}, tags=[HOSTILE]):
        pass


@pytest.fixture
def table_of(five_runs: None) -> Iterator[Callable[..., Table]]:
    made: list[Table] = []

    def make(query: str = "", **options: Any) -> Table:
        made.append(Table(query, **options))
        made[-1].facts = made[-1].ask("facts", query=query)[0]  # type: ignore[attr-defined]
        return made[-1]

    yield make
    for table in made:
        table.widget.end()


@pytest.mark.parametrize(
    "query", ["", "sort:-val/acc", "lr<0.5 sort:loss limit:2", "loss:missing", "opt:a"]
)
def test_rows_are_those_of_the_frame(query: str, table_of: Callable[..., Table]) -> None:
    frame = Runs(Store.default(), query).frame()

    cells = table_of(query).cells("metrics.val/acc", "metrics.loss", "duration_s", "created_at")

    assert cells["id"] == frame["id"].tolist()
    for name in ("metrics.val/acc", "metrics.loss", "duration_s"):
        if name not in frame:
            continue
        wanted = frame[name].tolist()
        got = [math.nan if value is None else value for value in cells[name]]
        np.testing.assert_array_equal(got, wanted)
    created = [value / 1000 for value in cells["created_at"]]
    assert created == pytest.approx(
        [moment.timestamp() for moment in frame["created_at"]], abs=1e-3
    )


def test_settings_are_shown_as_they_were_given(table_of: Callable[..., Table]) -> None:
    cells = table_of("run0 or run1 sort:name").cells("config.lr", "config.opt", "run", "gone")

    assert (cells["config.lr"], cells["config.opt"]) == (["1", "0.1"], ["a", "b"])
    assert "gone" not in cells


def test_sampled_settings_are_short_and_told_exactly_beside(folio: Path) -> None:
    sampled = [0.00012345678901234567, 0.00012349, 0.3]
    for lr in sampled:
        with init(config={"lr": lr, "n": 1}):
            pass

    table = Table("sort:lr")
    table.ask("facts", query="sort:lr")
    told, _ = table.ask("rows", first=0, end=9, columns=["config.lr", "config.n"])
    table.widget.end()

    lr, n = told["columns"]
    assert lr["texts"] == ["1.23e-4", "1.2349e-4", "0.3"]
    assert lr["exact"] == ["1.2345678901234567e-4", "1.2349e-4", "0.3"]
    assert "exact" not in n


def test_a_logged_nan_is_there_and_a_missing_metric_is_not(table_of: Callable[..., Table]) -> None:
    losses = table_of("sort:name").cells("metrics.loss")["metrics.loss"]

    assert sum(value is None for value in losses) == 1
    assert sum(value is not None and math.isnan(value) for value in losses) == 1


def test_the_facts_tell_which_columns_there_are(table_of: Callable[..., Table]) -> None:
    facts = table_of("sort:-val/acc").facts  # type: ignore[attr-defined]

    found = {column["id"]: column for column in facts["columns"]}
    assert (facts["n"], facts["total"], facts["main"]) == (5, 5, "metrics.val/acc")
    assert facts["sorted"] == [("metrics.val/acc", True)]
    assert found["config.lr"]["shown"]
    assert found["metrics.loss"]["type"] == "number"
    assert not any(char in found[f"config.{HOSTILE}"]["title"] for char in "\u202e\x1b")


def test_a_mistake_in_the_query_points_at_the_character(table_of: Callable[..., Table]) -> None:
    told = table_of().ask("facts", query="name:a lrr<1")[0]

    assert told["error"]["position"] == 7
    assert 'Did you mean "lr"?' in told["error"]["message"]


def test_groups_stand_above_their_rows_and_can_be_closed(table_of: Callable[..., Table]) -> None:
    table = table_of("val/acc>0")
    sort = [["metrics.val/acc", True]]

    told, buffers = table.ask("rows", first=0, end=50, columns=[], sort=sort, group="config.opt",
                              folding={"all": False, "but": ["a"]})  # fmt: skip

    items = np.frombuffer(buffers[0], np.int32).tolist()
    assert [group["label"] for group in told["groups"]] == ["b", "a"]
    assert [item < 0 for item in items] == [True, False, False, True]
    assert told["groups"][0]["best"] == pytest.approx(0.8)
    assert told["n"] == 4


def test_a_part_of_the_rows_is_a_part(table_of: Callable[..., Table]) -> None:
    table = table_of("sort:name")

    whole = table.cells()["id"]
    some = table.ask("rows", first=1, end=3, columns=[])[0]
    beyond = table.ask("rows", first=99, end=200, columns=[])[0]

    assert [head[0] for head in some["runs"]] == whole[1:3]
    assert beyond["runs"] == []
    assert table.ask("ids", first=0, end=5)[0]["ids"] == whole


def test_rows_of_a_state_that_is_gone_are_not_told(table_of: Callable[..., Table]) -> None:
    table = table_of()

    assert table.ask("rows", at=99, first=0, end=5)[0]["gone"]


def test_curves_are_read_for_the_runs_that_are_asked_for(table_of: Callable[..., Table]) -> None:
    table = table_of("sort:name")
    ids = table.cells()["id"]

    told, buffers = table.ask("curves", ids=[ids[-1], "gone"], key="val/acc")

    assert (told["ids"], told["lengths"]) == ([ids[-1]], [1])
    assert np.frombuffer(buffers[0], np.float32).tolist() == pytest.approx([0.8])


def test_tags_are_changed_as_the_verb_changes_them(table_of: Callable[..., Table]) -> None:
    table = table_of("run1", tag=lambda run, changes: tag(run, *changes))
    (run,) = table.cells()["id"]

    told = table.ask("tags", name=run, ids=["first", " first", "second", ""])[0]
    table.ask("tags", name=run, ids=["second"])

    assert told["tags"] == ["first", "second"]
    assert Store.default().record(run).tags == ("second",)


def test_tags_that_cannot_be_are_refused_with_the_reason(table_of: Callable[..., Table]) -> None:
    def refuse(run: str, changes: Any) -> None:
        raise UsageError(f"{changes[0]} is no tag")

    table = table_of("run1", tag=refuse)
    (run,) = table.cells()["id"]

    assert table.ask("tags", name=run, ids=["x"])[0]["error"]["message"] == "+x is no tag"
    assert (
        "cannot be edited" in table_of("run1").ask("tags", name=run, ids=[])[0]["error"]["message"]
    )


def test_one_run_is_told_with_its_settings_and_figures(table_of: Callable[..., Table]) -> None:
    table = table_of("run3")
    (run,) = table.cells()["id"]

    told = table.ask("run", name=run)[0]

    assert (told["name"], told["status"]) == ("run3", "finished")
    assert ["lr", "1e-3"] in told["settings"]
    assert ["val/acc", "0.800", "0.8"] in told["metrics"]
    assert "error" in table.ask("run", name="../../etc")[0]


def test_views_are_kept_in_the_store(table_of: Callable[..., Table]) -> None:
    table = table_of()

    table.ask("save view", name="best", view={"query": "lr<1"})

    assert table.ask("facts", query="")[0]["views"] == {"best": {"query": "lr<1"}}
    assert table.ask("remove view", name="best")[0]["views"] == {}


@pytest.mark.parametrize("what", [
    {"at": "x", "first": -5, "end": 1e9, "columns": [3, None], "sort": [["a"], [1, True], "x"], "group": 7},
    {"first": 0, "end": 10**12, "columns": {"a": 1}, "folding": {"all": 1, "but": "abc"}, "ids": [[]]},
    {},
])  # fmt: skip
def test_nonsense_of_a_page_does_no_harm(what: Any, table_of: Callable[..., Table]) -> None:
    table = table_of()
    at = table.at

    for verb in ("rows", "ids", "curves"):
        assert "error" not in table.ask(verb, **what)[0]
    table.widget.take({"kind": "ask", "verb": "end", "what": {}})
    table.widget.take({"kind": "ask", "verb": ["rows"], "what": 3})
    table.at = at
    assert len(table.cells()["id"]) == 5


def test_a_page_has_one_card_at_a_time_and_it_ends_with_the_table(
    table_of: Callable[..., Table],
) -> None:
    store = Store.default()
    made: list[LiveCard] = []

    def card(run: str) -> LiveCard:
        made.append(LiveCard(store.record(run).path))
        return made[-1]

    table = table_of("sort:name", card=card)
    first, second = table.cells()["id"][:2]
    told = table.ask("card", name=first)[0]
    table.ask("card", name=second)

    assert told["model"]
    assert [one.comm is None for one in made] == [True, False]
    table.widget.end()
    assert made[1].comm is None
