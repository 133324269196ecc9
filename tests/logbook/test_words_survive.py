"""Whatever is written by hand comes back unchanged from a page; facts never touch it."""

from __future__ import annotations

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.logbook.conftest import pieces, words_strategy

from runfolio.errors import UnsupportedVersion
from runfolio.logbook.entry import HEADINGS, Facts, Words
from runfolio.logbook.escape import inert
from runfolio.logbook.parse import PLACEHOLDER, canonical, parse
from runfolio.logbook.render import page
from runfolio.logbook.words import shown
from runfolio.model.run import Status

PLAIN = Facts(run_id="r-1", name="a", status=Status.FINISHED, counts={})
LATER = dataclasses.replace(PLAIN, name="b", took_s=3.0, notes="#### Why\n<!-- /runfolio:facts -->")


@given(words_strategy)
def test_words_come_back_from_a_page_as_it_shows_them(words: Words) -> None:
    found = parse(page(PLAIN, words)).words
    assert found.by_field() == {field: shown(text) for field, text in words.by_field().items()}


@given(words_strategy)
def test_new_facts_leave_every_line_of_the_words_as_it_was(words: Words) -> None:
    before = page(PLAIN, words)
    after = page(LATER, words, before)
    assert parse(after).lines == parse(before).lines
    assert parse(after).words == parse(before).words


@given(words_strategy)
def test_remaking_a_page_twice_changes_nothing(words: Words) -> None:
    once = page(LATER, words, page(PLAIN, words))
    assert page(LATER, words, once) == once


@given(pieces())
def test_a_page_typed_by_hand_keeps_all_of_its_words(text: str) -> None:
    typed = parse(text)
    after = parse(page(PLAIN, typed.words, text))
    assert after.words == typed.words


@given(pieces())
def test_making_words_fit_for_a_page_is_stable(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)
    assert inert(inert(text)) == inert(text)
    assert shown(shown(text)) == shown(text)


@given(st.permutations(HEADINGS), st.sampled_from(["\n", "\r\n", "\r"]))
def test_headings_may_come_in_any_order_and_line_ends_in_any_form(
    order: list[str], end: str
) -> None:
    text = end.join(
        f"##  {heading.upper()} ##{end}{end}about {heading} ü{end}" for heading in order
    )
    assert parse(text).words == Words(
        "about What I tried ü", "about What happened ü", "about Why ü"
    )


def test_the_invitation_is_no_word_and_goes_when_somebody_writes_above_it() -> None:
    blank = page(PLAIN, Words())
    written = blank.replace(PLACEHOLDER, f"Twice as wide.\n\n{PLACEHOLDER}")
    assert not parse(blank).words
    assert parse(written).words == Words(tried="Twice as wide.")


def test_text_typed_between_the_comments_is_kept_as_words() -> None:
    text = page(LATER, Words()).replace("\n\n<!-- /", "\n\nSaw it flatten.\n\nOdd.\n\n<!-- /")
    found = parse(page(PLAIN, parse(text).words, text))
    assert found.words == Words(other="Saw it flatten.\n\nOdd.")


def test_a_closing_comment_put_in_early_turns_no_fact_into_words() -> None:
    text = page(LATER, Words(why="x")).replace("**Notes**", "<!-- /runfolio:facts -->\n**Notes**")
    assert parse(text).words == Words(why="x")


@pytest.mark.parametrize("gone", ["<!-- runfolio", "<!-- /runfolio"])
def test_words_are_found_when_a_comment_is_gone(gone: str) -> None:
    lines = page(PLAIN, Words("t", "h", "w")).split("\n")
    found = parse("\n".join(line for line in lines if not line.startswith(gone))).words
    assert (found.tried, found.happened, found.why) == ("t", "h", "w")


def test_an_entry_pasted_twice_is_read_as_one() -> None:
    text = page(PLAIN, Words("t", "h", "w"))
    assert parse(text + "\n" + text).words == Words("t\n\nt", "h\n\nh", "w\n\nw")


@given(st.data())
def test_no_way_of_cutting_up_a_page_loses_a_line_that_somebody_wrote(data: st.DataObject) -> None:
    lines = page(LATER, Words("w1\n\nw2", "w3", "w4", "w5")).split("\n")
    for n in range(data.draw(st.integers(0, 6))):
        at = data.draw(st.integers(0, len(lines)))
        cut = data.draw(st.sampled_from(["type", "cut", "copy"]))
        if cut == "type":
            lines.insert(at, f"typed {n}")
        elif at < len(lines) and cut == "copy":
            lines.insert(data.draw(st.integers(0, len(lines))), lines[at])
        elif at < len(lines) and not re.match(r"w\d|typed", lines[at]):
            del lines[at]
    found = "\n".join(parse("\n".join(lines)).words.by_field().values()).split("\n")
    written = {line for line in lines if re.match(r"w\d|typed", line)}
    assert written <= set(found)
    assert not [line for line in found if "took" in line or "7.7" in line]


def test_a_page_of_a_newer_version_is_refused_with_what_to_do() -> None:
    with pytest.raises(UnsupportedVersion, match="Update runfolio"):
        parse("<!-- runfolio:facts run=r-1 v=2 -->\n")
