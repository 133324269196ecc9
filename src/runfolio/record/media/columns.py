"""A table's columns, each of one type, as the bytes of a Parquet file or of a JSON document."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

import orjson

from runfolio.format.codec import nonfinite_name
from runfolio.record.media.medium import Taken
from runfolio.record.media.shelf import Shelf
from runfolio.record.values import clean, plain

__all__ = ["Column", "parquet", "stored_column", "table_json"]

# Type of a cell → what the column is called. Whatever else stands in a cell becomes text.
_NAMES: Final[Mapping[type, str]] = {
    bool: "boolean", int: "integer", float: "float", str: "text", bytes: "bytes",
    datetime: "time", date: "date", time: "time of day", timedelta: "duration", Decimal: "decimal",
    list: "list",
}  # fmt: skip
# How the types of pandas and Arrow begin; all others go by their own name.
_FRAME_TYPES: Final = (
    ("bool", "boolean"), ("uint", "integer"), ("int8", "integer"), ("int16", "integer"),
    ("int32", "integer"), ("int64", "integer"), ("float", "float"), ("double", "float"),
    ("halffloat", "float"), ("struct", "struct"), ("str", "text"), ("large_str", "text"), ("categ", "text"),
    ("dictionary", "text"), ("timestamp", "time"), ("datetime", "time"), ("duration", "duration"),
    ("timedelta", "duration"), ("date", "date"), ("time", "time of day"), ("list", "list"),
    ("large_list", "list"), ("decimal", "decimal"), ("binary", "bytes"), ("large_binary", "bytes"),
)  # fmt: skip
_EXACT: Final = 2**53
_INT64: Final = 2**63


@dataclass(frozen=True, slots=True)
class Column:
    """One column, its cells of one type.

    Attributes
    ----------
    name : str
    type : str
        ``integer``, ``float``, ``text`` … or the type of a medium.
    cells : sequence
        Plain values, or a column of pandas or Arrow as it is.
    mixed : tuple of str
        The types that were found where they were several: then all cells are text.
    captions : mapping of int to str
        Row → what stands below the medium in it.
    """

    name: str
    type: str
    cells: Any
    mixed: tuple[str, ...] = ()
    captions: Mapping[int, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return what the event and the file say of it."""
        said: dict[str, Any] = {"name": self.name, "type": self.type}
        return said | {"mixed": list(self.mixed)} if self.mixed else said

    def in_file(self) -> dict[str, Any]:
        """Return what the file says of it: captions, too, of which there may be as many as rows."""
        told = {str(row): text for row, text in self.captions.items()}
        return self.as_json() | ({"captions": told} if told else {})


def stored_column(name: str, cells: Any, shelf: Shelf) -> Column:
    """Return a column of one type; media in its cells are put on the shelf and become paths."""
    if not isinstance(cells, list):
        return Column(name, _type_of_frame_column(cells), cells)
    media = {cell.type for cell in cells if type(cell) is Taken}
    if media:
        items = {row: c.write(shelf) for row, c in enumerate(cells) if type(c) is Taken}
        paths = [_stored(items[row]) if row in items else cell for row, cell in enumerate(cells)]
        kinds = _kinds([cell for cell in cells if type(cell) is not Taken])
        if len(media) == 1 and not kinds:
            said = {row: item["caption"] for row, item in items.items() if "caption" in item}
            return Column(name, media.pop(), paths, captions=said)
        return _as_text(name, paths, [*sorted(media), *kinds])
    return _typed(name, cells)


def _stored(item: Mapping[str, Any]) -> str:
    # A histogram has no file: its bins and counts stand in the cell themselves.
    return str(item["path"]) if "path" in item else orjson.dumps(item).decode()


def _kinds(cells: Sequence[Any]) -> list[str]:
    types = dict.fromkeys(type(cell) for cell in cells if cell is not None)
    return [_NAMES.get(kind, kind.__name__) for kind in types]


def _typed(name: str, cells: list[Any]) -> Column:
    kinds = _kinds(cells)
    if not kinds:
        return Column(name, "text", cells)
    if kinds == ["integer"] and not all(c is None or -_INT64 <= c < _INT64 for c in cells):
        return Column(name, "text", [None if c is None else str(c) for c in cells])
    if sorted(kinds) == ["float", "integer"] and all(
        type(c) is not int or abs(c) <= _EXACT for c in cells
    ):
        return Column(name, "float", [None if c is None else float(c) for c in cells])
    if kinds == ["text"]:
        return Column(name, "text", [None if c is None else clean(c) for c in cells])
    if len(kinds) == 1 and kinds[0] in _NAMES.values():
        return Column(name, kinds[0], cells)
    return _as_text(name, cells, kinds)


def _as_text(name: str, cells: Sequence[Any], kinds: Sequence[str]) -> Column:
    texts = [None if cell is None else _text(cell) for cell in cells]
    if list(kinds) == ["dict"]:
        return Column(name, "json", texts)
    return Column(name, "text", texts, tuple(kinds))


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, (list, dict)):
        return orjson.dumps(plain(cell)).decode()
    if isinstance(cell, bytes):
        return cell.hex()
    return clean(str(cell))


def _type_of_frame_column(cells: Any) -> str:
    found = str(getattr(cells, "dtype", None) or getattr(cells, "type", "")).lower()
    return next((name for start, name in _FRAME_TYPES if found.startswith(start)), found or "text")


def parquet(columns: Sequence[Column]) -> tuple[bytes, list[Column]]:
    """Return the table as a Parquet file, and its columns as they got into it.

    Columns that Arrow has no one type for (lists of unlike things, times with and without a zone)
    become text.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays, kept = [], []
    for wanted in columns:
        column = wanted
        try:
            array = _array(column)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            column = _as_text(column.name, _listed(column.cells), [column.type])
            array = _array(column)
        arrays.append(array)
        kept.append(column)
    fields = [
        pa.field(column.name, array.type, metadata={b"runfolio": orjson.dumps(column.in_file())})
        for column, array in zip(kept, arrays, strict=True)
    ]
    file = io.BytesIO()
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    pq.write_table(table, file, compression="zstd", write_page_checksum=True)
    return file.getvalue(), kept


def _array(column: Column) -> Any:
    import pyarrow as pa

    cells = column.cells
    if isinstance(cells, (pa.Array, pa.ChunkedArray)):
        return cells
    if not isinstance(cells, list):
        return pa.Array.from_pandas(cells)
    if column.type in ("text", "json") or all(cell is None for cell in cells):
        return pa.array(cells, pa.string())
    return pa.array(cells)


def table_json(columns: Sequence[Column]) -> bytes:
    """Return the same table as a JSON document, for machines without Arrow."""
    data = [[_json_cell(cell) for cell in _listed(column.cells)] for column in columns]
    rows = list(map(list, zip(*data, strict=True)))
    return orjson.dumps({"columns": [column.in_file() for column in columns], "data": rows})


def _json_cell(cell: Any) -> Any:
    if type(cell) is float:
        return nonfinite_name(cell) or cell
    if cell is None or type(cell) in (bool, int, str):
        return cell
    return cell.hex() if isinstance(cell, bytes) else plain(cell)


def _listed(cells: Any) -> list[Any]:
    if isinstance(cells, list):
        return cells
    return list(cells.to_pylist() if hasattr(cells, "to_pylist") else cells.tolist())
