"""Runs as an Arrow table whose columns have exact types, and what frames are made of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from runfolio._optional import require
from runfolio.errors import UsageError, did_you_mean
from runfolio.model.run import RunRecord
from runfolio.model.series import Series
from runfolio.query.frame import is_double, whole_kind, wide_columns
from runfolio.query.frame_columns import Column, IsWanted, all_wanted, columns_of

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["KINDS", "arrow_frame", "arrow_history", "as_arrow", "as_kind", "check_kind"]

KINDS: Final = ("pandas", "polars", "arrow")
"""What an answer can be had as."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def check_kind(kind: str) -> None:
    """Make sure that a frame can be had in this form.

    Raises
    ------
    UsageError
        It is none of `KINDS`.
    MissingDependency
        polars is not installed.
    """
    if kind not in KINDS:
        raise UsageError(f"{kind!r} is no kind of frame; expected one of {', '.join(KINDS)}."
                         f"{did_you_mean(str(kind), KINDS)}")  # fmt: skip
    if kind == "polars":
        require("polars", feature="A polars frame", install="polars")


def as_kind(table: pa.Table, kind: str) -> Any:
    """Return an Arrow table as what was asked for."""
    check_kind(kind)
    if kind == "pandas":
        return _as_pandas(table)
    if kind == "polars":
        return require("polars", feature="A polars frame", install="polars").from_arrow(table)
    return table


def _as_pandas(table: pa.Table) -> pd.DataFrame:
    """Return a table as pandas, with no whole number made a double beside a missing one."""
    frame: pd.DataFrame = table.to_pandas()
    for place, column in enumerate(table.columns):
        exact = _exact(column)
        if exact is not None:
            frame.isetitem(place, exact)
    return frame


def _exact(column: pa.ChunkedArray) -> Any:
    """Return a column that pandas would change, as it should be; ``None`` for any other."""
    import pandas as pd
    import pyarrow as pa

    kind = column.type
    if pa.types.is_decimal(kind):  # DuckDB's sums of whole numbers, and its 0.5
        try:
            plain = column.cast(pa.float64() if kind.scale else pa.int64())
        except pa.ArrowInvalid:  # more than 64 bits: stays a decimal
            return None
        return _exact(plain) if plain.null_count else plain.to_pandas()
    if pa.types.is_integer(kind) and column.null_count:
        name = str(kind).replace("int", "Int").replace("uI", "UI")
        return column.to_pandas(types_mapper={kind: pd.api.types.pandas_dtype(name)}.get)
    if pa.types.is_nested(kind):
        return pd.Series(column.to_pylist(), dtype=object)
    return None


def as_arrow(frame: pd.DataFrame) -> pa.Table:
    """Return a long frame as Arrow: categories become dictionaries, a NaN stays a NaN."""
    import pyarrow as pa

    arrays = [pa.array(frame[name], from_pandas=name != "value") for name in frame.columns]
    return pa.Table.from_arrays(arrays, names=list(frame.columns))


def arrow_history(found: Mapping[str, Series], axis: Series | None = None) -> pa.Table:
    """Return what :func:`runfolio.query.frame.wide_history` does, its index as the first column.

    A value that is missing is null, a NaN that was logged a NaN.
    """
    import pyarrow as pa

    name, places, columns = wide_columns(found, axis)
    arrays = [pa.array(value, mask=mask, from_pandas=False) for value, mask in columns.values()]
    return pa.Table.from_arrays([pa.array(places), *arrays], names=[name, *columns])


def arrow_frame(
    records: Iterable[RunRecord],
    is_wanted: IsWanted = all_wanted,
    timely: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> pa.Table:
    """Return one row a run, with the columns of :func:`runfolio.query.frame.frame`.

    A column of one type has it: bool, int64 (uint64 where that is too small), double, text, times in UTC, lists of these. Numbers
    of both kinds are double where that is exact. Anything else, and values of several types under
    one name, are text: a text as it is, all others as JSON.

    Parameters
    ----------
    records : iterable of RunRecord
    is_wanted : callable
        Takes the name of a column; those for which it returns ``False`` are left out.
    timely : callable
        Yields what it is given, or raises where it takes too long.
    """
    import pyarrow as pa

    records = list(timely(records))
    found = columns_of(records, is_wanted)
    fixed = {"tags": pa.list_(pa.string()), "duration_s": pa.float64(), "exit_code": pa.int64(),
             "created_at": pa.timestamp("ms", "UTC"), "ended_at": pa.timestamp("ms", "UTC")}  # fmt: skip
    arrays = [
        _array(column, pa.float64() if name.startswith("metrics.") else fixed.get(name))
        for name, column in timely(found.items())
    ]
    names = [_sound(name) for name in found]
    return pa.Table.from_arrays(arrays, names=names)


def _array(column: Column, kind: pa.DataType | None) -> pa.Array:
    import pyarrow as pa

    if kind is None:
        kind = _kind(column.values)
    elif kind == pa.int64() and column.types and _kind(column.values) != kind:
        kind = _kind(column.values)  # what no run writes
    return pa.array(_filled(column, _as(kind, column.values)), type=kind, from_pandas=False)


def _filled(column: Column, values: list[Any]) -> list[Any]:
    return Column(column.rows, values, column.n).full()


def _as(kind: pa.DataType, values: list[Any]) -> list[Any]:
    """Return values as Arrow takes them for a type."""
    import pyarrow as pa

    if pa.types.is_timestamp(kind):
        return [None if value is None else _moment(value) for value in values]
    if kind == pa.string():
        return [value if value is None else _text(value) for value in values]
    if kind == pa.list_(pa.string()):
        return [value if value is None else [_sound(item) for item in value] for value in values]
    if kind == pa.float64():  # Arrow takes no whole number beyond 2**53 for one
        return [None if value is None else float(value) for value in values]
    return values


def _kind(values: Sequence[Any]) -> pa.DataType:
    """Return the type that holds all values as they are; text where there is none."""
    import pyarrow as pa

    types = {type(value) for value in values if value is not None}
    if types == {bool}:
        return pa.bool_()
    if types == {float}:
        return pa.float64()
    if types == {int} and (kind := whole_kind(values)) is not None:
        return pa.int64() if kind == "int64" else pa.uint64()
    if types == {int, float} and is_double(values):
        return pa.float64()
    if types == {list}:
        items = [item for value in values if value is not None for item in value]
        inner = _kind(items)
        if inner != pa.string() or all(type(item) is str for item in items):
            return pa.list_(inner)
    return pa.string()


def _text(value: Any) -> str:
    if isinstance(value, str):
        return _sound(value)
    plain = dict(value) if isinstance(value, Mapping) else value
    return _sound(json.dumps(plain, ensure_ascii=False, default=str))


def _sound(text: str) -> str:
    """Return text that UTF-8 can hold: a path may be of any bytes."""
    return text.encode("utf-8", "backslashreplace").decode()


def _moment(value: datetime) -> int:
    return (value - _EPOCH) // timedelta(milliseconds=1)
