"""Journal cells in a real JupyterLab and Notebook: placed, taken over, written in, deleted, undone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.conftest import chromium
from tests.e2e.journal_page import LOAD, LONG, SHORT, JournalPage, shown_entries
from tests.e2e.test_live_card_in_lab import Lab
from tests.jupyter import running_lab, settle_in

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("journal")]


@pytest.fixture(scope="module")
def whole_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Start one server and one browser: that takes longer than most of the cases."""
    home = tmp_path_factory.mktemp("journal")
    folder = home / "notebooks"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settle_in(home).items():
            patch.setenv(name, value)
        patch.setenv("RUNFOLIO_DIR", str(folder / "folio"))
        with (
            running_lab(folder, home / "lab.log") as address,
            chromium(home / "browser") as browser,
        ):
            yield Lab(address, folder, browser)


@pytest.fixture
def lab(whole_lab: Lab) -> Iterator[Lab]:
    yield whole_lab
    whole_lab.clear()
    shutil.rmtree(whole_lab.folder / "folio", ignore_errors=True)


@pytest.mark.parametrize("place", ["lab", "notebooks"])
def test_a_cell_is_put_below_a_busy_one_gets_its_facts_and_gives_its_words_on_save(
    lab: Lab, place: str, tmp_path: Path
) -> None:
    page = JournalPage(lab, f"busy-{place}", (LOAD, LONG.format(name="busy", steps=40)), place)
    page.run_all()
    page.journal("still running")
    assert page.page.locator(".jp-CodeCell .jp-InputPrompt", has_text="[*]").count() == 1
    page.write(page.journal("busy"), "\n\nbecause")
    page.page.locator(".vega-embed .marks").first.wait_for(timeout=90_000)
    page.journal("✓ busy")
    page.page.screenshot(path=tmp_path / "journal.png")
    ((run, text),) = page.saved_journals()

    page.until(lambda: shown_entries(page.save()) == 0)
    assert ("still running" in text, "because" in text) == (False, True)
    page.until(lambda: page.words(run) == "because")
    assert page.trouble() == []


def test_a_short_run_gets_its_cell_and_no_entry_as_output(lab: Lab) -> None:
    page = JournalPage(lab, "short", (LOAD, SHORT.format(name="quick")))
    page.run_all()
    page.journal("✓ quick")
    ((run, _),) = page.saved_journals()

    assert [run] == [path.name for path in page.runs()]
    page.until(lambda: shown_entries(page.save()) == 0)
    assert page.trouble() == []


def test_a_rerun_takes_over_a_cell_without_words_and_leaves_one_with_words_below(lab: Lab) -> None:
    page = JournalPage(lab, "again", (LOAD, SHORT.format(name="again")))
    page.run_all()
    page.until(lambda: len(page.runs()) == len(page.journals()) == 1)
    page.run_cell(1)
    page.until(lambda: len(page.runs()) == 2)
    second = page.runs()[1].name
    page.until(lambda: [run for run, _ in page.saved_journals()] == [second])
    page.write(page.journal("✓ again"), "\n\nkept")
    page.run_cell(1)
    page.until(lambda: len(page.journals()) == 2)
    (newest, text), (written, old) = page.saved_journals()

    assert (newest, written) == (page.runs()[2].name, second)
    assert ("kept" in text, "kept" in old) == (False, True)
    assert page.until(lambda: page.words(second)) == "kept"
    assert page.trouble() == []


def test_a_deleted_cell_stays_away_and_an_insertion_is_one_step_to_undo(lab: Lab) -> None:
    page = JournalPage(lab, "gone", (LOAD, LONG.format(name="gone", steps=40)))
    page.run_all()
    page.journal("still running")
    page.select(2)
    page.page.keyboard.press("d")
    page.page.keyboard.press("d")
    page.page.locator(".vega-embed .marks").first.wait_for(timeout=90_000)
    page.until(lambda: shown_entries(page.save()) == 0)
    page.run_cell(1)
    page.journal("still running")
    page.select(0)
    page.page.keyboard.press("z")
    page.until(lambda: page.journals() == [])
    page.until(lambda: page.page.locator(".jp-InputPrompt", has_text="[*]").count() == 0)

    assert page.saved_journals() == []
    assert page.page.locator(".jp-CodeCell").count() == 2
    assert page.trouble() == []


def test_words_that_are_typed_among_the_facts_while_the_run_ends_are_kept(lab: Lab) -> None:
    page = JournalPage(lab, "among", (LOAD, LONG.format(name="among", steps=30)))
    page.run_all()
    page.journal("still running").locator(".jp-MarkdownOutput").dblclick()
    page.page.locator(".jp-MarkdownCell .cm-content:visible").click()
    for key in ("Control+Home", "ArrowDown", "ArrowDown", "End"):
        page.page.keyboard.press(key)
    words = "nothing of this is lost, however long it takes until the run is over"
    page.page.keyboard.type(words, delay=70)
    page.page.locator(".vega-embed .marks").first.wait_for(timeout=90_000)
    page.page.keyboard.press("Control+Enter")
    page.journal("✓ among")
    ((run, text),) = page.saved_journals()

    assert ("still running" in text, text.count(words)) == (False, 1)
    assert page.until(lambda: page.words(run, "Other")) == words
    assert page.trouble() == []
