"""Where a medium's bytes come from when they are not made: paths, open files, bytes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from runfolio.errors import UsageError

__all__ = ["content_of", "file_at", "is_open_file"]

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def file_at(value: str | os.PathLike[str], what: str) -> Path:
    """Return the path of a file that is there, whatever folder the program goes to later.

    Raises
    ------
    UsageError
        It is an address, or no file.
    """
    text = os.fspath(value)
    if _ADDRESS.match(text):
        raise UsageError(
            f"{what}: {text[:200]!r} is an address; a run holds files of its own. Download it and "
            "give the path."
        )
    path = Path(os.path.abspath(text))  # noqa: PTH100 - a linked file keeps its name
    if not path.is_file():
        raise UsageError(f"{what}: there is no file {text[:200]!r}.")
    return path


def is_open_file(value: object) -> bool:
    """Return whether something can be read from."""
    return callable(getattr(value, "read", None))


def content_of(value: Any, what: str) -> bytes:
    """Return the whole content of an open file, from its beginning where it can go there.

    Raises
    ------
    UsageError
        It gives neither bytes nor text.
    """
    if not isinstance(value, (bytes, bytearray, memoryview)):
        if callable(getattr(value, "seek", None)):
            value.seek(0)
        value = value.read()
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace")
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    raise UsageError(f"{what}: expected text or bytes to read, not {type(value).__name__}.")
