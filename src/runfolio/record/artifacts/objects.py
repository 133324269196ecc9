"""Objects of a program as files of an artifact, and back: tables, arrays, tensors, JSON; never pickle."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from runfolio._optional import require
from runfolio.errors import MissingDependency, UsageError
from runfolio.format.object_readers import ONE_TENSOR, read_object
from runfolio.record.values import kind_name

if TYPE_CHECKING:
    import os

    from runfolio.record.artifacts.described import Described

__all__ = ["instead_of", "is_object", "load", "write"]

_EXPECTED: Final = (
    "expected a table of pandas, polars or pyarrow, an array of numpy, a dict of arrays, a model's "
    "state_dict, or what JSON holds. Save anything else as a file, and give that"
)
_DEEPEST: Final = 20
_SCALARS: Final = (str, int, float, bool, type(None))
# What people give in the place of what has a format, and what they mean.
_INSTEAD: Final = (
    ("state_dict", "its state_dict()"), ("collect", "what its collect() returns"),
    ("to_frame", "what its to_frame() returns"),
)  # fmt: skip


def is_object(value: Any) -> bool:
    """Return whether a value can be written as a file."""
    return _writer(value) is not None


def instead_of(value: Any) -> str:
    """Return what may be given in place of a value that has no format, as a sentence, or nothing."""
    if type(value).__module__.partition(".")[0] not in ("torch", "pandas", "polars"):
        return ""
    found = (what for method, what in _INSTEAD if callable(getattr(value, method, None)))
    return next((f" Give {what}." for what in found), "")


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
        raise UsageError(
            f"A {kind_name(value)} is not written as a file here; {_EXPECTED}.{instead_of(value)}"
        )
    ending, writer = found
    path = folder / f"{stem}{ending}"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        writer(value, path)
    except (UsageError, MissingDependency, OSError):
        raise
    except Exception as error:  # of whatever library writes the format
        raise UsageError(
            f"A {kind_name(value)} cannot be kept as {ending}: {error}; {_EXPECTED}."
        ) from error
    return path


def _writer(value: Any) -> tuple[str, Callable[[Any, Path], None]] | None:
    module = type(value).__module__.partition(".")[0]
    kind = type(value).__name__
    if (module, kind) in (("pandas", "DataFrame"), ("polars", "DataFrame"), ("pyarrow", "Table")):
        return ".parquet", _parquet
    if module == "numpy" and kind in ("ndarray", "memmap"):
        return ".npy", _npy
    if _is_tensor(value):
        return ".safetensors", _tensor
    if isinstance(value, Mapping) and value:
        tensors = [_is_tensor(one) for one in value.values()]
        if all(tensors):
            return ".safetensors", _tensors
        if _is_arrays(value):
            return ".npz", _npz
    if isinstance(value, (Mapping, list, tuple)) and _holds_tensors(value, 0):
        return ".safetensors", _no_tensors
    return (".json", _json) if isinstance(value, (Mapping, list, tuple, *_SCALARS)) else None


def _is_arrays(value: Mapping[Any, Any]) -> bool:
    """Return whether it holds arrays, and beside them at most numbers, as a model's intercept is."""
    of_numpy = [one for one in value.values() if type(one).__module__ == "numpy"]
    others = [one for one in value.values() if type(one).__module__ != "numpy"]
    return any(type(one).__name__ == "ndarray" for one in of_numpy) and all(
        isinstance(one, (bool, int, float)) for one in others
    )


def _is_tensor(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == "torch" and hasattr(value, "detach")


def _holds_tensors(value: Any, depth: int) -> bool:
    """Return whether tensors lie anywhere in it, as in the state of an optimizer."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if not isinstance(value, (list, tuple)) or depth > _DEEPEST:
        return _is_tensor(value)
    return any(_holds_tensors(one, depth + 1) for one in value)


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

    _check_names(arrays)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as file:
        for name, array in arrays.items():
            with file.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)


def _check_names(values: Mapping[Any, Any]) -> None:
    for name in values:
        if not isinstance(name, str):
            raise UsageError(
                f"{str(name)[:80]!r} is a {kind_name(name)}; expected a text as the name of each array. "
                "Give {str(key): value for key, value in …}."
            )


def _tensor(tensor: Any, path: Path) -> None:
    _tensors({"tensor": tensor}, path, {ONE_TENSOR: "tensor"})


def _no_tensors(value: Any, _: Path) -> None:
    raise UsageError(
        f"A {kind_name(value)} that holds tensors among other things, as the state of an optimizer does, "
        "has no format here: .safetensors is one dict of tensors. Give the tensors alone, or save all of "
        "it as a file (torch.save), and give that."
    )


def _tensors(
    tensors: Mapping[str, Any], path: Path, about: Mapping[str, str] | None = None
) -> None:
    save = require(
        "safetensors.torch", feature="A state_dict in an artifact", install="safetensors"
    ).save_file
    _check_names(tensors)
    seen: set[int] = set()
    held: dict[str, Any] = {}
    for name, tensor in tensors.items():
        fault = _fault_of(tensor)
        if fault:
            raise UsageError(
                f"{name[:80]!r} is {fault}, which .safetensors has no room for. Make it an ordinary tensor, "
                "or save all of it as a file (torch.save), and give that."
            )
        # A view that is conjugated or negated in the mind only would be written as it is not.
        plain = tensor.detach().resolve_conj().resolve_neg().cpu().contiguous()
        storage = plain.untyped_storage().data_ptr()
        # The format has each byte once: tied weights and views of one tensor are written twice.
        held[name] = plain.clone() if storage in seen else plain
        seen.add(storage)
    save(held, path, metadata=dict(about) if about else None)


def _fault_of(tensor: Any) -> str:
    if str(tensor.layout) != "torch.strided":
        return f"a tensor of the layout {str(tensor.layout).removeprefix('torch.')}"
    if tensor.is_quantized:
        return "quantized"
    return "on the meta device and has no values" if tensor.is_meta else ""


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
