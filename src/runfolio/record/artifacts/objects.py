"""Objects of a program as files of an artifact, and back: tables, arrays, tensors, JSON; never pickle."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from runfolio._optional import require
from runfolio.errors import UsageError
from runfolio.record.values import kind_name

if TYPE_CHECKING:
    import os

    from runfolio.record.artifacts.described import Described

__all__ = ["is_object", "load", "write"]

_EXPECTED: Final = (
    "expected a table of pandas, polars or pyarrow, an array of numpy, a dict of arrays, a model's "
    "state_dict, or what JSON holds. Save anything else as a file, and give that"
)
_SCALARS: Final = (str, int, float, bool, type(None))


def is_object(value: Any) -> bool:
    """Return whether a value can be written as a file."""
    return _writer(value) is not None


def write(value: Any, folder: Path, stem: str) -> Path:
    """Write an object into a folder and return the file; its ending tells the format.

    Raises
    ------
    UsageError
        It is of no kind that has a format here, or holds what that format has no room for.
    MissingDependency
        What writes it is not installed.
    """
    found = _writer(value)
    if found is None:
        raise UsageError(f"A {kind_name(value)} is not written as a file here; {_EXPECTED}.")
    ending, writer = found
    path = folder / f"{stem}{ending}"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        writer(value, path)
    except UsageError:
        raise
    except (TypeError, ValueError, RecursionError, ArithmeticError) as error:
        raise UsageError(
            f"A {kind_name(value)} cannot be kept as {ending}: {error}; {_EXPECTED}."
        ) from error
    return path


def _writer(value: Any) -> tuple[str, Callable[[Any, Path], None]] | None:
    module = type(value).__module__.partition(".")[0]
    kind = type(value).__name__
    if (module, kind) in (("pandas", "DataFrame"), ("polars", "DataFrame"), ("pyarrow", "Table")):
        return ".parquet", _parquet
    if module == "numpy" and kind == "ndarray":
        return ".npy", _npy
    if module == "torch" and kind == "Tensor":
        return ".safetensors", lambda one, path: _tensors({"tensor": one}, path)
    if isinstance(value, Mapping) and value:
        kinds = {type(one).__module__.partition(".")[0] for one in value.values()}
        if kinds == {"torch"}:
            return ".safetensors", _tensors
        if _is_arrays(value):
            return ".npz", _npz
    return (".json", _json) if isinstance(value, (Mapping, list, tuple, *_SCALARS)) else None


def _is_arrays(value: Mapping[Any, Any]) -> bool:
    """Return whether it holds arrays, and beside them at most numbers, as a model's intercept is."""
    of_numpy = [one for one in value.values() if type(one).__module__ == "numpy"]
    others = [one for one in value.values() if type(one).__module__ != "numpy"]
    return any(type(one).__name__ == "ndarray" for one in of_numpy) and all(
        isinstance(one, (bool, int, float)) for one in others
    )


def _parquet(table: Any, path: Path) -> None:
    require("pyarrow", feature="A table in an artifact", install="pyarrow")
    if hasattr(table, "to_parquet"):
        table.to_parquet(path)
    elif hasattr(table, "write_parquet"):
        table.write_parquet(path)
    else:
        require("pyarrow.parquet", feature="A table", install="pyarrow").write_table(table, path)


def _npy(array: Any, path: Path) -> None:
    import numpy as np

    np.save(path, array, allow_pickle=False)


def _npz(arrays: Mapping[str, Any], path: Path) -> None:
    # Not np.savez: it pickles what is no plain array, and takes some names for its own.
    import numpy as np

    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as file:
        for name, array in arrays.items():
            with file.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)


def _tensors(tensors: Mapping[str, Any], path: Path) -> None:
    save = require(
        "safetensors.torch", feature="A state_dict in an artifact", install="safetensors"
    ).save_file
    seen: set[int] = set()
    held: dict[str, Any] = {}
    for name, tensor in tensors.items():
        plain = tensor.detach().cpu().contiguous()
        # The format has each byte once: tied weights are written twice.
        held[str(name)] = plain.clone() if plain.data_ptr() in seen else plain
        seen.add(plain.data_ptr())
    save(held, path)


def _json(value: Any, path: Path) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1)
    path.write_text(text, encoding="utf-8", errors="surrogatepass")


def load(artifact: Described, name: str | os.PathLike[str] | None = None) -> Any:
    """Return the object that lies under a name, with or without its ending; its only file's without.

    Raises
    ------
    UsageError
        It holds none of this name, or one of a format that is not read.
    CorruptRecord
        The content is not what was kept.
    """
    from runfolio.format.object_readers import read_object
    from runfolio.record.artifacts.using import fetch

    entry = _entry(artifact, str(name) if name is not None else None)
    with tempfile.TemporaryDirectory(prefix="runfolio-") as folder:
        fetch(artifact, [entry], Path(folder))
        return read_object(Path(folder, *PurePosixPath(entry.path).parts))


def _entry(artifact: Described, name: str | None) -> Any:
    entries = artifact.logged("load").entries
    found = [
        entry for entry in entries
        if name is None or entry.path == name or entry.path.rpartition(".")[0] == name
    ]  # fmt: skip
    exact = [entry for entry in found if entry.path == name]
    if len(exact or found) == 1:
        return (exact or found)[0]
    known = ", ".join(repr(entry.path) for entry in (found or entries)[:5])
    raise UsageError(
        f"{artifact.name} holds {len(found)} files that {name!r} could mean; name one of {known}."
        if name is not None
        else f"{artifact.name} holds {len(entries)} files; name one of {known}."
    )
