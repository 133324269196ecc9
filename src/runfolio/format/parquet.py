"""Reading the finished table of a run's points, whoever wrote it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runfolio.errors import CorruptRecord, RunfolioWarning
from runfolio.format.layout import PartName
from runfolio.model.series import Points

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["COLUMNS", "open_table", "read_groups", "read_parquet", "runs_of_keys", "texts"]

COLUMNS: Final = ("key", "step", "time", "value", "seq", "segment", "rank")
"""The columns of the table, in order."""

_SERIES: Final = COLUMNS[:4]


def open_table(path: Path) -> Any:
    """Return the Parquet file, its page checksums verified at reading."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        str(path).encode()
    except UnicodeEncodeError:  # Arrow has no way to say such a path
        path = pa.BufferReader(path.read_bytes())
    return pq.ParquetFile(
        path, memory_map=False, page_checksum_verification=True, read_dictionary=["key"]
    )


def _unreadable() -> tuple[type[Exception], ...]:
    """Return what pyarrow raises on a damaged file: the footer may name what is not there."""
    import pyarrow as pa

    return (pa.ArrowException, OSError, LookupError, ValueError, TypeError, ArithmeticError)


def read_parquet(
    path: Path,
    keys: Collection[str] | None,
    name: PartName,
    *,
    numbered: bool = True,
    steps: tuple[float, float] | None = None,
) -> dict[str, list[Points]]:
    """Return the points of a finished part by key.

    A row group that is damaged is named in a warning, and the others are read.

    Parameters
    ----------
    keys : collection of str, optional
        Only these; row groups that hold none of them are not read.
    numbered : bool
        Whether row numbers are wanted: without them a third of the columns is not read, and
        ``seq`` is -1 throughout.
    steps : (float, float), optional
        Row groups without a step from the first to the second are not read.

    Raises
    ------
    CorruptRecord
        It is no Parquet file, or its columns are not those of the format.
    """
    columns = COLUMNS if numbered else _SERIES
    try:
        file = open_table(path)
        _require_columns(file.schema_arrow, path.name)
        table = _read_groups(file, _groups_with(file, keys, steps), columns, path.name)
        for column in columns:
            if table.column(column).null_count:
                raise CorruptRecord(f"{path.name}: column {column} has empty fields.")
        found = _split(table, name)
    except _unreadable() as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise CorruptRecord(f"{path.name} cannot be read: {error}") from error
    return found if keys is None else {key: found[key] for key in found if key in keys}


def _require_columns(schema: pa.Schema, filename: str) -> None:
    import pyarrow as pa

    kinds: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
        "key": ("text", _is_text),
        "step": ("int64 or double", lambda kind: kind in (pa.int64(), pa.float64())),
        "time": ("timestamp", pa.types.is_timestamp),
        "value": ("double", pa.types.is_float64),
        **dict.fromkeys(COLUMNS[4:], ("a whole number", pa.types.is_integer)),
    }
    missing = [name for name in COLUMNS if name not in schema.names]
    if missing:
        raise CorruptRecord(f"{filename} has no column {', '.join(missing)}.")
    for name, (expected, fits) in kinds.items():
        kind = schema.field(name).type
        if not fits(kind):
            raise CorruptRecord(f"{filename}: column {name} is {kind}, expected {expected}.")


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _read_groups(file: Any, groups: list[int], names: Sequence[str], filename: str) -> pa.Table:
    import pyarrow as pa

    columns = list(names)
    try:
        # Tables are small and many are read at once: threads for one column each only wait.
        return file.read_row_groups(groups, columns=columns, use_threads=len(groups) > 1)
    except _unreadable():
        whole = []
        for group in groups:
            try:
                whole.append(file.read_row_group(group, columns=columns))
            except _unreadable() as error:
                warnings.warn(
                    f"{filename}: row group {group} is damaged and left out ({error}).",
                    RunfolioWarning,
                    stacklevel=2,
                )
        return pa.concat_tables([file.schema_arrow.empty_table().select(columns), *whole])


def read_groups(path: Path) -> Iterator[tuple[int, str]]:
    """Yield ``(row group, what is wrong)`` for each row group that cannot be read.

    Raises
    ------
    CorruptRecord
        The file as a whole cannot be read, or its columns are not those of the format.
    """
    try:
        file = open_table(path)
        _require_columns(file.schema_arrow, path.name)
    except _unreadable() as error:
        raise CorruptRecord(f"{path.name} cannot be read: {error}") from error
    for group in range(file.metadata.num_row_groups):
        try:
            table = file.read_row_group(group)
        except _unreadable() as error:
            yield group, str(error)
        else:
            yield from (
                (group, f"column {column} has empty fields")
                for column in COLUMNS
                if table.column(column).null_count
            )


