"""The media browser in a real page: by run and by step, mouse and keyboard, on ten thousand runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from tests.e2e.many_runs import picture, write_runs
from tests.e2e.media_page import MediaPage
from tests.jupyter import KERNEL, run_all_cells, wait_for_kernel

from runfolio.record.api import init
from runfolio.record.media.audio import Audio
from runfolio.record.media.histogram import Histogram
from runfolio.record.media.html import Html
from runfolio.record.media.image import Image
from runfolio.store.store import Store
from runfolio.verbs.media import media

pytestmark = [pytest.mark.slow, pytest.mark.browser]

HOSTILE = "<img src=x onerror='window.__pwn=1'>"
PAGE = "<h1>Report</h1><script>parent.__pwn=1</script><img src=x onerror='top.__pwn=1'>"

Open = Callable[..., MediaPage]


@pytest.fixture
def open_media(
    store_path: Path, monkeypatch: pytest.MonkeyPatch, open_page: Callable[..., Any], tmp_path: Path
) -> Open:
    """Return a function that opens the media of runs in a page of their own."""
    del store_path
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "0")

    def make(*runs: Any, dark: bool = False, width: int = 1180, **options: Any) -> MediaPage:
        opened = open_page("file://")
        opened.page.set_viewport_size({"width": width, "height": 900})
        return MediaPage(opened, media(*runs, **options), tmp_path, dark=dark)

    return make


@pytest.fixture
def some_runs(store_path: Path) -> None:
    """Three runs with media of all kinds; the second one logs at every third step only."""
    for n, name in enumerate(("wide", "deep", HOSTILE)):
        with init("digits", name=name, config={"n": n}) as run:
            for step in range(0, 12, 3 if n == 1 else 1):
                box = {
                    "position": {"minX": 0.2, "maxX": 0.6, "minY": 0.2, "maxY": 0.6},
                    "class_id": 1,
                }
                boxes = {"guess": {"box_data": [box], "class_labels": {1: HOSTILE}}}
                pixels = picture(step + 20 * n, 64)
                run.log({"val/seen": Image(pixels, caption=f"{HOSTILE} {step}", boxes=boxes),
                         "val/some": [Image(picture(step + k, 12)) for k in range(3)],
                         "weights": Histogram(np.random.default_rng(n).normal(0, step + 1, 500))},
                        step=step)  # fmt: skip
            frame = pd.DataFrame({"n": range(25), "guess": [n % 2] * 25, "word": [HOSTILE] * 25})
            run.log(
                {"table": frame, "tone": Audio(np.zeros(800), 800), "page": Html(PAGE)}, step=12
            )
        lines = "".join(f"epoch {k}\n" for k in range(3000)) + "\x1b[31mWARNING\x1b[0m <b>hot</b>\n"
        (run.path / "output.log").write_text(lines)


def steps_of(shown: MediaPage, row: int = 0) -> list[str]:
    return shown.texts(f"[data-place^='{row}:'] .m-step")


def images(shown: MediaPage) -> list[int]:
    """Return how wide the pictures in sight are, each decoded."""
    return shown.page.evaluate(
        "[...document.querySelector('#here').shadowRoot.querySelectorAll('.m-cell img')]"
        ".map((one) => one.naturalWidth)"
    )  # type: ignore[no-any-return]


def test_runs_stand_side_by_side_at_a_step_and_say_which_step_theirs_is(
    some_runs: None, open_media: Open, tmp_path: Path
) -> None:
    shown = open_media("wide", "deep")
    assert set(images(shown)) == {64, 12} or min(images(shown)) > 0
    shown.find(".m-number").fill("5")
    shown.find(".m-number").press("Enter")
    shown.settle()

    assert shown.texts(".m-column .m-name") == ["wide", "deep"]
    assert steps_of(shown) == ["step 5", "latest: step 3"]
    shown.find(".m-range").focus()
    shown.page.keyboard.press("ArrowRight")
    shown.settle()
    assert steps_of(shown) == ["step 6", "step 6"]
    assert shown.find(".m-range").get_attribute("aria-valuetext") == "step 6"
    shown.page.screenshot(path=tmp_path / "runs.png")
    assert shown.trouble == []


def test_the_steps_of_one_run_are_a_strip(some_runs: None, open_media: Open) -> None:
    shown = open_media("wide", "deep")
    shown.find(".m-run", has_text="deep").click()
    shown.settle()

    assert shown.texts(".m-column") == ["step 0", "step 3", "step 6", "step 9"]
    assert steps_of(shown) == ["step 0", "step 3", "step 6", "step 9"]
    shown.find("[aria-label='What stands side by side']").select_option("")
    shown.settle()
    assert shown.texts(".m-column .m-name") == ["wide", "deep"]
    assert shown.trouble == []


def test_a_picture_is_seen_large_and_arrows_go_on(
    some_runs: None, open_media: Open, tmp_path: Path
) -> None:
    shown = open_media("wide", "deep")
    shown.find(".m-grid").focus()
    shown.page.keyboard.press("Enter")
    shown.settle()
    dialog = shown.find("dialog[open]")
    first = dialog.locator(".m-title").inner_text()
    for key in ("ArrowRight", "+", "+"):
        shown.page.keyboard.press(key)
        shown.settle(0.1)
    shown.page.screenshot(path=tmp_path / "large.png")

    assert (first[:4], dialog.locator(".m-title").inner_text()[:4]) == ("wide", "deep")
    assert dialog.locator("img").get_attribute("class") == "pixels"
    shown.page.keyboard.press("Escape")
    assert shown.find("dialog[open]").count() == 0
    assert shown.trouble == []


def test_boxes_are_left_out_and_one_of_several_pictures_is_chosen(
    some_runs: None, open_media: Open
) -> None:
    shown = open_media("wide")
    shown.find("[aria-label='What stands side by side']").select_option("")
    shown.settle()
    before = shown.find("[data-place='0:0'] img").get_attribute("src")
    shown.find(".m-over input").uncheck()
    shown.settle()
    after = shown.find("[data-place='0:0'] img").get_attribute("src")
    shown.find("[aria-label='Next picture']").click()
    shown.settle()

    assert before != after
    assert "picture 2 of 3" in shown.texts(".m-stepper")[0]
    assert shown.trouble == []


def test_tables_are_paged_together_and_say_what_differs(some_runs: None, open_media: Open) -> None:
    shown = open_media("wide", "deep")
    shown.turn_to("tables")
    differing = set(shown.texts(".differs"))
    shown.find("[aria-label='Next page']").click()
    shown.settle()

    assert differing == {"1"}
    assert shown.texts("[data-place='0:1'] tbody th")[0] == "11"
    assert "25 rows × 3 columns" in steps_of(shown)[0]
    assert shown.trouble == []


def test_a_heat_map_tells_exact_counts_to_mouse_and_keyboard(
    some_runs: None, open_media: Open
) -> None:
    shown = open_media("wide", "deep")
    shown.turn_to("histograms")
    rest = shown.find(".m-said").first.inner_text()
    shown.find(".m-heat").first.hover()
    shown.settle()
    told = shown.find(".m-said").first.inner_text()
    shown.find(".m-heat").first.focus()
    shown.page.keyboard.press("ArrowRight")
    shown.settle()

    assert rest.startswith("steps 0 to 11 · values")
    assert " of 500" in told
    assert " of 500" in shown.find(".m-said").first.inner_text()
    assert shown.trouble == []


def test_sounds_wait_for_somebody_and_pages_are_fenced(some_runs: None, open_media: Open) -> None:
    shown = open_media("wide", "deep")
    shown.turn_to("sounds")
    players = shown.page.evaluate(
        "[...document.querySelector('#here').shadowRoot.querySelectorAll('audio')]"
        ".map((one) => [one.paused, one.autoplay, one.volume, one.src.slice(0, 5)])"
    )
    shown.turn_to("pages")
    shown.page.frame_locator("iframe >> nth=0").get_by_role("heading", name="Report").wait_for()

    assert players == [[True, False, 0.5, "blob:"]] * 2
    assert shown.find("iframe").first.get_attribute("sandbox") == ""
    assert (shown.opened.asked, shown.page.evaluate("window.__pwn")) == ([], None)


def test_output_is_searched_in_all_runs(some_runs: None, open_media: Open, tmp_path: Path) -> None:
    shown = open_media("wide", "deep", search="warning")
    first = shown.texts(".m-output mark"), shown.texts(".current .m-text")
    shown.find(".m-search").fill("epoch 29")
    shown.settle(0.5)
    for _ in range(3):
        shown.find(".m-search").press("Shift+Enter")
        shown.settle()
    shown.page.screenshot(path=tmp_path / "output.png")

    assert first == (["WARNING"], ["WARNING <b>hot</b>"])
    assert shown.texts(".m-bar .quiet") == ["108 of 111 lines"]
    assert shown.texts(".m-runs b") == ["111", "111"]
    assert shown.texts(".current .m-text") == ["epoch 2996"]
    assert shown.trouble == []


def test_a_log_of_millions_of_lines_is_read_by_what_is_in_sight(
    store_path: Path, open_media: Open
) -> None:
    with init("digits", name="long") as run:
        pass
    (run.path / "output.log").write_bytes(b"".join(b"line %d\n" % n for n in range(2_000_000)))
    shown = open_media("long")
    shown.settle(0.6)

    assert "line 1999999" in shown.texts(".m-text")
    shown.find(".m-log").evaluate("node => { node.scrollTop = 0; }")
    shown.settle()
    assert shown.texts(".m-text")[:2] == ["line 0", "line 1"]
    assert shown.find(".m-row-line").count() < 40
    assert shown.sent_bytes < 100_000
    assert shown.trouble == []


@pytest.mark.parametrize(("width", "dark"), [(360, False), (360, True), (1180, True)])
def test_nothing_is_cut_off_in_a_narrow_or_dark_page(
    width: int, dark: bool, some_runs: None, open_media: Open, tmp_path: Path
) -> None:
    shown = open_media("wide", "deep", dark=dark, width=width)
    for kind in ("images", "tables", "histograms", "sounds", "output"):
        shown.turn_to(kind)
        shown.page.screenshot(path=tmp_path / f"{kind}.png")

        assert shown.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert shown.trouble == []


def test_hostile_words_are_words_and_damage_is_a_sentence(
    some_runs: None, open_media: Open
) -> None:
    (path,) = [run.path for run in Store.default().records() if run.name == HOSTILE]
    for file in (path / "media" / "images").iterdir():
        file.unlink()
    shown = open_media("wide", path.name)

    assert HOSTILE in shown.texts(".m-name")
    assert HOSTILE in shown.texts(".m-legend span")
    assert "cannot be read" in shown.find("[data-type='why']").first.inner_text()
    assert shown.trouble == []


def test_a_picture_that_the_page_cannot_read_is_said(store_path: Path, open_media: Open) -> None:
    with init("digits", name="deep") as run:
        run.log({"val/some": Image(picture(1, 12), file_type="jpg")})
    (file,) = (run.path / "media" / "images").iterdir()
    data = file.read_bytes()
    head = data.index(b"\xff\xc0")
    file.write_bytes(data[: head + 20] + b"\0" * 99 + b"\xff\xd9")
    with init("digits", name="wide") as other:
        other.log({"val/some": Image(picture(1, 12))})
    shown = open_media("deep", "wide")

    assert shown.texts("[data-type='why'] .m-words") == [
        "The picture is damaged: it cannot be shown."
    ]
    assert images(shown) == [12]


def test_a_widget_that_is_shown_twice_answers_both(some_runs: None, open_media: Open) -> None:
    shown = open_media("wide", "deep")
    shown.page.evaluate("again()")
    shown.settle(0.5)

    assert shown.find(".media-card").count() == 2
    assert shown.find(".media-card >> nth=1").locator(".m-cell img[src]").count() == 4
    shown.find(".m-number >> nth=0").fill("5")
    shown.find(".m-number >> nth=0").press("Enter")
    shown.settle()
    assert "latest: step 3" in steps_of(shown)
    assert shown.trouble == []


def test_ten_thousand_steps_of_one_run_are_a_strip_of_what_is_in_sight(
    store_path: Path, open_media: Open
) -> None:
    with init("digits", name="long") as run:
        for step in range(10_000):
            run.log({"x": Image(picture(step % 50, 8))}, step=step)
    shown = open_media("long")
    shown.settle()

    assert shown.texts(".m-column")[-1] == "step 9,999"
    shown.find(".m-number").fill("5000")
    shown.find(".m-number").press("Enter")
    shown.settle()
    assert "step 5,000" in shown.texts(".m-column")
    assert shown.find(".m-cell").count() < 40
    assert shown.trouble == []


@pytest.fixture
def open_lab(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_page: Callable[..., Any],
    lab: Callable[[Path], str],
) -> Callable[..., Any]:  # fmt: skip
    """Return a function that runs cells in JupyterLab, over the store in ``folio``."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for name, value in (("SILENT", "1"), ("CAPTURE", "0"), ("SYSTEM", "0")):
        monkeypatch.setenv(f"RUNFOLIO_{name}", value)
    monkeypatch.setenv("RUNFOLIO_DIR", str(tmp_path / "folio"))

    def make(*cells: str) -> Any:
        notebook = new_notebook(cells=[new_code_cell(c) for c in cells], metadata=KERNEL)
        nbformat.write(notebook, folder / "media.ipynb")
        address = lab(folder)
        opened = open_page(address, address.replace("http", "ws"))
        opened.page.goto(f"{address}lab/tree/media.ipynb")
        wait_for_kernel(opened.page, address)
        run_all_cells(opened.page)
        return opened

    return make


