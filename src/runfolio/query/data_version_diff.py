"""What differs between two versions of a data set: files, columns, rows, distributions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from runfolio.capture.data_profile import table_of, table_profile
from runfolio.capture.table_files import MOST_FILES, TableFiles, TableGroup, grouped
from runfolio.errors import UsageError
from runfolio.model.artifact import ArtifactVersion
from runfolio.query.data_versions import Contents, contents_of
from runfolio.query.distributions import Distribution, distributions
from runfolio.query.table_diff import (
    ColumnChange,
    RowChange,
    RowsDiff,
    column_changes,
    pairs_of,
    rows_diff,
)
from runfolio.record.redaction import redactor
from runfolio.store.artifacts import Artifacts
from runfolio.store.store import Store

__all__ = ["DataVersionDiff", "FilesDiff", "TableDiff", "data_version_diff"]

_TABLES: Final = 20
_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True)
class FilesDiff:
    """The files of two versions, by their names and contents.

    Attributes
    ----------
    added, removed, changed : tuple of str
    same : int
        How many are the same.
    was, now : int
        Bytes.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    same: int = 0
    was: int = 0
    now: int = 0


@dataclass(frozen=True, slots=True)
class TableDiff:
    """A table that both versions have.

    Attributes
    ----------
    name, was_name : str
        What it is called now, and what it was called.
    columns : tuple of ColumnChange
    rows : RowsDiff or None
        ``None`` where they were not compared.
    distributions : tuple of Distribution
        The columns that both have, those that moved most first.
    notes : tuple of str
        How a table had to be read; what is not compared, and why.
    """

    name: str
    was_name: str
    columns: tuple[ColumnChange, ...] = ()
    rows: RowsDiff | None = None
    distributions: tuple[Distribution, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DataVersionDiff:
    """Two versions.

    Attributes
    ----------
    was, now : ArtifactVersion
    tables : tuple of TableDiff
        Those that are not the same, file by file.
    same : tuple of str
        Tables whose files are the same.
    not_compared : tuple of str
        What could not be, and why.
    """

    was: ArtifactVersion
    now: ArtifactVersion
    files: FilesDiff
    tables: tuple[TableDiff, ...] = ()
    same: tuple[str, ...] = ()
    not_compared: tuple[str, ...] = field(default=())


def data_version_diff(
    store: Store,
    was: str,
    now: str,
    *,
    key: Sequence[str] = (),
    seconds: float = _SECONDS,
) -> DataVersionDiff:
    """Return what differs between two versions.

    Parameters
    ----------
    was, now : str
        ``digits:v1``, ``digits:best``; also of two artifacts.
    key : sequence of str
        Columns by which rows are told apart; by default one that does it in both.
    seconds : float
        What is not found out by then is named in `not_compared`.

    Raises
    ------
    ArtifactNotFound
        There is no such version, or its content was dropped.
    UsageError
        No table has the columns of the key.
    CorruptRecord
        A version was edited by hand.
    OSError
        It cannot be read.
    """
    known = Artifacts(store.path)
    versions = known.resolve(was), known.resolve(now)
    contents = contents_of(store, versions[0]), contents_of(store, versions[1])
    files = _files(*versions)
    why = [
        f"{path} of {version.name}:v{version.number}: {fault}"
        for version, one in zip(versions, contents, strict=True)
        for path, fault in one.missing.items()
        if _hash(versions[0], path) != _hash(versions[1], path)
    ]
    groups = [grouped(one.files) for one in contents]
    tables: list[TableDiff] = []
    same: list[str] = []
    paired = list(_paired(*groups))
    for before, after in paired[:_TABLES]:
        if _contents(versions[0], before) == _contents(versions[1], after):
            same.append(after.name)
        else:
            tables.append(_cleaned(_table(before, after, contents, key, seconds)))
    if len(paired) > _TABLES:
        why.append(f"{len(paired) - _TABLES:,} more tables")
    if key and tables and all(table.rows is None for table in tables):
        raise UsageError(
            next((note for table in tables for note in table.notes), "no table has it")
        )
    return DataVersionDiff(*versions, files, tuple(tables), tuple(same), tuple(why))


def _hash(version: ArtifactVersion, path: str) -> str:
    return next((entry.blake3 or entry.etag for entry in version.entries if entry.path == path), "")


def _files(was: ArtifactVersion, now: ArtifactVersion) -> FilesDiff:
    before, after = (
        {entry.path: (entry.blake3, entry.uri, entry.etag) for entry in version.entries}
        for version in (was, now)
    )
    changed = tuple(path for path in before if path in after and before[path] != after[path])
    return FilesDiff(
        tuple(path for path in after if path not in before),
        tuple(path for path in before if path not in after),
        changed, sum(path in after for path in before) - len(changed), was.size, now.size,
    )  # fmt: skip


def _contents(version: ArtifactVersion, group: TableGroup) -> list[str]:
    hashes = {entry.path: entry.blake3 for entry in version.entries}
    return [hashes[path] for path in group.paths]


def _paired(
    was: Sequence[TableGroup], now: Sequence[TableGroup]
) -> Iterator[tuple[TableGroup, TableGroup]]:
    """Yield the tables of both: by their names, then those whose names differ in numbers or ending.

    Of one table each they are a pair, whatever they are called.
    """
    left, right = list(was), list(now)
    for called in (_whole_name, _without_numbers, _without_ending):
        by_name = {called(group): group for group in right}
        for before in list(left):
            after = by_name.pop(called(before), None)
            if after is not None:
                left.remove(before)
                right.remove(after)
                yield before, after
    if len(left) == len(right) == 1:
        yield left[0], right[0]


def _whole_name(group: TableGroup) -> str:
    return group.name


def _without_numbers(group: TableGroup) -> str:
    return re.sub(r"[0-9*]+", "*", group.name)


def _without_ending(group: TableGroup) -> str:
    folder, _, name = _without_numbers(group).rpartition("/")
    return f"{folder}/{name.partition('.')[0]}"


def _table(
    before: TableGroup,
    after: TableGroup,
    contents: tuple[Contents, Contents],
    key: Sequence[str],
    seconds: float,
) -> TableDiff:
    found = TableDiff(after.name, before.name)
    paths = [one.files[path] for one, group in zip(contents, (before, after), strict=True)
             for path in group.paths[:MOST_FILES]]  # fmt: skip
    with TableFiles(paths, seconds=seconds) as engine:
        try:
            was = table_of(engine, before, contents[0].files)
            now = table_of(engine, after, contents[1].files)
            pairs = pairs_of(engine, was, now)
            notes = [f"{name}: {table.note}" for name, table in
                     ((before.name, was), (after.name, now)) if table.note]  # fmt: skip
            found = replace(found, columns=column_changes(was, now), notes=tuple(notes))
            profiles = table_profile(engine, before, was), table_profile(engine, after, now)
            found = replace(found, rows=rows_diff(engine, was, now, pairs, profiles, key))
            moved = distributions(engine, was, now, pairs, profiles)
            return replace(found, distributions=moved)
        except UsageError as error:
            return replace(found, notes=(*found.notes, str(error)))


def _clean(text: str | None, column: str = "") -> Any:
    return None if text is None else redactor().redact_text(text, name=column)[0]


def _cleaned(table: TableDiff) -> TableDiff:
    """Return it without the secrets of rows and names: it is shown, and saved in notebooks."""
    rows = table.rows
    if rows is not None:
        rows = replace(
            rows, key=tuple(map(_clean, rows.key)), compared=tuple(map(_clean, rows.compared)),
            changed_in=tuple((_clean(name), n) for name, n in rows.changed_in),
            examples=tuple(_cleaned_row(one) for one in rows.examples),
        )  # fmt: skip
    return replace(
        table, rows=rows, notes=tuple(map(_clean, table.notes)),
        columns=tuple(replace(one, name=_clean(one.name)) for one in table.columns),
        distributions=tuple(_cleaned_column(one) for one in table.distributions),
    )  # fmt: skip


def _cleaned_row(row: RowChange) -> RowChange:
    return replace(
        row, key=tuple((_clean(name), _clean(value, name)) for name, value in row.key),
        cells=tuple((_clean(name), _clean(was, name), _clean(now, name)) for name, was, now in row.cells),
    )  # fmt: skip


def _cleaned_column(one: Distribution) -> Distribution:
    was, now = (column.cleaned(_clean) for column in (one.was, one.now))
    bars = tuple(replace(bar, label=_clean(bar.label, one.name)) for bar in one.bars)
    return replace(one, name=_clean(one.name), was=was, now=now, bars=bars)
