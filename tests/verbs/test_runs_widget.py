"""What a notebook keeps of a runs table, and what a page makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from runfolio.verbs import runs_widget
from runfolio.verbs.runs import runs

MakeRun = Callable[..., Path]


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process look like the kernel of a notebook that is open in a page."""
    monkeypatch.setenv("JPY_SESSION_NAME", "notebook.ipynb")
    monkeypatch.setattr(runs_widget, "can_live", lambda: True)


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

    for _ in range(runs_widget._ALIVE):
        runs()._repr_mimebundle_()

    assert before.over
    assert first.widget is not before
    assert first.widget.selected == ["x"]
