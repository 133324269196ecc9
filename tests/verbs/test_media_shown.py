"""What ``show`` shows beside the curves: media, alerts, output; and how much of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runfolio.logbook.page import entry_markdown
from runfolio.record.api import init
from runfolio.record.media.audio import Audio
from runfolio.record.media.histogram import Histogram
from runfolio.record.media.html import Html
from runfolio.record.media.image import Image
from runfolio.record.media.table import Table
from runfolio.record.run import Run
from runfolio.verbs.media_html import MediaSection, beside_html
from runfolio.verbs.runs import runs
from runfolio.verbs.show import show
from runfolio.verbs.status import status

HOSTILE = "<img src=x onerror=alert(1)>\x1b[31m\u202e"

Recorded = Callable[[dict[str, Any]], Path]


@pytest.fixture
def recorded(store_path: Path) -> Recorded:
    """Return a function that records a run of these values, one step each."""
    del store_path

    def make(values: dict[str, Any]) -> Path:
        run = init("digits", name="pictures")
        for key, value in values.items():
            run.log({key: value})
        run.finish(quiet=True)
        return run.path

    return make


def beside() -> str:
    view = show()
    return view._beside({})["text/html"]


def noise(width: int, height: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(0).integers(0, 255, (height, width, 3), dtype=np.uint8)


def test_a_line_tells_what_was_logged_last_under_each_key(recorded: Recorded) -> None:
    recorded({
        "samples": [Image(noise(16, 8)), Image(noise(16, 8))],
        "guesses": Table(columns=["a", "b"], data=[[1, 2]]),
        "weights": Histogram([1.0, 2.0], num_bins=4),
        "tone": Audio(np.zeros(800), sample_rate=800),
    })  # fmt: skip

    shown = str(show())

    assert "  media   samples  2 images 16 × 8 · step 0\n" in shown
    assert "          guesses  table of 2 columns × 1 row · step 1\n" in shown
    assert "          weights  histogram of 4 bins · step 2\n" in shown
    assert "          tone     sound of 1 s · step 3\n" in shown


def test_machines_get_the_media_with_their_paths(recorded: Recorded) -> None:
    path = recorded({"x": Image(noise(4, 4), caption="c")})

    (found,) = json.loads(show().to_json())

    (item,) = found["media"]["x"]["items"]
    assert (path / item["path"]).stat().st_size == item["bytes"]
    assert (found["media"]["x"]["type"], item["caption"]) == ("image", "c")


def test_a_notebook_shows_pictures_tables_histograms_and_sounds(recorded: Recorded) -> None:
    recorded({
        "x": Image(noise(16, 8), caption="a cat"),
        "t": Table(columns=["word"], data=[["seven"]]),
        "w": Histogram([1.0, 2.0]),
        "a": Audio(np.zeros(800), sample_rate=800),
    })  # fmt: skip

    page = beside()

    assert re.search(r'<img [^>]*alt="a cat" src="data:image/(png|jpeg);base64,', page)
    assert "<figcaption>a cat</figcaption>" in page
    assert '<th scope="col" align="left"' in page and ">seven</td>" in page  # noqa: PT018
    assert '<svg class="rf-bars"' in page
    assert '<audio controls preload="metadata" src="data:audio/wav;base64,' in page


def test_a_run_without_media_has_nothing_beside_its_card(recorded: Recorded) -> None:
    recorded({"loss": 1.0})

    assert beside() == ""


def test_text_out_of_a_run_is_text_wherever_it_stands(recorded: Recorded) -> None:
    mask = {"mask_data": np.ones((4, 4), np.uint8), "class_labels": {1: HOSTILE}}
    box = {"position": {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}, "class_id": 2}
    boxes = {"found": {"box_data": [box], "class_labels": {2: HOSTILE}}}
    recorded({
        HOSTILE: Image(noise(4, 4), caption=HOSTILE, masks={"m": mask}, boxes=boxes),
        "t": Table(columns=[HOSTILE], data=[[HOSTILE]]),
        "h": Html("<b>page</b>", caption=HOSTILE),
    })  # fmt: skip

    page = beside()

    assert page.count("&lt;img src=x onerror=alert(1)&gt;") >= 7
    assert "<img src=x" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_a_page_stands_only_in_the_frame_where_nothing_runs(recorded: Recorded) -> None:
    recorded({"h": Html("<script>steal()</script></iframe><script>steal()</script>")})

    page = beside()

    assert "<script" not in page
    assert page.count("<iframe") == page.count('<iframe sandbox=""') == 1


def test_what_a_file_is_its_name_does_not_decide(recorded: Recorded) -> None:
    path = recorded({"x": Image(noise(4, 4)), "a": Audio(np.zeros(80), sample_rate=80)})
    for file in path.glob("media/*/*"):
        file.write_bytes(b"<html><script>alert(1)</script>")

    page = beside()

    assert "This is no picture" in page
    assert "<audio" not in page
    assert "alert(1)" not in page


def test_a_file_that_is_gone_leaves_the_others(recorded: Recorded) -> None:
    path = recorded({"x": Image(noise(4, 4)), "y": Image(noise(5, 5))})
    next(path.glob("media/images/*")).unlink()

    page = beside()

    assert page.count("<img ") == 1
    assert "cannot be read" in page


def test_many_and_large_media_stay_within_the_limit_and_are_counted(recorded: Recorded) -> None:
    images = [Image(noise(320, 320)) for _ in range(14)]
    path = recorded({f"k{n}": images for n in range(3)} | {"more": Image(noise(9, 9))})
    (section,) = [MediaSection("r", "x", path, one.media) for one in show().shown]

    page = beside_html([section], 200_000)

    assert len(page) <= 200_000
    assert re.search(r"and \d+ more", page)
    assert "more</b>" in page


def test_keys_beyond_all_measure_are_counted(recorded: Recorded) -> None:
    recorded({f"k{n}": Histogram([1.0]) for n in range(30)})

    assert "and 14 more keys" in str(show())
    assert "and 6 more keys" in beside()


def test_a_table_shows_its_first_rows_and_counts_the_rest(recorded: Recorded) -> None:
    recorded({"t": Table(columns=list("abcdefghijklmn"), data=[[n] * 14 for n in range(20)])})

    page = beside()

    assert page.count("<tr>") == 1 + 8
    assert "12 more rows, 2 more columns" in page


def test_images_in_a_table_are_drawn_in_their_cells(recorded: Recorded) -> None:
    path = recorded({"t": Table(columns=["i"], data=[[Image(noise(4, 4))], [Image(noise(5, 5))]])})
    next(path.glob("media/images/*")).write_bytes(b"<script>")

    page = beside()

    assert page.count("<img ") == 1
    assert re.search(r"<td[^>]*>media/images/[0-9a-f]{32}.png</td>", page)


def test_a_class_that_mask_and_box_call_differently_has_both_names(recorded: Recorded) -> None:
    mask = {"mask_data": np.ones((4, 4), np.uint8), "class_labels": {0: "sky", 1: "ink"}}
    box = {"position": {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}, "class_id": 1}
    boxes = {"guess": {"box_data": [box], "class_labels": {1: "digit"}}}
    recorded({"x": Image(noise(4, 4), masks={"truth": mask}, boxes=boxes)})

    page = beside()

    assert "ink, digit" in page
    assert "sky" not in page  # it is the picture itself, which no colour covers


def test_alerts_are_told_in_card_and_journal(store_path: Path) -> None:
    run = init("digits", name="alarm")
    run.alert("first", level="warn")
    run.alert("Loss is <NaN>", "at step 3", level="error")
    run.finish(quiet=True)

    told = "2 alerts · error: Loss is <NaN>: at step 3"
    assert f"  alert   {told}\n" in str(show())
    assert told in show()._repr_mimebundle_()[0]["text/plain"]
    assert "**Alert** 2 alerts · error: Loss is &lt;NaN&gt;: at step 3." in entry_markdown(run.path)
    assert [alert["level"] for alert in json.loads(show().to_json())[0]["alerts"]] == [
        "warn", "error",
    ]  # fmt: skip


def test_status_tells_the_last_alert_of_the_open_run(open_run: Run) -> None:
    open_run.alert("Loss is NaN", level="error")
    open_run.finish(quiet=True)
    again = init("digits", id=open_run.id, resume="must")

    shown = str(status())
    again.finish(quiet=True)

    assert "  alert         error: Loss is NaN\n" in shown


def test_the_output_of_a_command_ends_its_card(recorded: Recorded) -> None:
    path = recorded({"loss": 1.0})
    lines = [f"line {n}" for n in range(20)]
    bar = "10%\r50%\r\x1b[32m100%\x1b[0m done"
    hostile = "\x1b]52;c;x\x07<script>alert(1)</script>\x9b2J"
    (path / "output.log").write_text("\n".join([*lines, bar, hostile, ""]), encoding="utf-8")

    shown, page = str(show()), beside()

    assert "  output  line 12\n          line 13\n" in shown
    assert "          100% done\n" in shown
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert not re.search("[\x1b\x9b\x07]", shown + page)


def test_the_newest_part_of_an_output_comes_last(recorded: Recorded) -> None:
    path = recorded({"loss": 1.0})
    (path / "output.log").write_text("".join(f"old {n}\n" for n in range(20)), encoding="utf-8")
    (path / "output.p2.log").write_text("new 1\nnew 2\n", encoding="utf-8")

    assert "old 19\n          new 1\n          new 2\n" in str(show())


def test_an_output_that_is_a_link_is_not_followed(recorded: Recorded, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("key=1234\n", encoding="utf-8")
    path = recorded({"loss": 1.0})
    (path / "output.log").symlink_to(tmp_path / "secret")

    assert "1234" not in str(show()) + beside()


def test_figures_follow_the_rule_in_card_and_table(store_path: Path) -> None:
    run = init("digits", name="rules")
    run.define_metric("val/loss", summary="min", goal="minimize")
    run.define_metric("secret", hidden=True)
    for value in (3.0, 1.0, 2.0):
        run.log({"val/loss": value, "secret": 7.0})
    run.finish(quiet=True)

    assert re.search(r"val/loss  min 1  .*best 1 at 1", str(show()))
    assert "secret" not in str(show()) + str(runs())
    assert "secret" in str(show(hidden=True))


def test_histograms_of_several_steps_are_also_a_heat_map(recorded: Recorded) -> None:
    recorded({"once": Histogram([1.0, 2.0], num_bins=4)})
    assert "histograms from step" not in beside()
    run = init("digits", name="more")
    for step in range(3):
        run.log({"weights": Histogram([float(step), 2.0], num_bins=4)})
    run.finish(quiet=True)
    assert "3 histograms from step 0 to 2" in beside()


def test_a_search_shows_the_printed_lines_that_hold_it_with_their_numbers(
    recorded: Recorded,
) -> None:
    folder = recorded({"a": 1.0})
    lines = [f"epoch {n} Loss 0.{n}\nnothing <b>\n" for n in range(50)]
    (folder / "output.log").write_text("".join(lines))
    (one,) = show(search="loss").data()
    none = show(search="no such text").data()[0]["output"]

    assert one["output"][0] == "10 lines before that hold it, too"
    assert one["output"][-1] == "99: epoch 49 Loss 0.49"
    assert len(one["output"]) == 41
    assert none == ["no line holds it"]
