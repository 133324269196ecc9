"""The cells of a notebook's file, without its outputs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import orjson

from runfolio.capture.bindings import bindings
from runfolio.capture.cell_text import source_hash, text_hash
from runfolio.model.notebook import SavedCell, SavedNotebook

__all__ = ["saved_notebook"]

_MAX_BYTES: Final = 64 * 1024 * 1024
_MAX_CELLS: Final = 5_000
_LONGEST: Final = 100_000


def saved_notebook(file: str | os.PathLike[str] | None) -> SavedNotebook:
    """Return the code cells that stand in a notebook's file.

    Parameters
    ----------
    file : path or None
        ``None`` where nobody tells which notebook it is.

    Returns
    -------
    SavedNotebook
        With a reason in ``unknown`` where the file does not tell; nothing is raised.
    """
    if file is None:
        return SavedNotebook(unknown="the front end does not tell which notebook this is")
    path = Path(file)
    try:
        about = path.stat()
        if about.st_size > _MAX_BYTES:
            return SavedNotebook(unknown=f"{path.name} is larger than 64 MiB")
        found = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return SavedNotebook(unknown=f"{path.name} is not saved")
    except OSError as error:
        return SavedNotebook(unknown=f"{path.name} cannot be read ({error.strerror})")
    except ValueError:
        return SavedNotebook(unknown=f"{path.name} is no JSON")
    cells = found.get("cells") if isinstance(found, dict) else None
    if not isinstance(cells, list):
        return SavedNotebook(unknown=f"{path.name} is no notebook of version 4")
    code = [c for c in cells if isinstance(c, dict) and c.get("cell_type") == "code"]
    return SavedNotebook(
        tuple(_saved_cell(cell) for cell in code[:_MAX_CELLS]), about.st_mtime_ns // 1_000_000
    )


def _saved_cell(cell: dict[str, Any]) -> SavedCell:
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    source = source if isinstance(source, str) else ""
    cell_id = cell.get("id")
    bound = bindings(source).bound if len(source) <= _LONGEST else frozenset[str]()
    return SavedCell(
        cell_id if isinstance(cell_id, str) and cell_id else None,
        source_hash(source),
        text_hash(source),
        tuple(sorted(bound)),
    )
