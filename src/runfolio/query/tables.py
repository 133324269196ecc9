"""Tables that a run logged: whole as frames, or their first rows."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from runfolio.errors import CorruptRecord
from runfolio.format.codec import NONFINITE, loads

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TableHead", "read_table", "table_head", "table_rows"]

_PARQUET: Final = b"PAR1"
_MAX_DECODED: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class TableHead:
    """The beginning of a table.

    Attributes
    ----------
    columns : sequence of str
        Names of the first columns.
    types : sequence of str
        What their cells are: ``float``, ``text``, ``image`` …; empty where it is not known.
    rows : sequence of sequence
        The first rows, a value a column.
    n_rows, n_columns : int
        How many there are in all.
    """

    columns: Sequence[str]
    types: Sequence[str]
    rows: Sequence[Sequence[Any]]
    n_rows: int
    n_columns: int


def read_table(data: bytes) -> pd.DataFrame:
    """Return a table's file, Parquet or JSON, as a frame.

    Raises
    ------
    CorruptRecord
        It is neither, or damaged.
    """
    import pandas as pd

    if not data.startswith(_PARQUET):
        head = _json_head(data)
        cells = zip(*head.rows, strict=True) if head.rows else ((),) * len(head.columns)
        frame = pd.DataFrame({place: list(column) for place, column in enumerate(cells)})
        return frame.set_axis(list(head.columns), axis=1)
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        found: pd.DataFrame = pq.read_table(io.BytesIO(data)).to_pandas(ignore_metadata=True)
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise CorruptRecord(f"The table cannot be read: {error}.") from error
    return found


def table_head(data: bytes, rows: int, columns: int) -> TableHead:
    """Return the first rows and columns of a table's file, without reading the rest of it.

    Raises
    ------
    CorruptRecord
        It is no table, damaged, or its first rows are larger than 64 MiB.
    """
    if not data.startswith(_PARQUET):
        return _json_head(data, rows, columns)
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(data))
        schema = file.schema_arrow
        names = schema.names[:columns]
        if _decoded_bytes(file, names) > _MAX_DECODED:
            raise CorruptRecord("The table's first rows are too large to be shown; read its file.")
        batches = file.iter_batches(batch_size=rows, columns=names, use_threads=False)
        batch = next(batches, None) if names else None
        cells = [column.to_pylist() for column in batch.columns[:columns]] if batch else []
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise CorruptRecord(f"The table cannot be read: {error}.") from error
    types = [_type_of(schema.field(place).metadata) for place in range(len(names))]
    return TableHead(names, types, list(zip(*cells, strict=True)), file.metadata.num_rows,
                     len(schema.names))  # fmt: skip


def table_rows(data: bytes, first: int, end: int, columns: int) -> TableHead:
    """Return rows of a table's file from the first to before the last one, counted from 0.

    Raises
    ------
    CorruptRecord
        As `table_head`.
    """
    if not data.startswith(_PARQUET):
        head = _json_head(data, None, columns)
        return replace(head, rows=head.rows[first:end])
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows: list[Sequence[Any]] = []
    try:
        file = pq.ParquetFile(io.BytesIO(data))
        schema = file.schema_arrow
        names = schema.names[:columns]
        at = 0
        for place in range(file.num_row_groups if names else 0):
            n = file.metadata.row_group(place).num_rows
            if at < end and at + n > first:
                if _decoded_bytes(file, names, place) > _MAX_DECODED:
                    raise CorruptRecord("These rows of the table are too large to be shown.")
                part = file.read_row_group(place, columns=names, use_threads=False)
                part = part.slice(max(first - at, 0), min(end, at + n) - max(first, at))
                rows += zip(*(c.to_pylist() for c in part.columns[:columns]), strict=True)
            at += n
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise CorruptRecord(f"The table cannot be read: {error}.") from error
    types = [_type_of(schema.field(place).metadata) for place in range(len(names))]
    return TableHead(names, types, rows, file.metadata.num_rows, len(schema.names))


def _decoded_bytes(file: Any, names: Sequence[str], place: int = 0) -> int:
    """Return how large the columns of a row group are once they are unpacked."""
    if not file.num_row_groups:
        return 0
    group, wanted = file.metadata.row_group(place), set(names)
    return sum(
        chunk.total_uncompressed_size
        for chunk in (group.column(place) for place in range(group.num_columns))
        if chunk.path_in_schema.partition(".")[0] in wanted or chunk.path_in_schema in wanted
    )


def _type_of(metadata: Mapping[bytes, bytes] | None) -> str:
    try:
        said = loads((metadata or {}).get(b"runfolio", b"{}"), "a column")
    except CorruptRecord:
        return ""
    found = said.get("type") if isinstance(said, dict) else None
    return found if isinstance(found, str) else ""


def _json_head(data: bytes, rows: int | None = None, columns: int | None = None) -> TableHead:
    body = loads(data, "a table")
    if not isinstance(body, dict):
        body = {}
    named, cells = body.get("columns"), body.get("data")
    if not isinstance(named, list) or not isinstance(cells, list):
        raise CorruptRecord("This is no table: expected Parquet, or JSON with columns and data.")
    columns_said = [said if isinstance(said, dict) else {} for said in named[:columns]]
    types = [str(said.get("type") or "") for said in columns_said]
    lines = [line for line in cells[:rows] if isinstance(line, list)]
    table = [
        [
            _cell(line[place] if place < len(line) else None, kind)
            for place, kind in enumerate(types)
        ]
        for line in lines
    ]
    names = [str(said.get("name", place)) for place, said in enumerate(columns_said)]
    return TableHead(names, types, table, len(cells), len(named))


def _cell(found: Any, kind: str) -> Any:
    return NONFINITE.get(found, found) if kind == "float" and isinstance(found, str) else found
