"""What a notebook keeps of a runs table, and what a page makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.widgets.table_page import Table

from runfolio.errors import UsageError
from runfolio.model.run import MetricSummary, RunRecord
from runfolio.store.reader import read_record
from runfolio.verbs import pages
from runfolio.verbs.edit import tag
from runfolio.verbs.runs import runs
from runfolio.verbs.runs_widget import MOST_POINTS, Below, _drawn, quoted

MakeRun = Callable[..., Path]


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process look like the kernel of a notebook that is open in a page."""
    monkeypatch.setenv("JPY_SESSION_NAME", "notebook.ipynb")
    monkeypatch.setattr(pages, "can_live", lambda: True)


@pytest.fixture
def record(make_run: MakeRun) -> RunRecord:
    return read_record(make_run("alpha"))


def with_points(record: RunRecord, points: dict[str, int]) -> RunRecord:
    metrics = {key: MetricSummary(n=n, last=1.0) for key, n in points.items()}
    return replace(record, metrics=metrics)


def test_a_saved_table_is_static_html_and_text(make_run: MakeRun, page: None) -> None:
    make_run("alpha")
    view = runs()

    bundle, _ = view._repr_mimebundle_()

    assert sorted(bundle) == ["text/html", "text/plain"]
    assert f'data-runfolio-table="{view.widget.mark}"' in bundle["text/html"]
    assert "<script" not in bundle["text/html"]
    assert len(json.dumps(bundle)) < 300_000


def test_nothing_is_marked_where_no_page_can_be(make_run: MakeRun) -> None:
    make_run("alpha")

    assert "data-runfolio-table" not in runs()._repr_mimebundle_()[0]["text/html"]


def test_a_store_without_runs_gets_no_widget(store_path: Path, page: None) -> None:
    assert "data-runfolio-table" not in runs()._repr_mimebundle_()[0]["text/html"]


def test_the_selected_runs_are_runs(make_run: MakeRun) -> None:
    first, second = make_run("alpha").name, make_run("beta").name
    table = runs()

    assert table.selected.ids == []
    table.widget.selected = [second, "gone", first]

    assert table.selected.ids == [second, first]
    assert table.selected.frame()["name"].tolist() == ["beta", "alpha"]
    assert set(table.selected.history("val/acc")["run_id"]) == {first, second}


def test_chosen_columns_are_those_of_the_widget(make_run: MakeRun) -> None:
    make_run("alpha", config={"lr": 0.1})

    assert runs(columns=["lr", "val/acc", "project"]).widget.view["columns"] == [
        "config.lr", "metrics.val/acc", "project",
    ]  # fmt: skip


def test_only_the_latest_tables_stay_alive(make_run: MakeRun, page: None) -> None:
    make_run("alpha")
    first = runs()
    first._repr_mimebundle_()
    first.widget.selected = ["x"]
    before = first.widget

    for _ in range(pages._ALIVE):
        runs()._repr_mimebundle_()

    assert before.over
    assert first.widget is not before
    assert first.widget.selected == ["x"]


@pytest.mark.parametrize(
    ("n", "words"),
    [(0, "none is selected"), (1, "1 is selected"), (51, "51 are selected")],
)
def test_fewer_than_two_runs_and_more_than_fifty_are_not_compared(n: int, words: str) -> None:
    with pytest.raises(UsageError, match=f"Select 2 to 50 runs to compare; {words}"):
        Below().compare([f"20261122T210000-{place:06x}" for place in range(n)])


@pytest.mark.parametrize("n", [2, 50])
def test_where_no_cell_was_run_the_command_that_compares_is_told(n: int) -> None:
    ids = [f"20261122T210000-{place:06x}" for place in range(n)]

    said = Below().compare(ids)

    assert said.endswith(f"%track compare {' '.join(run[-6:] for run in ids)}")


def test_all_points_of_a_run_are_drawn_where_a_page_can_hold_them(record: RunRecord) -> None:
    assert _drawn(with_points(record, {"a": MOST_POINTS - 1, "b": 1})) == []


def test_of_too_many_points_those_metrics_are_drawn_that_there_is_room_for(
    record: RunRecord,
) -> None:
    long = with_points(record, {"a[0]": 10, "long": MOST_POINTS, "b*": MOST_POINTS - 10, "c": 1})

    assert sorted(_drawn(long)) == ["a[[]0]", "b[*]"]


def test_a_run_of_which_no_metric_can_be_drawn_tells_how_to_see_it(record: RunRecord) -> None:
    with pytest.raises(UsageError, match=f"2,000,001 points.*%track show {record.short_id}"):
        _drawn(with_points(record, {"a": MOST_POINTS + 1}))


@pytest.mark.parametrize("name", ["a, b", ',"', '"', '""', '"a"', "+plus", "-minus", "-", "é\\"])
def test_a_tag_is_kept_as_the_page_wrote_it(name: str, make_run: MakeRun) -> None:
    path = make_run("alpha", tags=["first"])
    table = Table(tag=lambda run, changes: tag(run, *map(quoted, changes)))

    given = table.ask("tags", name=path.name, ids=["first", name])[0]
    taken = table.ask("tags", name=path.name, ids=["first"])[0]

    assert given["tags"] == ["first", name]
    assert taken["tags"] == ["first"]
    table.widget.end()
