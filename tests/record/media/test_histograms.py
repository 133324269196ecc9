"""Histograms: as numpy counts, inline in the event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tests.record.media.conftest import told, told_of

from runfolio.errors import RunfolioWarning, UsageError
from runfolio.model.media import MediaItem
from runfolio.record.media import histogram
from runfolio.record.media.histogram import Histogram
from runfolio.record.run import Run

Log = Callable[[object], MediaItem]
VALUES = np.random.default_rng(0).normal(size=1000)


def test_values_are_counted_as_numpy_counts_them(logged: Log) -> None:
    item = logged(Histogram(VALUES))
    counts, edges = np.histogram(VALUES, bins=64)

    assert item.extra == {"bins": edges.tolist(), "counts": counts.tolist()}
    assert item.path is None


def test_what_numpy_counted_is_taken_as_it_is(logged: Log) -> None:
    made = Histogram(np_histogram=np.histogram(VALUES, bins=5))

    assert logged(made).extra["counts"] == np.histogram(VALUES, bins=5)[0].tolist()
    assert (len(made.histogram), len(made.bins)) == (5, 6)


def test_an_array_changed_after_it_was_made_a_histogram_changes_nothing(run: Run) -> None:
    values = VALUES.copy()
    run.log({"x": Histogram(values, num_bins=4), "bare": values})
    values[:] = 0
    made, bare = told(run)

    assert made.extra["counts"] == np.histogram(VALUES, bins=4)[0].tolist()
    assert bare.extra["counts"] == np.histogram(VALUES, bins=32)[0].tolist()


def test_what_is_not_finite_is_left_out_and_counted(logged: Log) -> None:
    extra = logged(Histogram([1.0, np.nan, np.inf, 2.0], num_bins=2)).extra

    assert (extra["counts"], extra["nonfinite"]) == ([1, 1], 2)


def test_values_of_which_none_is_finite_are_refused_but_the_row_is_kept(run: Run) -> None:
    with pytest.warns(RunfolioWarning, match="none of 2 values is finite"):
        items = told_of(run, {"x": Histogram([np.nan, np.inf]), "a": 1})

    assert items == []
    assert run.life.refused_values == {"x": 1}
    assert run.summary["a"] == 1


def test_numbers_without_numpy_are_counted_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = Histogram(VALUES[:50].tolist(), num_bins=7).histogram

    def missing(*_: object) -> Any:
        raise ImportError("numpy")

    monkeypatch.setattr(histogram, "array_of", missing)
    found = Histogram([*VALUES[:50].tolist(), float("nan")], num_bins=7)

    assert found.histogram == expected
    assert len(found.bins) == 8
    assert Histogram([3, 3]).histogram[32] == 2


@pytest.mark.parametrize(
    "make",
    [
        Histogram, lambda: Histogram([]), lambda: Histogram([1], num_bins=513),
        lambda: Histogram([1], num_bins=0), lambda: Histogram(["a"]),
        lambda: Histogram(np_histogram=([1, 2], [0, 1])),
        lambda: Histogram(np_histogram=([1], [0, float("nan")])),
        lambda: Histogram(np_histogram=([1],)), lambda: Histogram(np_histogram=3),
        lambda: Histogram(np_histogram=np.histogram(VALUES, bins=513)),
    ],
)  # fmt: skip
def test_what_makes_no_histogram_is_refused_at_once(make: Callable[[], object]) -> None:
    with pytest.raises(UsageError):
        make()
