"""What stands below a runs table, and what it hears of runs meanwhile: one JupyterLab, one page."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import IO, Any

import pytest
from tests.e2e.conftest import chromium
from tests.e2e.widget_notebook import TableNotebook as Notebook
from tests.e2e.widget_notebook import quietly_in
from tests.jupyter import running_lab, settle_in

from runfolio.record.api import init
from runfolio.store.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("table")]

MARKUP = "<img src=x onerror='window.__pwn=1'><script>window.__pwn=2</script>\u202e"
LONG = MARKUP + "long" * 2000
SHOW = "import runfolio\n%load_ext runfolio\ntable = runfolio.runs('sort:-val/acc')\ntable"
# A point for each line that comes, until no more do.
SCRIPT = """
import sys
from runfolio.record.api import init
with init("digits", name="beside") as run:
    for step, _ in enumerate(sys.stdin):
        run.log({"val/acc": step / 100}, step=step)
"""
Points = Callable[[int], None]


def record_runs() -> None:
    for place, name in enumerate(("alpha", "beta", "gamma")):
        with init("digits", name=name, config={"lr": 10.0**-place, "opt": "ab"[place % 2]}) as run:
            for step in range(40):
                run.log({"val/acc": (step + place) / 50, "train/loss": 1 / (step + 1)}, step=step)
    ill: Any = {"name": LONG, "group": LONG, "notes": LONG, "tags": [MARKUP]}
    with (
        contextlib.suppress(RuntimeError),
        init("digits", config={MARKUP: MARKUP, "deep": {LONG[:400]: LONG}}, **ill) as run,
    ):
        run.log({MARKUP: 1.0, "val/acc": 0.1}, step=0)
        raise RuntimeError(LONG)


@pytest.fixture(scope="module")
def whole_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """Start one server, one browser, one notebook: that takes longer than all the cases."""
    home = tmp_path_factory.mktemp("table")
    folder = home / "notebooks"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (settle_in(home) | quietly_in(home / "folio")).items():
            patch.setenv(name, value)
        record_runs()
        with (
            running_lab(folder, home / "lab.log") as address,
            chromium(home / "browser") as browser,
        ):
            opened = browser(address, address.replace("http", "ws"))
            yield Notebook(opened, address, folder / "table.ipynb", (SHOW,))


@pytest.fixture
def notebook(whole_page: Notebook, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    """Give the page as it was at first: nothing selected, no run below, no news."""
    monkeypatch.setenv("RUNFOLIO_DIR", str(whole_page.folder.parent / "folio"))
    if whole_page.find(".detail").is_visible():
        whole_page.find(".detail button", has_text="Close").click()
    whole_page.find(".scroller").focus()
    whole_page.page.keyboard.press("Escape")
    whole_page.find("button", has_text="Refresh").click()
    whole_page.wait_for_first("gamma")
    yield whole_page
    assert whole_page.trouble == []
    whole_page.opened.errors.clear()


@pytest.fixture
def beside(notebook: Notebook) -> Iterator[Callable[[], IO[bytes]]]:
    """Let another process record a run; what is returned takes a line a point."""
    begun: list[subprocess.Popen[bytes]] = []

    def begin() -> IO[bytes]:
        begun.append(subprocess.Popen([sys.executable, "-c", SCRIPT], stdin=subprocess.PIPE))
        lines = begun[-1].stdin
        assert lines is not None
        lines.write(b"\n" * 3)
        lines.flush()
        return lines

    yield begin
    for one in begun:
        if one.stdin is not None:
            one.stdin.close()
        one.wait(timeout=60)


def points(notebook: Notebook, n: int) -> None:
    notebook.find(".detail .caption", has_text=f"of {n} point").first.wait_for(timeout=20_000)


def test_enter_shows_the_card_of_a_run_and_escape_goes_back_to_its_row(
    notebook: Notebook,
) -> None:
    notebook.find(".scroller").focus()
    for key in ("Control+Home", "ArrowDown", "Enter"):
        notebook.page.keyboard.press(key)
    points(notebook, 40)
    drawn = notebook.find(".detail .grid :is(canvas, svg)").count()
    title = notebook.find(".detail .card").first.inner_text()
    notebook.page.keyboard.press("Escape")
    notebook.find(".detail").wait_for(state="hidden", timeout=20_000)

    assert drawn >= 2
    assert "beta" in title
    assert notebook.find(".scroller:focus").count() == 1
    active = notebook.find(".row:has(#active)")
    assert active.get_attribute("data-row") == "1"
    notebook.page.keyboard.press("Enter")
    points(notebook, 40)


def test_selected_runs_are_compared_below_the_table(notebook: Notebook) -> None:
    button = notebook.find("button.compare")
    for row in (0, 1):
        notebook.row(row).locator(".box").click()
        assert button.is_disabled() == (row == 0)
    notebook.find("button.compare", has_text="Compare 2").click()
    notebook.find(".said", has_text="2 runs are compared below.").wait_for(timeout=60_000)
    below = notebook.page.locator(".card.compare")
    below.filter(has_text="beta").wait_for(timeout=20_000)
    first = below.inner_text()
    notebook.row(2).locator(".box").click()
    notebook.find("button.compare", has_text="Compare 3").click()
    below.filter(has_text="alpha").wait_for(timeout=60_000)

    assert "gamma" in first
    assert "alpha" not in first
    assert below.count() == 1


def test_a_run_that_comes_and_ends_meanwhile_is_told_and_its_card_goes_on(
    notebook: Notebook, beside: Callable[[], IO[bytes]]
) -> None:
    lines = beside()
    notebook.find("footer button", has_text="1 new: show").click(timeout=30_000)
    running = notebook.find(".row", has_text="beside")
    running.locator(".run-name").click(timeout=20_000)
    points(notebook, 3)
    lines.write(b"\n" * 4)
    lines.flush()
    points(notebook, 7)
    before = running.locator(".sign").inner_text()
    lines.close()
    running.locator(".sign", has_text="✓").wait_for(timeout=30_000)

    assert before != "✓"


def test_a_tag_may_hold_a_comma(notebook: Notebook) -> None:
    notebook.find(".scroller").focus()
    for key in ("Control+Home", "t"):
        notebook.page.keyboard.press(key)
    line = '"a, b", -minus, +plus, say "x"'
    notebook.find(".cell.tags input").fill(line)
    notebook.find(".cell.tags input").press("Enter")
    notebook.row(0).locator(".tag", has_text="a, b").wait_for(timeout=20_000)
    notebook.page.wait_for_timeout(1000)
    (record,) = [run for run in Store(notebook.folder.parent / "folio").records() if run.name == "gamma"]  # fmt: skip
    notebook.page.keyboard.press("t")

    assert record.tags == ("a, b", "-minus", "+plus", 'say "x"')
    assert notebook.find(".cell.tags input").input_value() == line
    notebook.page.keyboard.press("Escape")


def test_ill_names_of_a_run_are_only_text_and_stay_within_the_page(notebook: Notebook) -> None:
    ill = notebook.find(".row", has_text="<img").first
    ill.locator(".run-name").click()
    points(notebook, 1)
    notebook.page.screenshot(path=notebook.folder / "ill.png")
    wide = notebook.find(".detail").evaluate("node => node.scrollWidth - node.clientWidth")
    page = notebook.page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )

    assert (wide, page) == (0, 0)
    assert notebook.find(".detail img, .detail script").count() == 0
    assert "RuntimeError" in notebook.find(".detail").inner_text()
    # The card stands in a tree of its own, which the text around it does not hold.
    words = notebook.find(".detail .card").inner_text()
    assert "\u202e" not in notebook.find(".detail").inner_text() + words
    assert notebook.find(".facts dd").first.bounding_box()["width"] > 100
