"""Files that are created whole and exclusively, and never changed: versions, and what is said of them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runfolio.errors import CorruptRecord, UsageError
from runfolio.format import codec
from runfolio.format.disk import NO_LINK
from runfolio.model.ports import BlobFiles

__all__ = ["create_once"]


def create_once(
    folder: Path, name: str, body: Mapping[str, Any], files: BlobFiles, *, limit: int
) -> None:
    """Create a file below the folder of an artifact.

    Parameters
    ----------
    limit : int
        How many bytes its readers take.

    Raises
    ------
    UsageError
        It would be too large to be read again.
    CorruptRecord
        A link stands where the folder should.
    FileExistsError
        Another process has the name.
    OSError
        The file cannot be written.
    """
    path, data = folder / name, codec.with_crc(body)
    if len(data) > limit:
        raise UsageError(
            f"{folder.name}: what describes the version has {len(data):,} bytes, and at most {limit:,} are "
            "read; it has too many files, or too much metadata. Pack some of them together."
        )
    for above in (folder.parent, folder, path.parent):
        if above.is_symlink():
            raise CorruptRecord(f"{above.name} is a link; nothing is written through it.")
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(3).hex()}.tmp")
    try:
        files.write_new(beside, data)
        try:
            files.link(beside, path)
        except OSError as error:
            if error.errno not in NO_LINK:
                raise
            _write_new(path, data, files)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def _write_new(path: Path, data: bytes, files: BlobFiles) -> None:
    try:
        files.write_new(path, data)
    except FileExistsError:
        raise
    except OSError:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)  # half written
        raise
