"""A live card of runs that mean ill, or are odd: nothing executes, and the page stays usable."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.card_page import CardPage
from tests.e2e.conftest import chromium
from tests.store.conftest import set_up_store

import runfolio
from runfolio.record import session as sessions

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("cards")]

MARKUP = "<img src=x onerror=window.__pwn=1><script>window.__pwn=2</script>"
NAMES = [
    "a.b", "a[0]", "q\"uote's", "back\\slash", "__proto__", "constructor", "toString", MARKUP,
    f"a/{MARKUP}", "\u202egnp.exe", "${window.__pwn=3}", "datum['x']", "{{7*7}}", "/", "..",
    "\u0416\u0301\u0301", "x" * 200,
]  # fmt: skip
ODD = {
    "nan": float("nan"), "inf": float("inf"), "huge": 1.7e308, "tiny": 5e-324, "same": 1.0,
    "zero": 0.0,
}  # fmt: skip

CardOf = Callable[..., CardPage]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """One browser for all cards: to start it takes longer than any of them."""
    with chromium(tmp_path_factory.mktemp("browser")) as open_one:
        yield open_one


@pytest.fixture
def card_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, browser: Callable[..., Any]
) -> Iterator[CardOf]:
    """Return a function that opens the card of a run in a page of one browser."""
    set_up_store(tmp_path, monkeypatch)
    cards: list[CardPage] = []

    def make(run: runfolio.Run, **options: Any) -> CardPage:
        flush = run.life.writer.flush
        cards.append(CardPage.of(browser("file://"), run.path, tmp_path, fresh=flush, **options))
        return cards[-1]

    yield make
    for one in cards:
        one.card.close()
        one.page.close()
    sessions.reset_for_tests()


def try_everything(page: CardPage) -> None:
    """Go through all charts with every setting, with pointer and keys."""
    further = page.find("button[title='Further charts']")
    for axis, scale, smooth in (("time", "log", "0.9"), ("relative", "linear", "off")):
        for number, value in enumerate((axis, scale, smooth)):
            page.find(".controls select").nth(number).select_option(value)
        for plot in page.find(".plot").all():
            plot.hover(position={"x": 150, "y": 60})
            plot.press("+")
            plot.press("ArrowLeft")
    while further.count() and further.is_enabled():
        further.click()
    page.page.wait_for_timeout(300)


def test_names_of_a_card_are_text_whatever_they_say(card_of: CardOf, tmp_path: Path) -> None:
    run = runfolio.init(
        name=MARKUP + "n" * 1_000_000, tags=[MARKUP, "\u202ebidi", "__proto__"], notes=MARKUP
    )
    for step in range(60):
        run.log({name: float(step) for name in NAMES})
    page = card_of(run, remarks=lambda *_: [MARKUP])
    page.turn()
    try_everything(page)

    page.page.screenshot(path=tmp_path / "names.png")
    assert len(page.find(".card h3").inner_text()) < 200
    assert page.find(".tags .tag").first.inner_text().startswith("<img")
    assert page.find(".card img, .card script").count() == 0
    assert page.trouble == []


def test_values_and_steps_that_no_axis_holds_break_no_chart(
    card_of: CardOf, tmp_path: Path
) -> None:
    run = runfolio.init(name="odd")
    for step in (0, -5, 0.5, 2**53 + 1, 2**63, -1e300, 1e300, *range(100)):
        flipped = {key: -value if step % 2 else value for key, value in ODD.items()}
        holes = {"holes": float("nan") if step % 3 else 1.0}
        run.log(flipped | holes, step=step)
    page = card_of(run)
    page.turn()
    page.page.screenshot(path=tmp_path / "odd.png")
    counted = page.find(".caption").first.inner_text()
    try_everything(page)

    # Step 0 came twice; above 2**53 no float lies between.
    assert counted == "106 of 106 points · 106 not finite"
    assert "step 1e300" in page.find(".progress").inner_text()
    assert page.trouble == []


def test_of_five_hundred_metrics_six_are_drawn_and_one_that_comes_late_has_its_place(
    card_of: CardOf,
) -> None:
    run = runfolio.init(name="many")
    run.log({f"m{number:03}": number * number for number in range(498)})
    page = card_of(run)
    page.turn()
    before = page.find(".panel h4").all_inner_texts()
    run.log({"late": 1.0})
    page.turn()
    after = page.find(".panel h4").all_inner_texts()
    words = page.find(".controls").inner_text()
    for _ in range(3):
        page.find("button[title='Further charts']").click()

    assert (len(before), before) == (6, after)
    assert "1 of 84" in words
    assert page.find(".panel").count() == 6
    assert page.trouble == []


def test_a_run_directory_that_is_deleted_is_said_to_be_gone(card_of: CardOf) -> None:
    run = runfolio.init(name="gone")
    run.log({"loss": 1.0})
    page = card_of(run)
    page.turn()
    run.finish()
    shutil.rmtree(run.path)
    page.card._ended = page.card.over = False
    page.turn()

    assert "The run directory is gone" in page.find("footer").inner_text()
    assert page.find(".buttons button").count() == 0
    assert page.trouble == []


def test_a_card_says_when_its_kernel_is_silent_and_goes_on_where_it_stopped(
    card_of: CardOf,
) -> None:
    run = runfolio.init(name="quiet")
    run.log({"loss": 1.0})
    page = card_of(run)
    page.turn()
    page.page.wait_for_timeout(6000)
    silent = page.find(".progress").inner_text()
    run.log({"loss": 0.5})
    page.turn()
    page.page.wait_for_timeout(700)

    assert silent.startswith("disconnected")
    assert "disconnected" not in page.find(".progress").inner_text()
    assert page.find(".caption").first.inner_text().startswith("2 of 2 points")


@pytest.mark.parametrize("wide", [320, 1600])
def test_a_card_fits_its_page_and_everything_can_be_reached_by_keys(
    wide: int, card_of: CardOf, tmp_path: Path
) -> None:
    run = runfolio.init(name="a run with quite a long name", tags=["baseline", "t" * 60, "x"])
    for step in range(80):
        run.log({f"m/{name}": step * scale for scale, name in ((1, "a"), (2, "b"))} | {
            f"n{number}": number + 1.0 for number in range(7)})  # fmt: skip
    page = card_of(
        run, actions=dict.fromkeys(("stop", "note", "tag"), print), remarks=lambda *_: ["w " * 99]
    )
    page.page.set_viewport_size({"width": wide, "height": 900})
    page.turn()
    page.page.screenshot(path=tmp_path / f"card-{wide}.png")
    page.page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    page.page.wait_for_timeout(500)
    page.page.screenshot(path=tmp_path / f"card-{wide}-dark.png")
    reached = names_by_tab(page)

    assert page.page.evaluate("document.documentElement.scrollWidth") <= wide
    assert {"Stop after this step", "Note", "Tag", "x", "y", "smoothing", "›"} <= set(reached)
    assert sum(name.startswith("Chart of ") for name in reached) == 6
    assert page.find(".card.dark").count() == 1
    assert page.trouble == []


def names_by_tab(page: CardPage) -> list[str]:
    """Press Tab until it comes round; return what each stop calls itself."""
    found: list[str] = []
    for _ in range(60):
        page.page.keyboard.press("Tab")
        name, ring = page.page.evaluate(
            """() => { const at = document.querySelector("#here").shadowRoot.activeElement;
            return at === null ? ["", "solid"] : [
                (at.getAttribute("aria-label") ?? at.textContent).trim(),
                getComputedStyle(at).outlineStyle]; }"""
        )
        if name == "":
            break
        assert ring == "solid", name
        found.append(name)
    return found


def test_a_chart_that_fails_says_so_until_it_works_again(card_of: CardOf) -> None:
    run = runfolio.init(name="half")
    for step in range(50):
        run.log({"loss": 1 / (step + 1)})
    page = card_of(run)
    page.turn()
    page.page.evaluate("state.specs['number/log'] = {marks: [{type: 'nonsense'}]}")
    scale = page.find(".controls select").nth(1)
    scale.select_option("log")
    page.find(".broken").wait_for(timeout=5000)
    said = page.find(".broken").inner_text()
    scale.select_option("linear")
    page.find(".broken").wait_for(state="detached", timeout=5000)
    run.log({"loss": 0.5})
    page.turn()

    assert said.startswith("This view met an error: ")
    assert page.find(".panel > .caption").first.inner_text().startswith("51 of 51")


def test_a_chart_keeps_the_keys_while_the_card_is_told_anew(card_of: CardOf) -> None:
    run = runfolio.init(name="keys")
    for step in range(1000):
        run.log({"loss": 1.0 / (1 + step)}, step=step)
    page = card_of(run)
    page.turn()
    page.find(".plot").first.focus()
    for step in (1000, 1001):
        page.page.keyboard.press("+")
        run.log({"loss": 0.0}, step=step)
        page.turn()

    # Seven tenths of seven tenths.
    assert page.find(".caption").first.inner_text().startswith("490 of 1,002")


def test_a_chart_of_metrics_with_a_step_metric_runs_over_that(card_of: CardOf) -> None:
    run = runfolio.init(name="epochs")
    run.define_metric("val/*", step_metric="epoch")
    for step in range(0, 500, 100):
        run.log({"epoch": step // 100, "val/acc": step / 500}, step=step)
    page = card_of(run, metrics=["val/*"])
    page.turn()
    plot = page.find(".plot").first
    plot.hover(position={"x": 300, "y": 60})
    over_epochs = page.find(".tip").first.inner_text()
    caption = page.find(".caption").first.inner_text()
    page.find(".controls select").first.select_option("relative")
    page.page.wait_for_timeout(200)

    assert over_epochs.startswith("epoch ")
    assert caption == "5 of 5 points · over epoch"
    assert "over epoch" not in page.find(".caption").first.inner_text()
    assert page.trouble == []
