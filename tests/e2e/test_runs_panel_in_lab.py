"""The runs panel in JupyterLab and Notebook 7: tabs, what a reload brings back, the compare cell."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from tests.e2e.made_artifacts import make_artifacts
from tests.e2e.many_runs import write_runs
from tests.e2e.panel_page import PanelPage, record_into, training
from tests.jupyter import KERNEL, run_all_cells, wait_for_kernel

from runfolio.store.store import Store
from runfolio.verbs.edit import note

pytestmark = [pytest.mark.slow, pytest.mark.browser]

# What Notebook 7 itself says where another extension's settings are not there.
THEIRS = (
    "reading 'schema'",
    "reading 'last_modified'",
    "Menu entry for command",
    "Settings failed to load",
    "Not same Y.Doc",
)
BAR = ".lm-TabBar-tab[data-id='runfolio-runs']"


class LabPanel(PanelPage):
    """The panel in the side bar of a front end."""

    @property
    def trouble(self) -> list[str]:
        return [one for one in super().trouble if not any(words in one for words in THEIRS)]

    def show(self) -> None:
        """Bring the panel to the front by its command, as Notebook 7 has no bar at the side."""
        item = self.page.locator(".lm-CommandPalette-item[data-command='runfolio:show-runs']")
        for _ in range(10):  # a front end that is just coming up closes its palette again
            self.page.keyboard.press("Control+Shift+C")
            self.page.wait_for_timeout(1000)
            self.page.keyboard.type("Show Runs")
            self.page.wait_for_timeout(500)
            if item.is_visible():
                break
            self.page.keyboard.press("Escape")
        item.click()
        self.page.locator(".panel-of-runs").wait_for()

    def _console(self, message: Any) -> None:
        if message.type == "error":
            super()._console(message)


@pytest.fixture
def folio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return record_into(tmp_path / "notebooks" / "folio", monkeypatch)


@pytest.fixture
def open_panel(
    folio: Path, lab: Callable[[Path], str], open_page: Callable[..., Any]
) -> Callable[[str], LabPanel]:
    address: list[str] = []

    def open_one(place: str) -> LabPanel:
        config = Path(os.environ["JUPYTER_CONFIG_DIR"], "jupyter_server_config.json")
        config.write_text(json.dumps({"ServerApp": {"jpserver_extensions": {"runfolio": True}}}))
        address.append(lab(folio.parent))
        panel = LabPanel(open_page(address[0], address[0].replace("http", "ws")))
        panel.page.goto(f"{address[0]}{place}")
        return panel

    return open_one


def write_notebook(folder: Path, *sources: str) -> None:
    cells = [new_code_cell(text) for text in sources or ("1 + 1", "2 + 2")]
    nbformat.write(new_notebook(cells=cells, metadata=KERNEL), folder / "n.ipynb")


def test_a_card_in_a_tab_is_live_without_a_kernel_and_stands_there_after_a_reload(
    folio: Path, tmp_path: Path, open_panel: Callable[[str], LabPanel]
) -> None:
    write_runs(folio, 3, settings=4, metrics=2)
    panel = open_panel("lab")
    with training(folio, "lively", tmp_path / "end"):
        panel.page.locator(BAR).click(timeout=60_000)
        panel.run("lively").click(timeout=30_000)
        panel.expect("steps/s")
        panel.page.wait_for_timeout(2500)  # JupyterLab saves its layout a while after a change
        panel.page.reload()
        panel.page.get_by_role("tab", name="lively").wait_for(timeout=60_000)
        panel.expect("steps/s", timeout=60_000)
        panel.run("lively").wait_for()

    panel.page.locator(".run[data-status='finished'] .name:text-is('lively')").wait_for()
    assert panel.trouble == []


def test_the_journal_is_drawn_by_the_front_end_and_artifacts_stand_in_tabs(
    folio: Path, tmp_path: Path, open_panel: Callable[[str], LabPanel]
) -> None:
    write_runs(folio, 3, settings=4, metrics=2)
    run = Store(folio).records()[0]
    make_artifacts(tmp_path)
    words = "<img src=x onerror='window.__pwn=1'> <form action=/x><input name=body></form>"
    note(run.id, f"{words} ![far](http://elsewhere.invalid/p.png)")
    panel = open_panel("lab")
    panel.page.locator(BAR).click(timeout=60_000)
    panel.page.get_by_role("button", name="Journal").click(timeout=30_000)
    panel.page.locator(".entry-of-run .jp-RenderedMarkdown strong").first.wait_for()
    with panel.page.expect_download() as download:
        panel.page.get_by_role("button", name="Export").click()
    download.value.save_as(tmp_path / "JOURNAL.md")

    text = (tmp_path / "JOURNAL.md").read_text(encoding="utf-8")
    assert all(f"run-{place}" in text for place in range(3))
    assert panel.page.locator(".journal :is(img, form, input)").count() == 0
    panel.page.get_by_role("tab", name="Artifacts", exact=True).click()
    panel.page.locator(".artifact .name:text-is('net')").click()
    panel.page.locator(".artifact-card h3:text-is('net')").wait_for()
    panel.page.locator(".artifact-card .versions .link bdi:text-is('train')").click()
    panel.page.locator(".card footer .link:text-is('digits:v1')").click()
    panel.page.locator(".lm-TabBar-tabLabel:text-is('digits:v1')").wait_for()
    panel.page.locator(".artifact-card h3:text-is('digits')").wait_for()
    panel.page.wait_for_timeout(2500)  # JupyterLab saves its layout a while after a change
    panel.page.reload()
    panel.page.locator(".artifact-card h3:text-is('digits')").wait_for(timeout=60_000)
    panel.page.locator(".artifact .name:text-is('net')").wait_for()
    assert panel.page.locator(".artifact-card :is(img, script)").count() == 0
    assert panel.trouble == []


TRACKED = """%%track {}
for step in range(40):
    runfolio.log({{"val/acc": 1 - 1 / (step + 2)}})
    time.sleep(0.1)"""


def test_the_first_run_of_a_folder_is_seen_and_runs_are_compared_in_the_notebook(
    folio: Path, open_panel: Callable[[str], LabPanel]
) -> None:
    loaded = "%load_ext runfolio\nimport time, runfolio"
    write_notebook(folio.parent, loaded, *(TRACKED.format(name) for name in ("one", "two")))
    panel = open_panel("lab/tree/n.ipynb")
    wait_for_kernel(panel.page, panel.page.url.partition("lab")[0])
    panel.page.locator(BAR).click()
    panel.expect("%%track NAME")
    run_all_cells(panel.page)
    panel.page.locator(".run[data-status='running']").wait_for()
    for name in ("one", "two"):
        panel.run(name).locator(".pick").click()
    panel.page.locator(".run[data-status='finished'] .name:text-is('two')").wait_for()
    panel.page.get_by_role("button", name="To a cell").click()
    panel.expect("Shift+Enter runs it")
    panel.page.keyboard.press("Shift+Enter")

    panel.expect("80 of 80 points")
    assert panel.trouble == []


def test_selected_runs_go_to_a_compare_cell_of_notebook_7(
    folio: Path, open_panel: Callable[[str], LabPanel]
) -> None:
    write_runs(folio, 3, settings=4, metrics=2)
    write_notebook(folio.parent)
    panel = open_panel("notebooks/n.ipynb")
    wait_for_kernel(panel.page, panel.page.url.partition("notebooks/")[0])
    panel.show()
    for name in ("run-0", "run-2"):
        panel.run(name).locator(".pick").click()
    panel.page.get_by_role("button", name="To a cell").click()
    panel.expect("A compare cell stands")

    ids = [record.id for record in Store(folio).records() if record.name != "run-1"]
    cells = panel.page.locator(".jp-Notebook .jp-Cell .cm-content").all_inner_texts()
    assert f"%track compare {' '.join(sorted(ids, reverse=True))}" in cells[1]
    with panel.page.context.expect_page() as opened:
        panel.run("run-1").click()
    opened.value.locator(".card h3:text-is('run-1')").wait_for()
    assert panel.trouble == []
