"""An entry reads like the design's drawing."""

from __future__ import annotations

import dataclasses
import re
import time

import pytest

from runfolio.charts.figures import difference, duration, figure, setting
from runfolio.logbook.entry import HEADINGS, Change, Facts, Result, Words
from runfolio.logbook.render import entry, facts_body, page
from runfolio.model.run import Status
from runfolio.query.fields import ABSENT


def plain(text: str) -> str:
    """Return text with thin spaces as ordinary ones."""
    return text.replace("\u2009", " ")


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def test_the_facts_read_like_the_drawing(facts: Facts) -> None:
    assert plain(facts_body(facts)).split("\n\n") == [
        "✓ **fast-lr** `7f3a9c` · 23 Nov 2026, 14:02 · 7.7 s · main @ 13e8c94 + 2 files",
        (
            "**Changed since** `wide` lr 1e-3 → **1e-2**, hidden 128 → **64**. "
            "**Result** val/acc **0.974** (▲ +0.030 on best), train/loss **0.0379**. "
            "**Data** digits `b3:91c2d0`, unchanged."
        ),
    ]


def test_a_fresh_page_has_the_three_headings_and_one_invitation(facts: Facts) -> None:
    text = page(facts, Words())
    assert tuple(re.findall(r"^\*\*([^*]*)\*\*$", text, re.MULTILINE)) == HEADINGS
    assert text.count("Write here") == 1


def test_an_entry_to_look_at_has_neither_comments_nor_empty_headings(facts: Facts) -> None:
    text = entry(facts, Words(happened="It broke."))
    assert "<!--" not in text
    assert text.endswith("**What happened**\n\nIt broke.")


@pytest.mark.parametrize(
    ("status", "said"),
    [(Status.CRASHED, "⚠ .* · crashed: process gone"), (Status.FAILED, "✕ .* · failed: ")],
)
def test_a_run_that_did_not_end_well_says_so(facts: Facts, status: Status, said: str) -> None:
    text = facts_body(dataclasses.replace(facts, status=status, note="process gone"))
    assert re.match(said, text)


def test_a_command_and_the_last_alert_are_told_in_their_own_words(facts: Facts) -> None:
    text = facts_body(
        dataclasses.replace(facts, command="python a.py --lr 3", alerts="error: *NaN* at 3")
    )
    assert "**Command** `python a.py --lr 3`." in text
    assert "**Alert** error: \\*NaN\\* at 3." in text


def test_an_entry_says_whether_the_run_can_be_replayed(facts: Facts) -> None:
    text = facts_body(dataclasses.replace(facts, replayable="no, because a*b was not captured"))
    assert "**Replayable** no, because a\\*b was not captured." in text


def test_counts_are_shown_where_points_were_not_in_order(facts: Facts) -> None:
    text = facts_body(dataclasses.replace(facts, counts={"late": 3, "refused": 1200}))
    assert "**Points** 3 late, 1,200 refused." in text


def test_a_lower_loss_is_better_and_carries_its_sign(facts: Facts) -> None:
    result = Result("val/loss", 0.25, -0.05, better=True)
    text = plain(facts_body(dataclasses.replace(facts, results=(result,))))
    assert "val/loss **0.250** (▲ −0.050 on best)" in text


def test_settings_that_came_or_went_are_named(facts: Facts) -> None:
    changes = (Change("config", "mom", ABSENT, 0.9), Change("config", "decay", None, ABSENT))
    text = facts_body(dataclasses.replace(facts, changes=changes, changes_left_out=3))
    assert "mom **0.9** (new), decay none (gone) and 3 more." in text


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e-3, "1e-3"), (0.01, "1e-2"), (0.1, "0.1"), (0.00123456789, "1.23456789e-3"), (64, "64"),
     (3e-4, "3e-4"), (0.5, "0.5"), (2.0, "2"), (True, "true"), (None, "none"), ("adam", "adam"),
     ("", '""'), ((1, 2.5), "[1, 2.5]"), ({"a": 1}, "{a: 1}"), (1e300, "1e300"),
     (float("nan"), "nan"), (123456789012, "123456789012")],
)  # fmt: skip
def test_settings_are_exact_and_short(value: object, text: str) -> None:
    assert setting(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.9741, "0.974"), (31.24, "31.2"), (240, "240"), (0.0, "0"), (-0.5, "−0.500"),
     (1.23e-7, "1.23e-7"), (2.5e9, "2.5e9"), (float("nan"), "NaN"), (float("-inf"), "−∞")],
)  # fmt: skip
def test_figures_have_three_significant_digits(value: float, text: str) -> None:
    assert figure(value) == text


def test_a_difference_has_the_decimals_of_its_figure_and_more_if_it_needs_them() -> None:
    assert difference(0.03, 0.974) == "+0.030"
    assert difference(-0.0001234, 0.974) == "−0.000120"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(7.71, "7.7 s"), (200, "3 min 20 s"), (7500, "2 h 05 min"), (273600, "3 d 4 h")],
)
def test_durations_have_their_two_largest_units(seconds: float, text: str) -> None:
    assert plain(duration(seconds)) == text
