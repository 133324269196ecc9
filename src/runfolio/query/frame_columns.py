"""The columns of a table of runs, of which only the cells are made that hold something.

Thousands of runs may have thousands of names, a few dozen each: to go through every name of every
run takes minutes, to go through what each run has a moment.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from runfolio.errors import UsageError, did_you_mean
from runfolio.model.run import RunRecord
from runfolio.query.fields import flat_settings, printable
from runfolio.query.matching import glob
from runfolio.query.summary import figure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Column", "IsWanted", "all_wanted", "columns_of", "names_of", "wanted_by"]

FIELDS: Final = ("id", "name", "project", "status", "tags", "notes", "group", "job_type",
                 "created_at", "ended_at", "duration_s", "exit_code", "host", "user", "notebook",
                 "parent", "rerun_of")  # fmt: skip
_MAPPINGS: Final = ("summary", "git", "seeds", "software", "counts", "cost")

IsWanted = Callable[[str], bool]
"""Takes the name of a column, returns whether somebody wants it."""


@dataclass(frozen=True, slots=True)
class Column:
    """The values that there are of one name, and whose they are.

    Attributes
    ----------
    rows : list of int
        The runs that have it, by their places.
    values : list
        What each of them has; ``None`` is a missing value all the same.
    n : int
        How many runs there are.
    """

    rows: list[int]
    values: list[Any]
    n: int

    @property
    def types(self) -> set[type]:
        """The types of the values that are there."""
        return set(map(type, self.values)) - {type(None)}

    @property
    def has_gaps(self) -> bool:
        """Whether some run has no value."""
        return len(self.rows) < self.n or any(value is None for value in self.values)

    def full(self) -> list[Any]:
        """Return one value a run, ``None`` where it has none."""
        if len(self.rows) == self.n:
            return self.values
        found: list[Any] = [None] * self.n
        for row, value in zip(self.rows, self.values, strict=True):
            found[row] = value
        return found

    def doubles(self) -> NDArray[np.float64]:
        """Return one number a run, NaN where it has none."""
        import numpy as np

        found = np.full(self.n, np.nan)
        found[self.rows] = np.array(self.values, np.float64)
        return found


def all_wanted(_: str) -> bool:
    """Return that a column is wanted, whatever it is called."""
    return True


def columns_of(records: Sequence[RunRecord], is_wanted: IsWanted = all_wanted) -> dict[str, Column]:
    """Return the columns of :func:`runfolio.query.frame.frame`; of those that nobody wants no cell is made."""
    table = _Columns(len(records), is_wanted)
    for name in FIELDS:
        table.whole(name, (_field(record, name) for record in records))
    table.spread("config", (flat_settings(record.config) for record in records))
    _add_figures(table, records)
    for mapping in _MAPPINGS:
        table.spread(mapping, (flat_settings(getattr(record, mapping)) for record in records))
    table.spread("data", (_hashes(record) for record in records))
    # One folder whose name is no text must not take the frame of all the others with it.
    paths = (str(record.path).encode("utf-8", "backslashreplace").decode() for record in records)
    table.whole("path", paths)
    return table.found


def names_of(records: Sequence[RunRecord]) -> list[str]:
    """Return what the columns are called, no cell of which is made."""
    names: dict[str, None] = {}
    columns_of(records, lambda name: names.setdefault(name) is not None)
    return list(names)


def wanted_by(patterns: Collection[str] | str, records: Sequence[RunRecord]) -> IsWanted:
    """Return whether a name fits one of some patterns, for the columns of some runs.

    Raises
    ------
    UsageError
        No column of the runs fits one of the patterns.
    """
    patterns = [patterns] if isinstance(patterns, str) else list(patterns)
    tests = {pattern: glob(pattern) for pattern in patterns}
    names = names_of(records) if records else []
    for pattern, test in tests.items():
        if names and not any(name == pattern or test(name) for name in names):
            near = did_you_mean(printable(pattern), map(printable, names))
            raise UsageError(f'There is no column "{printable(pattern)}".{near}')
    return lambda name: name in tests or any(test(name) for test in tests.values())


class _Columns:
    """Columns that come into being with their first value."""

    def __init__(self, n: int, is_wanted: IsWanted) -> None:
        self._n = n
        self.found: dict[str, Column] = {}
        self.is_wanted = functools.cache(is_wanted)

    def whole(self, name: str, values: Iterable[Any]) -> None:
        if self.is_wanted(name):
            self.found[name] = Column(list(range(self._n)), list(values), self._n)

    def spread(self, prefix: str, rows: Iterable[Mapping[str, Any]]) -> None:
        for place, row in enumerate(rows):
            for name, value in row.items():
                if self.is_wanted(full := f"{prefix}.{name}"):
                    self.add(full, place, value)

    def add(self, name: str, row: int, value: Any) -> None:
        column = self.found.get(name)
        if column is None:
            column = self.found[name] = Column([], [], self._n)
        column.rows.append(row)
        column.values.append(value)


def _field(record: RunRecord, name: str) -> Any:
    return record.status.value if name == "status" else getattr(record, name)


def _add_figures(table: _Columns, records: Sequence[RunRecord]) -> None:
    wanted: dict[str, list[tuple[str, str]]] = {}
    known = dict.fromkeys(key for record in records for key in record.metrics)
    for key in known:
        # As in a query, a metric that is itself called so comes before a figure of another.
        ends = [end for end in ("min", "max") if f"{key}.{end}" not in known]
        names = [(f"metrics.{key}", ""), *((f"metrics.{key}.{end}", end) for end in ends)]
        wanted[key] = [(name, end) for name, end in names if table.is_wanted(name)]
    for row, record in enumerate(records):
        for key in record.metrics:
            if not wanted[key]:
                continue
            if wanted[key][-1][1]:
                summary = record.metrics.get(key)
                for name, end in wanted[key]:
                    table.add(name, row, getattr(summary, end, None) if end else figure(summary))
            else:  # the one figure of a metric lies where it need not be put together
                table.add(wanted[key][0][0], row, record.figure_of(key))


def _hashes(record: RunRecord) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for place, item in enumerate(record.data, start=1):  # of two of one name the first, as queries
        found.setdefault(str(item.get("name") or item.get("uri") or place), item.get("hash"))
    return found
