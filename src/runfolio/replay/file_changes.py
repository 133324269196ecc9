"""From the contents of a file on both sides to what changed in it: lines, or cells of a notebook."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from runfolio.capture.cell_text import source_hash
from runfolio.errors import CorruptRecord
from runfolio.format.codec import loads
from runfolio.model.context import CellExecution
from runfolio.query.diff_cells import CellsDiff, cells_diff
from runfolio.query.diff_text import TextDiff, only_new, only_old, text_diff

__all__ = ["MAX_FILES", "Content", "FileChange", "file_changes"]

MAX_FILES: Final = 200
"""Changed files whose lines are compared; more are named."""

_MAX_TEXT: Final = 400_000
_SECONDS: Final = 4.0
_NOTEBOOK: Final = ".ipynb"
# Jupyter's own copies of notebooks, which say nothing that the notebook does not.
_COPIES: Final = ".ipynb_checkpoints/"

Content = bytes | None
"""``None`` for a file that is not there."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that is not the same.

    Attributes
    ----------
    path : str
    kind : str
        ``added``, ``removed``, ``changed``, ``renamed``, or ``patch`` where only what was not
        committed of it is known.
    was_path : str
        Of a renamed file.
    text : TextDiff or None
        ``None`` for a file that is no text, or too long, and for a notebook.
    cells : CellsDiff or None
        Of a notebook; its outputs are not compared.
    note : str
        Why there are no lines.
    """

    path: str
    kind: str
    was_path: str = ""
    text: TextDiff | None = None
    cells: CellsDiff | None = None
    note: str = ""


def file_changes(files: Mapping[str, tuple[Content, Content]]) -> Iterator[FileChange]:
    """Yield the files whose content is not the same; a notebook is the same if its cells are."""
    differ = {
        path: pair
        for path, pair in files.items()
        if pair[0] != pair[1] and f"/{path}".find(f"/{_COPIES}") < 0
    }
    gone = {was: path for path, (was, now) in differ.items() if now is None and was}
    renamed = {
        path: gone[now] for path, (was, now) in differ.items() if was is None and now in gone
    }
    taken = set(renamed.values())
    until = time.monotonic() + _SECONDS
    n = 0
    for path, (was, now) in differ.items():
        if path in taken:
            continue
        if path in renamed:
            yield FileChange(path, "renamed", renamed[path])
            continue
        kind = "added" if was is None else "removed" if now is None else "changed"
        found = _change(path, kind, was, now, until) if n < MAX_FILES else FileChange(path, kind)
        if found is not None:
            n += 1
            yield found


def _change(path: str, kind: str, was: Content, now: Content, until: float) -> FileChange | None:
    if path.endswith(_NOTEBOOK):
        before, after = _notebook(was), _notebook(now)
        if before is not None and after is not None:
            cells = cells_diff(before, after)
            return (
                None if cells.is_same and kind == "changed" else FileChange(path, kind, cells=cells)
            )
    text, note = _lines(was, now, until)
    return FileChange(path, kind, text=text, note=note)


def _notebook(content: Content) -> list[CellExecution] | None:
    """Return the cells of a notebook; ``None`` where the file holds none that could be read."""
    if content is None:
        return []
    try:
        body = loads(content, "the notebook")
    except CorruptRecord:
        return None
    cells = body.get("cells") if isinstance(body, dict) else None
    if not isinstance(cells, list):
        return None
    return [_cell(n, cell) for n, cell in enumerate(cells, start=1) if isinstance(cell, dict)]


def _cell(order: int, cell: Mapping[str, Any]) -> CellExecution:
    source, cell_id = cell.get("source"), cell.get("id")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    text = source if isinstance(source, str) else ""
    digest = source_hash(text)
    return CellExecution(
        text, digest, order, cell_id if isinstance(cell_id, str) else None, 0, None, "",
        # A heading is no comment: only code is the same in another layout.
        text_hash=None if cell.get("cell_type") == "code" else digest,
    )  # fmt: skip


def _lines(was: Content, now: Content, until: float) -> tuple[TextDiff | None, str]:
    sizes = " → ".join(f"{len(one):,} bytes" for one in (was, now) if one is not None)
    if any(one is not None and b"\0" in one[:8000] for one in (was, now)):
        return None, f"no text, {sizes}"
    if any(one is not None and len(one) > _MAX_TEXT for one in (was, now)):
        return None, f"too long to compare, {sizes}"
    before, after = ((one or b"").decode("utf-8", "replace") for one in (was, now))
    if was is None:
        return only_new(after), ""
    return (only_old(before), "") if now is None else (text_diff(before, after, until=until), "")
