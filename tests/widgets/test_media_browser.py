"""The kernel's half of the media browser: what its page asks for is what the runs logged."""

from __future__ import annotations

import io
import queue
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image as Pictures

from runfolio.query.gallery import Gallery
from runfolio.record.api import init
from runfolio.record.media.audio import Audio
from runfolio.record.media.histogram import Histogram
from runfolio.record.media.html import Html
from runfolio.record.media.image import Image
from runfolio.store.store import Store
from runfolio.widgets import media_answers
from runfolio.widgets.media_browser import MediaBrowserWidget
from runfolio.widgets.media_requests import media_wanted

HOSTILE = "<img src=x onerror=alert(1)>\u202e\x1b[31m"
Answer = tuple[dict[str, Any], list[bytes]]


class Browser:
    """A media browser, and a page that asks it."""

    def __init__(self) -> None:
        self.widget = MediaBrowserWidget(lambda: Gallery(Store.default().records()[::-1]))
        self.told: queue.Queue[Answer] = queue.Queue()
        self.widget.send = lambda content, buffers=None: self.told.put((content, buffers or []))
        self.at = 0
        self.facts = self.ask("facts")[0]

    def ask(self, verb: str, **what: Any) -> Answer:
        message = {"kind": "ask", "verb": verb, "page": "p", "id": 7}
        self.widget.take(message | {"what": {"at": self.at, **what}})
        content, buffers = self.told.get(timeout=20)
        assert (content["verb"], content["page"], content["id"]) == (verb, "p", 7)
        self.at = content.get("at", self.at)
        return content, buffers

    def cells(self, kind: str = "images", **what: Any) -> Answer:
        asked = {"kind": kind, "keys": [0], "first": 0, "end": 9}
        return self.ask("cells", **asked | what)


def pixels(value: int, size: int = 8) -> np.ndarray[Any, Any]:
    return np.full((size, size, 3), value, np.uint8)


def picture(data: bytes) -> Any:
    return Pictures.open(io.BytesIO(data))


@pytest.fixture
def browser_of(folio: Path) -> Iterator[Callable[[], Browser]]:
    made: list[Browser] = []

    def make() -> Browser:
        made.append(Browser())
        return made[-1]

    yield make
    for browser in made:
        browser.widget.end()


@pytest.fixture
def three_runs(folio: Path) -> None:
    """Three runs: one logs an image at each step, one at every third, one something else."""
    for name, every in (("often", 1), ("seldom", 3)):
        with init(name=name) as run:
            for step in range(0, 10, every):
                run.log({"x": Image(pixels(10 * step), caption=f"at {step}")}, step=step)
    with init(name="none") as run:
        run.log({"loss": 1.0})


def test_facts_tell_runs_and_keys(three_runs: None, browser_of: Callable[[], Browser]) -> None:
    browser = browser_of()

    assert browser.facts["n"] == 3
    assert [head[1] for head in browser.facts["runs"]] == ["often", "seldom", "none"]
    assert browser.facts["keys"] == {"images": [["x", 2]]}
    steps = np.frombuffer(browser.ask("steps", kind="images", keys=[0])[1][0])
    assert steps.tolist() == list(range(10))


def test_each_run_shows_its_latest_at_or_before_a_step(
    three_runs: None, browser_of: Callable[[], Browser]
) -> None:
    told, buffers = browser_of().cells(step=5)

    often, seldom, none = told["cells"]
    assert (often["step"], seldom["step"], none["none"]) == (5, 3, "")
    assert (often["caption"], often["mime"], often["w"]) == ("at 5", "image/png", 8)
    shown = [picture(buffers[cell["buffer"]]).getpixel((0, 0)) for cell in (often, seldom)]
    assert shown == [(50, 50, 50), (30, 30, 30)]


def test_before_the_first_it_is_said_when_that_is(
    folio: Path, browser_of: Callable[[], Browser]
) -> None:
    with init() as run:
        run.log({"x": Image(pixels(1))}, step=40)

    (cell,) = browser_of().cells(step=5)[0]["cells"]

    assert cell == {"k": 0, "c": 0, "none": "", "from": 40}


def test_steps_of_one_run_stand_beside_each_other(
    three_runs: None, browser_of: Callable[[], Browser]
) -> None:
    told, _ = browser_of().cells(run=1, steps=[0, 1, 3], first=0, end=3)

    assert [cell.get("step") for cell in told["cells"]] == [0, None, 3]
    assert [cell["c"] for cell in told["cells"]] == [0, 1, 2]


def test_pictures_that_the_page_has_are_not_sent_again(
    three_runs: None, browser_of: Callable[[], Browser]
) -> None:
    browser = browser_of()
    first, _ = browser.cells()

    again, buffers = browser.cells(held=[first["cells"][0]["token"]])

    assert len(buffers) == 1
    assert "buffer" not in again["cells"][0]


