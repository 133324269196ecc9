"""One JupyterLab, one browser, live cards in hard cases: several pages, a hidden one, ill names."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from tests.e2e.conftest import Page, chromium
from tests.e2e.test_live_card import LOAD, Notebook
from tests.jupyter import KERNEL, run_all_cells, running_lab, settle_in

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("lab")]

TRAIN = """%%track {name}
for step in range(20000):
    runfolio.log({{"loss": 1 / (step + 1)}})
    time.sleep(0.01)
"""
BESIDE = """
import threading

def train(run):
    try:
        for step in range(20000):
            run.log({"loss": 1 / (step + 1)})
            time.sleep(0.01)
    except runfolio.StopRun:
        run.finish()

if "run" not in globals():
    run = runfolio.init(name="tabs")
    threading.Thread(target=train, args=[run]).start()
"""
ILL = """
markup = "<img src=x onerror=window.__pwn=1><script>window.__pwn=2</script>"
command = "<a data-commandlinker-command='kernelmenu:shutdown' data-commandlinker-args='{}'>x</a>"
run = runfolio.init(name=markup + "n" * 1_000_000, tags=[markup, command], notes=command)
names = ["a.b", "a[0]", 'q"uote', "back\\\\slash", markup, command, "${window.__pwn=3}"]
for step in range(2000):
    run.log({name: float(step) for name in names} | {"nan": float("nan")})
    if step == 100:
        run.log({"late": 1.0})
    time.sleep(0.01)
"""
SCRIPT = """
import time, runfolio
with runfolio.init(name="many") as run:
    for step in range(2000):
        run.log({f"m{number:03}": float(step) for number in range(500)})
        time.sleep(0.1)
"""


class Lab:
    """A running JupyterLab and the browser in front of it."""

    def __init__(self, address: str, folder: Path, open_one: Callable[..., Page]) -> None:
        self.address = address
        self.folder = folder
        self._open = open_one
        self.pages: list[Page] = []

    def write(self, name: str, *cells: str) -> None:
        made = new_notebook(cells=[new_code_cell(cell) for cell in cells], metadata=KERNEL)
        nbformat.write(made, self.folder / f"{name}.ipynb")

    def open(self, name: str) -> Notebook:
        """Open a notebook in a page of its own, and wait for its kernel."""
        opened = self._open(self.address, self.address.replace("http", "ws"))
        self.pages.append(opened)
        opened.page.goto(f"{self.address}lab/workspaces/{name}{len(self.pages)}/tree/{name}.ipynb")
        opened.page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
        deadline = time.monotonic() + 30
        while not self.is_connected(name) and time.monotonic() < deadline:
            opened.page.wait_for_timeout(200)
        opened.page.wait_for_timeout(700)  # what is asked at once gets lost
        return Notebook(opened, self.folder)

    def run(self, name: str, *cells: str) -> Notebook:
        self.write(name, *cells)
        notebook = self.open(name)
        run_all_cells(notebook.page)
        return notebook

    def is_connected(self, name: str) -> bool:
        """Return whether the kernel of a notebook is idle, and each page on it connected."""
        pages = sum(f"/{name}.ipynb" in one.page.url for one in self.pages)
        return any(
            session["path"] == f"{name}.ipynb"
            and session["kernel"]["execution_state"] == "idle"
            and session["kernel"]["connections"] >= pages
            for session in self._ask("sessions")
        )

    def clear(self) -> None:
        for opened in self.pages:
            opened.page.close()
        self.pages.clear()
        for session in self._ask("sessions"):
            request = urllib.request.Request(
                f"{self.address}api/sessions/{session['id']}", method="DELETE",
                headers={"Cookie": "_xsrf=mine", "X-XSRFToken": "mine"},
            )  # fmt: skip
            urllib.request.urlopen(request, timeout=20).close()
        shutil.rmtree(self.folder.parent / "folio", ignore_errors=True)

    def _ask(self, what: str) -> Any:
        with urllib.request.urlopen(f"{self.address}api/{what}", timeout=10) as answer:
            return json.load(answer)


def ask(notebook: Notebook, verb: str, text: str) -> None:
    notebook.card.locator(f"button[data-verb={verb}]").click()
    notebook.card.locator(".ask input").fill(text)
    notebook.card.locator(".ask input").press("Enter")


@pytest.fixture(scope="module")
def whole_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Start one server and one browser: that takes longer than most of the cases."""
    home = tmp_path_factory.mktemp("lab")
    folder = home / "notebooks"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settle_in(home).items():
            patch.setenv(name, value)
        patch.setenv("RUNFOLIO_DIR", str(home / "folio"))
        with (
            running_lab(folder, home / "lab.log") as address,
            chromium(home / "browser") as browser,
        ):
            yield Lab(address, folder, browser)


