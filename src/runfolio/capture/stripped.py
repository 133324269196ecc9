"""Notebooks without their outputs."""

from __future__ import annotations

import json
from typing import Any, Final

__all__ = ["without_outputs"]

# Written by front ends while cells run: times of execution, state of widgets, what is folded.
_CELL_METADATA: Final = ("execution", "ExecuteTime", "collapsed", "scrolled")
_MAX_CELLS: Final = 100_000


def without_outputs(content: bytes) -> bytes | None:
    r"""Return a notebook as it is before anything ran in it.

    Outputs, execution counts, execution times and the state of widgets are taken out; sources,
    attachments and all other metadata stay, in their order, written as Jupyter writes notebooks.

    Returns
    -------
    bytes or None
        ``None`` for what is no notebook: outputs could not be told from code in it.

    Examples
    --------
    >>> without_outputs(b'{"cells": [{"cell_type": "code", "outputs": [1], "source": "x"}]}')
    b'{\n "cells": [\n  {\n   "cell_type": "code",\n   "outputs": [],\n   "source": "x"\n  }\n ]\n}\n'
    """
    try:
        notebook = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(notebook, dict):
        return None
    cells = _cells(notebook)
    if cells is None or len(cells) > _MAX_CELLS:
        return None
    for cell in cells:
        if isinstance(cell, dict):
            _strip(cell)
    if isinstance(notebook.get("metadata"), dict):
        notebook["metadata"].pop("widgets", None)
    text = json.dumps(notebook, ensure_ascii=False, indent=1, separators=(",", ": ")) + "\n"
    return text.encode("utf-8", "surrogatepass")


def _cells(notebook: dict[str, Any]) -> list[Any] | None:
    cells = notebook.get("cells")
    if isinstance(cells, list):
        return cells
    # Format 3, until 2015, had its cells in worksheets.
    sheets = notebook.get("worksheets")
    if not isinstance(sheets, list) or not all(isinstance(sheet, dict) for sheet in sheets):
        return None
    found: list[Any] = []
    for sheet in sheets:
        if not isinstance(sheet.get("cells"), list):
            return None
        found += sheet["cells"]
    return found


def _strip(cell: dict[str, Any]) -> None:
    if "outputs" in cell:
        cell["outputs"] = []
    for name in ("execution_count", "prompt_number"):
        if name in cell:
            cell[name] = None
    metadata = cell.get("metadata")
    if isinstance(metadata, dict):
        for name in _CELL_METADATA:
            metadata.pop(name, None)