def _groups_with(
    file: Any, keys: Collection[str] | None, steps: tuple[float, float] | None = None
) -> list[int]:
    """Return the row groups that may hold one of the keys, by the statistics of the footer."""
    meta = file.metadata
    wanted = []
    for group in range(meta.num_row_groups):
        columns = meta.row_group(group)
        found, second = columns.column(0).statistics, columns.column(1)
        # Another writer's columns may stand in another order.
        reach = second.statistics if second.path_in_schema == "step" else None
        if keys is not None and found is not None and found.has_min_max and not any(
            found.min <= key <= found.max for key in keys
        ):  # fmt: skip
            continue
        if steps is not None and reach is not None and reach.has_min_max and (
            reach.min > steps[1] or reach.max < steps[0]
        ):  # fmt: skip
            continue
        wanted.append(group)
    return wanted


def runs_of_keys(table: pa.Table) -> list[tuple[str, int, int]]:
    """Return ``(key, first row, end)`` for each stretch of rows with the same key."""
    import numpy as np
    import pyarrow as pa

    if table.num_rows == 0:
        return []
    column = table.column("key")
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    column = column.unify_dictionaries()
    labels: list[str] = []
    found: list[tuple[int, int]] = []
    at = 0
    for chunk in column.chunks:
        if not len(chunk):
            continue
        labels = labels or chunk.dictionary.to_pylist()
        codes = _numbers(pa.chunked_array([_as(chunk.indices, pa.int32())]), "i4")
        # Most row groups hold one metric: to see that is quicker than to look for its end.
        is_one = codes.min() == codes.max()
        firsts = [0] if is_one else [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist()]
        begun = zip(codes[firsts].tolist(), firsts, strict=True)
        found += [(code, at + first) for code, first in begun if first or not found
                  or found[-1][0] != code]  # fmt: skip
        at += len(codes)
    ends = [*(first for _, first in found[1:]), at]
    return [(labels[code], first, end) for (code, first), end in zip(found, ends, strict=True)]


def texts(values: list[str]) -> pa.Array:
    """Return texts as an Arrow array, without what ``pa.array`` does: it loads pandas."""
    import numpy as np
    import pyarrow as pa

    encoded = [value.encode() for value in values]
    ends = np.cumsum([0, *map(len, encoded)]).astype(np.int32)
    return pa.StringArray.from_buffers(
        len(values), pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))
    )


def _numbers(column: pa.ChunkedArray, kind: str) -> NDArray[Any]:
    """Return a column without empty fields as numbers; ``to_numpy`` would load pandas too."""
    import numpy as np

    pieces = [
        np.frombuffer(chunk.buffers()[1], kind)[chunk.offset : chunk.offset + len(chunk)]
        for chunk in column.chunks
        if len(chunk)
    ]
    return pieces[0] if len(pieces) == 1 else np.concatenate([np.empty(0, kind), *pieces])


def _as(column: Any, kind: pa.DataType) -> Any:
    # Even a cast that changes nothing loads all of Arrow's functions, a tenth of a second.
    return column if column.type == kind else column.cast(kind)


def _split(table: pa.Table, name: PartName) -> dict[str, list[Points]]:
    import numpy as np
    import pyarrow as pa

    if table.num_rows == 0:
        return {}
    stretches = runs_of_keys(table)
    if len(stretches) > len({key for key, _, _ in stretches}):  # another writer's order
        table = _by_key(table)
        stretches = runs_of_keys(table)
    kind = "i8" if table.schema.field("step").type == pa.int64() else "f8"
    step = _numbers(table.column("step"), kind)
    moments = table.column("time")
    if moments.type.unit != "ms":
        moments = moments.cast(pa.timestamp("ms"), safe=False)
    time_ms = _numbers(moments, "i8")
    value = _numbers(table.column("value"), "f8")
    seq = (
        _numbers(_as(table.column("seq"), pa.int64()), "i8")
        if "seq" in table.column_names
        else np.broadcast_to(np.int64(-1), len(value))
    )
    return {
        key: [
            Points(step[first:end], time_ms[first:end], value[first:end], seq[first:end],
                   name.segment, name.rank)
        ]
        for key, first, end in stretches
    }  # fmt: skip


def _by_key(table: pa.Table) -> pa.Table:
    """Return the rows key by key, those of one key in the order they stand in."""
    import pyarrow as pa
    import pyarrow.compute as pc

    place = pa.array(range(table.num_rows))
    keyed = pa.table({"key": table.column("key").cast(pa.string()), "place": place})
    order = pc.sort_indices(keyed, sort_keys=[("key", "ascending"), ("place", "ascending")])
    return table.take(order)
