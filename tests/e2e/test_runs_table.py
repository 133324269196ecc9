"""The runs table in a real page: ten thousand runs of two hundred columns, mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from tests.e2e.many_runs import write_runs
from tests.e2e.widget_notebook import TableNotebook as Notebook
from tests.e2e.widget_notebook import quietly_in

from runfolio.store.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.browser]

LOAD = "import runfolio\n%load_ext runfolio"
SHOW = "table = runfolio.runs('sort:-val/acc')\ntable"
HOSTILE = "<img src=x onerror='window.__pwn=1'>"


@pytest.fixture
def open_notebook(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    open_page: Callable[..., Any],
    lab: Callable[[Path], str],
) -> Callable[..., Notebook]:
    folio = tmp_path / "folio"
    for name, value in quietly_in(folio).items():
        monkeypatch.setenv(name, value)
    folder = tmp_path / "notebooks"
    folder.mkdir()

    def open_one(*cells: str, runs: int = 12, place: str = "lab/tree", **more: int) -> Notebook:
        write_runs(folio, runs, **more)
        address = lab(folder)
        opened = open_page(address, address.replace("http", "ws"))
        return Notebook(opened, address, folder / "table.ipynb", cells, place)

    return open_one


def test_ten_thousand_runs_of_two_hundred_columns_scroll_sort_and_filter(
    open_notebook: Callable[..., Notebook], tmp_path: Path
) -> None:
    notebook = open_notebook(LOAD, SHOW, runs=10_000)
    notebook.wait_for_first("run-9999")
    notebook.page.screenshot(path=tmp_path / "light.png")
    scroller = notebook.find(".scroller")
    scroller.evaluate("node => { node.scrollTop = node.scrollHeight; node.scrollLeft = 1e6; }")
    notebook.row(9999).locator(".run-name", has_text="run-0").wait_for(timeout=20_000)

    assert scroller.get_attribute("aria-rowcount") == "10001"
    assert notebook.find(".row:not([hidden])").count() < 60
    assert notebook.row(9999).locator(".cell").count() < 40
    assert notebook.row(9999).locator(".cell.time").inner_text() != ""
    scroller.evaluate("node => { node.scrollTop = 0; node.scrollLeft = 0; }")
    notebook.find(".head [data-column='metrics.val/acc']").click()
    notebook.wait_for_first("run-0")
    assert (
        notebook.find("[aria-sort='ascending']").get_attribute("data-column") == "metrics.val/acc"
    )
    notebook.filter("optimizer:a lr<1e-3")
    notebook.footer("1,000 of 10,000 runs")
    assert notebook.trouble == []


def test_the_notebook_keeps_a_table_that_needs_no_kernel(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(LOAD, SHOW, settings=12)

    notebook.page.keyboard.press("Control+s")
    notebook.page.wait_for_timeout(1500)
    (output,) = nbformat.read(notebook.folder / "table.ipynb", 4).cells[1].outputs

    assert sorted(output["data"]) == ["text/html", "text/plain"]
    assert "run-11" in output["data"]["text/html"]
    notebook.page.get_by_role("menuitem", name="Kernel", exact=True).click()
    notebook.page.get_by_text("Shut Down Kernel", exact=True).click()
    notebook.page.locator(".runfolio-sheet").first.wait_for(state="visible", timeout=20_000)
    assert notebook.page.locator(".card.table").count() == 0


def test_rows_are_selected_by_mouse_and_keyboard_and_python_knows(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(LOAD, SHOW, "", settings=12)
    notebook.wait_for_first("run-11")
    notebook.row(1).locator(".box").click()
    notebook.row(3).locator(".run-name").click(modifiers=["Shift"])
    notebook.footer("3 selected")
    notebook.find(".scroller").focus()
    for key in ("ArrowDown", " ", "ArrowUp", "ArrowUp", "ArrowUp", "x", "d", "d"):
        notebook.page.keyboard.press(key)
    notebook.footer("4 selected")

    cell = notebook.page.locator(".jp-Notebook .jp-CodeCell").nth(2)
    cell.locator(".cm-content").click()
    notebook.page.keyboard.type("print(table.selected.frame()['name'].tolist())")
    notebook.page.keyboard.press("Control+Enter")
    printed = cell.locator(".jp-OutputArea-output pre").inner_text(timeout=20_000)

    assert printed.strip() == "['run-10', 'run-9', 'run-8', 'run-7']"
    assert notebook.page.locator(".jp-Notebook .jp-CodeCell").count() == 3
    assert notebook.trouble == []


def test_rows_are_grouped_folded_and_columns_are_chosen_by_a_pattern(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(LOAD, SHOW, settings=12)
    notebook.wait_for_first("run-11")
    notebook.find("[aria-label='Group by']").select_option("config.optimizer")
    notebook.find(".row.group", has_text="6 runs").first.wait_for(timeout=20_000)
    notebook.find(".row.group").first.click()
    notebook.find(".scroller[aria-rowcount='9']").wait_for(timeout=20_000)

    assert notebook.find("[aria-expanded='false']").count() == 1
    notebook.find("button", has_text="Columns").click()
    notebook.find("[aria-label='Find columns']").fill("metrics.val/m*")
    notebook.find(".pop button", has_text="Hide").first.click()
    notebook.find("[aria-label='Find columns']").fill("config.opt.*")
    notebook.find("[aria-label='Pin config.opt.p001']").click()
    assert notebook.find(".head [data-column='config.opt.p001']").count() == 1
    assert notebook.find(".head [data-column^='metrics.val/m']").count() == 0
    assert notebook.trouble == []


def test_a_mistake_in_the_filter_is_shown_at_its_character(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(LOAD, SHOW, settings=12)

    notebook.filter("optimizer:a lrr<1")
    notebook.find(".problem mark").wait_for(timeout=20_000)
    words = notebook.find(".problem").first.inner_text()
    notebook.filter("lr<1e-30")
    notebook.find(".message", has_text="No run matches this filter.").wait_for(timeout=20_000)
    notebook.find("button", has_text="Clear filter").click()
    notebook.footer("12 of 12 runs")

    assert 'Did you mean "lr"?' in words
    assert notebook.trouble == []


@pytest.mark.parametrize("place", ["lab/tree", "notebooks"])
def test_tags_are_written_where_they_stand_while_the_kernel_is_busy(
    place: str, open_notebook: Callable[..., Notebook], tmp_path: Path
) -> None:
    busy = "import time\nend = time.time() + 25\nwhile time.time() < end: pass"
    notebook = open_notebook(LOAD, SHOW, busy, settings=12, place=place)
    notebook.wait_for_first("run-11")
    notebook.find(".scroller").evaluate("node => { node.scrollLeft = 1e6; }")
    notebook.row(0).locator(".cell.tags").dblclick(timeout=20_000)
    notebook.find(".cell.tags input").fill(f"clicked, {HOSTILE}")
    notebook.find(".cell.tags input").press("Enter")
    notebook.row(0).locator(".tag", has_text="<img").wait_for(timeout=20_000)
    notebook.page.wait_for_timeout(1500)

    (record,) = [run for run in Store(tmp_path / "folio").records() if run.name == "run-11"]
    assert record.tags == ("clicked", HOSTILE)
    assert notebook.trouble == []


def test_a_run_is_opened_below_and_a_view_is_saved(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(LOAD, SHOW, settings=12)
    notebook.wait_for_first("run-11")
    notebook.find(".scroller").focus()
    notebook.page.keyboard.press("Enter")
    notebook.find(".detail .card .grid").wait_for(timeout=20_000)
    notebook.find("button", has_text="Views").click()
    notebook.find("[aria-label='Name of this view']").fill("best first")
    notebook.find("[aria-label='Name of this view']").press("Enter")
    notebook.find(".entry-line", has_text="best first").wait_for(timeout=20_000)

    assert "val/acc" in notebook.find(".detail").inner_text()
    assert (notebook.folder.parent / "folio" / ".views.json").is_file()
    assert notebook.trouble == []
