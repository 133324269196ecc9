"""What differs between two tables: columns, types, and rows, one by one or by a key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from runfolio.capture.table_files import Table, TableFiles
from runfolio.errors import UsageError, did_you_mean
from runfolio.model.data_profile import TableProfile
from runfolio.query.fields import printable

__all__ = [
    "ColumnChange",
    "Pair",
    "RowChange",
    "RowsDiff",
    "column_changes",
    "pairs_of",
    "rows_diff",
]

_EXAMPLES: Final = 5
_CELLS: Final = 6
_TEXT: Final = 60
_COLUMNS: Final = 200
_TRIED: Final = 4
_KEY_NAMES: Final = re.compile(
    r"(?i)(.*[_ .-])?(id|uuid|guid|key|index|idx|nr|number|name|path|file|filename)"
)
_PLAIN: Final = re.compile(r"[A-Z][A-Z0-9_ ]*(\([0-9, ]+\))?(\[[0-9]*\])*")
# What a key may be made of; a measured number is none.
_KEY_TYPES: Final = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
                     "UINTEGER", "UBIGINT", "UHUGEINT", "VARCHAR", "UUID", "DATE", "TIMESTAMP")  # fmt: skip


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """A column that is not in both, or of another type.

    Attributes
    ----------
    was, now : str or None
        Its type; ``None`` where it is not there.
    """

    name: str
    was: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that is not the same.

    Attributes
    ----------
    kind : str
        ``added``, ``removed`` or ``changed``.
    key : tuple of (str, str)
        What it is known by, where there is a key.
    cells : tuple of (str, str or None, str or None)
        Some of its columns with what stood there and what stands there now.
    """

    kind: str
    key: tuple[tuple[str, str], ...]
    cells: tuple[tuple[str, str | None, str | None], ...]


@dataclass(frozen=True, slots=True)
class RowsDiff:
    """The rows of two tables.

    Attributes
    ----------
    was, now : int
        How many there are.
    only_was, only_now : int
        Rows that the other does not have as they are, each as often as it stands there.
    key : tuple of str
        The columns by which rows were compared; empty where none tells them apart.
    added, removed, changed : int or None
        By the key; ``None`` without one.
    changed_in : tuple of (str, int)
        Columns with the rows in which they changed, most first.
    compared : tuple of str
        The columns that both have.
    examples : tuple of RowChange
    note : str
        What of this could not be found out, and why.
    """

    was: int
    now: int
    only_was: int = 0
    only_now: int = 0
    key: tuple[str, ...] = ()
    added: int | None = None
    removed: int | None = None
    changed: int | None = None
    changed_in: tuple[tuple[str, int], ...] = ()
    compared: tuple[str, ...] = ()
    examples: tuple[RowChange, ...] = ()
    note: str = ""

    @property
    def same(self) -> bool:
        """Whether both have the same rows, in whatever order."""
        return not (self.only_was or self.only_now) and self.was == self.now


@dataclass(frozen=True, slots=True)
class Pair:
    """A column that both have.

    Attributes
    ----------
    was, now : str
        How it is called inside, such as ``c3``.
    type : str
        What both are read as to be compared.
    same_type : bool
    """

    name: str
    was: str
    now: str
    type: str
    same_type: bool


def column_changes(was: Table, now: Table) -> tuple[ColumnChange, ...]:
    """Return the columns that are not the same: those that are gone, that are new, of another type."""
    before, after = dict(was.columns), dict(now.columns)
    changed = [
        ColumnChange(name, before[name], after.get(name))
        for name in before
        if before[name] != after.get(name)
    ]
    return (
        *changed,
        *(ColumnChange(name, None, after[name]) for name in after if name not in before),
    )


def pairs_of(engine: TableFiles, was: Table, now: Table) -> list[Pair]:
    """Return the columns that both have, the first two hundred."""
    after = {name: (f"c{n}", kind) for n, (name, kind) in enumerate(now.columns)}
    found: list[Pair] = []
    for n, (name, kind) in enumerate(was.columns):
        if name in after and len(found) < _COLUMNS:
            inner, other = after[name]
            both = _compared_as(engine, kind, other)
            found.append(Pair(name, f"c{n}", inner, both, kind == other))
    return found


def _compared_as(engine: TableFiles, kind: str, other: str) -> str:
    """Return a type that holds the values of both; text where none does."""
    # A nested type names its fields, which a file called so: they become part of no statement.
    if not (_PLAIN.fullmatch(kind) and _PLAIN.fullmatch(other)):
        return "VARCHAR"
    if kind == other:
        return kind
    try:
        found = engine.rows(
            f"SELECT typeof(CASE WHEN true THEN CAST(NULL AS {kind}) ELSE CAST(NULL AS {other}) END)"
        )
    except UsageError:
        return "VARCHAR"
    return str(found[0][0])


