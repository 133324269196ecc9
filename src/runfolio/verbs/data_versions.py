"""A version of a data set, and the difference of two: what ``artifacts`` shows of data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from html import escape
from typing import Any, Final

from rich.text import Text

from runfolio.logbook.escape import code, literal
from runfolio.model.artifact import ArtifactVersion
from runfolio.model.data_profile import TableProfile
from runfolio.query.data_version_diff import DataVersionDiff, data_version_diff
from runfolio.query.data_versions import DataVersion, data_version
from runfolio.store.artifacts import Artifacts
from runfolio.verbs.data_version_words import data_sections, percent, value_words
from runfolio.verbs.diff_html import sections_html
from runfolio.verbs.diff_markdown import sections_markdown
from runfolio.verbs.diff_sections import plural
from runfolio.verbs.diff_text import sections_text
from runfolio.verbs.figures import size
from runfolio.verbs.lookup import the_store
from runfolio.verbs.sheet import Cell, Column, Sheet, markdown, terminal_lines
from runfolio.verbs.sheet_html import isolated, sheet_html
from runfolio.verbs.terminal import one_line
from runfolio.verbs.view import STYLES, View, join_lines

__all__ = [
    "DataVersionDiffView",
    "DataVersionView",
    "data_faults",
    "data_notes",
    "data_sheets",
    "data_version_diff_view",
    "data_version_view",
]

_QUIET: Final = STYLES["secondary"]
_NAME: Final = 32
_VALUE: Final = 24
_FIRST: Final = 8


class DataVersionView(View):
    """A version: its tables with their columns, and the first rows.

    Attributes
    ----------
    found : DataVersion
    """

    def __init__(self, found: DataVersion) -> None:
        self.found = found

    def text(self, width: int | None = None) -> Text:
        """Return each table with a line a column, and its first rows."""
        lines = [_head(self.found.version)]
        lines += [Text(f"  {words}", STYLES["fault"]) for words in data_faults(self.found)]
        lines += [Text(f"  {words}", _QUIET) for words in data_notes(self.found)]
        for sheet in data_sheets(self.found):
            lines += [Text(), Text(sheet.title, "bold"), *terminal_lines(sheet, width)]
        return join_lines(lines)

    def to_markdown(self) -> str:
        """Return each table with a row a column, and its first rows."""
        parts = [
            f"### {code(_title(self.found.version))} {literal(_about(self.found.version), 200)}\n"
        ]
        parts += [f"*{literal(words, 200)}*\n" for words in self._said()]
        parts += [
            f"**{literal(sheet.title, 120)}**\n\n{markdown(sheet)}"
            for sheet in data_sheets(self.found)
        ]
        return "\n".join(parts)

    def to_html(self) -> str:
        """Return a frame a table, and one of its first rows."""
        found = self.found
        said = "".join(f"<p>{escape(one_line(words, 200))}</p>" for words in self._said())
        head = f"<p><b>{isolated(_title(found.version))}</b> {isolated(_about(found.version))}</p>"
        return (
            head + said + "".join(f"<div>{sheet_html(sheet)}</div>" for sheet in data_sheets(found))
        )

    def _said(self) -> list[str]:
        return [*data_faults(self.found), *data_notes(self.found)]

    def data(self) -> Any:
        """Return files, schema, statistics and first rows."""
        version = self.found.version
        return {
            "name": version.name,
            "version": version.number,
            "type": version.type,
            "digest": version.digest,
            "files": [asdict(entry) for entry in version.entries],
            "missing": dict(self.found.missing),
            "profile": self.found.profile.as_json(),
            "kept": self.found.kept,
        }


class DataVersionDiffView(View):
    """What differs between two versions: files, columns, rows, and how values are spread.

    Attributes
    ----------
    diff : DataVersionDiff
    """

    def __init__(self, diff: DataVersionDiff) -> None:
        self.diff = diff
        self._titles = [_title(version) for version in (diff.was, diff.now)]

    def text(self, width: int | None = None) -> Text:
        """Return a section for the files and one a table."""
        was, now = self._titles
        head = Text.assemble((was, "bold"), (" → ", _QUIET), (now, "bold"))
        return sections_text(head, self._remarks(), data_sections(self.diff), width)

    def to_markdown(self) -> str:
        """Return the same for a message."""
        heads = [code(title) for title in self._titles]
        return sections_markdown(heads, data_sections(self.diff), self._remarks())

    def to_html(self) -> str:
        """Return the same as tables."""
        heads = [isolated(title) for title in self._titles]
        return sections_html(heads, self._titles, data_sections(self.diff), self._remarks())

    def data(self) -> Any:
        """Return all that differs."""
        found = self.diff
        return {
            "was": _named(found.was),
            "now": _named(found.now),
            "files": asdict(found.files),
            "tables": [asdict(table) for table in found.tables],
            "same": list(found.same),
            "not_compared": list(found.not_compared),
        }

    def _remarks(self) -> list[str]:
        return [f"not compared: {why}" for why in self.diff.not_compared]


def data_version_view(wanted: str) -> DataVersionView:
    """Return a version with schema, statistics and first rows of its tables.

    Parameters
    ----------
    wanted : str
        ``digits`` (the newest), ``digits:v2``, ``digits:best``.

    Raises
    ------
    UsageError
        There is none.
    """
    return DataVersionView(data_version(the_store(), wanted))


def data_version_diff_view(was: str, now: str, *, key: Sequence[str] = ()) -> DataVersionDiffView:
    """Return what differs between two versions.

    Parameters
    ----------
    was, now : str
        ``digits:v1``; the second may be ``v2`` or ``best`` alone, of the same artifact.
    key : sequence of str
        Columns by which rows are told apart; by default one that does it in both versions.

    Raises
    ------
    UsageError
        There is no such version, or the key tells no rows apart.
    """
    store = the_store()
    whole = ":" in now or now in Artifacts(store.path).names()
    other = now if whole else f"{was.partition(':')[0]}:{now}"
    return DataVersionDiffView(data_version_diff(store, was, other, key=key))


def _title(version: ArtifactVersion) -> str:
    return one_line(f"{version.name}:v{version.number}", 60)


def _named(version: ArtifactVersion) -> dict[str, Any]:
    return {"name": version.name, "version": version.number, "digest": version.digest}


def _head(version: ArtifactVersion) -> Text:
    return Text.assemble((_title(version), "bold"), (f"  {_about(version)}", _QUIET))


def _about(version: ArtifactVersion) -> str:
    words = [
        one_line(version.type, _NAME),
        plural(len(version.entries), "file"),
        size(version.size),
    ]
    words += [f"made by {one_line(version.run_id, _NAME)}"] if version.run_id else []
    return " · ".join(filter(None, words))


def data_faults(found: DataVersion) -> list[str]:
    """Return which contents of a version should be there and are not."""
    away = _addresses(found)
    missing = [(path, why) for path, why in found.missing.items() if path not in away]
    words = [f"{one_line(path, 60)}: {why}" for path, why in missing[:_FIRST]]
    more = len(missing) - len(words)
    return words + ([f"and {more:,} more files"] if more > 0 else [])


def data_notes(found: DataVersion) -> list[str]:
    """Return what of a version is not told, and is no fault: pictures are no table."""
    words, n = [], len(_addresses(found))
    if n:
        words.append(
            f"{plural(n, 'file')} {'is an address' if n == 1 else 'are addresses'}, not fetched"
        )
    if not found.profile.tables:
        words.append("none of its files is read as a table, so no columns and rows are shown")
    if found.profile.more:
        words.append(f"and {found.profile.more:,} more tables")
    return words


def _addresses(found: DataVersion) -> set[str]:
    return {entry.path for entry in found.version.entries if not entry.blake3}


def data_sheets(found: DataVersion) -> list[Sheet]:
    """Return two sheets a table: its columns, and its first rows."""
    return [sheet for table in found.profile.tables for sheet in _sheets(table)]


def _sheets(table: TableProfile) -> list[Sheet]:
    title = one_line(table.name, 60)
    count = "" if table.rows is None else f"{table.rows:,} rows × "
    n = len(table.columns) + table.more_columns
    foot = f"{count}{plural(n, 'column')}"
    foot += f", {table.more_columns:,} of them not shown" if table.more_columns else ""
    foot += f" · {one_line(table.note, 160)}" if table.note else ""
    columns = table.columns
    described = Sheet(title, [
        Column("column", [Cell(one_line(c.name, _NAME)) for c in columns], least=8),
        Column("type", [Cell(one_line(c.type, _VALUE), "secondary") for c in columns], rank=2),
        Column("missing", [Cell(percent(c.nulls)) for c in columns], right=True, rank=3),
        Column("distinct", [Cell("" if c.distinct is None else f"{c.distinct:,}") for c in columns],
               right=True, rank=4),
        *(Column(name, [Cell(one_line(value_words(getattr(c, name)), _VALUE)) for c in columns],
                 right=True, rank=rank) for name, rank in
          (("min", 1), ("q25", 6), ("q50", 5), ("mean", 2), ("q75", 6), ("max", 1), ("std", 7))),
    ], foot)  # fmt: skip
    if not columns:
        described = Sheet(title, [Column("", [])], foot)
    if not table.preview:
        return [described]
    shown = columns[: len(table.preview[0])]
    preview = [
        Column(one_line(column.name, _VALUE), [
            Cell("–" if row[n] is None else one_line(row[n], _VALUE)) for row in table.preview
        ], rank=n)
        for n, column in enumerate(shown)
    ]  # fmt: skip
    first = f"the first {plural(len(table.preview), 'row')}"
    return [described, Sheet(title, preview, first)]
