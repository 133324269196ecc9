"""What Python and the page read alike: `js/tests/core/page.test.ts` goes by the same tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from runfolio.capture.cell_text import source_hash
from runfolio.logbook.parse import parse

SHARED = Path(__file__).parents[1] / "shared"


def table(name: str) -> list[Any]:
    found: list[Any] = json.loads((SHARED / f"{name}.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("case", table("journal_pages"), ids=lambda case: case["name"])
def test_a_page_is_read_as_the_table_says(case: dict[str, Any]) -> None:
    page = parse(case["source"])
    base = None if page.base is None else [*page.base.values()]

    assert (page.run_id, base) == (case["run"], case["base"])
    assert [*page.words.by_field().values()] == case["words"]


@pytest.mark.parametrize("case", table("journal_pages"), ids=lambda case: case["name"])
def test_new_facts_leave_the_words_of_a_page(case: dict[str, Any]) -> None:
    page = parse(case["with_facts"])

    assert [*page.words.by_field().values()] == case["words"]
    assert "9 s" in case["with_facts"]


@pytest.mark.parametrize("case", table("cell_hashes"), ids=lambda case: case["hash"][:6])
def test_a_hash_of_a_cell_is_that_of_the_table(case: dict[str, str]) -> None:
    assert source_hash(case["source"]) == case["hash"]


# A table in JSON cannot hold it everywhere.
def test_half_of_a_pair_of_surrogates_is_hashed_as_in_the_page() -> None:
    assert source_hash("lone \ud800 half") == "733260977e267cec79f54866f7dbbdeb"
