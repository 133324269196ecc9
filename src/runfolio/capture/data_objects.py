"""Tables and arrays in memory: their hash by content, their rows, columns and types.

The hash of a table is that of its columns in their order: of each the name, Arrow's type, which
values are missing, and the values; how they lie in memory, in chunks, slices or dictionaries, makes
no difference. So the same table has the same hash in pandas, polars and Arrow, as long as its types
are the same, and a frame of pandas that has an index of its own has it as further columns. The hash
of an array is that of its type, shape and values in C order, whichever library holds it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import blake3

from runfolio._hashing import hasher
from runfolio.capture.data_hash import PREFIX
from runfolio.model.data import DataUse

__all__ = ["use_of_object"]

_CHUNK_BYTES: Final = 1 << 26
_ROWS_OF_TEXT: Final = 10_000
_MAX_COLUMNS: Final = 1000
# How a library counts the parts of a list or text is no part of its type.
_SIZES: Final = re.compile(r"large_|_view")


# How Python shows what says nothing of itself: by where it lies this time.
_ADDRESS: Final = re.compile(r" at 0x[0-9a-fA-F]+>")


class _NoContentError(Exception):
    """An object that can only be told by its identity."""


def use_of_object(value: Any, name: str | None) -> DataUse | None:
    """Return what is known of a table or an array; ``None`` for anything else.

    Parameters
    ----------
    value : DataFrame, Series, Table or array
        Of pandas, polars or pyarrow; of numpy, torch, JAX, CuPy or scipy.sparse. No library is
        imported to find out.
    name : str, optional
        ``table`` or ``array`` without.
    """
    library = type(value).__module__.partition(".")[0]
    if library in ("pandas", "polars", "pyarrow"):
        table = _columns_of(value, library)
        return None if table is None else _use_of_table(value, table, name or "table")
    array = _array_of(value, library)
    return None if array is None else _use_of_array(array, value, name or "array")


def _columns_of(value: Any, library: str) -> list[tuple[str, Any]] | None:
    """Return names and columns: Arrow's, or pandas' own where Arrow has no type for them."""
    kind = type(value).__name__
    if library == "pyarrow" and kind in ("Table", "RecordBatch"):
        return list(zip(value.schema.names, value.columns, strict=True))
    if library == "polars" and kind in ("DataFrame", "Series"):
        frame = value.to_frame() if kind == "Series" else value
        table = frame.to_arrow()
        return list(zip(table.schema.names, table.columns, strict=True))
    if library == "pandas" and kind in ("DataFrame", "Series"):
        return list(_pandas_columns(value.to_frame() if kind == "Series" else value))
    return None


def _pandas_columns(frame: Any) -> Iterator[tuple[str, Any]]:
    import pandas as pd
    import pyarrow as pa

    index = frame.index
    parts = (
        []
        if isinstance(index, pd.RangeIndex)
        else [index.get_level_values(n) for n in range(index.nlevels)]
    )
    named = [(str(part.name), part) for part in parts]
    named += [(str(name), frame.iloc[:, place]) for place, name in enumerate(frame.columns)]
    for name, column in named:
        try:
            yield name, pa.array(column, from_pandas=True)
        except (pa.ArrowException, TypeError, ValueError):
            yield name, column


def _use_of_table(value: Any, columns: list[tuple[str, Any]], name: str) -> DataUse:
    into = blake3.blake3()
    rows = len(columns[0][1]) if columns else len(value)
    into.update(f"table {len(columns)} columns {rows} rows\n".encode())
    schema: dict[str, str] = {}
    size, why = 0, ""
    for column_name, column in columns:
        try:
            kind = _hash_column(into, column_name, column)
        except _NoContentError:
            kind, why = "object", f"the objects in {column_name[:80]} have no content of their own"
        size += getattr(column, "nbytes", 0)
        if len(schema) < _MAX_COLUMNS:
            schema[column_name] = kind
    return DataUse(
        name, None, kind="table", hash=None if why else PREFIX + into.hexdigest(), bytes=size,
        rows=rows, columns=len(columns), schema=schema, why=why,
    )  # fmt: skip


def _hash_column(into: Any, name: str, column: Any) -> str:
    import pyarrow as pa

    if not isinstance(column, (pa.Array, pa.ChunkedArray)):
        _hash_head(into, name, "object")
        _hash_texts(into, map(_content_of, column))
        return "object"
    kind = _plain_type(column.type)
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    plain = [chunk.cast(kind) if chunk.type != kind else chunk for chunk in chunks]
    # In one piece, starting at 0: chunks and slices make no difference.
    whole = pa.concat_arrays(plain) if plain else pa.array([], kind)
    shown = _SIZES.sub("", str(kind))
    _hash_head(into, name, shown)
    into.update(_octets(whole.is_valid()))
    _hash_values(into, whole)
    return shown


def _content_of(value: object) -> str:
    text = repr(value)
    if _ADDRESS.search(text):
        raise _NoContentError
    return text


def _plain_type(kind: Any) -> Any:
    """Return the type that stands for all that hold the same values."""
    import pyarrow as pa

    types = pa.types
    if types.is_dictionary(kind):
        return _plain_type(kind.value_type)
    if types.is_string(kind) or types.is_large_string(kind) or "string_view" in str(kind):
        return pa.large_string()
    if types.is_binary(kind) or types.is_large_binary(kind) or "binary_view" in str(kind):
        return pa.large_binary()
    return kind


def _octets(array: Any) -> Any:
    """Return the values of an array of fixed width as bytes."""
    import numpy as np

    return np.ascontiguousarray(array.to_numpy(zero_copy_only=False)).view(np.uint8)


def _hash_values(into: Any, array: Any) -> None:
    import numpy as np
    import pyarrow as pa

    types, kind = pa.types, array.type
    if types.is_null(kind):
        return
    if types.is_large_string(kind) or types.is_large_binary(kind):
        # A missing value may have any length below; filled it has none.
        filled = array.fill_null(b"" if types.is_large_binary(kind) else "")
        ends = np.frombuffer(filled.buffers()[1] or b"", np.int64)[filled.offset :][
            : len(filled) + 1
        ]
        if len(filled):
            into.update(np.diff(ends).view(np.uint8))
            into.update(memoryview(filled.buffers()[2] or b"")[ends[0] : ends[-1]])
    elif types.is_primitive(kind):
        into.update(_octets(array.fill_null(_nothing(kind)) if array.null_count else array))
    else:
        for start in range(0, len(array), _ROWS_OF_TEXT):
            _hash_texts(into, map(repr, array.slice(start, _ROWS_OF_TEXT).to_pylist()))


def _nothing(kind: Any) -> Any:
    """Return what stands in the place of a missing value."""
    import pyarrow as pa

    if pa.types.is_boolean(kind):
        return pa.scalar(value=False)
    # Times and durations are whole numbers below.
    return pa.scalar(0, pa.int32() if kind.bit_width == 32 else pa.int64()).cast(kind)


def _hash_head(into: Any, name: str, kind: str) -> None:
    into.update(f"{len(name)} {name} {kind}\n".encode("utf-8", "surrogatepass"))


def _hash_texts(into: Any, texts: Iterator[str]) -> None:
    for text in texts:
        into.update(f"{len(text)} {text}\n".encode("utf-8", "surrogatepass"))


def _array_of(value: Any, library: str) -> list[Any] | None:
    """Return the numpy arrays that hold a value, or ``None``."""
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    if isinstance(value, numpy.ma.MaskedArray):
        # What lies below the mask is no part of it.
        return [value.filled(0), numpy.ma.getmaskarray(value)]
    if isinstance(value, numpy.ndarray):
        return [value]
    if library == "torch" and hasattr(value, "detach"):
        tensor = value.detach().cpu().contiguous()
        if str(tensor.dtype) == "torch.bfloat16":  # numpy has none: its bytes
            return [tensor.view(sys.modules["torch"].uint16).numpy()]
        return [tensor.numpy()]
    if library in ("jax", "jaxlib") and hasattr(value, "__array__"):
        return [numpy.asarray(value)]
    if library == "cupy" and hasattr(value, "get"):
        return [value.get()]
    if library == "scipy" and hasattr(value, "tocsr"):
        matrix = value.tocsr().copy()
        matrix.sum_duplicates()
        return [matrix.data, matrix.indices, matrix.indptr]
    return None


def _use_of_array(arrays: list[Any], value: Any, name: str) -> DataUse:
    shape = tuple(value.shape)
    kind = str(value.dtype).removeprefix("torch.")
    use = DataUse(
        name, None, kind="array", bytes=sum(array.nbytes for array in arrays),
        rows=shape[0] if shape else None, columns=shape[1] if len(shape) > 1 else None,
        schema={"": f"{kind} {' × '.join(map(str, shape)) or 'scalar'}"},
    )  # fmt: skip
    if any(array.dtype.hasobject for array in arrays):
        return replace(use, why="an array of Python objects has no content of its own")
    into = hasher(f"array {kind} {shape}\n".encode())
    for array in arrays:
        _hash_array(into, array)
    return replace(use, hash=PREFIX + into.hexdigest())


def _hash_array(into: Any, array: Any) -> None:
    import numpy as np

    if (
        not array.flags.c_contiguous
        and array.nbytes > _CHUNK_BYTES
        and array.ndim > 1
        and len(array) > 1
    ):
        # Piece by piece: a copy of all of it may not fit into memory.
        for part in np.array_split(array, min(array.nbytes // _CHUNK_BYTES + 1, len(array))):
            _hash_array(into, part)
        return
    little = array.astype(array.dtype.newbyteorder("<"), order="C", copy=False)
    whole = np.ascontiguousarray(little)
    if whole.size:
        into.update(whole.reshape(-1).view(np.uint8))
