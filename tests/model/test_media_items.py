"""What a media event says, whoever wrote it, and the frame that a page of HTML is shown in."""

from __future__ import annotations

import html
import re

import pytest

from runfolio.model.media import media_items, media_path, sandboxed_frame

IMAGE = {"path": f"media/images/{'0' * 32}.png", "bytes": 12, "caption": "a", "width": 4}
EVENT = {"time": 5, "kind": "media", "key": "x", "step": 3, "type": "image", "items": [IMAGE]}


def test_an_event_gives_one_item_for_each_thing_logged_at_once() -> None:
    first, second = media_items(EVENT | {"items": [IMAGE, IMAGE | {"caption": "b"}]})

    assert (first.key, first.step, first.time_ms, first.type) == ("x", 3, 5, "image")
    assert (first.index, first.caption, first.size_bytes) == (0, "a", 12)
    assert (second.index, second.caption) == (1, "b")
    assert first.extra == {"width": 4}


@pytest.mark.parametrize(
    "change",
    [{"kind": "text"}, {"key": 3}, {"step": None}, {"step": True}, {"step": float("nan")},
     {"step": 10**400}, {"type": ["image"]}, {"items": {"path": "x"}}],
)  # fmt: skip
def test_an_event_that_makes_no_sense_gives_nothing(change: dict[str, object]) -> None:
    assert media_items(EVENT | change) == []


def test_items_of_a_wrong_type_are_passed_over_and_the_others_kept() -> None:
    wrong = {"path": 7, "bytes": "many", "caption": ["a"]}

    (item,) = media_items(EVENT | {"items": [None, "x", wrong]})

    assert (item.index, item.path, item.size_bytes, item.caption) == (2, None, 0, "")


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "media/images/../../run.json", "media/../run.json", "media//x.png", "run.json",
     "media/images/.hidden", "media\\images\\x.png", "media/images/x.png\n", "rank1/run.json",
     "file:///x", "media/images/a/b.png", None, 3],
)  # fmt: skip
def test_a_path_that_leads_out_of_the_media_is_no_path(path: object) -> None:
    assert media_path(path) is None


def test_media_of_another_rank_have_a_path() -> None:
    assert media_path("rank12/media/tables/ab.parquet") == "rank12/media/tables/ab.parquet"


def document(frame: str) -> str:
    """Return what the browser takes for the page in the frame."""
    (held,) = re.findall(r'srcdoc="([^"]*)"', frame)
    return html.unescape(held)


def test_the_frame_forbids_everything_that_is_no_style_or_picture_of_its_own() -> None:
    frame = sandboxed_frame("<p>hello</p>")

    assert '<iframe sandbox="" ' in frame
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in document(frame)
    assert document(frame).endswith("<p>hello</p>")


def test_a_page_cannot_leave_the_attribute_it_is_held_in() -> None:
    frame = sandboxed_frame('"><script>alert(1)</script>', title='"><b>')

    assert frame.count("<") == 2  # the frame's own two tags
    assert document(frame).endswith('"><script>alert(1)</script>')


@pytest.mark.parametrize("tag", ["<link rel=preconnect href=//x>", "<LINK/x>", "<iframe srcdoc=x>"])
def test_elements_that_reach_out_in_spite_of_the_policy_are_made_unknown(tag: str) -> None:
    held = document(sandboxed_frame(tag)).lower()

    assert "<link" not in held
    assert "<iframe" not in held
    assert "<x-" in held
