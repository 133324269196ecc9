"""Numbers and times as tables show them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from runfolio.verbs.figures import ago, clock_time, column_figures, size

ZONE = timezone(timedelta(hours=2))
NOW = datetime(2026, 11, 23, 14, 5, tzinfo=ZONE)


def test_numbers_of_a_column_share_their_decimals() -> None:
    assert column_figures([0.038, 0.152, 0.72]) == ["0.038", "0.152", "0.720"]


def test_the_best_of_a_column_does_not_take_digits_from_the_others() -> None:
    assert column_figures([1.0, 0.973, 0.971]) == ["1.000", "0.973", "0.971"]


def test_a_number_that_would_vanish_keeps_decimals_of_its_own() -> None:
    assert column_figures([10.2, 0.0012]) == ["10.2", "0.00120"]


def test_whole_numbers_stay_whole() -> None:
    assert column_figures([1.0, 128, None]) == ["1", "128", ""]


def test_what_is_no_finite_number_is_named() -> None:
    assert column_figures([float("nan"), float("inf"), 0.5]) == ["NaN", "∞", "0.500"]


def test_zero_aligns_with_its_column() -> None:
    assert column_figures([0.0, 0.25]) == ["0.000", "0.250"]


def test_a_negative_number_has_a_true_minus() -> None:
    assert column_figures([-0.25, 0.5]) == ["−0.250", "0.500"]


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=2), "2 min ago"),
        (timedelta(hours=3), "11:05"),
        (timedelta(days=3), "20 Nov 14:05"),
        (timedelta(days=400), "19 Oct 2025"),
        (timedelta(minutes=-5), "14:10"),
    ],
)
def test_a_moment_is_told_as_near_as_one_thinks_of_it(before: timedelta, words: str) -> None:
    assert ago(NOW - before, NOW) == words


def test_times_are_told_in_the_zone_of_the_reader() -> None:
    assert clock_time(datetime(2026, 11, 23, 10, 0, tzinfo=UTC), NOW) == "12:00"


def test_an_unknown_moment_is_blank() -> None:
    assert ago(None, NOW) == ""


def test_sizes_have_a_unit() -> None:
    assert [size(n) for n in (812, 1_234_567, 45_600, 3_000_000_000)] == [
        "812 B",
        "1.2 MB",
        "46 kB",
        "3.0 GB",
    ]
