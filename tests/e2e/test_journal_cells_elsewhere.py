"""Journal cells where not all is as it should be: no extension, switched off, ill names, moved, twice."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.conftest import chromium
from tests.e2e.journal_page import LOAD, LONG, SHORT, JournalPage, shown_entries
from tests.e2e.test_live_card_in_lab import Lab
from tests.jupyter import running_lab, settle_in

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("journal")]

ILL = """
markup = "<img src=http://127.0.0.1:9/x.png onerror=window.__pwn=1><script>window.__pwn=2</script>"
command = "<a data-commandlinker-command='kernelmenu:shutdown' data-commandlinker-args='{}'>x</a>"
form = "<form id='jupyter-config-data' action='http://127.0.0.1:9/'><input name=body></form>"
run = runfolio.init(name=markup, notes=command + form, tags=[command], config={markup: form})
for step in range(20):
    runfolio.log({"[x](javascript:window.__pwn=3)": float(step), "![x](http://127.0.0.1:9/y.png)": 1.0})
    time.sleep(0.1)
runfolio.finish()
"""
# On a machine that is busy even a run of one point may go on for longer than a card waits.
NO_CARD_YET = "from runfolio.verbs import live\nlive._AFTER_S = 600.0"
WORDS = (
    "\n\n<img src=http://127.0.0.1:9/z.png onerror=window.__pwn=4> <script>window.__pwn=5</script>"
    " [link](javascript:window.__pwn=6) <form id=jupyter-config-data></form>"
    " <a data-commandlinker-command='kernelmenu:shutdown'>x</a>"
)


@pytest.fixture(scope="module")
def labs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Start servers as they are asked for, one browser in front of them."""
    home = tmp_path_factory.mktemp("elsewhere")
    with pytest.MonkeyPatch.context() as patch, chromium(home / "browser") as browser:
        for name, value in settle_in(home).items():
            patch.setenv(name, value)
        folder = home / "notebooks"
        folder.mkdir()
        patch.setenv("RUNFOLIO_DIR", str(folder / "folio"))
        with running_lab(folder, home / "lab.log") as address:
            yield Lab(address, folder, browser), home


@pytest.fixture
def lab(labs: tuple[Lab, Path]) -> Iterator[Lab]:
    yield labs[0]
    labs[0].clear()
    shutil.rmtree(labs[0].folder / "folio", ignore_errors=True)


@pytest.fixture
def without_extension(labs: tuple[Lab, Path]) -> Iterator[None]:
    config = Path(labs[1], "JUPYTER_CONFIG_DIR", "labconfig", "page_config.json")
    config.parent.mkdir(exist_ok=True)
    config.write_text(json.dumps({"disabledExtensions": {"runfolio": True}}), encoding="utf-8")
    yield
    config.unlink()


@pytest.fixture
def switched_off(labs: tuple[Lab, Path]) -> Iterator[None]:
    path = Path(labs[1], "settings", "runfolio", "plugin.jupyterlab-settings")
    path.parent.mkdir()
    path.write_text(json.dumps({"journalCells": False, "badges": False}), encoding="utf-8")
    yield
    shutil.rmtree(path.parent)


@pytest.mark.parametrize("place", ["lab", "notebooks"])
def test_without_the_extension_the_page_of_the_live_card_puts_the_cell_in(
    lab: Lab, without_extension: None, place: str, tmp_path: Path
) -> None:
    long, short = LONG.format(name="alone", steps=30), SHORT.format(name="quick")
    page = JournalPage(lab, f"alone-{place}", (LOAD, long, NO_CARD_YET, short), place)
    page.run_all()
    page.journal("still running")
    page.page.locator(".jp-OutputArea", has_text="✓ quick").first.wait_for(timeout=90_000)
    page.journal("✓ alone")
    page.page.screenshot(path=tmp_path / "alone.png")
    # Of a run that is too short for a card the entry is an output. One that the kernel shows before
    # it hears of the journal cell, the page takes away within seconds.
    page.until(lambda: [shown_entries([cell]) for cell in page.save()] == [0, 0, 0, 0, 1])
    cells = page.save()

    first, quick = (path.name for path in page.runs())
    assert [run for run, _ in page.saved_journals()] == [first]
    assert cells[4]["outputs"][-1]["metadata"]["runfolio"]["run_id"] == quick
    assert page.page.locator(".runfolio-badge").count() == 0
    assert page.trouble() == []


def test_with_the_setting_of_the_extension_off_entries_are_outputs(
    lab: Lab, switched_off: None
) -> None:
    page = JournalPage(lab, "off", (LOAD, LONG.format(name="off", steps=20)))
    page.run_all()
    page.page.locator(".jp-RenderedMarkdown", has_text="✓ off").first.wait_for(timeout=90_000)

    assert (page.saved_journals(), shown_entries(page.save())) == ([], 1)
    assert page.page.locator(".runfolio-badge").count() == 0