def test_steps_are_looked_at_while_the_kernel_is_busy(
    open_lab: Callable[..., Any], tmp_path: Path
) -> None:
    write_runs(tmp_path / "folio", 3, settings=6, metrics=3, images=9)
    busy = "import time\nend = time.time() + 25\nwhile time.time() < end: pass"
    opened = open_lab("import runfolio", "runfolio.media('status:finished')", busy)
    card = opened.page.locator(".media-card")
    card.locator(".m-cell img[src]").first.wait_for(timeout=60_000)
    card.locator(".m-number").fill("4")
    card.locator(".m-number").press("Enter")
    card.locator(".m-step", has_text="step 4").nth(2).wait_for(timeout=15_000)
    prompts = opened.page.locator(".jp-InputPrompt").all_inner_texts()

    assert prompts[2].strip() == "[*]:"
    assert opened.asked == []


def test_keys_are_the_browsers_own_and_static_pictures_come_back_when_the_kernel_ends(
    open_lab: Callable[..., Any], tmp_path: Path
) -> None:
    write_runs(tmp_path / "folio", 3, settings=6, metrics=3, images=2)
    opened = open_lab("import runfolio", "runfolio.media('status:finished')")
    card = opened.page.locator(".media-card")
    card.locator(".m-cell img[src]").first.wait_for(timeout=60_000)
    card.locator(".m-grid").focus()
    for key in ("ArrowRight", ",", "d", "d", "x", "Enter", "ArrowRight"):
        opened.page.keyboard.press(key)
    card.locator("dialog .m-title", has_text="run-2").wait_for(timeout=10_000)
    opened.page.keyboard.press("Escape")
    assert card.locator("dialog[open]").count() == 0
    assert card.locator(".m-step").all_inner_texts() == ["step 0"] * 3
    assert opened.page.locator(".jp-Notebook .jp-CodeCell").count() == 2
    opened.page.get_by_role("menuitem", name="Kernel", exact=True).click()
    opened.page.get_by_text("Shut Down Kernel", exact=True).click()
    opened.page.locator(".runfolio-sheet img").first.wait_for(state="visible", timeout=20_000)

    assert opened.page.locator(".media-card").count() == 0


def test_ten_thousand_runs_in_jupyterlab(open_lab: Callable[..., Any], tmp_path: Path) -> None:
    write_runs(tmp_path / "folio", 10_000, settings=6, metrics=3, images=4)
    opened = open_lab("import runfolio\nbrowser = runfolio.media('status:finished')", "browser")
    card = opened.page.locator(".media-card")
    card.locator(".m-cell img[src]").first.wait_for(timeout=90_000)
    card.locator(".m-grid").evaluate("node => { node.scrollLeft = node.scrollWidth; }")
    card.locator("[data-place='0:9999'] img[src]").wait_for(timeout=30_000)
    opened.page.screenshot(path=tmp_path / "lab.png")

    assert card.locator(".m-column .m-name", has_text="run-9999").count() == 1
    assert card.locator(".m-cell").count() < 60
    opened.page.keyboard.press("Control+s")
    opened.page.wait_for_timeout(1500)
    (output,) = nbformat.read(tmp_path / "notebooks" / "media.ipynb", 4).cells[1].outputs
    assert sorted(output["data"]) == ["text/html", "text/plain"]
    assert output["data"]["text/html"].count("<img") > 0
    assert opened.asked == []
