"""The values of a column in two tables: how they are spread, and how much of that moved."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from runfolio.capture.data_profile import is_number
from runfolio.capture.table_files import Table, TableFiles
from runfolio.model.data_profile import ColumnProfile, TableProfile
from runfolio.query.table_diff import Pair

__all__ = ["Bar", "Distribution", "distributions"]

_BINS: Final = 20
_VALUES: Final = 10
_FEW: Final = 1000
_TEXT: Final = 40
_TIMES: Final = ("DATE", "TIMESTAMP", "TIME")
_PORTION: Final = 50
"""So many columns are counted in one pass."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of values, or one value, and the share of rows that have it.

    Attributes
    ----------
    label : str
        The value; empty for a stretch of numbers.
    low, high : float or None
        Ends of a stretch.
    was, now : float
        From 0 to 1.
    """

    label: str
    was: float
    now: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Distribution:
    """One column in both tables.

    Attributes
    ----------
    was, now : ColumnProfile
    bars : tuple of Bar
        Of numbers and times in the order of their values, of others the most frequent first;
        none where every row has a value of its own.
    moved : float or None
        The share of rows that would have to have another value for both to be spread alike: from
        0 (alike) to 1 (nothing in common).
    """

    name: str
    was: ColumnProfile
    now: ColumnProfile
    bars: tuple[Bar, ...] = ()
    moved: float | None = None


def distributions(
    engine: TableFiles,
    was: Table,
    now: Table,
    pairs: Sequence[Pair],
    profiles: tuple[TableProfile, TableProfile],
) -> tuple[Distribution, ...]:
    """Return the columns that both have, those that moved most first.

    Parameters
    ----------
    profiles : tuple of TableProfile
        Of both.

    Raises
    ------
    UsageError
        The tables take longer or need more than they may.
    """
    before, after = ({one.name: one for one in profile.columns} for profile in profiles)
    counts = profiles[0].rows or 0, profiles[1].rows or 0
    known = [pair for pair in pairs if pair.name in before and pair.name in after]
    found: list[Distribution] = []
    for begin in range(0, len(known), _PORTION):
        portion = known[begin : begin + _PORTION]
        measured = [pair for pair in portion if _is_measured(pair)]
        named = [
            pair for pair in portion
            if pair not in measured and _is_few(before[pair.name]) and _is_few(after[pair.name])
        ]  # fmt: skip
        bars = dict(_measured(engine, (was, now), measured, counts))
        bars |= dict(_named(engine, (was, now), named, counts))
        for pair in portion:
            drawn, moved = bars.get(pair.name, ((), None))
            found.append(Distribution(pair.name, before[pair.name], after[pair.name], drawn, moved))
    found.sort(key=lambda one: -1.0 if one.moved is None else one.moved, reverse=True)
    return tuple(found)


def _is_measured(pair: Pair) -> bool:
    return is_number(pair.type) or (pair.type.startswith(_TIMES) and not pair.type.endswith("]"))


def _is_few(column: ColumnProfile) -> bool:
    return column.distinct is not None and column.distinct <= _FEW


_Bars = tuple[tuple[Bar, ...], float | None]


def _measured(
    engine: TableFiles, tables: tuple[Table, Table], pairs: Sequence[Pair], counts: tuple[int, int]
) -> Iterator[tuple[str, _Bars]]:
    if not pairs:
        return
    ends = [_ends(engine, table, pairs, now=bool(n)) for n, table in enumerate(tables)]
    steps: dict[str, tuple[float, float, int]] = {}
    for pair, *both in zip(pairs, *ends, strict=True):
        finite = [end for side in both for end in side if end is not None and math.isfinite(end)]
        if finite:
            steps[pair.name] = _step(min(finite), max(finite), whole="INT" in pair.type)
    asked = [pair for pair in pairs if pair.name in steps]
    if not asked:
        return
    sides = []
    for n, table in enumerate(tables):
        columns = ", ".join(
            f"histogram({_bin(_as_number(pair, now=bool(n)), *steps[pair.name])})" for pair in asked
        )
        sides.append(engine.rows(f"SELECT {columns} FROM {table.view}")[0])
    for pair, was, now in zip(asked, *sides, strict=True):
        low, width, bins = steps[pair.name]
        shares = [_shares(side, n) for side, n in zip((was, now), counts, strict=True)]
        bars = tuple(
            Bar(
                "",
                shares[0].get(n, 0.0),
                shares[1].get(n, 0.0),
                low + n * width,
                low + (n + 1) * width,
            )
            for n in range(bins)
        )
        yield pair.name, (bars, _moved(*shares))


def _as_number(pair: Pair, *, now: bool) -> str:
    column = pair.now if now else pair.was
    if is_number(pair.type):
        return f"CAST({column} AS DOUBLE)"
    if pair.type.startswith("TIME") and not pair.type.startswith("TIMESTAMP"):
        return f"CAST(epoch({column}) AS DOUBLE)"
    return f"CAST(epoch(CAST({column} AS TIMESTAMP)) AS DOUBLE)"


def _ends(
    engine: TableFiles, table: Table, pairs: Sequence[Pair], *, now: bool
) -> list[tuple[float | None, float | None]]:
    columns = []
    for pair in pairs:
        number = _as_number(pair, now=now)
        columns += [f"{end}({number}) FILTER (isfinite({number}))" for end in ("min", "max")]
    row = engine.rows(f"SELECT {', '.join(columns)} FROM {table.view}")[0]
    return list(zip(row[::2], row[1::2], strict=True))


def _step(low: float, high: float, *, whole: bool) -> tuple[float, float, int]:
    """Return where the bins begin, how wide each is and how many there are."""
    way = high / _BINS - low / _BINS
    if whole:
        width = math.ceil((high - low + 1) / _BINS)
        return low, float(width), max(math.ceil((high - low + 1) / width), 1)
    return (low, way, _BINS) if way > 0 and math.isfinite(way) else (low, 1.0, 1)


def _bin(number: str, low: float, width: float, bins: int) -> str:
    place = f"least(greatest(floor({number} / {width!r} - {low / width!r}), 0), {bins - 1})"
    # What is not finite stands at the end, by itself.
    return f"CASE WHEN isfinite({number}) THEN CAST({place} AS INTEGER) WHEN {number} IS NOT NULL THEN {bins} END"


def _shares(counted: Mapping[Any, int] | None, rows: int) -> dict[Any, float]:
    """Return the share of rows of each value; of those without one under ``None``."""
    found = {value: n / rows for value, n in (counted or {}).items()} if rows else {}
    return found | {None: max(1.0 - sum(found.values()), 0.0) if rows else 0.0}


def _moved(was: Mapping[Any, float], now: Mapping[Any, float]) -> float:
    both = {*was, *now}
    return round(sum(abs(was.get(one, 0.0) - now.get(one, 0.0)) for one in both) / 2, 6)


def _named(
    engine: TableFiles, tables: tuple[Table, Table], pairs: Sequence[Pair], counts: tuple[int, int]
) -> Iterator[tuple[str, _Bars]]:
    if not pairs:
        return
    sides = []
    for n, table in enumerate(tables):
        columns = ", ".join(
            f"histogram(left(CAST({pair.now if n else pair.was} AS VARCHAR), {_TEXT}))"
            for pair in pairs
        )
        sides.append(engine.rows(f"SELECT {columns} FROM {table.view}")[0])
    for pair, was, now in zip(pairs, *sides, strict=True):
        shares = [_shares(side, n) for side, n in zip((was, now), counts, strict=True)]
        moved = _moved(*shares)
        values = [one for one in {*shares[0], *shares[1]} if one is not None]
        values.sort(key=lambda one: (-shares[0].get(one, 0.0) - shares[1].get(one, 0.0), one))
        bars = tuple(
            Bar(str(one), shares[0].get(one, 0.0), shares[1].get(one, 0.0))
            for one in values[:_VALUES]
        )
        yield pair.name, (bars, moved)
