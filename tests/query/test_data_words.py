"""Data sets in words: how much, which content, how they were found."""

from __future__ import annotations

from typing import Any

import pytest

from runfolio.query.data_words import data_amount, data_words

DIGITS = {"name": "digits.csv", "hash": f"blake3:{'3f2a91c0' * 8}", "rows": 1797, "columns": 65,
          "found": "detected"}  # fmt: skip


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (DIGITS, "digits.csv 1,797 × 65 · blake3 3f2a91c0 · detected"),
        ({"name": "a", "rows": 1, "hash": "md5:0123456789"}, "a 1 row · md5 01234567"),
        ({"name": "img", "files": 20, "bytes": 9}, "img 20 files · no hash"),
        ({"uri": "x.bin", "bytes": 3_210_000, "hash": None}, "x.bin 3.21 MB · no hash"),
        ({}, "data · no hash"),
        ({"name": 3, "rows": "many", "columns": -1, "bytes": True, "hash": []}, "3 · no hash"),
    ],
)  # fmt: skip
def test_a_data_set_is_told_by_name_size_and_hash(item: dict[str, Any], words: str) -> None:
    assert data_words([item]) == words


def test_of_many_data_sets_some_are_told_and_the_rest_counted() -> None:
    assert data_words([DIGITS] * 5).endswith("; 2 more")
    assert data_words([]) == ""


@pytest.mark.parametrize(("size", "words"), [(0, "0 B"), (999, "999 B"), (10**15, "1e+03 TB")])
def test_sizes_are_short(size: int, words: str) -> None:
    assert data_amount({"bytes": size}) == words
