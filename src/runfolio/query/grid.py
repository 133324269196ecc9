"""The columns that a table of runs can have, and what stands in each of them.

Nothing is computed before it is asked for: of ten thousand runs with two hundred names only the
columns somebody looks at are made.
"""

from __future__ import annotations

import collections
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from runfolio.model.run import RunRecord
from runfolio.query.compare import same
from runfolio.query.config_columns import ConfigColumns
from runfolio.query.fields import ABSENT, FIELDS
from runfolio.query.summary import direction, told_alike
from runfolio.query.titles import ranked_metrics, titled
from runfolio.store.collector import collector_paused

__all__ = ["ALWAYS", "Grid", "GridColumn", "Traits"]

ALWAYS: Final = ("run", "status", "duration_s", "created_at", "tags")
"""Columns that every table can show, whatever its runs hold."""

_FIELDS: Final = (
    "project", "group", "sweep", "job_type", "branch", "sha", "dirty", "host", "user", "notebook",
    "parent", "rerun_of", "exit_code", "signal", "ended_at", "note", "fault", "notes",
)  # fmt: skip
_OF_GIT: Final = frozenset(("branch", "sha", "dirty"))
# Few runs have them, and to look for one that does takes as long as all else.
_UNREAD: Final = frozenset(("parent", "rerun_of"))
_TITLES: Final[Mapping[str, str]] = {
    "duration_s": "took", "created_at": "started", "ended_at": "ended", "job_type": "job type",
    "rerun_of": "rerun of", "exit_code": "exit code", "note": "why",
}  # fmt: skip
_TYPES: Final[Mapping[str, str]] = {
    "run": "run", "status": "status", "duration_s": "duration", "created_at": "time",
    "ended_at": "time", "tags": "tags", "exit_code": "number",
}  # fmt: skip

MAX_COLUMNS: Final = 20_000
"""More names than this are not offered: somebody's records have a key for every step."""

MAX_SHOWN: Final = 200
"""Settings, and metrics, that stand in a table of which nobody chose the columns."""

