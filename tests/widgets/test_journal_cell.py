"""What pages are told of a run's journal cell, and what they say of it."""

from __future__ import annotations

from typing import Any

import pytest

from runfolio.widgets.journal_cell import JournalCell
from runfolio.widgets.protocol import understood

BEGUN, ENDED = {"run": "a", "status": "running"}, {"run": "a", "status": "finished"}


@pytest.fixture
def told() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def cell(told: list[dict[str, Any]]) -> JournalCell:
    return JournalCell(told.append)


def says(cell: JournalCell, **message: Any) -> None:
    heard = understood(message)
    assert heard is not None
    cell.heard(heard)


def test_a_page_that_is_ready_is_told_of_the_entry(
    cell: JournalCell, told: list[dict[str, Any]]
) -> None:
    says(cell, kind="ready")
    cell.tell(BEGUN, last=False)
    says(cell, kind="ready")

    assert told == 2 * [{"kind": "journal", "entry": {**BEGUN, "insert": True}}]


@pytest.mark.parametrize("placed", ["inserted", "took over", "updated", "deleted"])
def test_a_cell_that_is_there_or_was_deleted_is_not_put_in_again(
    cell: JournalCell, told: list[dict[str, Any]], placed: str
) -> None:
    cell.tell(BEGUN, last=False)
    says(cell, kind="placed", what={"placed": placed})
    cell.tell(ENDED, last=True)

    assert cell.placed
    assert [one["entry"]["insert"] for one in told] == [True, False]


@pytest.mark.parametrize("what", [{"placed": "off"}, {"placed": "none"}, {"placed": []}, {}])
def test_a_page_without_a_place_for_it_leaves_the_entry_to_the_output(
    cell: JournalCell, what: dict[str, Any]
) -> None:
    cell.tell(BEGUN, last=False)
    says(cell, kind="placed", what=what)

    assert not cell.placed


def test_nothing_is_told_after_the_last_entry(
    cell: JournalCell, told: list[dict[str, Any]]
) -> None:
    cell.tell(ENDED, last=True)
    cell.tell(BEGUN, last=False)

    assert [one["entry"]["status"] for one in told] == ["finished"]


def test_a_page_that_says_nothing_is_told_again_some_times(
    cell: JournalCell, told: list[dict[str, Any]]
) -> None:
    cell.tell(BEGUN, last=False)
    for _ in range(9):
        cell.turn(float("inf"))

    assert len(told) == 4
