"""The difference of two versions of a data set in sections: files, and each table."""

from __future__ import annotations

from typing import Final

from runfolio.charts.figures import figure
from runfolio.model.artifact import ArtifactVersion
from runfolio.model.data_profile import ColumnProfile, Scalar
from runfolio.query.data_version_diff import DataVersionDiff, TableDiff
from runfolio.query.distributions import Distribution
from runfolio.query.table_diff import RowChange, RowsDiff
from runfolio.verbs.diff_sections import (
    MAX_LINES,
    Line,
    Section,
    cut_lines,
    names_of,
    plural,
)
from runfolio.verbs.figures import size

__all__ = ["data_sections", "percent", "value_words"]

_NAMES: Final = 8
_HASH: Final = 6
_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_NOTHING: Final = "·"
_ABOUT: Final = 0.05
"""Distinct values are counted about: a smaller difference says nothing."""

_LITTLE: Final = 0.0005
"""Less is told as nothing: a thousandth of the rows, rounded."""


def data_sections(diff: DataVersionDiff) -> list[Section]:
    """Return what differs, the files first."""
    sections = [_files(diff)]
    sections += [_table(table) for table in diff.tables]
    if diff.same:
        sections.append(Section("the same", names_of(diff.same, _NAMES)))
    return sections


def percent(share: float | None) -> str:
    """Return a share as ``33 %``, ``0.1 %``, ``0 %``."""
    if share is None:
        return ""
    part = 100 * share
    digits = 0 if part >= 10 or part == 0 else 1
    return f"{part:.{digits}f}\u2009%" if part == 0 or part >= 0.05 else "<0.1\u2009%"


def value_words(value: Scalar) -> str:
    """Return a value of a column: numbers with three digits, texts as they are."""
    if value is None:
        return ""
    return value if isinstance(value, str) else figure(value)


def _files(diff: DataVersionDiff) -> Section:
    files = diff.files
    kinds = (("changed", files.changed), ("added", files.added), ("removed", files.removed))
    words = [f"{len(paths):,} {kind}" for kind, paths in kinds if paths]
    words += [f"{files.same:,} the same"] if files.same else []
    words += [f"{size(files.was)} → {size(files.now)}"]
    was, now = _sizes(diff.was), _sizes(diff.now)
    lines = [
        Line(path, was.get(path, ""), now.get(path, ""), kind)
        for kind, paths in kinds for path in paths
    ]  # fmt: skip
    more = max(len(lines) - MAX_LINES, 0)
    return Section("files", ", ".join(words), tuple(lines[:MAX_LINES]), more=more)


def _sizes(version: ArtifactVersion) -> dict[str, str]:
    return {
        entry.path: "an address" if entry.uri else f"{size(entry.size or 0)} {entry.blake3[:_HASH]}"
        for entry in version.entries
    }


def _table(table: TableDiff) -> Section:
    called = table.name if table.name == table.was_name else f"{table.was_name} → {table.name}"
    words, parts = [called], []
    if table.columns:
        parts.append(
            cut_lines("columns", [Line(c.name, c.was or "", c.now or "") for c in table.columns])
        )
        words.append(f"{plural(len(table.columns), 'column')} not the same")
    if table.rows is not None:
        words.append(_rows_words(table.rows))
        lines = [_example(example) for example in table.rows.examples]
        if lines:
            parts.append(cut_lines("rows", lines, _by(table.rows), _where(table.rows)))
    moved = [one for one in table.distributions if _is_moved(one)]
    if moved:
        alike = len(table.distributions) - len(moved)
        note = f"{plural(alike, 'column')} spread alike" if alike else ""
        parts.append(cut_lines("values", [_column(one) for one in moved], note))
    notes = (*table.notes, *([table.rows.note] if table.rows and table.rows.note else []))
    return Section("table", " · ".join(filter(None, words)), (), tuple(parts), notes=notes)


def _by(rows: RowsDiff) -> str:
    if rows.key:
        return f"told apart by {names_of(rows.key, _NAMES)}"
    return "no column tells them apart, so a row that changed is one removed and one added"


def _rows_words(rows: RowsDiff) -> str:
    counts = (
        f"{rows.was:,} → {rows.now:,} rows" if rows.was != rows.now else plural(rows.now, "row")
    )
    if rows.same:
        return f"{counts}, all the same"
    if rows.changed is None:
        if rows.note:
            return counts
        return f"{counts}, {rows.only_was:,} only before, {rows.only_now:,} only now"
    kinds = (("changed", rows.changed), ("added", rows.added), ("removed", rows.removed))
    return ", ".join([counts, *(f"{n:,} {kind}" for kind, n in kinds if n)])


def _where(rows: RowsDiff) -> str:
    """Return in which columns rows changed, most first."""
    columns = [f"{name} ({plural(n, 'row')})" for name, n in rows.changed_in]
    return f"changed in {names_of(columns, _NAMES)}" if columns else ""


def _example(row: RowChange) -> Line:
    name = ", ".join(f"{column} {value}" for column, value in row.key) or "a row"
    was, now = (
        " · ".join(f"{cell[0]} {'–' if cell[at] is None else cell[at]}" for cell in row.cells)
        for at in (1, 2)
    )
    return Line(
        name, "" if row.kind == "added" else was, "" if row.kind == "removed" else now, row.kind
    )


def _is_moved(one: Distribution) -> bool:
    return one.moved is not None and one.moved >= _LITTLE


def _column(one: Distribution) -> Line:
    # Both on one scale from nothing: beside each other they are compared.
    top = max((max(bar.was, bar.now) for bar in one.bars), default=0.0)
    was = "".join(_block(bar.was, top) for bar in one.bars)
    now = "".join(_block(bar.now, top) for bar in one.bars)
    return Line(one.name, was, now, f"{percent(one.moved)} moved", about=_about(one))


def _block(share: float, top: float) -> str:
    if share <= 0:
        return _NOTHING
    return _BLOCKS[min(int(share / top * len(_BLOCKS)), len(_BLOCKS) - 1)]


def _about(one: Distribution) -> str:
    said = [_change(name, getattr(one.was, name), getattr(one.now, name))
            for name in ("min", "mean", "max")]  # fmt: skip
    before, after = one.was.distinct or 0, one.now.distinct or 0
    if abs(before - after) > _ABOUT * max(before, after):
        said.append(_change("distinct", before, after))
    said.insert(0, _missing(one.was, one.now))
    if one.bars and one.bars[0].label:
        said.append(
            ", ".join(
                f"{bar.label} {percent(bar.was)} → {percent(bar.now)}"
                for bar in sorted(one.bars, key=lambda bar: -abs(bar.was - bar.now))[:3]
                if bar.was != bar.now
            )
        )
    return " · ".join(filter(None, said))


def _missing(was: ColumnProfile, now: ColumnProfile) -> str:
    if not (was.nulls or now.nulls):
        return ""
    return f"missing {percent(was.nulls)} → {percent(now.nulls)}"


def _change(name: str, was: Scalar, now: Scalar) -> str:
    before, after = value_words(was), value_words(now)
    return f"{name} {before or '–'} → {after or '–'}" if before != after else ""