def test_what_takes_long_comes_with_a_later_answer(
    three_runs: None, browser_of: Callable[[], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_answers, "_ANSWER_S", -1)
    browser = browser_of()

    told, buffers = browser.cells()
    rest, more = browser.cells(held=[told["cells"][0]["token"]])

    assert (told["later"], len(buffers), told["cells"][1]["later"]) == (True, 1, True)
    assert (rest["later"], len(more)) == (False, 1)


def test_of_several_things_one_is_chosen(folio: Path, browser_of: Callable[[], Browser]) -> None:
    with init() as run:
        run.log({"x": [Image(pixels(n)) for n in (1, 2, 3)]})
    told, buffers = browser_of().cells(item={"0": 2})

    (cell,) = told["cells"]
    assert (cell["n"], cell["item"]) == (3, 2)
    assert picture(buffers[0]).getpixel((0, 0)) == (3, 3, 3)


def test_masks_and_boxes_are_drawn_where_they_are_wanted(
    folio: Path, browser_of: Callable[[], Browser]
) -> None:
    mask = {"truth": {"mask_data": np.ones((8, 8), int), "class_labels": {1: "road"}}}
    with init() as run:
        run.log({"x": Image(pixels(0), masks=mask)})
    browser = browser_of()

    (plain,), (raw,) = (
        part if isinstance(part, list) else part["cells"] for part in browser.cells()
    )
    (drawn,), (over,) = (
        part if isinstance(part, list) else part["cells"] for part in browser.cells(over=True)
    )

    assert drawn["over"][0][1] == "road"
    assert plain["token"] != drawn["token"]
    assert (
        picture(raw).getpixel((0, 0)) == (0, 0, 0) != picture(over).convert("RGB").getpixel((0, 0))
    )


def test_a_large_picture_is_made_small_and_a_dark_one_bright(
    folio: Path, browser_of: Callable[[], Browser]
) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (600, 900, 3), dtype=np.uint8)
    deep = Pictures.fromarray(np.arange(64, dtype=np.uint16).reshape(8, 8))
    deep.save(folio.parent / "deep.png")
    with init() as run:
        run.log({"x": [Image(noise), Image(str(folio.parent / "deep.png"))]})
    browser = browser_of()

    (large,), (small,) = browser.cells(px=100)[0]["cells"], browser.cells(px=100)[1]
    _, (bright,) = browser.cells(item={"0": 1})

    assert (large["w"], large["h"]) == (100, 67)
    assert len(small) < 40_000
    assert picture(bright).convert("L").getextrema()[1] == 255


@pytest.mark.parametrize("what", ["gone", "damaged", "link", "svg"])
def test_a_picture_that_cannot_be_shown_says_why_and_the_others_are(
    what: str, three_runs: None, browser_of: Callable[[], Browser], folio: Path
) -> None:
    (path,) = [run.path for run in Store.default().records() if run.name == "often"]
    for file in (path / "media" / "images").iterdir():
        content = {"damaged": file.read_bytes()[:40], "svg": b"<svg onload='alert(1)'/>"}.get(what)
        file.unlink()
        if what == "link":
            file.symlink_to("/etc/passwd")
        elif content is not None:
            file.write_bytes(content)

    told, buffers = browser_of().cells(over=True, px=1200)

    often, seldom, _ = told["cells"]
    assert often["why"]
    assert "\n" not in often["why"]
    assert "buffer" not in often
    assert picture(buffers[seldom["buffer"]]).size == (8, 8)


def test_paths_out_of_the_run_are_not_followed(
    folio: Path, browser_of: Callable[[], Browser]
) -> None:
    with init(name="run") as run:
        run.log({"x": Image(pixels(1))})
    (folio.parent / "secret.png").write_bytes(
        next((run.path / "media/images").iterdir()).read_bytes()
    )
    events = run.path / "events.jsonl"
    lines = events.read_text(encoding="utf-8").replace("media/images/", "media/images/../../../../")
    events.write_text(lines, encoding="utf-8")

    told, buffers = browser_of().cells()

    assert buffers == []
    assert "token" not in told["cells"][0]


def test_words_of_a_run_are_text(folio: Path, browser_of: Callable[[], Browser]) -> None:
    with init(name=HOSTILE) as run:
        run.log({HOSTILE: Image(pixels(1), caption=HOSTILE)})
    browser = browser_of()

    ((label, _),) = browser.facts["keys"]["images"]
    (cell,) = browser.cells()[0]["cells"]

    for words in (label, cell["caption"], browser.facts["runs"][0][1]):
        assert "\x1b" not in words
        assert "\u202e" not in words


def test_rows_of_a_table_come_as_text(folio: Path, browser_of: Callable[[], Browser]) -> None:
    frame = pd.DataFrame({"n": range(30), "x": [1 / 3] * 30, "word": [HOSTILE] * 30})
    with init() as run:
        run.log({"t": frame})
    browser = browser_of()

    told, _ = browser.ask("page", kind="tables", keys=[0], run=0, first=10, end=12)

    assert (told["names"], told["n"], told["right"]) == (
        ["n", "x", "word"],
        30,
        [True, True, False],
    )
    assert [row[:2] for row in told["rows"]] == [["10", "0.333"], ["11", "0.333"]]
    assert told["exact"][0][1] == repr(1 / 3)
    assert "\x1b" not in told["rows"][0][2]


