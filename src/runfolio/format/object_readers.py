"""Reading an object back from the file it was kept in: formats that hold data and no program."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from runfolio._optional import require
from runfolio.errors import CorruptRecord, UsageError

__all__ = ["ONE_TENSOR", "READABLE", "read_object"]

ONE_TENSOR: Final = "runfolio"
"""What a file of one tensor says of itself, so that it comes back as one and not as a dict."""


def _npy(path: Path) -> Any:
    import numpy as np

    return np.load(path, allow_pickle=False)


def _npz(path: Path) -> Any:
    import numpy as np

    with np.load(path, allow_pickle=False) as found:
        return {name: found[name] for name in found.files}


def _safetensors(path: Path) -> Any:
    # Whoever has torch loaded wants tensors; numpy knows no bfloat16, too.
    kind = "torch" if "torch" in sys.modules else "numpy"
    feature = "A file of tensors"
    load = require(f"safetensors.{kind}", feature=feature, install="safetensors").load_file
    try:
        found = load(path)
    except (TypeError, AttributeError, KeyError) as error:
        raise UsageError(
            f"{path.name} holds tensors of a type that numpy does not know ({error}); import torch first."
        ) from error
    with require("safetensors", feature=feature, install="safetensors").safe_open(
        path, framework="numpy"
    ) as file:
        is_one = (file.metadata() or {}).get(ONE_TENSOR) == "tensor"
    return found["tensor"] if is_one else found


def _json(path: Path) -> Any:
    import json

    return json.loads(path.read_text(encoding="utf-8", errors="surrogatepass"))


def _parquet(path: Path) -> Any:
    return require("pandas", feature="A table", install="pandas").read_parquet(path)


def _csv(path: Path) -> Any:
    return require("pandas", feature="A table", install="pandas").read_csv(path)


def _text(path: Path) -> Any:
    return path.read_text(encoding="utf-8")


READABLE: Final[Mapping[str, Callable[[Path], Any]]] = {
    ".npy": _npy, ".npz": _npz, ".safetensors": _safetensors, ".json": _json, ".parquet": _parquet,
    ".csv": _csv, ".txt": _text, ".md": _text,
}  # fmt: skip
"""Ending of a file → what reads it. No pickle: to read one is to run what its author wrote."""


def read_object(path: Path) -> Any:
    """Return what a file holds.

    Raises
    ------
    UsageError
        Its format is none of those that are read.
    CorruptRecord
        It is not what its name says.
    MissingDependency
        What reads it is not installed.
    """
    reader = READABLE.get(path.suffix.lower())
    if reader is None:
        raise UsageError(
            f"{path.name!r} is not read here; expected a file that ends with "
            f"{', '.join(READABLE)}. download() fetches it."
        )
    try:
        return reader(path)
    except NotImplementedError as error:  # Arrow has it, and pandas has no such column
        raise UsageError(
            f"{path.name} is not read here: {error}. download() fetches it."
        ) from error
    except UsageError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise CorruptRecord(f"{path.name} cannot be read: {error}") from error
