"""Settings in which runs differ, and where each value lies on an axis from 0 to 1."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from runfolio.model.run import RunRecord
from runfolio.query.fields import ABSENT
from runfolio.query.table import RunsTable, runs_table

__all__ = ["Scale", "Setting", "differing", "number_of", "one_setting", "scale_of"]

# So many values of settings are held against a metric, and of so many settings at least.
_CELLS: Final = 2_000_000
_LEAST: Final = 60

_LOG_SPAN: Final = 30.0
"""Positive settings that span more than this are chosen by factors: 1e-4, 1e-3, 1e-2."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting that is not the same in all runs.

    Attributes
    ----------
    key, title : str
        The flat name, and the short form of it that is unique here.
    values : tuple
        One per run; ``ABSENT`` where a run does not have it.
    """

    key: str
    title: str
    values: tuple[Any, ...]

    @property
    def is_number(self) -> bool:
        """Whether every value is a number; a flag is none."""
        return _all_numbers(self.values)


@dataclass(frozen=True, slots=True)
class Scale:
    """How values become places on an axis.

    Attributes
    ----------
    kind : str
        ``linear``, ``log``, or ``ordered`` for texts, flags and mixed types: equally far apart.
    low, high : float
        The ends of a scale of numbers.
    values : tuple
        The values of an ordered scale, first to last.
    places : tuple of float or None
        For each value it was made from, from 0 to 1; ``None`` where there is none, or it is not
        finite.
    """

    kind: str
    low: float
    high: float
    values: tuple[Any, ...]
    places: tuple[float | None, ...]

    def place(self, value: float) -> float:
        """Return where a number lies on a scale of numbers."""
        if self.low == self.high:
            return 0.5
        if self.kind == "log":
            low, high = math.log(self.low), math.log(self.high)
            return (math.log(value) - low) / (high - low)
        # Halved: the whole way from -1e308 to 1e308 is infinite.
        return (value / 2 - self.low / 2) / (self.high / 2 - self.low / 2)


def differing(records: Sequence[RunRecord]) -> tuple[list[Setting], tuple[str, ...]]:
    """Return the settings in which the runs differ, as the runs table finds and names them.

    Returns
    -------
    settings : list of Setting
    left_out : tuple of str
        Names of further ones, of which there are too many for so many runs: those that the fewest
        runs have.
    """
    most = max(_LEAST, _CELLS // max(1, len(records)))
    table = runs_table(records, settings=most, metrics=0, sparkline=_none)
    return _settings(table), table.hidden_settings


def one_setting(key: str, records: Sequence[RunRecord]) -> Setting:
    """Return a setting of some runs by its flat name."""
    return _settings(runs_table(records, [f"config.{key}"], sparkline=_none))[0]


def _settings(table: RunsTable) -> list[Setting]:
    return [
        Setting(column.key, column.title, tuple(row.cells[at] for row in table.rows))
        for at, column in enumerate(table.columns)
        if column.kind == "config"
    ]


def _none(_: RunRecord, __: str) -> Sequence[float]:
    return ()


def number_of(value: Any) -> float | None:
    """Return a setting as a number; ``None`` for a flag, text and what no float can hold."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def scale_of(values: Sequence[Any]) -> Scale:
    """Return the scale that serves these values: of numbers where all of them are numbers.

    Parameters
    ----------
    values : sequence
        ``ABSENT`` where there is none. ``None`` has a place among texts, and none among numbers.
    """
    if not _all_numbers(values):
        return _ordered(values)
    numbers = [n for value in values if (n := number_of(value)) is not None]
    finite = [n for n in numbers if math.isfinite(n)] or [0.0]
    low, high = min(finite), max(finite)
    kind = "log" if low > 0 and high / low > _LOG_SPAN else "linear"
    scale = Scale(kind, low, high, (), ())
    places = tuple(
        scale.place(n) if (n := number_of(value)) is not None and math.isfinite(n) else None
        for value in values
    )
    return Scale(kind, low, high, (), places)


def _all_numbers(values: Sequence[Any]) -> bool:
    given = [value for value in values if value is not None and value is not ABSENT]
    return bool(given) and all(number_of(value) is not None for value in given)


def _ordered(values: Sequence[Any]) -> Scale:
    ranks = {_rank(value): value for value in values if value is not ABSENT}
    order = sorted(ranks)
    apart = max(len(order) - 1, 1)
    at = {rank: place / apart if len(order) > 1 else 0.5 for place, rank in enumerate(order)}
    places = tuple(None if value is ABSENT else at[_rank(value)] for value in values)
    return Scale("ordered", 0.0, 1.0, tuple(ranks[rank] for rank in order), places)


def _rank(value: Any) -> tuple[int, float, str]:
    """Return what values of any types are ordered by: none, flags, numbers, all else by its text."""
    if value is None:
        return 0, 0.0, ""
    if isinstance(value, bool):
        return 1, float(value), ""
    number = number_of(value)
    if number is not None and not math.isnan(number):
        return 2, number, ""
    return 3 + (not isinstance(value, str)), 0.0, value if isinstance(value, str) else repr(value)
