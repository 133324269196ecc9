"""What the SQL engine says of a statement, in words that help with these tables."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Final

from runfolio.errors import did_you_mean
from runfolio.query.fields import printable

__all__ = ["engine_error", "in_words", "no_table"]

_NO_TABLE: Final = re.compile(r'Table with name "?(.+?)"? does not exist')
_NO_COLUMN: Final = re.compile(r'Referenced column "(.+?)" not found')
_LOOKED_THROUGH: Final = 5000


def engine_error(text: str) -> Exception:
    """Return the engine's error that came through Arrow, which keeps its text alone."""
    import duckdb

    if "INTERRUPT" in text.upper():
        return duckdb.InterruptException(text)
    if "Out of Memory" in text:
        return duckdb.OutOfMemoryException(text)
    return duckdb.Error(text)


def in_words(text: str, tables: Sequence[str], columns: Sequence[str]) -> str:
    """Return what is wrong with a statement, with the nearest name that there is.

    Parameters
    ----------
    columns : sequence of str
        Those of the tables that the statement names.
    """
    if (match := _NO_TABLE.search(text)) is not None:
        return no_table(match[1], tables)
    if (match := _NO_COLUMN.search(text)) is not None:
        name = printable(match[1])
        return f'There is no column "{name}".{_near(name, columns)}'
    message = "\n".join(printable(line, 300) for line in text.strip().splitlines())
    kind, _, rest = message.partition(": ")
    message = rest if kind.endswith("Error") else message
    if '"config"' in message or '"metrics"' in message:
        message += '\nNames with dots go into double quotation marks: "config.lr", "metrics.loss".'
    return message


def no_table(name: str, tables: Sequence[str]) -> str:
    """Return the sentence for a table that is not there, with the nearest one."""
    name = printable(name)
    near = did_you_mean(name.lower(), tables)
    return f'There is no table "{name}"; there are {", ".join(tables)}.{near}'


def _near(name: str, columns: Sequence[str]) -> str:
    """Return the columns that are this name behind a dot, ``config.lr`` for ``lr``, or the nearest."""
    known = [printable(column) for column in columns]
    behind = [column for column in known if column.endswith((f".{name}", f"/{name}"))]
    if not behind:
        short = {piece: column for column in known[:_LOOKED_THROUGH] for piece in _pieces(column)}
        behind = [short[piece] for piece in difflib.get_close_matches(name, short, n=1)]
    # DuckDB takes text in these marks for a name, dots and all.
    marked = " or ".join(f'"{column}"' for column in behind[:3])
    return f" Did you mean {marked}?" if marked else ""


def _pieces(column: str) -> list[str]:
    return [column, column.partition(".")[2] or column, re.split(r"[./]", column)[-1] or column]
