"""The finished table of a run's points: Parquet, long, sorted; written, read back, then trusted."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runfolio.errors import CorruptRecord
from runfolio.format.layout import PartName, RunPaths
from runfolio.format.lines import Part, live_parts
from runfolio.format.series import Points, live_points
from runfolio.model.ports import Files

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["convert_part", "pyarrow_is_installed", "read_parquet", "unconverted"]

ROW_GROUP: Final = 128 * 1024
_COLUMNS: Final = ("key", "step", "time", "value", "seq", "segment", "rank")


def pyarrow_is_installed() -> bool:
    """Return whether this environment can write Parquet; without it the live file stays."""
    import importlib.util

    return importlib.util.find_spec("pyarrow") is not None


def unconverted(folder: Path, kind: str) -> list[Part]:
    """Return the live parts of a run that have no Parquet file yet."""
    done = {
        name.with_ext("jsonl") for name, _ in RunPaths(folder).parts(kind, "parquet")
    }
    return [part for part in live_parts(folder, kind) if part.name not in done]


def convert_part(part: Part, files: Files, *, first_row: int = 0) -> int:
    """Write one live part as Parquet, read it back, and only then remove the live file.

    Parameters
    ----------
    first_row : int
        Row number of the part's first row in its segment.

    Returns
    -------
    int
        Rows of the part: what the next part's `first_row` grows by.

    Raises
    ------
    CorruptRecord
        What was read back is not what was written. The live file is still there.
    OSError
        The disk refused. The live file is still there.
    """
    found, parsed = live_points([part])
    rows = len(parsed.steps) if parsed is not None else 0
    target = part.path.with_name(part.name.with_ext("parquet").filename)
    table = _table({key: pieces[0] for key, pieces in found.items()}, first_row)
    beside = target.with_name(f".{target.name}.{os.urandom(3).hex()}.tmp")
    try:
        _write(table, beside)
        _compare(table, beside)
        fd = os.open(beside, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
        beside.rename(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    # unlink syncs the folder, and with it the rename above.
    files.unlink(part.path)
    sums = part.path.with_name(part.name.with_ext("sums").filename)
    if sums.exists():
        files.unlink(sums)
    return rows


def _table(found: Mapping[str, Points], first_row: int) -> pa.Table:
    import numpy as np
    import pyarrow as pa

    keys = sorted(found)
    fractional = any(found[key].step.dtype.kind == "f" for key in keys)
    columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS[1:5]}
    lengths = []
    for key in keys:
        points = found[key]
        order = np.lexsort((points.seq, points.step))
        lengths.append(len(points))
        columns["step"].append(points.step[order])
        columns["time"].append(points.time_ms[order])
        columns["value"].append(points.value[order])
        columns["seq"].append(points.seq[order] + first_row)
    dtypes = {
        "step": "f8" if fractional else "i8",
        "time": "i8",
        "value": "f8",
        "seq": "i8",
    }
    joined = {
        name: np.concatenate([np.empty(0, dtype), *columns[name]]).astype(dtype)
        for name, dtype in dtypes.items()
    }
    codes = np.repeat(np.arange(len(keys), dtype=np.int32), lengths)
    writer = next(iter(found.values()), None)
    n = len(codes)
    columns_of = {
        "key": pa.DictionaryArray.from_arrays(_arrow(codes, pa.int32()), _texts(keys)),
        "step": _arrow(joined["step"], pa.float64() if fractional else pa.int64()),
        "time": _arrow(joined["time"], pa.timestamp("ms", tz="UTC")),
        "value": _arrow(joined["value"], pa.float64()),
        "seq": _arrow(joined["seq"], pa.int64()),
        "segment": _arrow(
            np.full(n, writer.segment if writer else 1, np.int32), pa.int32()
        ),
        "rank": _arrow(np.full(n, writer.rank if writer else 0, np.int32), pa.int32()),
    }
    return pa.Table.from_arrays(list(columns_of.values()), names=list(columns_of))


def _texts(values: list[str]) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    encoded = [value.encode() for value in values]
    ends = np.cumsum([0, *map(len, encoded)]).astype(np.int32)
    return pa.StringArray.from_buffers(
        len(values), pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))
    )


def _arrow(values: NDArray[Any], kind: pa.DataType) -> pa.Array:
    """Return the array's own bytes as an Arrow column.

    ``pa.array`` would do, but it loads pandas to look whether the values are its own, which at
    the end of a short run takes longer than all the rest.
    """
    import pyarrow as pa

    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


def _write(table: pa.Table, path: Path) -> None:
    import pyarrow.parquet as pq

    fractional = table.schema.field("step").type == "double"
    pq.write_table(
        table,
        path,
        compression="zstd",
        row_group_size=ROW_GROUP,
        use_dictionary=["key"],
        column_encoding={
            "step": "BYTE_STREAM_SPLIT" if fractional else "DELTA_BINARY_PACKED",
            "time": "DELTA_BINARY_PACKED",
            "seq": "DELTA_BINARY_PACKED",
            "value": "BYTE_STREAM_SPLIT",
            "segment": "DELTA_BINARY_PACKED",
            "rank": "DELTA_BINARY_PACKED",
        },
        write_page_checksum=True,
    )


def _compare(written: pa.Table, path: Path) -> None:
    import numpy as np

    back = _open(path).read()
    # Compared as bits: a NaN equals itself here.
    same = back.num_rows == written.num_rows and all(
        np.array_equal(_bits(back, name), _bits(written, name))
        for name in ("step", "value", "seq", "time")
    )
    if not same:
        raise CorruptRecord(
            f"{path.name} does not read back as written ({back.num_rows:,} of "
            f"{written.num_rows:,} rows); the live file is kept."
        )


def _bits(table: pa.Table, name: str) -> NDArray[Any]:
    import numpy as np

    chunks = table.column(name).chunks
    pieces = [
        np.frombuffer(chunk.buffers()[1], np.int64)[
            chunk.offset : chunk.offset + len(chunk)
        ]
        for chunk in chunks
        if len(chunk)
    ]
    return np.concatenate(pieces) if pieces else np.empty(0, np.int64)


def _open(path: Path) -> Any:
    import pyarrow.parquet as pq

    return pq.ParquetFile(
        path, memory_map=False, page_checksum_verification=True, read_dictionary=["key"]
    )


def read_parquet(
    path: Path, keys: Collection[str] | None, name: PartName
) -> dict[str, list[Points]]:
    """Return the points of a finished part by key.

    Parameters
    ----------
    keys : collection of str, optional
        Only these; row groups that hold none of them are not read.

    Raises
    ------
    CorruptRecord
        It is no Parquet file, or its columns are not those of the format.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        file = _open(path)
        missing = set(_COLUMNS) - set(file.schema_arrow.names)
        if missing:
            raise CorruptRecord(
                f"{path.name} has no column {', '.join(sorted(missing))}."
            )
        groups = _groups_with(file, keys)
        table = file.read_row_groups(groups, columns=list(_COLUMNS))
        if keys is not None:
            wanted = pa.array(sorted(keys), pa.string())
            table = table.filter(
                pc.is_in(table.column("key").cast(pa.string()), wanted)
            )
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise CorruptRecord(f"{path.name} cannot be read: {error}") from error
    return _split(table.combine_chunks(), name)


