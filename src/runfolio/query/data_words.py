"""The data sets of a run in words: ``digits.csv 1,797 × 65 · blake3 3f2a91c0 · detected``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

__all__ = ["data_amount", "data_words"]

_SETS: Final = 3
_DIGITS: Final = 8
_UNITS: Final = ("B", "kB", "MB", "GB", "TB")


def data_words(sets: Sequence[Mapping[str, Any]]) -> str:
    """Return a few data sets with their sizes, hashes and how they were found.

    Parameters
    ----------
    sets : sequence of mapping
        As the manifest has them: their words may hold anything.
    """
    words = [_one(item) for item in sets[:_SETS]]
    more = len(sets) - _SETS
    return "; ".join([*words, *([f"{more:,} more"] if more > 0 else [])])


def data_amount(item: Mapping[str, Any]) -> str:
    """Return how much one data set is: ``1,797 × 65``, ``400 rows``, ``20 files``, ``3.2 MB``."""
    rows, columns, files, size = (
        _count(item, key) for key in ("rows", "columns", "files", "bytes")
    )
    if rows is not None and columns is not None:
        return f"{rows:,} × {columns:,}"
    if rows is not None:
        return f"{rows:,} row{'s' * (rows != 1)}"
    if files is not None:
        return f"{files:,} file{'s' * (files != 1)}"
    return "" if size is None else _size(size)


def _one(item: Mapping[str, Any]) -> str:
    kind, _, digits = str(item.get("hash") or "").rpartition(":")
    parts = [
        f"{str(item.get('name') or item.get('uri') or 'data')[:80]} {data_amount(item)}".rstrip(),
        f"{kind[:16]} {digits[:_DIGITS]}".strip() or "no hash",
        *(["detected"] if item.get("found") == "detected" else []),
    ]
    return " · ".join(parts)


def _count(item: Mapping[str, Any], key: str) -> int | None:
    n = item.get(key)
    return n if type(n) is int and n >= 0 else None


def _size(size: float) -> str:
    for unit in _UNITS[:-1]:
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} {_UNITS[-1]}"
