"""Cells of two runs beside each other, and their lines: edited, moved, new, gone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.capture.cell_text import source_hash, text_hash
from runfolio.model.context import CellExecution
from runfolio.query.diff_cells import MAX_CELLS, cells_diff, edited_cells
from runfolio.query.diff_text import text_diff


def cells(*sources: str, ids: bool = False) -> list[CellExecution]:
    return [
        CellExecution(
            source=source, hash=source_hash(source), order=n, cell_id=f"c{n}" if ids else None,
            started_at_ms=n, duration_s=0.1, status="ok", text_hash=text_hash(source),
        )
        for n, source in enumerate(sources, start=1)
    ]  # fmt: skip


A, B, C = (
    "import math\nrate = 0.1",
    "model = build(rate)\nmodel.fit(x, y)",
    "score = model.score(x, y)",
)


def kinds(was: list[CellExecution], now: list[CellExecution]) -> list[tuple[str, bool]]:
    return [(change.kind, change.moved) for change in cells_diff(was, now).changes]


def test_equal_cells_do_not_differ_whatever_their_layout_and_name() -> None:
    again = cells("%%track other\n" + A, B + "  # and a comment", C)
    assert cells_diff(cells("%%track first\n" + A, B, C), again).is_same


def test_an_edited_cell_is_recognised_by_its_words() -> None:
    (change,) = cells_diff(cells(A, B, C), cells(A, B.replace("rate", "2 * rate"), C)).changes
    assert (change.kind, change.was, change.now) == ("edited", 2, 2)
    (row,) = [row for row in change.text.rows if row.kind == "changed"]
    assert [piece.text for piece in row.now if piece.changed] == ["2 * "]


def test_a_cell_of_the_same_id_is_the_same_cell_however_much_of_it_changed() -> None:
    was, now = cells(A, B, ids=True), cells(A, "nothing_in_common()", ids=True)
    assert kinds(was, now) == [("edited", False)]


def test_a_moved_cell_is_told_as_moved_and_the_others_are_not() -> None:
    assert kinds(cells(A, B, C), cells(B, C, A)) == [("same", True)]


def test_new_and_lost_cells_stand_where_they_ran() -> None:
    found = cells_diff(cells(A, "gone()", C), cells(A, C, "fresh = 1")).changes
    assert [(c.kind, c.was, c.now) for c in found] == [("removed", 2, None), ("added", None, 3)]


def test_of_a_cell_that_ran_again_the_last_execution_counts() -> None:
    was = cells(A, "x = 1", "x = 1")
    found = cells_diff(was, cells(A, "x = 1"))
    assert found.is_same
    assert found.repeated == 1


def test_two_thousand_edited_cells_are_compared_in_bounded_time() -> None:
    was = cells(*(f"value_{n} = compute_{n}(data)\nshow(value_{n})" for n in range(MAX_CELLS)))
    now = cells(*(f"value_{n} = other_{n}(data)\nplot(value_{n})" for n in range(MAX_CELLS)))
    found = cells_diff(was, now)  # hours without a bound
    assert found.nearby
    assert len(found.changes) == MAX_CELLS


@given(st.lists(st.sampled_from([A, B, C, "x = 1", "y = 2"])), st.lists(st.sampled_from([A, B, C])))
def test_each_cell_is_told_once(was: list[str], now: list[str]) -> None:
    found = cells_diff(cells(*was), cells(*now))
    told = edited_cells(cells(*was), cells(*now))
    assert sum(told.values()) == len(found.changes)
    assert found.n_was - told["removed"] == found.n_now - told["added"]


@given(st.text("ab\n"), st.text("ab\n"))
def test_lines_that_went_and_came_add_up(was: str, now: str) -> None:
    found = text_diff(was, now, limit=10_000)
    assert len(was.splitlines()) - found.removed == len(now.splitlines()) - found.added
    assert (found.added, found.removed) == (0, 0) or found.rows


@pytest.mark.parametrize("limit", [1, 10])
def test_a_long_difference_is_cut_and_counted(limit: int) -> None:
    found = text_diff("", "\n".join(map(str, range(100))), limit=limit)
    assert len(found.rows) == limit
    assert found.left_out >= 100 - limit


def test_when_time_is_over_lines_count_as_replaced_and_still_add_up() -> None:
    was, now = "a\nb = 1\nc\nd\n", "a\nb = 2\nx\nc\nd\n"
    late = text_diff(was, now, until=0.0)
    assert [row.kind for row in late.rows] == ["same", "removed", "added", "added", "same", "same"]
    assert (late.added, late.removed) == (2, 1)