def test_histograms_are_a_grid_and_each_bin_is_told_exactly(
    folio: Path, browser_of: Callable[[], Browser]
) -> None:
    with init() as run:
        for step in range(3):
            run.log({"h": Histogram(np_histogram=([2, 5], [0, 1, 2]))}, step=step)
    browser = browser_of()

    told, (counts,) = browser.cells("histograms")
    (cell,) = told["cells"]
    found, _ = browser.ask("bins", kind="histograms", keys=[0], run=0, step=1.5, x=1.2)

    heat = cell["heat"]
    assert (heat["columns"], heat["low"], heat["high"]) == (3, 0, 2)
    grid = np.frombuffer(counts, np.float32).reshape(3, heat["rows"])
    assert grid.sum(axis=1).tolist() == pytest.approx([7, 7, 7], rel=1e-6)
    assert found["step"] == 1
    assert found["bin"] == {"count": 5, "from": 1, "to": 2, "total": 7}


def test_sounds_and_pages_come_whole_and_pages_are_fenced(
    folio: Path, browser_of: Callable[[], Browser]
) -> None:
    with init() as run:
        run.log(
            {"a": Audio(np.zeros(80), 80), "p": Html("<script>1</script><link rel=preconnect>")}
        )
    browser = browser_of()

    sound, (data,) = browser.ask("file", kind="sounds", keys=[0], run=0)
    page, (html,) = browser.ask("file", kind="pages", keys=[0], run=0)

    assert (sound["mime"], data[:4]) == ("audio/wav", b"RIFF")
    assert page["mime"] == "text/html"
    assert b"default-src 'none'" in html
    assert b"<link" not in html


def test_output_is_read_by_lines_and_searched(
    three_runs: None, browser_of: Callable[[], Browser]
) -> None:
    for record in Store.default().records():
        text = "".join(f"{record.name} {n}\n" for n in range(1000))
        (record.path / "output.log").write_text(text + "\x1b[31mWARNING\x1b[0m\n")
    browser = browser_of()

    lines, _ = browser.ask("lines", run=1, first=999, end=2000)
    found, (where,) = browser.ask("find", run=1, text="seldom 99")
    hits, _ = browser.ask("hits", first=0, end=3, text="warning")

    assert (lines["n"], lines["lines"]) == (1001, ["seldom 999", "WARNING"])
    assert (found["n"], np.frombuffer(where).tolist()[:2]) == (11, [99, 990])
    assert hits["hits"] == [[0, 1], [1, 1], [2, 1]]


def test_nonsense_from_a_page_is_harmless(
    three_runs: None, browser_of: Callable[[], Browser]
) -> None:
    browser = browser_of()
    wild = {"kind": "x", "keys": [{}, -1, 9**20, "0"], "run": -4, "steps": [None, "1", 1e400],
            "item": [1], "px": "a", "held": 3, "first": -1, "end": 10**30, "text": 4}  # fmt: skip
    for verb in ("cells", "steps", "keys"):
        assert "error" not in browser.ask(verb, **wild)[0]
    for verb in ("page", "file", "lines", "find"):
        assert browser.ask(verb, **wild)[0]["error"]["message"]
    assert browser.ask("bins", **wild)[0]["bin"] is None


def test_a_page_that_knows_older_runs_is_told(
    three_runs: None, browser_of: Callable[[], Browser]
) -> None:
    browser = browser_of()
    browser.at = 0

    assert browser.cells()[0]["gone"] is True


def test_runs_that_vanish_leave_the_others(
    three_runs: None, browser_of: Callable[[], Browser]
) -> None:
    browser = browser_of()
    (path,) = [run.path for run in Store.default().records() if run.name == "often"]
    shutil.rmtree(path)

    often, seldom, _ = browser.cells()[0]["cells"]

    assert "cannot be read" in often["why"]
    assert "why" not in seldom


def test_what_a_run_logs_meanwhile_is_there_when_the_page_asks_anew(
    folio: Path, browser_of: Callable[[], Browser]
) -> None:
    with init() as run:
        run.log({"x": Image(pixels(1))}, step=0)
        browser = browser_of()
        run.log({"x": Image(pixels(2))}, step=1)
        run.log({"y": Image(pixels(3))}, step=2)
        run.finish(quiet=True)
    before = np.frombuffer(browser.ask("steps", kind="images", keys=[0, 1])[1][0]).tolist()

    facts, _ = browser.ask("facts")
    after = np.frombuffer(browser.ask("steps", kind="images", keys=[0, 1])[1][0]).tolist()

    assert before in ([0.0], [])
    assert facts["keys"]["images"] == [["x", 1], ["y", 1]]
    assert after == [0, 1, 2]


def test_a_fault_nobody_thought_of_is_answered_too(
    three_runs: None, browser_of: Callable[[], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = browser_of()
    monkeypatch.setattr(media_answers, "picture", lambda *_, **__: 1 / 0)
    want = media_wanted({"at": browser.at, "kind": "images", "keys": [0], "end": 1})

    with pytest.raises(ZeroDivisionError):
        browser.widget._answer("cells", "p", 7, want)

    told, _ = browser.told.get(timeout=1)
    assert "could not be answered: division by zero" in told["error"]["message"]
