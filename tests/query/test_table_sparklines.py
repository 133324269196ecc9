"""The course of the main metric in a row."""

from __future__ import annotations

import math
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.query.conftest import Maker

from runfolio.model.run import RunRecord
from runfolio.query.sparkline import WIDTH, shortened
from runfolio.query.table import SPARKLINES, runs_table


def test_only_the_rows_that_are_looked_at_are_asked_for(record: Maker) -> None:
    asked: list[tuple[str, str]] = []

    def sparkline(run: RunRecord, key: str) -> list[float]:
        asked.append((run.id, key))
        return [1.0, 2.0]

    runs = [record(metrics={"loss": 1.0, "acc": 1.0}) for _ in range(SPARKLINES + 5)]
    table = runs_table(runs, sparkline=sparkline)

    assert asked == [(run.id, "acc") for run in runs[:SPARKLINES]]
    assert table.rows[0].sparkline == [1.0, 2.0]
    assert table.rows[-1].sparkline == []


def test_a_run_that_cannot_be_read_has_no_sparkline(record: Maker) -> None:
    assert runs_table([record(metrics={"loss": 1.0})]).rows[0].sparkline == []


def test_a_short_series_is_kept_as_it_is_but_for_infinities() -> None:
    short = shortened([1.0, math.inf, 2.0])
    assert short[0::2] == [1.0, 2.0]
    assert math.isnan(short[1])


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=WIDTH + 1, max_size=500))
def test_a_long_series_keeps_both_ends_and_its_range(values: list[float]) -> None:
    short = shortened(values)
    assert len(short) == WIDTH
    assert (short[0], short[-1]) == (values[0], values[-1])
    assert all(math.isfinite(value) for value in short)


def test_a_rising_series_stays_rising() -> None:
    short = shortened([float(n) for n in range(1_000)])
    assert all(before < after for before, after in pairwise(short))
