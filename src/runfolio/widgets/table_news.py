"""What became of the runs of a table since they were read: which came, went, or are otherwise now."""

from __future__ import annotations

from dataclasses import dataclass

from runfolio.query.runs import Runs
from runfolio.widgets.table_rows import TableRows

__all__ = ["News", "news_of"]


@dataclass(frozen=True, slots=True)
class News:
    """What is new.

    Attributes
    ----------
    table : TableRows
        With the runs as they are by now, each where it stood; those that went are as they were.
    changed : tuple of str
        Ids of the runs that are otherwise.
    new, gone : int
        Runs that came, and that the query selects no more.
    """

    table: TableRows
    changed: tuple[str, ...]
    new: int
    gone: int


def news_of(table: TableRows, runs: Runs) -> News:
    """Return what is new in what the same query selects by now."""
    before = table.grid.records
    now = {record.id: record for record in runs.records}
    records = [now.get(record.id, record) for record in before]
    # A run that nobody touched is the same object; one that is still written is read each time.
    changed = tuple(
        new.id for old, new in zip(before, records, strict=True) if old is not new and old != new
    )
    known = {record.id for record in before}
    return News(
        table.renewed(records) if changed else table,
        changed,
        sum(run not in known for run in now),
        sum(run not in now for run in known),
    )
