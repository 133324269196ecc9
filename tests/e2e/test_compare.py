"""A comparison in a real page: brush, shared zoom, axes, legend; ten thousand runs, long ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from tests.e2e.many_runs import write_long_runs, write_runs
from tests.e2e.widget_notebook import CompareNotebook as Notebook
from tests.e2e.widget_notebook import quietly_in

from runfolio.store.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.browser]

LOAD = "import runfolio\n%load_ext runfolio"
SHOW = "view = runfolio.compare('status:finished sort:seed')\nview"
EVIL = "<img src=x onerror='window.__pwn=1'>"
NAMES = (EVIL, "</script><script>window.__pwn=1</script>", 'it\'s "quoted" [a].b')


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

    def open_one(
        write: Callable[[Path], None], show: str = SHOW, place: str = "lab/tree"
    ) -> Notebook:
        write(folio)
        address = lab(folder)
        opened = open_page(address, address.replace("http", "ws"))
        return Notebook(opened, address, folder / "compare.ipynb", (LOAD, show, ""), place)

    return open_one


def six(folio: Path) -> None:
    write_long_runs(folio, 6, 1000, NAMES)


def test_ten_thousand_runs_are_brushed_and_python_knows_which(
    open_notebook: Callable[..., Notebook], tmp_path: Path
) -> None:
    notebook = open_notebook(lambda folio: write_runs(folio, 10_000, settings=23, metrics=6), SHOW)
    notebook.find(".legend", has_text="9,984 more runs, drawn grey").wait_for()
    axis = notebook.page.locator(".brush-axis[aria-label^='val/acc']")
    axis.scroll_into_view_if_needed()
    notebook.drag(axis, (0.5, 0.3), (0.5, 0.1))
    chosen = notebook.find(".chosen b").inner_text(timeout=20_000)
    runs = sorted(Store(tmp_path / "folio").records(), key=lambda run: run.metrics["val/acc"].last)
    ids = notebook.say("print(*view.selected.ids)").split()
    places = sorted(place for place, run in enumerate(runs) if run.id in set(ids))

    assert chosen == f"{len(ids):,} of 10,000 runs chosen"
    assert places == list(range(places[0], places[0] + len(ids)))
    assert 1900 < len(ids) < 2100
    notebook.page.screenshot(path=tmp_path / "brushed.png")
    notebook.find(".chosen button").click()
    assert notebook.say("print(len(view.selected))") == "0"
    assert notebook.trouble == []


def test_zoom_is_shared_by_all_curves_and_reset(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(lambda folio: write_long_runs(folio, 50, 60_000))
    first, second = notebook.find(".plot.curves").all()
    notebook.drag(first, (0.5, 0.5), (0.7, 0.5))
    notebook.exact()
    (from_, to), other = notebook.ranges()
    assert (from_, to) == tuple(other)
    assert 20_000 < from_ < to < 46_000
    second.focus()
    notebook.page.keyboard.press("+")
    notebook.exact()
    (a, b), other = notebook.ranges()
    assert [a, b] == other
    assert from_ < a < b < to
    first.dblclick()
    notebook.exact()
    assert notebook.ranges() == [[0, 59_999]] * 2
    assert "of 3,000,000 points" in notebook.find(".caption").first.inner_text()
    assert notebook.trouble == []


@pytest.mark.parametrize(
    ("x", "least", "most"), [("epoch", 8.9, 9.1), ("relative", 0, 600), ("time", 1.7e12, 2e13)]
)
def test_curves_run_over_epochs_seconds_or_the_clock(
    x: str, least: float, most: float, open_notebook: Callable[..., Notebook]
) -> None:
    notebook = open_notebook(six)
    notebook.find("[aria-label='x']").select_option(x)
    notebook.page.wait_for_function(
        "Object.values(drawn).every(({range}) => range[1] !== 999)", timeout=20_000
    )
    notebook.exact()
    assert all(least <= end <= most for _, end in notebook.ranges())
    assert notebook.trouble == []


@pytest.mark.parametrize("place", ["lab/tree", "notebooks"])
def test_names_are_text_wherever_they_stand(
    place: str, open_notebook: Callable[..., Notebook]
) -> None:
    notebook = open_notebook(six, place=place)
    assert not notebook.page.locator(".runfolio-sheet").is_visible()
    notebook.find(".legend", has_text=EVIL[:12]).wait_for()
    plot = notebook.find(".plot.curves").first
    box = plot.bounding_box()
    for share in range(1, 9):
        notebook.page.mouse.move(box["x"] + 200, box["y"] + box["height"] * share / 10)
    notebook.find(".differences th", has_text="<img").first.hover()
    notebook.find(".differences .on").first.wait_for()
    assert notebook.find("img").count() + notebook.find("script").count() == 0
    assert notebook.trouble == []


def test_a_run_is_hidden_pinned_and_found_in_all_views(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(six)
    entry = notebook.find(".legend-run", has_text="run-4")
    entry.locator(".entry").click()
    notebook.find(".legend-run.off", has_text="run-4").wait_for()
    entry.locator(".entry").click(modifiers=["Shift"])
    notebook.find(".legend-run.pinned", has_text="run-4").wait_for()
    entry.hover()
    column = notebook.find(".differences thead th.on", has_text="run-4")
    column.wait_for()
    colour = "node => node.querySelector('.swatch').style.color"
    assert column.evaluate(colour) == entry.evaluate(colour)
    assert notebook.trouble == []


def test_the_brush_has_keys_and_what_is_left_out_turns_faint(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(six)
    notebook.page.locator(".brush-axis[aria-label^='seed']").focus()
    notebook.page.keyboard.press("Enter")
    assert notebook.find(".chosen b").inner_text(timeout=20_000) == "3 of 6 runs chosen"
    notebook.find(".legend-run.faint").nth(2).wait_for()
    notebook.find(".differences thead th.faint").nth(2).wait_for()
    notebook.page.keyboard.press("ArrowDown")
    notebook.find(".brush-axis[aria-label^='seed'][aria-label*='45 to 95']").wait_for()
    notebook.page.keyboard.press("Escape")
    notebook.find(".chosen b").wait_for(state="detached")
    notebook.say("view.widget.selected = [view.compared.records[1].id]; print(1)")
    notebook.find(".chosen b", has_text="1 of 6 runs chosen").wait_for(timeout=20_000)
    assert notebook.page.locator(".jp-Notebook .jp-CodeCell").count() == 3
    assert notebook.trouble == []


def test_means_of_groups_and_any_setting_against_any_metric(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(six)
    notebook.find("button", has_text="group mean").click()
    notebook.find(".legend-run", has_text="2 runs").first.wait_for(timeout=20_000)
    notebook.find("[aria-label='Group by']").select_option(label="optimizer")
    notebook.find(".legend-run", has_text="3 runs").first.wait_for(timeout=20_000)
    notebook.find("[aria-label='Setting']").select_option("seed")
    notebook.find(".scatter [aria-label='Metric']").select_option("train/acc")
    notebook.find("[aria-label^='seed against train/acc']").wait_for(timeout=20_000)
    assert "6 of 6 runs" in notebook.find(".scatter .caption").inner_text()
    assert notebook.trouble == []


def test_the_notebook_keeps_static_charts_and_they_return_without_a_kernel(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(six)
    still = notebook.page.locator(".jp-OutputArea-child .runfolio-sheet")
    still.wait_for(state="attached", timeout=60_000)
    assert not still.is_visible()
    notebook.page.keyboard.press("Control+s")
    notebook.page.wait_for_timeout(1500)
    outputs = nbformat.read(notebook.folder / "compare.ipynb", 4).cells[1].outputs

    assert [sorted(output["data"])[-2:] for output in outputs] == [
        ["text/html", "text/plain"], ["image/png", "text/plain"], ["text/html", "text/plain"],
    ]  # fmt: skip
    assert not any("widget" in kind for output in outputs for kind in output["data"])
    notebook.page.get_by_role("menuitem", name="Kernel", exact=True).click()
    notebook.page.get_by_text("Shut Down Kernel", exact=True).click()
    still.wait_for(state="visible", timeout=20_000)
    assert notebook.page.locator(".card.compare").count() == 0