_MAX_NAME: Final = 500


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A column that can be had.

    Attributes
    ----------
    id : str
        ``run``, a field of every run, ``config.NAME`` or ``metrics.KEY``: as in the frame.
    title : str
        The short form of it that is still unique.
    kind : str
        ``field``, ``config`` or ``metric``.
    type : str
        ``run``, ``status``, ``time``, ``duration``, ``tags``, ``number`` (of a metric) or
        ``text`` (all else, numbers among the settings, too: these are shown as they were given).
    shown : bool
        Whether it stands in a table of which nobody chose the columns.
    equal : bool
        Whether all runs have it, and the same.
    """

    id: str
    title: str
    kind: str
    type: str
    unit: str = ""
    shown: bool = False
    equal: bool = False


@dataclass(frozen=True, slots=True)
class Traits:
    """What can be said of a whole column.

    Attributes
    ----------
    right : bool
        All its values are numbers.
    low, high : float or None
        The smallest and largest finite value of a metric.
    goal : str or None
        ``minimize``, ``maximize`` or not known.
    """

    right: bool
    low: float | None = None
    high: float | None = None
    goal: str | None = None


class Grid:
    """A table of some runs, whose columns are made when they are asked for.

    Parameters
    ----------
    records : sequence of RunRecord
        The rows, in the order they have where nobody sorts.
    main : str, optional
        Metric to put first, usually the one that the query sorts by.

    Attributes
    ----------
    columns : tuple of GridColumn
        All that can be had: settings, metrics, fields.
    ranked : tuple of str
        Metrics that are results, those first that tell most.
    left_out : int
        Columns that differ and are not shown, as there are more than `MAX_SHOWN`.
    """

    def __init__(self, records: Sequence[RunRecord], main: str | None = None) -> None:
        self.records = tuple(records)
        self._values: dict[str, list[Any]] = {}
        self._traits: dict[str, Traits] = {}
        with collector_paused():  # the settings of every run are read
            self._settings = ConfigColumns(self.records)
            self.ranked = tuple(ranked_metrics(self.records, main))
            self.columns = self._columns()
        self._ids = {column.id: column for column in self.columns}

    @property
    def main(self) -> str | None:
        """The metric that tells most."""
        return self.ranked[0] if self.ranked else None

    def __len__(self) -> int:
        return len(self.records)

    def column(self, name: str) -> GridColumn | None:
        """Return the column of this id, or ``None`` where there is none."""
        return self._ids.get(name)

    def values(self, name: str) -> list[Any]:
        """Return a column's values, one a run; ``ABSENT`` where a run has none."""
        found = self._values.get(name)
        if found is None:
            found = self._values[name] = self._made(name)
        return found

    def prepare(self, names: Iterable[str]) -> None:
        """Make the metrics among some columns together: the figures of a run are read once."""
        wanted = [name for name in names if name in self._ids and name not in self._values]
        keys = [name.partition(".")[2] for name in wanted if self._ids[name].kind == "metric"]
        if len(keys) < 2:
            return
        rows = [[_figure(record, key) for key in keys] for record in self.records]
        for key, values in zip(keys, zip(*rows, strict=True), strict=True):
            self._values[f"metrics.{key}"] = list(values)

    def commonest(self, keys: Sequence[str], most: int | None) -> tuple[list[str], list[str]]:
        """Return the settings that most runs have, at most so many, and those left over."""
        if most is None or len(keys) <= most:
            return list(keys), []
        n_runs = self._settings.n_runs
        kept = set(sorted(keys, key=lambda key: -n_runs[key])[:most])
        return [key for key in keys if key in kept], [key for key in keys if key not in kept]

    def head(self, name: str, rows: int | None) -> list[Any]:
        """Return the values of a column's first rows, all of them without a number."""
        if rows is None or name in self._values:
            return self.values(name)[:rows]
        return list(map(self._getter(name), range(min(rows, len(self.records)))))

    def traits(self, name: str) -> Traits:
        """Return what can be said of a whole column."""
        found = self._traits.get(name)
        if found is None:
            found = self._traits[name] = self._found(name)
        return found

    def _columns(self) -> tuple[GridColumn, ...]:
        settings = [name for name in self._settings.names if len(name) <= _MAX_NAME][:MAX_COLUMNS]
        metrics = _names([record.metrics for record in self.records])
        rank = {key: place for place, key in enumerate(self.ranked)}
        metrics.sort(key=lambda key: rank.get(key, len(rank)))
        named = titled(
            [(name, "config") for name in settings] + [(key, "metric") for key in metrics],
            self.records,
        )
        equal = self._equal(settings, metrics)
        shown, self.left_out = self._shown(settings, metrics, equal)
        found = [GridColumn("run", "run", "field", "run", shown=True)]
        for column in named:
            prefix = "config." if column.kind == "config" else "metrics."
            name = prefix + column.key
            kind = "text" if column.kind == "config" else "number"
            found.append(GridColumn(name, column.title, column.kind, kind, column.unit,
                                    name in shown, name in equal))  # fmt: skip
        return (*found, *self._fields())

    def _shown(
        self, settings: Sequence[str], metrics: Sequence[str], equal: Collection[str]
    ) -> tuple[set[str], int]:
        """Return the columns that are shown where nobody chose, and how many were too many."""
        some = [key for key in settings if f"config.{key}" not in equal]
        results = set(self.ranked)
        told = [key for key in metrics if key in results and f"metrics.{key}" not in equal]
        kept, rare = self.commonest(some, MAX_SHOWN)
        left = len(rare) + max(0, len(told) - MAX_SHOWN)
        if len(told) > MAX_SHOWN:
            often = collections.Counter[str]()
            for record, n in told_alike(self.records):
                for key in record.metrics:
                    often[key] += n
            told = sorted(told, key=lambda key: -often[key])[:MAX_SHOWN]
        return {f"config.{key}" for key in kept} | {f"metrics.{key}" for key in told}, left

    def _fields(self) -> list[GridColumn]:
        shown = {"duration_s", "created_at"}
        had = [name for name in _FIELDS if name in _UNREAD or self._has(name)]
        shown |= {"tags", "note", "fault"} & {*had, *(["tags"] if self._has("tags") else [])}
        return [
            GridColumn(name, _TITLES.get(name, name), "field", _TYPES.get(name, "text"),
                       shown=name in shown)
            for name in ("duration_s", "created_at", "tags", "status", *had)
        ]  # fmt: skip

    def _has(self, name: str) -> bool:
        get, key = FIELDS[name].get, name.encode()
        for record in self.records:
            written = record.written("git") if name in _OF_GIT else None
            if (written is None or key in written) and get(record) is not ABSENT:
                return True
        return False

    def _equal(self, settings: Sequence[str], metrics: Sequence[str]) -> set[str]:
        """Return the columns in which two runs or more have all the same."""
        n = len(self.records)
        if n < 2:
            return set()
        # A look at a few rows rules out most of those that differ.
        samples = (0, n // 5, n // 3, n // 2, n - 1)
        some = [name for name in settings if self._may_be_equal(f"config.{name}", samples)]
        found = {f"config.{name}" for name in self._settings.equal(some)}
        for name in (f"metrics.{key}" for key in metrics):
            if self._may_be_equal(name, samples) and self._may_be_equal(name, range(n)):
                found.add(name)
        return found

    def _may_be_equal(self, name: str, places: Iterable[int]) -> bool:
        get = self._getter(name)
        first = get(0)
        return first is not ABSENT and all(same(first, get(place)) for place in places)

    def _getter(self, name: str) -> Callable[[int], Any]:
        prefix, dot, rest = name.partition(".")
        if prefix == "config" and dot:
            settings = self._settings
            return lambda place: settings.value(rest, place)
        records = self.records
        if prefix == "metrics" and dot:
            return lambda place: _figure(records[place], rest)
        get = FIELDS["name" if name == "run" else name].get
        return lambda place: get(records[place])

    def _made(self, name: str) -> list[Any]:
        prefix, dot, rest = name.partition(".")
        if prefix == "config" and dot:
            return self._settings.column(rest)
        return list(map(self._getter(name), range(len(self.records))))

    def _found(self, name: str) -> Traits:
        column = self._ids.get(name)
        values = [value for value in self.values(name) if value is not ABSENT and value is not None]
        if column is None or column.kind != "metric":
            typed = column is not None and column.type in ("duration", "number")
            right = bool(values) and all(map(_is_number, values))
            return Traits(typed or right)
        finite = [value for value in values if math.isfinite(value)]
        goal = direction(name.partition(".")[2], self.records)
        return Traits(bool(values), min(finite, default=None), max(finite, default=None), goal)


def _figure(record: RunRecord, key: str) -> Any:
    value = record.figure_of(key)
    return ABSENT if value is None else value


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _names(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return every name once; runs of one program have the same names, which are looked at once."""
    alike = dict.fromkeys(tuple(row) for row in rows)
    found = dict.fromkeys(name for names in alike for name in names)
    return [name for name in found if len(name) <= _MAX_NAME][:MAX_COLUMNS]
