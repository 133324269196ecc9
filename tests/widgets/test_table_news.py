"""What became of the runs of a table since they were read."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.widgets.table_page import Table

from runfolio.query.grid import Grid
from runfolio.query.runs import Runs
from runfolio.record.api import init
from runfolio.record.run import Run
from runfolio.store.store import Store
from runfolio.verbs.edit import rename, tag
from runfolio.widgets.table_news import News, news_of
from runfolio.widgets.table_rows import TableRows

Look = Callable[[], News]


def recorded(name: str, acc: float = 0.5) -> Path:
    with init(name=name, config={"lr": acc}) as run:
        run.log({"val/acc": acc})
    return run.path


@pytest.fixture
def look(folio: Path) -> Look:
    """Return a function that tells what is new since the three runs it begins with were read."""
    for place in range(3):
        recorded(f"run{place}", place / 10)
    store = Store.default()
    runs = Runs(store, "sort:name")
    table = TableRows(Grid(runs.records))
    return lambda: news_of(table, Runs(store, "sort:name"))


def test_where_nothing_happened_the_table_stays(look: Look) -> None:
    news = look()

    assert (news.changed, news.new, news.gone) == ((), 0, 0)
    assert news.table is look().table


def test_a_run_that_came_is_counted_and_not_shown(look: Look) -> None:
    recorded("run9")

    news = look()

    assert (news.changed, news.new, news.gone) == ((), 1, 0)
    assert [run.name for run in news.table.grid.records] == ["run0", "run1", "run2"]


def test_a_run_that_was_deleted_is_counted_and_stays_as_it_was(look: Look) -> None:
    (gone,) = [run for run in Store.default().records() if run.name == "run1"]
    shutil.rmtree(gone.path)

    news = look()

    assert (news.changed, news.new, news.gone) == ((), 0, 1)
    assert [run.name for run in news.table.grid.records] == ["run0", "run1", "run2"]


def test_a_run_that_was_renamed_stands_where_it_stood(look: Look) -> None:
    (run,) = [run for run in Store.default().records() if run.name == "run1"]
    rename(run.id, "zebra")

    news = look()

    assert (news.changed, news.new, news.gone) == ((run.id,), 0, 0)
    assert [one.name for one in news.table.grid.records] == ["run0", "zebra", "run2"]


def test_only_runs_that_changed_are_told(look: Look) -> None:
    records = look().table.grid.records
    tag(records[2].id, "+seen")

    news = look()

    assert news.changed == (records[2].id,)
    assert news.table.grid.records[2].tags == ("seen",)
    assert news.table.grid.records[:2] == records[:2]


def test_a_run_that_ends_is_told_once_as_it_is_by_now(folio: Path) -> None:
    run: Run = init(name="open")
    run.log({"val/acc": 0.1})
    run.life.writer.flush()
    table = Table()
    table.ask("facts", query="")
    table.cells("metrics.val/acc")
    run.log({"val/acc": 0.9})
    run.finish(quiet=True)

    told = table.ask("news", query="", columns=["metrics.val/acc"])[0]
    again = table.ask("news", query="", columns=["metrics.val/acc"])[0]

    assert [head[3] for head in told["runs"]] == ["finished"]
    assert again["runs"] == []
    assert table.cells("metrics.val/acc")["metrics.val/acc"] == [0.9]
    table.widget.end()


def test_a_run_is_told_wherever_it_stands(folio: Path) -> None:
    path = recorded("alpha")
    table = Table()
    table.ask("facts", query="")
    rename(path.name, "beta")

    told = table.ask("news", query="", columns=["config.lr"])[0]

    assert [head[1] for head in told["runs"]] == ["beta"]
    table.widget.end()


def test_news_of_a_state_that_is_gone_are_none(folio: Path) -> None:
    recorded("alpha")
    table = Table()

    told = table.ask("news", at=99, query="", columns=["config.lr"])[0]

    assert (told["new"], told["gone"], told["runs"]) == (0, 0, [])
    table.widget.end()