@pytest.fixture
def lab(whole_lab: Lab) -> Iterator[Lab]:
    yield whole_lab
    whole_lab.clear()


def test_tabs_of_one_notebook_and_another_one_show_a_run_live_and_all_say_what_one_asks_for(
    lab: Lab, tmp_path: Path
) -> None:
    first = lab.run("tabs", LOAD, BESIDE, "%track show @last")
    first.wait_for_more(0)
    tab = lab.open("tabs")
    run_all_cells(tab.page)
    other = lab.run("other", LOAD, "%track show @last")
    for notebook in (tab, other):
        notebook.wait_for_more(notebook.wait_for_more(0))
    ask(first, "note", "looks good")
    ask(other, "tag", "seen")
    for notebook in (first, tab, other):
        notebook.card.locator(".note", has_text="looks good").wait_for(timeout=20_000)
        notebook.card.locator(".tag", has_text="seen").wait_for(timeout=20_000)
    first.wait_for_more(first.points())
    first.page.screenshot(path=tmp_path / "noted.png")
    tab.card.locator("button[data-verb=stop]").click()
    for notebook in (first, tab, other):
        notebook.page.locator(".vega-embed .marks").first.wait_for(timeout=30_000)

    assert (first.record().notes, first.record().tags) == ("looks good", ("seen",))
    assert first.opened.errors == tab.opened.errors == other.opened.errors == []


def test_a_hidden_page_goes_on_from_where_it_stopped_and_an_interrupt_leaves_the_finished_card(
    lab: Lab, tmp_path: Path
) -> None:
    notebook = lab.run("hidden", LOAD, TRAIN.format(name="hidden"))
    before = notebook.wait_for_more(0)
    protocol = notebook.page.context.new_cdp_session(notebook.page)
    protocol.send("Page.setWebLifecycleState", {"state": "frozen"})
    time.sleep(2)
    protocol.send("Page.setWebLifecycleState", {"state": "active"})
    after = notebook.wait_for_more(before)
    step = notebook.card.locator(".progress b").first.inner_text().replace(",", "")

    # Each point since is there, none twice: as many as the steps that were made.
    assert after > before
    assert abs(notebook.points() - int(step)) < 200

    notebook.page.get_by_role("menuitem", name="Kernel", exact=True).click()
    notebook.page.get_by_role("menuitem", name="Interrupt Kernel").click()
    notebook.page.locator(".vega-embed .marks").first.wait_for(timeout=30_000)
    notebook.page.screenshot(path=tmp_path / "interrupted.png")

    assert notebook.record().status.value == "interrupted"
    assert notebook.page.locator(".card").count() == 0
    assert notebook.opened.errors == []


def test_ill_names_are_text_in_a_real_notebook_and_link_no_command(
    lab: Lab, tmp_path: Path
) -> None:
    notebook = lab.run("ill", LOAD, ILL, "print('later')")
    notebook.wait_for_more(0)
    other = lab.run("other", LOAD, "%track show @last")
    other.wait_for_more(100)
    further = other.card.locator("button[title='Further charts']")
    titles = other.card.locator(".panel h4").all_inner_texts()
    further.click()
    other.card.locator(".panel h4", has_text="nan").wait_for(timeout=20_000)
    titles += other.card.locator(".panel h4").all_inner_texts()
    other.page.screenshot(path=tmp_path / "ill.png")

    assert {"a.b", "a[0]", 'q"uote', "back\\slash", "${window.__pwn=3}", "late", "nan"} <= {*titles}
    for one in (notebook, other):
        assert one.page.locator("[data-commandlinker-command*=shutdown]").count() == 0
        assert one.page.locator(".card img, .card script").count() == 0
        assert one.page.evaluate("window.__pwn") is None
        assert one.opened.errors == []


def test_five_hundred_metrics_are_paged_and_a_deleted_run_is_said_to_be_gone(
    lab: Lab, tmp_path: Path
) -> None:
    script = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, stderr=subprocess.DEVNULL,
        env=os.environ | {"RUNFOLIO_DIR": str(lab.folder.parent / "folio")},
    )  # fmt: skip
    try:
        notebook = lab.run("many", LOAD, "%track show @last")
        notebook.wait_for_more(0)
        drawn = notebook.card.locator(".panel").count()
        pages = notebook.card.locator(".controls .quiet", has_text=" of ").last.inner_text()
        # It stands still: one that was killed is over, and its card may be static by now.
        script.send_signal(signal.SIGSTOP)
        shutil.rmtree(notebook.record().path)
        notebook.card.locator(".warning", has_text="directory is gone").wait_for(timeout=20_000)
    finally:
        script.kill()
        script.wait()

    assert drawn == 6
    assert pages == "1 of 84"
    assert notebook.card.locator(".buttons button").count() == 0
    assert notebook.opened.errors == []