def rows_diff(
    engine: TableFiles,
    was: Table,
    now: Table,
    pairs: Sequence[Pair],
    profiles: tuple[TableProfile, TableProfile],
    key: Sequence[str] = (),
) -> RowsDiff:
    """Return how the rows of two tables differ.

    Parameters
    ----------
    pairs : sequence of Pair
        The columns that are compared.
    profiles : tuple of TableProfile
        Of both.
    key : sequence of str
        Columns by which rows are told apart; by default one that does it in both.

    Raises
    ------
    UsageError
        There is no such column, or it tells rows apart in neither; or the tables are too large.
    """
    counts = profiles[0].rows or 0, profiles[1].rows or 0
    if not pairs:
        return RowsDiff(*counts, note="they have no column in common")
    keys = _given(pairs, key) if key else _found(engine, was, now, pairs, profiles)
    if key and not _is_key(engine, was, now, keys):
        raise UsageError(
            f"{', '.join(map(printable, key))} does not tell the rows apart: some have no value or the same "
            "one. Name a column, or several, whose values are there once."
        )
    compared = tuple(pair.name for pair in pairs)
    if not keys:
        only = _whole(engine, was, now, pairs)
        examples = tuple(_examples_without_key(engine, was, now, pairs))
        return RowsDiff(*counts, *only, compared=compared, examples=examples)
    _keep_different(engine, was, now, pairs, keys)
    added, removed, changed, columns = _counted(engine, pairs)
    return RowsDiff(
        *counts, removed + changed, added + changed, tuple(pair.name for pair in keys), added, removed,
        changed, columns, compared, _examples(engine, pairs, keys),
    )  # fmt: skip


def _given(pairs: Sequence[Pair], key: Sequence[str]) -> list[Pair]:
    by_name = {pair.name: pair for pair in pairs}
    for name in key:
        if name not in by_name:
            near = did_you_mean(printable(name), map(printable, by_name))
            raise UsageError(f"Both versions have no column {printable(name)!r}.{near}")
    return [by_name[name] for name in key]


def _found(
    engine: TableFiles,
    was: Table,
    now: Table,
    pairs: Sequence[Pair],
    profiles: tuple[TableProfile, TableProfile],
) -> list[Pair]:
    """Return the column that tells rows apart in both; of several one that is called like a key."""
    tried = 0
    first = pairs[0].name
    for pair in sorted(pairs, key=lambda one: not _KEY_NAMES.fullmatch(one.name)):
        is_named = _KEY_NAMES.fullmatch(pair.name) is not None or pair.name == first
        likely = all(_may_be_key(profile, pair.name) for profile in profiles)
        if tried < _TRIED and is_named and likely and pair.type.startswith(_KEY_TYPES):
            tried += 1
            if _is_key(engine, was, now, [pair]):
                return [pair]
    return []


def _may_be_key(profile: TableProfile, name: str) -> bool:
    """Return whether a column may hold each value once, by what is known of it: about."""
    column = next((one for one in profile.columns if one.name == name), None)
    if column is None or not profile.rows:
        return False
    return not column.nulls and (column.distinct or 0) > 0.8 * profile.rows


def _is_key(engine: TableFiles, was: Table, now: Table, keys: Sequence[Pair]) -> bool:
    for table, columns in ((was, [key.was for key in keys]), (now, [key.now for key in keys])):
        row = f"({', '.join(columns)})" if len(columns) > 1 else columns[0]
        there = " AND ".join(f"{column} IS NOT NULL" for column in columns)
        (fits,) = engine.rows(
            f"SELECT count(*) = count(DISTINCT {row}) AND count(*) = count(*) FILTER ({there}) "
            f"FROM {table.view}"
        )[0]
        if not fits:
            return False
    return True


def _side(table: Table, pairs: Sequence[Pair], *, now: bool) -> str:
    """Return a table under the names that both sides share: ``p0``, ``p1`` …, and its rows' hash."""
    columns = [f"CAST({pair.now if now else pair.was} AS {pair.type})" for pair in pairs]
    named = ", ".join(f"{column} AS p{n}" for n, column in enumerate(columns))
    return f"(SELECT {named}, hash({', '.join(columns)}) AS h FROM {table.view})"


def _whole(engine: TableFiles, was: Table, now: Table, pairs: Sequence[Pair]) -> tuple[int, int]:
    """Return how many rows only one has: as many as it has more of them than the other."""
    a, b = _side(was, pairs, now=False), _side(now, pairs, now=True)
    found = engine.rows(
        f"WITH a AS (SELECT h, count(*) n FROM {a} GROUP BY h), b AS (SELECT h, count(*) n FROM {b} GROUP BY h) "
        "SELECT sum(greatest(coalesce(a.n, 0) - coalesce(b.n, 0), 0)), "
        "sum(greatest(coalesce(b.n, 0) - coalesce(a.n, 0), 0)) FROM a FULL JOIN b USING (h)"
    )
    only_was, only_now = found[0]
    return int(only_was or 0), int(only_now or 0)


