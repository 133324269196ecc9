"""Rows, columns and types of a data file, from its head or one bounded pass over it."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import struct
import zipfile
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

from runfolio.model.data import Shape

__all__ = ["shape_of_file"]

_MAX_COUNTED: Final = 1 << 30
_MAX_COLUMNS: Final = 1000
_MAX_HEADER: Final = 64 << 20
_HEAD: Final = 1 << 18
_SAMPLE: Final = 200
_CHUNK: Final = 1 << 20
_MAX_TABLE_ROWS_BYTES: Final = 1 << 28


def shape_of_file(path: Path) -> Shape:
    """Return what can be told cheaply; an empty `Shape` for a form that is not known, or broken.

    CSV and TSV, JSON lines, Parquet, Arrow and Feather, npy and npz, SQLite, safetensors. Lines
    are counted in files of at most 1 GiB.
    """
    read = _READERS.get(path.suffix.lower())
    if read is None:
        return Shape()
    with contextlib.suppress(Exception):  # whatever the file holds, it is the user's to read
        return read(path)
    return Shape()


def _csv(path: Path) -> Shape:
    with path.open("rb") as file:
        head = file.read(_HEAD).decode("utf-8-sig", "replace")
        if "\0" in head or ("\n" not in head and len(head) >= _HEAD):
            return Shape()  # of another encoding, or of a first line without an end
        delimiter = "\t" if path.suffix.lower() == ".tsv" else _delimiter(head)
        rows = list(islice(csv.reader(io.StringIO(head), delimiter=delimiter), _SAMPLE + 2))
        if not rows:
            return Shape(rows=0)
        # The last one of a longer file may be cut.
        sample = rows[1:] if len(head) < _HEAD else rows[1:-1]
        named = _is_header(rows[0], sample)
        names = rows[0] if named else [str(place) for place in range(len(rows[0]))]
        lines = _lines(file, quoted=True)
        kinds = [
            _kind(row[place] for row in sample if place < len(row)) for place in range(len(names))
        ]
        return Shape(
            None if lines is None else max(lines - named, 0), len(names), _schema(zip(names, kinds, strict=True))
        )  # fmt: skip


def _delimiter(head: str) -> str:
    first = head.partition("\n")[0]
    return max(",;\t|", key=first.count)


def _is_header(first: list[str], rest: list[list[str]]) -> bool:
    """Return whether the first row names the columns: no number in it, or no row but it."""
    return not rest or not any(_kind([text]) in ("int", "float") for text in first)


def _kind(texts: Iterable[str]) -> str:
    found = {_kind_of(text.strip()) for text in texts if text.strip()}
    if found <= {"int"}:
        return "int" if found else "empty"
    if found <= {"int", "float"}:
        return "float"
    return "bool" if found == {"bool"} else "text"


def _kind_of(text: str) -> str:
    for kind, read in (("int", int), ("float", float)):
        with contextlib.suppress(ValueError):
            read(text)
            return kind
    return "bool" if text.lower() in ("true", "false") else "text"


def _lines(file: BinaryIO, *, quoted: bool = False) -> int | None:
    """Return the number of lines that hold something; those within quotes do not count."""
    file.seek(0, io.SEEK_END)
    if file.tell() > _MAX_COUNTED:
        return None
    file.seek(0)
    count, inside, last = 0, False, b"\n"
    while chunk := file.read(_CHUNK):
        if quoted and (inside or b'"' in chunk):
            for piece, part in enumerate(chunk.split(b'"')):
                inside = inside if piece == 0 else not inside
                count += 0 if inside else part.count(b"\n")
        else:
            count += chunk.count(b"\n")
        last = chunk[-1:]
    return count + (last != b"\n")


def _json_lines(path: Path) -> Shape:
    with path.open("rb") as file:
        first = json.loads(file.readline(_HEAD))
        names = first if isinstance(first, dict) else {}
        kinds = ((str(key), type(value).__name__) for key, value in names.items())
        return Shape(_lines(file), len(names) or None, _schema(kinds))


def _parquet(path: Path) -> Shape:
    import pyarrow.parquet as pq

    with path.open("rb") as file, pq.ParquetFile(file) as table:
        about = table.metadata
        return Shape(about.num_rows, len(table.schema_arrow), _fields(table.schema_arrow))


def _arrow(path: Path) -> Shape:
    import pyarrow as pa

    with path.open("rb") as file, pa.ipc.open_file(file) as table:
        rows = None
        if path.stat().st_size <= _MAX_TABLE_ROWS_BYTES:
            rows = sum(table.get_batch(place).num_rows for place in range(table.num_record_batches))
        return Shape(rows, len(table.schema), _fields(table.schema))


def _fields(schema: Any) -> Mapping[str, str]:
    return _schema((field.name, str(field.type).removeprefix("large_")) for field in schema)


def _npy(path: Path) -> Shape:
    with path.open("rb") as file:
        dtype, shape = _npy_header(file)
    return _array(dtype, shape)


def _array(dtype: str, shape: tuple[int, ...]) -> Shape:
    columns = shape[1] if len(shape) > 1 else None
    return Shape(shape[0] if shape else 1, columns, {"": f"{dtype} {_shaped(shape)}"})


def _npz(path: Path) -> Shape:
    schema, rows = {}, None
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist()[:_MAX_COLUMNS]:
            if name.endswith(".npy"):
                with archive.open(name) as file:
                    dtype, shape = _npy_header(file)
                schema[name.removesuffix(".npy")] = f"{dtype} {_shaped(shape)}"
                rows = shape[0] if rows is None and shape else rows
    return Shape(rows, None, schema)


def _npy_header(file: Any) -> tuple[str, tuple[int, ...]]:
    import ast

    magic = file.read(8)
    if magic[:6] != b"\x93NUMPY":
        raise ValueError("no npy file")
    form = "<H" if magic[6] == 1 else "<I"
    (length,) = struct.unpack(form, file.read(struct.calcsize(form)))
    if length > _CHUNK:
        raise ValueError("its header is too long")
    header = ast.literal_eval(file.read(length).decode("latin-1"))
    return _dtype(header["descr"]), tuple(header["shape"])


def _dtype(descr: Any) -> str:
    if not isinstance(descr, str):
        return "record"
    with contextlib.suppress(ImportError):
        import numpy as np

        return np.dtype(descr).name
    return descr


def _shaped(shape: Iterable[int]) -> str:
    return " × ".join(f"{n}" for n in shape) or "scalar"


def _safetensors(path: Path) -> Shape:
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        if length > _MAX_HEADER:
            return Shape()
        header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    return Shape(None, None, _schema(
        (name, f"{about['dtype']} {_shaped(about['shape'])}") for name, about in header.items()
    ))  # fmt: skip


def _sqlite(path: Path) -> Shape:
    import sqlite3
    import time
    from urllib.parse import quote

    deadline = time.monotonic() + 0.5
    # Immutable: not even a lock is taken, and no journal is looked for.
    address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
    with contextlib.closing(sqlite3.connect(address, uri=True)) as base:
        base.set_progress_handler(lambda: int(time.monotonic() > deadline), 10_000)
        names = [name for (name,) in base.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        )][:_MAX_COLUMNS]  # fmt: skip
        schema: dict[str, str] = {}
        total: int | None = 0
        for name in names:
            quoted = '"' + name.replace('"', '""') + '"'
            columns = [row[1] for row in base.execute(f"PRAGMA table_info({quoted})")]
            schema[name] = ", ".join(columns)[:1000]
            try:
                rows = base.execute(f"SELECT count(*) FROM {quoted}").fetchone()[0]  # noqa: S608
            except sqlite3.Error:
                total = None
            else:
                total = None if total is None else total + rows
                schema[name] = f"{rows} rows: {schema[name]}"
    return Shape(total, None, schema)


def _schema(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name[:200]: kind[:1200] for name, kind in islice(pairs, _MAX_COLUMNS)}


_READERS: Final[Mapping[str, Callable[[Path], Shape]]] = {
    ".csv": _csv, ".tsv": _csv, ".jsonl": _json_lines, ".ndjson": _json_lines,
    ".parquet": _parquet, ".pq": _parquet, ".feather": _arrow, ".arrow": _arrow,
    ".npy": _npy, ".npz": _npz, ".safetensors": _safetensors,
    ".db": _sqlite, ".sqlite": _sqlite, ".sqlite3": _sqlite,
}  # fmt: skip
