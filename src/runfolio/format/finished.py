"""The finished table of a run's points: Parquet, long, sorted; written, read back, then trusted."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runfolio.errors import CorruptRecord
from runfolio.format.layout import RunPaths
from runfolio.format.lines import Part, live_parts
from runfolio.format.parquet import COLUMNS, open_table, runs_of_keys, texts
from runfolio.format.series import live_points
from runfolio.format.sums import damaged_stretches
from runfolio.model.ports import Files
from runfolio.model.series import Points

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["convert_part", "pyarrow_is_installed", "unconverted"]

ROW_GROUP: Final = 128 * 1024


def pyarrow_is_installed() -> bool:
    """Return whether this environment can write Parquet; without it the live file stays."""
    import importlib.util

    return importlib.util.find_spec("pyarrow") is not None


def unconverted(folder: Path, kind: str) -> list[Part]:
    """Return the live parts of a run that have no Parquet file yet."""
    done = {name.with_ext("jsonl") for name, _ in RunPaths(folder).parts(kind, "parquet")}
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
        The live file is not as its sums say, or what was read back is not what was written.
        The live file is still there.
    OSError
        The disk refused. The live file is still there.
    """
    for start, end in damaged_stretches(part):
        raise CorruptRecord(
            f"{part.path.name}: bytes {start:,} to {end:,} are not as they were written; the live "
            "file is kept."
        )
    found, rows = live_points(part)
    target = part.path.with_name(part.name.with_ext("parquet").filename)
    table = _table({key: pieces[0] for key, pieces in found.items()}, first_row)
    beside = target.with_name(f".{target.name}.{os.urandom(3).hex()}.tmp")
    try:
        files.put(beside, _parquet(table))
        _compare(table, beside)
        files.adopt(beside, target)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
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
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS[1:5]}
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
        "key": pa.DictionaryArray.from_arrays(_arrow(codes, pa.int32()), texts(keys)),
        "step": _arrow(joined["step"], pa.float64() if fractional else pa.int64()),
        "time": _arrow(joined["time"], pa.timestamp("ms", tz="UTC")),
        "value": _arrow(joined["value"], pa.float64()),
        "seq": _arrow(joined["seq"], pa.int64()),
        "segment": _arrow(np.full(n, writer.segment if writer else 1, np.int32), pa.int32()),
        "rank": _arrow(np.full(n, writer.rank if writer else 0, np.int32), pa.int32()),
    }
    return pa.Table.from_arrays(list(columns_of.values()), names=list(columns_of))


def _arrow(values: NDArray[Any], kind: pa.DataType) -> pa.Array:
    """Return the array's own bytes as an Arrow column.

    ``pa.array`` would do, but it loads pandas to look whether the values are its own, which at
    the end of a short run takes longer than all the rest.
    """
    import pyarrow as pa

    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


def _parquet(table: pa.Table) -> bytes:
    """Return the table as a Parquet file; in memory it is a fraction of the table itself."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    fractional = table.schema.field("step").type == "double"
    sink = pa.BufferOutputStream()
    pq.write_table(
        table,
        sink,
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
    encoded: bytes = sink.getvalue().to_pybytes()
    return encoded


def _compare(written: pa.Table, path: Path) -> None:
    import numpy as np

    back = open_table(path).read()
    # Compared as bits: a NaN equals itself here.
    same = back.num_rows == written.num_rows and all(
        np.array_equal(_bits(back, name), _bits(written, name))
        for name in ("step", "value", "seq", "time")
    )
    if not same or runs_of_keys(back) != runs_of_keys(written):
        raise CorruptRecord(
            f"{path.name} does not read back as written ({back.num_rows:,} of "
            f"{written.num_rows:,} rows); the live file is kept."
        )


def _bits(table: pa.Table, name: str) -> NDArray[Any]:
    import numpy as np

    chunks = table.column(name).chunks
    pieces = [
        np.frombuffer(chunk.buffers()[1], np.int64)[chunk.offset : chunk.offset + len(chunk)]
        for chunk in chunks
        if len(chunk)
    ]
    return np.concatenate(pieces) if pieces else np.empty(0, np.int64)
