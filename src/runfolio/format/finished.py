"""The finished table of a run's points: Parquet, long, sorted; written, read back, then trusted."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runfolio.errors import CorruptRecord
from runfolio.format.layout import RunPaths
from runfolio.format.lines import Part, live_parts
from runfolio.format.parquet import open_table, runs_of_keys, texts
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
    found, rows = live_points(part, first_row=first_row)
    points = {key: _in_order(found[key][0]) for key in sorted(found)}
    target = part.path.with_name(part.name.with_ext("parquet").filename)
    beside = target.with_name(f".{target.name}.{os.urandom(3).hex()}.tmp")
    try:
        files.put(beside, _parquet(points))
        _compare(points, beside)
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


def _in_order(points: Points) -> Points:
    """Return the points by step, those of equal steps as they were logged."""
    import numpy as np

    step = points.step
    if bool((step[1:] >= step[:-1]).all()):
        return points
    order = np.argsort(step, kind="stable")
    return Points(step[order], points.time_ms[order], points.value[order], points.seq[order],
                  points.segment, points.rank)  # fmt: skip


def _row_groups(points: Mapping[str, Points]) -> Iterator[pa.Table]:
    """Yield the table, key after key, in pieces that are small beside the whole."""
    schema = _schema(points)
    pieces: list[tuple[str, Points]] = []
    room = ROW_GROUP
    for key, whole in points.items():
        done = 0
        while done < len(whole):
            piece = whole[done : done + room]
            pieces.append((key, piece))
            done, room = done + len(piece), room - len(piece)
            if not room:
                yield _table(pieces, schema)
                pieces, room = [], ROW_GROUP
    if pieces:
        yield _table(pieces, schema)


def _schema(points: Mapping[str, Points]) -> pa.Schema:
    import pyarrow as pa

    fractional = any(each.step.dtype.kind == "f" for each in points.values())
    return pa.schema(
        [
            ("key", pa.dictionary(pa.int32(), pa.string())),
            ("step", pa.float64() if fractional else pa.int64()),
            ("time", pa.timestamp("ms", tz="UTC")),
            ("value", pa.float64()),
            ("seq", pa.int64()),
            ("segment", pa.int32()),
            ("rank", pa.int32()),
        ]
    )


def _table(pieces: Sequence[tuple[str, Points]], schema: pa.Schema) -> pa.Table:
    import numpy as np
    import pyarrow as pa

    lengths = [len(points) for _, points in pieces]
    writer, n = pieces[0][1], sum(lengths)

    def joined(attribute: str, name: str, dtype: str = "i8") -> pa.Array:
        arrays = [getattr(points, attribute) for _, points in pieces]
        return _arrow(np.concatenate(arrays, dtype=dtype), schema.field(name).type)

    codes = np.repeat(np.arange(len(pieces), dtype=np.int32), lengths)
    return pa.Table.from_arrays(
        [
            pa.DictionaryArray.from_arrays(
                _arrow(codes, pa.int32()), texts([key for key, _ in pieces])
            ),
            joined("step", "step", "i8" if schema.field("step").type == pa.int64() else "f8"),
            joined("time_ms", "time"),
            joined("value", "value", "f8"),
            joined("seq", "seq"),
            _arrow(np.full(n, writer.segment, np.int32), pa.int32()),
            _arrow(np.full(n, writer.rank, np.int32), pa.int32()),
        ],
        schema=schema,
    )


def _arrow(values: NDArray[Any], kind: pa.DataType) -> pa.Array:
    """Return the array's own bytes as an Arrow column.

    ``pa.array`` would do, but it loads pandas to look whether the values are its own, which at
    the end of a short run takes longer than all the rest.
    """
    import pyarrow as pa

    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


def _parquet(points: Mapping[str, Points]) -> bytes:
    """Return the table as a Parquet file; in memory it is a fraction of the points."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema, sink = _schema(points), pa.BufferOutputStream()
    with pq.ParquetWriter(
        sink,
        schema,
        compression="zstd",
        use_dictionary=["key"],
        column_encoding={
            "step": "DELTA_BINARY_PACKED"
            if schema.field("step").type == pa.int64()
            else "BYTE_STREAM_SPLIT",
            "time": "DELTA_BINARY_PACKED",
            "seq": "DELTA_BINARY_PACKED",
            "value": "BYTE_STREAM_SPLIT",
            "segment": "DELTA_BINARY_PACKED",
            "rank": "DELTA_BINARY_PACKED",
        },
        write_page_checksum=True,
    ) as writer:
        for table in _row_groups(points):
            writer.write_table(table, row_group_size=ROW_GROUP)
    encoded: bytes = sink.getvalue().to_pybytes()
    return encoded


def _compare(points: Mapping[str, Points], path: Path) -> None:
    with open_table(path) as file:
        there, group = file.num_row_groups, 0
        for group, written in enumerate(_row_groups(points), 1):
            if group > there or not _same(file.read_row_group(group - 1), written):
                break
        else:
            if group == there:
                return
    raise CorruptRecord(
        f"{path.name} does not read back as written (row group {group} of {there}); the live file "
        "is kept."
    )


def _same(back: pa.Table, written: pa.Table) -> bool:
    import numpy as np

    # Compared as bits: a NaN equals itself here.
    return runs_of_keys(back) == runs_of_keys(written) and all(
        np.array_equal(_bits(back, name), _bits(written, name))
        for name in ("step", "value", "seq", "time")
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