def _keep_different(
    engine: TableFiles, was: Table, now: Table, pairs: Sequence[Pair], keys: Sequence[Pair]
) -> None:
    """Let the engine keep the rows that are not the same by their key, both sides of each."""
    places = [n for n, pair in enumerate(pairs) if pair in keys]
    on = " AND ".join(f"a.p{n} = b.p{n}" for n in places)
    a, b = _side(was, pairs, now=False), _side(now, pairs, now=True)
    cells = ", ".join(f"{side}.p{n} AS {side}{n}" for side in "ab" for n in range(len(pairs)))
    engine.rows(
        f"CREATE OR REPLACE TEMP TABLE different AS SELECT a.h AS ah, b.h AS bh, {cells} "
        f"FROM {a} AS a FULL JOIN {b} AS b ON {on} WHERE a.h IS DISTINCT FROM b.h"
    )


def _counted(
    engine: TableFiles, pairs: Sequence[Pair]
) -> tuple[int, int, int, tuple[tuple[str, int], ...]]:
    """Return how many rows were added, removed and changed, and in which columns."""
    both = "ah IS NOT NULL AND bh IS NOT NULL"
    differ = ", ".join(
        f"count(*) FILTER (a{n} IS DISTINCT FROM b{n} AND {both})" for n in range(len(pairs))
    )
    found = engine.rows(
        "SELECT count(*) FILTER (ah IS NULL), count(*) FILTER (bh IS NULL), "
        f"count(*) FILTER ({both}), {differ} FROM different"
    )
    added, removed, changed, *columns = found[0]
    named = [(pair.name, n) for pair, n in zip(pairs, columns, strict=True) if n]
    return added, removed, changed, tuple(sorted(named, key=lambda one: -one[1]))


def _examples(
    engine: TableFiles, pairs: Sequence[Pair], keys: Sequence[Pair]
) -> tuple[RowChange, ...]:
    """Return a few rows of each kind, in the order of their key."""
    n = len(pairs)
    cells = ", ".join(
        f"left(CAST({side}{place} AS VARCHAR), {_TEXT + 1})" for side in "ab" for place in range(n)
    )
    order = ", ".join(f"coalesce(a{p}, b{p})" for p, pair in enumerate(pairs) if pair in keys)
    found: list[RowChange] = []
    for kind, where in (("changed", "ah IS NOT NULL AND bh IS NOT NULL"), ("added", "ah IS NULL"),
                        ("removed", "bh IS NULL")):  # fmt: skip
        rows = engine.rows(
            f"SELECT {cells} FROM different WHERE {where} ORDER BY {order} LIMIT {_EXAMPLES}"
        )
        found += [_change(kind, pairs, keys, row[:n], row[n:]) for row in rows]
    return tuple(found)


def _change(
    kind: str, pairs: Sequence[Pair], keys: Sequence[Pair], was: Sequence[Any], now: Sequence[Any]
) -> RowChange:
    there = was if kind == "removed" else now
    key = tuple(
        (pair.name, _cut(value) or "")
        for pair, value in zip(pairs, there, strict=True)
        if pair in keys
    )
    cells = [
        (pair.name, _cut(before), _cut(after))
        for pair, before, after in zip(pairs, was, now, strict=True)
        if before != after and pair not in keys
    ]
    return RowChange(kind, key, tuple(cells[:_CELLS]))


def _examples_without_key(
    engine: TableFiles, was: Table, now: Table, pairs: Sequence[Pair]
) -> Iterator[RowChange]:
    a, b = _side(was, pairs, now=False), _side(now, pairs, now=True)
    cells = ", ".join(
        f"left(CAST(p{n} AS VARCHAR), {_TEXT + 1})" for n in range(len(pairs))[:_CELLS]
    )
    for kind, here, there in (("added", b, a), ("removed", a, b)):
        rows = engine.rows(
            f"SELECT {cells} FROM {here} WHERE h NOT IN (SELECT h FROM {there}) LIMIT {_EXAMPLES}"
        )
        for row in rows:
            values = [(pair.name, _cut(value)) for pair, value in zip(pairs, row, strict=False)]
            yield RowChange(kind, (), tuple(
                (name, None, value) if kind == "added" else (name, value, None)
                for name, value in values
            ))  # fmt: skip


def _cut(text: str | None) -> str | None:
    return text if text is None or len(text) <= _TEXT else f"{text[: _TEXT - 1]}…"
