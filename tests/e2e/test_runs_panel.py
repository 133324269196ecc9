"""The runs panel with no kernel at all: over a real server, while scripts train in other processes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.many_runs import write_runs
from tests.e2e.panel_page import PanelPage, Served, record_into, serving, training

from runfolio.store.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.browser]

HOSTILE = "<img src=x onerror='window.__pwn=1'>"
LOOKERS = """
from jupyter_server.auth import Authorizer

class Lookers(Authorizer):
    def is_authorized(self, handler, user, action, resource):
        return resource != "runfolio" or action == "read"

c.ServerApp.authorizer_class = Lookers
"""
VALUE = """([name]) => [...document.querySelector('aside').shadowRoot.querySelectorAll('.run')]
  .find((row) => row.querySelector('.name').textContent === name)?.querySelector('.value').textContent"""


@pytest.fixture
def folio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    return record_into(tmp_path / "root" / "folio", monkeypatch)


@pytest.fixture
def served(folio: Path, tmp_path: Path) -> Iterator[Served]:
    with serving(folio.parent, tmp_path / "server.log") as found:
        yield found


@pytest.fixture
def open_panel(served: Served, open_page: Callable[..., Any]) -> Callable[[], PanelPage]:
    def open_one() -> PanelPage:
        panel = PanelPage(open_page(served.address))
        panel.page.goto(f"{served.address}runfolio")
        return panel

    return open_one


def test_a_script_of_another_process_is_seen_live_and_after_a_reload(
    folio: Path, tmp_path: Path, open_panel: Callable[[], PanelPage]
) -> None:
    write_runs(folio, 3, settings=4, metrics=2)
    panel = open_panel()
    panel.run("run-0").wait_for()
    with training(folio, "lively", tmp_path / "end"):
        panel.run("lively").wait_for(timeout=20_000)
        panel.expect("1 running")
        panel.run("lively").click()
        panel.expect("points")
        panel.page.reload()
        panel.expect("points")
        panel.run("lively").wait_for()

    panel.expect("0 running")
    panel.page.locator(".run[data-status='finished'] .name:text-is('lively')").wait_for()
    assert panel.trouble == []


def test_a_card_goes_on_from_where_it_was_when_the_server_is_back(
    folio: Path, tmp_path: Path, served: Served, open_panel: Callable[[], PanelPage]
) -> None:
    panel = open_panel()
    with training(folio, "lively", tmp_path / "end"):
        panel.run("lively").click(timeout=30_000)
        panel.expect("points")
        served.stop()
        panel.expect("disconnected")
        before = len(panel.opened.errors)
        served.start()
        panel.page.get_by_text("disconnected").first.wait_for(state="hidden", timeout=30_000)
        panel.page.locator(".name:text-is('lively')").first.wait_for()
        panel.expect("steps/s")

    panel.expect("0 running", timeout=30_000)
    # A browser tells of requests that nobody answered; of nothing else.
    assert all("ERR_" in text for text in panel.opened.errors), panel.opened.errors
    assert len(panel.opened.errors) - before < 30


def test_two_browsers_see_what_the_other_one_wrote(
    folio: Path, open_panel: Callable[[], PanelPage]
) -> None:
    write_runs(folio, 3, settings=4, metrics=2)
    first, second = open_panel(), open_panel()
    second.run("run-1").wait_for()
    first.run("run-1").click()
    first.page.locator(".list").focus()
    first.page.keyboard.press("t")
    first.page.locator(".tagging input").fill("kept, from-the-panel")
    first.page.keyboard.press("Enter")
    second.page.bring_to_front()
    second.expect("kept · from-the-panel")

    record = next(one for one in Store(folio).records() if one.name == "run-1")
    assert list(record.tags) == ["kept", "from-the-panel"]
    assert first.trouble == second.trouble == []


def test_notes_are_added_and_a_run_is_stopped_after_one_question(
    folio: Path, tmp_path: Path, open_panel: Callable[[], PanelPage]
) -> None:
    panel = open_panel()
    with training(folio, "lively", tmp_path / "end"):
        panel.run("lively").wait_for(timeout=30_000)
        panel.page.locator(".list").focus()
        for key in ("Home", "n"):
            panel.page.keyboard.press(key)
        panel.page.keyboard.type("looks good")
        panel.page.keyboard.press("Enter")
        panel.page.locator(".strip").wait_for(state="hidden")
        panel.page.keyboard.press("s")
        panel.expect("Stop lively after its next step?")
        panel.page.get_by_role("button", name="Stop", exact=True).click()
        panel.page.locator(".run[data-status='stopped']").wait_for(timeout=20_000)

    assert Store(folio).records()[0].notes == "looks good"
    assert panel.trouble == []


def test_a_filter_shows_what_it_selects_and_marks_what_is_wrong_in_it(
    folio: Path, open_panel: Callable[[], PanelPage]
) -> None:
    write_runs(folio, 120, settings=4, metrics=2)
    panel = open_panel()
    panel.run("run-0").wait_for()

    panel.filter("tag:baseline")
    panel.expect("3 of 120 runs")
    assert panel.names() == ["run-0", "run-50", "run-100"]
    panel.filter("lr<<3")
    panel.page.locator(".problem mark").wait_for()
    assert panel.page.locator(".filter").get_attribute("aria-invalid") == "true"
    panel.filter("status:failed")
    panel.page.get_by_role("button", name="Clear filter").click()
    panel.expect("120 runs")
    assert panel.trouble == []


def test_ten_thousand_runs_are_reached_from_the_first_to_the_last(
    folio: Path, open_panel: Callable[[], PanelPage]
) -> None:
    write_runs(folio, 10_000, settings=6, metrics=3)
    panel = open_panel()
    panel.run("run-0").wait_for(timeout=60_000)
    panel.expect("10,000 runs")
    panel.page.locator(".list").focus()
    panel.page.keyboard.press("End")

    panel.run("run-9999").wait_for()
    panel.page.locator(".run.active .curve path").wait_for(state="attached")
    assert panel.page.locator(".run").count() < 60
    assert panel.trouble == []


def test_selected_runs_are_compared_in_a_tab(
    folio: Path, open_panel: Callable[[], PanelPage]
) -> None:
    write_runs(folio, 4, settings=4, metrics=2)
    panel = open_panel()
    for name in ("run-1", "run-2"):
        panel.run(name).locator(".pick").click()
    panel.expect("2 selected")
    panel.page.get_by_role("button", name="Compare", exact=True).click()

    panel.expect("settings →")
    panel.page.reload()
    panel.expect("settings →")
    panel.page.get_by_role("tab", name="Compare: 2 runs").press("Delete")
    panel.expect("Choose a run")
    assert panel.trouble == []


def test_a_folder_without_runs_says_what_to_do_and_shows_the_first_that_comes(
    folio: Path, tmp_path: Path, open_panel: Callable[[], PanelPage]
) -> None:
    panel = open_panel()
    panel.expect("runfolio.init()")
    with training(folio, "first", tmp_path / "end"):
        panel.run("first").wait_for(timeout=90_000)

    assert panel.trouble == []


def test_a_store_that_is_removed_while_it_is_shown_leaves_a_sentence(
    folio: Path, open_panel: Callable[[], PanelPage]
) -> None:
    write_runs(folio, 3, settings=4, metrics=2)
    panel = open_panel()
    panel.run("run-0").click()
    panel.expect("points")
    shutil.rmtree(folio)

    panel.expect("No runs lie below", timeout=90_000)
    # A browser tells of answers that are refusals; of nothing else.
    assert all("status of 4" in text for text in panel.opened.errors), panel.opened.errors


def test_names_and_words_that_would_act_are_text(
    folio: Path, open_panel: Callable[[], PanelPage]
) -> None:
    from runfolio.record.api import init
    from runfolio.verbs.edit import note

    with init(name=HOSTILE, tags=[HOSTILE], config={HOSTILE: HOSTILE}) as run:
        run.log({HOSTILE: 1.0})
    note(run.id, f"{HOSTILE} [x](javascript:window.__pwn=1) ![y](http://elsewhere.invalid/p.png)")
    panel = open_panel()
    panel.run(HOSTILE.replace("'", "\\'")).click()
    panel.page.get_by_role("button", name="Journal").click()
    panel.page.locator(".entry-of-run").first.wait_for()

    assert panel.page.locator(".journal img").count() == 0
    assert panel.trouble == []


def test_the_page_turns_dark_is_one_column_when_narrow_and_goes_by_keys(
    folio: Path, open_panel: Callable[[], PanelPage]
) -> None:
    write_runs(folio, 3, settings=4, metrics=2)
    panel = open_panel()
    panel.run("run-0").wait_for()
    panel.page.get_by_label("Theme").select_option("dark")
    panel.page.locator(".panel-of-runs.dark").wait_for()
    panel.page.set_viewport_size({"width": 400, "height": 700})
    panel.page.locator(".list").focus()
    for key in ("ArrowDown", "Enter"):
        panel.page.keyboard.press(key)
    panel.expect("points")
    assert not panel.page.locator(".list").is_visible()
    panel.page.get_by_role("button", name="‹ List").click()

    panel.page.locator(".list").wait_for()
    assert panel.page.evaluate("document.documentElement.scrollWidth") <= 400
    assert panel.trouble == []


def test_who_may_only_look_is_offered_nothing_that_writes(
    folio: Path, tmp_path: Path, open_page: Callable[..., Any]
) -> None:
    (tmp_path / "JUPYTER_CONFIG_DIR").mkdir()
    (tmp_path / "JUPYTER_CONFIG_DIR" / "jupyter_server_config.py").write_text(LOOKERS)
    with serving(folio.parent, tmp_path / "server.log") as served:
        panel = PanelPage(open_page(served.address))
        panel.page.goto(f"{served.address}runfolio")
        with training(folio, "lively", tmp_path / "end"):
            panel.run("lively").click(timeout=30_000)
            panel.expect("steps/s")
            panel.page.locator(".list").focus()
            for key in ("n", "t", "s"):
                panel.page.keyboard.press(key)
            panel.run("lively").click(button="right")
            offered = panel.page.get_by_role("menuitem").all_inner_texts()

        assert [one.split("\n")[0] for one in offered] == ["Open", "Media", "Select"]
        assert panel.page.locator(".strip").is_hidden()
        assert panel.page.locator(".card button:visible").count() == 0
        assert panel.trouble == []


def test_keys_act_on_the_run_that_was_chosen_though_others_come(
    folio: Path, tmp_path: Path, open_panel: Callable[[], PanelPage]
) -> None:
    write_runs(folio, 3, settings=4, metrics=2)
    panel = open_panel()
    panel.run("run-1").wait_for()
    panel.page.locator(".list").focus()
    for key in ("Home", "ArrowDown", "n"):
        panel.page.keyboard.press(key)
    panel.page.keyboard.type("of run-1")
    with training(folio, "lively", tmp_path / "end"):
        panel.run("lively").wait_for(timeout=20_000)
        places = (
            "top => document.querySelector('aside').shadowRoot.querySelector(top).style.transform"
        )
        assert panel.page.evaluate(places, ".strip") == panel.page.evaluate(places, ".run.active")
        panel.page.keyboard.press("Enter")
        panel.page.locator(".strip").wait_for(state="hidden")
        panel.page.keyboard.press("t")
        panel.page.locator(".tagging input").fill("x" * 300)
        panel.page.locator(".filter").click()
        panel.expect("has 300 characters")
        assert panel.page.locator(".tagging input").input_value() == "x" * 300

    assert [(one.name, one.notes) for one in Store(folio).records() if one.notes] == [
        ("run-1", "of run-1")
    ]
