"""Runs and their points as pandas frames."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from runfolio.model.run import RunRecord
from runfolio.model.series import Series
from runfolio.query.frame_columns import Column, IsWanted, all_wanted, columns_of
from runfolio.query.point_rows import PointRows

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["frame", "is_double", "long_history", "points_told", "whole_kind",
           "wide_columns", "wide_history"]  # fmt: skip

_TIMES: Final = ("created_at", "ended_at")
# Of more columns pandas does not join those of one type: that needs all their memory twice.
_MANY: Final = 2_000


def frame(records: Iterable[RunRecord], is_wanted: IsWanted = all_wanted) -> pd.DataFrame:
    """Return one row a run.

    Columns, in this order: ``id``, ``name``, ``project``, ``status``, ``tags`` (tuples),
    ``notes``, ``group``, ``job_type``, ``created_at`` and ``ended_at`` (UTC), ``duration_s``,
    ``exit_code``, ``host``, ``user``, ``notebook``, ``parent``, ``rerun_of``; ``config.*`` with
    dotted names; ``metrics.*`` (float64; the last value, or what the metric's rule says) and
    ``metrics.*.min``, ``metrics.*.max``; ``summary.*``, ``git.*``, ``seeds.*``, ``software.*``,
    ``counts.*``, ``cost.*``; ``data.*`` (the hash of each data set); ``path``.

    Where a run has no value the cell is missing (NaN, NaT, NA or None). No value is changed: whole
    numbers are ``Int64`` where some runs have none, and values of several types under one name
    stay what they are.

    Parameters
    ----------
    records : iterable of RunRecord
    is_wanted : callable
        Takes the name of a column; those for which it returns ``False`` are left out.
    """
    import pandas as pd

    records = list(records)
    columns = {name: _pandas(name, c) for name, c in columns_of(records, is_wanted).items()}
    return pd.DataFrame(columns, index=pd.RangeIndex(len(records)), copy=len(columns) <= _MANY)


def long_history(
    runs: Iterable[tuple[RunRecord, Mapping[str, Series]]], expected: int = 0
) -> pd.DataFrame:
    """Return one row a point: ``run_id``, ``name``, ``key``, ``step``, ``time``, ``value``.

    ``run_id``, ``name`` and ``key`` are categorical; ``step`` is int64, or float64 where any
    step is fractional; ``time`` is UTC in milliseconds; ``value`` is float64. Rows stand in
    order of run, key and step.

    Parameters
    ----------
    expected : int
        About how many points there are: memory for so many is set aside at once.
    """
    import numpy as np
    import pandas as pd

    ids: list[str] = []
    names: list[str] = []
    keys: dict[str, int] = {}
    codes: list[tuple[int, int, int]] = []
    rows = PointRows(expected)
    for record, found in runs:
        for series in found.values():
            codes.append((len(ids), keys.setdefault(series.key, len(keys)), len(series)))
            rows.add(series)
        ids.append(record.id)
        names.append(record.name)
    run, key, length = np.array(codes, np.int64).reshape(-1, 3).T
    labels = list(dict.fromkeys(names))
    place = {label: code for code, label in enumerate(labels)}
    name = np.array([place[name] for name in names], np.int64)[run]

    def category(code: NDArray[np.int64], texts: list[str]) -> pd.Categorical:
        point = np.repeat(code.astype(_code(len(texts))), length)
        return pd.Categorical.from_codes(point, categories=pd.Index(texts, dtype="str"))

    return pd.DataFrame(
        {
            "run_id": category(run, ids),
            "name": category(name, labels),
            "key": category(key, list(keys)),
            "step": rows.step,
            "time": pd.array(rows.time_ms, dtype=pd.DatetimeTZDtype("ms", "UTC"), copy=False),
            "value": rows.value,
        },
        copy=False,
    )


def points_told(records: Iterable[RunRecord], keys: Collection[str] | None = None) -> int:
    """Return how many points the manifests of some runs tell of; nobody vouches for them."""
    return sum(
        summary.n
        for record in records
        for key, summary in record.metrics.items()
        if keys is None or key in keys
    )


def _code(n: int) -> type[np.signedinteger[Any]]:
    """Return the smallest type that numbers `n` categories: there is one of these a point."""
    import numpy as np

    return np.int8 if n < 2**7 else np.int16 if n < 2**15 else np.int32


def wide_history(found: Mapping[str, Series], axis: Series | None = None) -> pd.DataFrame:
    """Return the metrics of one run as columns over ``step``; NaN where one has no value there.

    Parameters
    ----------
    axis : Series, optional
        A metric whose value, at each step or last before it, stands in the index instead of the
        step; rows before its first value are left out.

    Notes
    -----
    A NaN that was logged looks the same as a missing value here; :func:`long_history` tells
    them apart, and so does :func:`runfolio.query.arrow.arrow_history`.
    """
    import pandas as pd

    name, places, columns = wide_columns(found, axis)
    values = {key: value for key, (value, _) in columns.items()}
    return pd.DataFrame(values, index=pd.Index(places, name=name))


def wide_columns(
    found: Mapping[str, Series], axis: Series | None = None
) -> tuple[str, NDArray[Any], dict[str, tuple[NDArray[np.float64], NDArray[np.bool_] | None]]]:
    """Return the metrics of one run side by side: the name of the axis, its places, the columns.

    A column is its values, NaN where it has none, and where that is; ``None`` for nowhere.
    """
    import numpy as np

    steps = _all_steps([series.step for series in found.values()])
    order: Any = slice(None)
    name, places = "step", steps
    if axis is not None:
        from runfolio.query.axis import along

        at = along(axis, steps)
        order = np.flatnonzero(np.isfinite(at))
        order = order[np.argsort(at[order], kind="stable")]
        name, places = axis.key, at[order]
    columns: dict[str, tuple[NDArray[np.float64], NDArray[np.bool_] | None]] = {}
    for key, series in found.items():
        if len(series) == len(steps):
            columns[key] = series.value[order], None
            continue
        value, is_missing = np.full(len(steps), np.nan), np.ones(len(steps), np.bool_)
        rows = np.searchsorted(steps, series.step)
        value[rows], is_missing[rows] = series.value, False
        columns[key] = value[order], is_missing[order]
    return name, places, columns


def _all_steps(arrays: Sequence[Any]) -> Any:
    """Return every step of some sorted arrays once, in order."""
    import numpy as np

    distinct = [a for n, a in enumerate(arrays) if n == 0 or not np.array_equal(a, arrays[0])]
    if len(distinct) == 1:
        return distinct[0]
    # np.unique would put them through a hash table, which takes many times as long.
    steps = np.sort(_joined(distinct, np.int64))
    return steps[np.append(steps[1:] != steps[:-1], True)] if len(steps) else steps


def _joined(arrays: Sequence[Any], empty: Any) -> Any:
    import numpy as np

    return np.concatenate(arrays) if arrays else np.empty(0, empty)


def _times(moments: Sequence[Any]) -> Any:
    import pandas as pd

    # Naming the unit keeps years before 1678 and after 2262, which nanoseconds cannot hold.
    naive = [None if moment is None else moment.replace(tzinfo=None) for moment in moments]
    return pd.Series(naive, dtype="datetime64[ms]").dt.tz_localize("UTC")


def whole_kind(values: Iterable[Any]) -> str | None:
    """Return the type that holds whole numbers: ``int64``, ``uint64``; ``None`` where none does."""
    found = [value for value in values if value is not None]
    low, high = min(found, default=0), max(found, default=0)
    if low >= -(2**63) and high < 2**63:
        return "int64"
    return "uint64" if low >= 0 and high < 2**64 else None


def is_double(values: Iterable[Any]) -> bool:
    """Return whether a double holds each whole number among some numbers as it is."""
    return all(abs(value) <= 2**53 for value in values if type(value) is int)


def _pandas(name: str, column: Column) -> Any:
    """Return a column as pandas takes it, with no value changed."""
    if name in _TIMES:
        return _times(column.full())
    if name.startswith("metrics.") or column.types == {float}:
        return column.doubles()
    if column.types == {int} and column.has_gaps and (kind := whole_kind(column.values)):
        import pandas as pd

        whole = {"int64": "Int64", "uint64": "UInt64"}[kind]
        return pd.array(column.full(), dtype=whole)  # type: ignore[call-overload]
    if column.types == {int, float} and not is_double(column.values):
        import pandas as pd

        return pd.Series(column.full(), dtype=object)
    return column.full()