def read_groups(path: Path) -> Iterator[tuple[int, str]]:
    """Yield ``(row group, what is wrong)`` for each row group that cannot be read.

    Raises
    ------
    CorruptRecord
        The file as a whole cannot be read.
    """
    import pyarrow as pa

    try:
        file = _open(path)
    except (pa.ArrowException, OSError) as error:
        raise CorruptRecord(f"{path.name} cannot be read: {error}") from error
    for group in range(file.metadata.num_row_groups):
        try:
            file.read_row_group(group)
        except (pa.ArrowException, OSError) as error:
            yield group, str(error)


def _groups_with(file: Any, keys: Collection[str] | None) -> list[int]:
    """Return the row groups that may hold one of the keys, by the statistics of the footer."""
    meta = file.metadata
    if keys is None:
        return list(range(meta.num_row_groups))
    wanted = []
    for group in range(meta.num_row_groups):
        stats = meta.row_group(group).column(0).statistics
        if (
            stats is None
            or not stats.has_min_max
            or any(stats.min <= key <= stats.max for key in keys)
        ):
            wanted.append(group)
    return wanted


def _split(table: pa.Table, name: PartName) -> dict[str, list[Points]]:
    import numpy as np
    import pyarrow as pa

    if table.num_rows == 0:
        return {}
    column = table.column("key").combine_chunks()
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    if isinstance(column, pa.ChunkedArray):
        column = column.unify_dictionaries().combine_chunks()
    codes, labels = (
        column.indices.to_numpy(zero_copy_only=False),
        column.dictionary.to_pylist(),
    )
    step = table.column("step").to_numpy()
    time_ms = table.column("time").cast(pa.int64()).to_numpy()
    value, seq = table.column("value").to_numpy(), table.column("seq").to_numpy()
    edges = np.flatnonzero(np.diff(codes)) + 1
    found: dict[str, list[Points]] = {}
    for first, last in zip([0, *edges], [*edges, len(codes)], strict=True):
        rows = slice(first, last)
        points = Points(
            step[rows], time_ms[rows], value[rows], seq[rows], name.segment, name.rank
        )
        found.setdefault(labels[codes[first]], []).append(points)
    return found