def test_with_runfolios_own_setting_off_entries_are_outputs(lab: Lab) -> None:
    off = "import os\nos.environ['RUNFOLIO_JOURNAL_CELLS'] = 'false'\n" + LOAD
    page = JournalPage(lab, "own", (off, LONG.format(name="own", steps=20)))
    page.run_all()
    page.page.locator(".jp-RenderedMarkdown", has_text="✓ own").first.wait_for(timeout=90_000)

    assert (page.saved_journals(), shown_entries(page.save())) == ([], 1)


def test_ill_names_and_words_are_text_in_journal_cell_and_badge(lab: Lab, tmp_path: Path) -> None:
    page = JournalPage(lab, "ill", (LOAD, ILL))
    page.run_all()
    page.journal("✓ <img")
    page.write(page.journal("✓ <img"), WORDS)
    ((run, _),) = page.saved_journals()
    page.until(lambda: "__pwn=5" in page.words(run))
    page.page.screenshot(path=tmp_path / "ill.png")
    cell, badge = page.journal("✓ <img"), page.page.locator(".runfolio-badge-run")

    assert "<img src=" in badge.inner_text()
    assert page.page.locator("[data-commandlinker-command*=shutdown]").count() == 0
    # Of what one writes oneself JupyterLab leaves an empty form without an action.
    ill = "form[action], input, script, [href^=javascript], #jupyter-config-data"
    assert cell.locator(ill).count() == 0
    assert badge.locator("img, script, a").count() == 0
    assert page.page.evaluate("window.__pwn") is None
    assert page.opened.asked == []


def test_a_notebook_that_is_renamed_while_its_run_goes_on_keeps_its_one_cell(lab: Lab) -> None:
    page = JournalPage(lab, "before", (LOAD, LONG.format(name="moved", steps=60)))
    page.run_all()
    page.journal("still running")
    page.save()
    page.page.get_by_role("menuitem", name="File", exact=True).click()
    page.page.get_by_role("menuitem", name="Rename Notebook…").click()
    page.page.locator(".jp-Dialog input").fill("after.ipynb")
    page.page.locator(".jp-Dialog .jp-mod-accept").click()
    page.until((lab.folder / "after.ipynb").exists)
    page.name = "after"
    page.journal("✓ moved")

    ((run, text),) = page.saved_journals()
    assert (run, "still running" in text) == (page.runs()[0].name, False)
    assert page.trouble() == []


def test_two_pages_of_one_notebook_and_two_views_in_one_page_have_one_cell_each(lab: Lab) -> None:
    page = JournalPage(lab, "twice", (LOAD, LONG.format(name="twice", steps=60)))
    page.page.get_by_role("menuitem", name="File", exact=True).click()
    page.page.get_by_role("menuitem", name="New View for Notebook").click()
    page.page.locator(".jp-NotebookPanel").nth(1).wait_for()
    other = JournalPage(lab, "twice", ())
    page.run_all()
    page.journal("still running")
    page.journal("✓ twice")
    page.page.wait_for_timeout(1000)

    assert [run for run, _ in page.saved_journals()] == [page.runs()[0].name]
    assert page.page.locator(".jp-NotebookPanel").first.locator(".jp-MarkdownCell").count() == 1
    assert len(other.journals()) <= 1
    # The widgets' manager of JupyterLab says so where two pages are at one kernel.
    told = [*page.trouble(), *other.trouble()]
    assert [one for one in told if "Comm not found for comm id" not in one] == []


def test_a_badge_tells_the_run_of_a_cell_and_that_it_has_changed_since(
    lab: Lab, tmp_path: Path
) -> None:
    page = JournalPage(lab, "badge", (LOAD, LONG.format(name="badge", steps=20), "1 / 1"))
    page.run_all()
    badge = page.page.locator(".runfolio-badge-run")
    page.page.locator(".runfolio-badge-run[data-status=running]").wait_for(timeout=90_000)
    page.page.locator(".runfolio-badge-run[data-status=finished]").wait_for(timeout=90_000)
    before = badge.inner_text()
    page.page.locator(".jp-CodeCell .cm-content").nth(1).click()
    page.page.keyboard.press("Control+End")
    page.page.keyboard.type("# edited")
    page.page.locator(".runfolio-badge-changed").wait_for(timeout=20_000)
    page.page.screenshot(path=tmp_path / "badge.png")
    page.page.keyboard.press("Control+z")
    page.until(lambda: page.page.locator(".runfolio-badge-changed").count() == 0)

    assert ("badge" in before, "changed" in before) == (True, False)
    assert badge.count() == 1
    assert page.trouble() == []
