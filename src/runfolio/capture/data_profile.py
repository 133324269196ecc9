"""Schema, statistics and first rows of the tables in some files: DuckDB's ``SUMMARIZE``."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from runfolio.capture.table_files import MOST_FILES, Table, TableFiles, TableGroup, grouped
from runfolio.errors import UsageError
from runfolio.model.data_profile import ColumnProfile, DataProfile, Scalar, TableProfile

__all__ = ["is_number", "profile_of", "table_of", "table_profile"]

_TABLES: Final = 8
_COLUMNS: Final = 200
_ROWS: Final = 5
_PREVIEWED: Final = 50
_TEXT: Final = 80
_NUMBERS: Final = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
                   "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL")  # fmt: skip
# Of these SUMMARIZE would make texts as long as the values.
_BULKY: Final = ("BLOB", "BIT", "STRUCT", "MAP", "UNION", "JSON", "VARIANT", "GEOMETRY")
_EXACT: Final = 2**53


def profile_of(files: Mapping[str, Path], *, seconds: float = 20.0) -> DataProfile:
    """Return what is known of the tables among the files of a version.

    A table that cannot be read says so in its note; nothing is raised for what files hold.

    Parameters
    ----------
    files : mapping of str to Path
        Name inside the artifact → where its content lies.
    seconds : float
        What is not done by then is left out, and says so.
    """
    groups = grouped(files)
    if not groups:
        return DataProfile()
    found, groups, more = [], groups[:_TABLES], max(len(groups) - _TABLES, 0)
    read = [files[path] for group in groups for path in group.paths[:MOST_FILES]]
    with TableFiles(read, seconds=seconds) as engine:
        for group in groups:
            try:
                table = table_of(engine, group, files)
                found.append(table_profile(engine, group, table))
            except UsageError as error:
                found.append(
                    TableProfile(group.name, group.form, len(group.paths), note=str(error))
                )
    return DataProfile(tuple(found), more)


def table_of(engine: TableFiles, group: TableGroup, files: Mapping[str, Path]) -> Table:
    """Return a group of files as a table of an engine.

    Raises
    ------
    UsageError
        They are no table; says why.
    """
    ending = os.path.splitext(group.paths[0])[1].lower()  # noqa: PTH122
    return engine.table(group.form, [files[path] for path in group.paths], compressed=ending)


def table_profile(engine: TableFiles, group: TableGroup, table: Table) -> TableProfile:
    """Return schema, statistics and first rows of a table.

    Raises
    ------
    UsageError
        It cannot be read to its end, or not in time.
    """
    (rows,) = engine.rows(f"SELECT count(*) FROM {table.view}")[0]
    return TableProfile(
        group.name, group.form, len(group.paths), rows, _columns(engine, table),
        max(len(table.columns) - _COLUMNS, 0), _preview(engine, table), table.note,
    )  # fmt: skip


def is_number(kind: str) -> bool:
    """Return whether a type of DuckDB is one of numbers."""
    return kind.partition("(")[0] in _NUMBERS and not kind.endswith("]")


def _columns(engine: TableFiles, table: Table) -> tuple[ColumnProfile, ...]:
    named = table.columns[:_COLUMNS]
    plain = [f"c{n}" for n, (_, kind) in enumerate(named) if not _is_bulky(kind)]
    said: dict[str, Sequence[Any]] = {}
    if plain:
        statement = f"SUMMARIZE SELECT {', '.join(plain)} FROM {table.view}"
        said = {row[0]: row[1:] for row in engine.rows(statement)}
    return tuple(_column(name, kind, said.get(f"c{n}")) for n, (name, kind) in enumerate(named))


def _is_bulky(kind: str) -> bool:
    return kind.endswith("]") or kind.startswith(_BULKY)


def _column(name: str, kind: str, said: Sequence[Any] | None) -> ColumnProfile:
    if said is None:
        return ColumnProfile(name[:_TEXT], kind[:_TEXT])
    _, low, high, distinct, mean, std, q25, q50, q75, count, nulls = said
    counted = is_number(kind)
    empty = None if nulls is None else float(nulls) / 100
    return ColumnProfile(
        name[:_TEXT], kind[:_TEXT], empty, _distinct(distinct, count),
        _value(low, counted), _value(high, counted), _number(mean) if counted else None,
        _number(std) if counted else None, *(_value(value, counted) for value in (q25, q50, q75)),
    )  # fmt: skip


def _distinct(guess: int | None, count: int | None) -> int | None:
    """Return how many values there are, as DuckDB guesses it: that may be more than there are rows."""
    return min(guess, count) if guess is not None and count else None


def _value(text: Any, counted: bool) -> Scalar:
    """Return a value as a number where it is one that JSON has, else as a short text."""
    if text is None:
        return None
    if counted:
        number = _number(text)
        if number is not None and number == int(number) and abs(number) <= _EXACT:
            return int(number)
        return number if number is not None else str(text)[:_TEXT]
    return str(text)[:_TEXT]


def _number(text: Any) -> float | None:
    try:
        number = float(text)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _preview(engine: TableFiles, table: Table) -> tuple[tuple[str | None, ...], ...]:
    n = min(len(table.columns), _PREVIEWED)
    cells = ", ".join(f"left(CAST(c{place} AS VARCHAR), {_TEXT + 1})" for place in range(n))
    found = engine.rows(f"SELECT {cells} FROM {table.view} LIMIT {_ROWS}")
    return tuple(tuple(map(_cut, row)) for row in found)


def _cut(text: str | None) -> str | None:
    return text if text is None or len(text) <= _TEXT else f"{text[: _TEXT - 1]}…"
