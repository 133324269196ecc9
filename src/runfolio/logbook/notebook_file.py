"""A notebook file that is not open: read with limits, checked, and replaced whole or not at all."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import nbformat
from nbformat.validator import NotebookValidationError

from runfolio.errors import CorruptRecord, UsageError
from runfolio.format.codec import MAX_DEPTH, depth
from runfolio.format.disk import Disk, read_small
from runfolio.logbook.mark import marked_run, run_mark

__all__ = [
    "NotebookFile",
    "journal_run_id",
    "mark_journal",
    "new_journal_cell",
    "source_of",
]

# nbformat has no annotations; its calls are checked by tests.
_nb: Any = nbformat
_MAX_BYTES: Final = 256 * 1024 * 1024
_MAX_CELLS: Final = 100_000
# The first minor version whose cells have ids; older ones must not have them.
_MINOR_WITH_IDS: Final = 5
_MAX_MINOR: Final = 99


class NotebookFile:
    """One notebook on disk.

    Attributes
    ----------
    path : Path
        Links followed.
    cells : list of notebook nodes
        To be changed in place; :meth:`save` writes them.

    Raises
    ------
    UsageError
        It is not there, no JSON, no notebook of version 4, or not valid; the file is as it was.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path).resolve()
        try:
            self._bytes = read_small(self.path, _MAX_BYTES)
        except (OSError, CorruptRecord) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise UsageError(f"The notebook {path} cannot be read: {why}") from error
        self._notebook = _checked(self._bytes, path)
        self.cells: list[Any] = self._notebook.cells

    @property
    def has_ids(self) -> bool:
        """Whether cells of this notebook have ids."""
        return bool(self._notebook.nbformat_minor >= _MINOR_WITH_IDS)

    def entries(self) -> list[tuple[str, str]]:
        """Return run id and text of each journal cell, in order."""
        found = ((journal_run_id(cell), source_of(cell)) for cell in self.cells)
        return [(run_id, text) for run_id, text in found if run_id is not None]

    def insert(self, at: int, cell: Any) -> None:
        """Put a cell in, with an id that no other has."""
        taken = {other.get("id") for other in self.cells}
        while self.has_ids and (not cell.get("id") or cell["id"] in taken):
            cell["id"] = secrets.token_hex(4)
        if not self.has_ids:
            cell.pop("id", None)
        self.cells.insert(at, cell)

    def drop_shown_entries(self) -> None:
        """Take away entries shown as outputs where the run has a journal cell: once is enough."""
        have = {journal_run_id(cell) for cell in self.cells} - {None}
        for cell in self.cells:
            outputs = cell.get("outputs") or []
            kept = [output for output in outputs if _shown_entry(output) not in have]
            if len(kept) < len(outputs):
                cell["outputs"] = kept

    def save(self) -> None:
        """Write the notebook, if it is valid and the file still is as it was read.

        Raises
        ------
        UsageError
            It was changed in the meantime, so it is open somewhere; or it would not be valid.
        OSError
            It cannot be written.
        """
        _validate(self._notebook, self.path)
        text = _nb.v4.writes(self._notebook) + "\n"
        try:
            data = text.encode("utf-8")
        except UnicodeEncodeError:
            # Lone surrogates in somebody's output: JSON can hold them only escaped.
            data = (_nb.v4.writes(self._notebook, ensure_ascii=True) + "\n").encode("ascii")
        if data == self._bytes:
            return
        if read_small(self.path, _MAX_BYTES) != self._bytes:
            raise UsageError(
                f"{self.path.name} was saved by something else at this moment; it was left as it "
                "is. Close the notebook, then insert again."
            )
        Disk().replace(self.path, data)


def source_of(cell: Any) -> str:
    """Return a cell's text."""
    return str(cell.get("source", ""))


def journal_run_id(cell: Any) -> str | None:
    """Return the run a cell is the journal of, or ``None`` for any other cell."""
    return None if cell.get("cell_type") != "markdown" else marked_run(cell.get("metadata"))


def _shown_entry(output: Any) -> str | None:
    """Return the run an output is the entry of, or ``None`` for any other output."""
    is_entry = "text/markdown" in (output.get("data") or {})
    return marked_run(output.get("metadata")) if is_entry else None


def mark_journal(cell: Any, run_id: str) -> None:
    """Say in a cell's metadata which run it is the journal of."""
    cell["metadata"].update(_nb.from_dict(run_mark(run_id)))


def new_journal_cell(run_id: str, source: str) -> Any:
    """Return a Markdown cell that is the journal of a run."""
    cell = _nb.v4.new_markdown_cell(source)
    mark_journal(cell, run_id)
    return cell


def _checked(data: bytes, path: Path | str) -> Any:
    def wrong(what: str) -> UsageError:
        return UsageError(f"{path} {what}; it was left as it is.")

    try:
        body = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise wrong(f"is no notebook: it does not hold JSON ({error})") from error
    if not isinstance(body, dict) or type(body.get("nbformat")) is not int:
        raise wrong("is no notebook: it names no nbformat version")
    if body["nbformat"] != nbformat.current_nbformat:
        raise wrong(
            f"is a notebook of version {body['nbformat']}; expected version "
            f"{nbformat.current_nbformat} (open it in Jupyter and save it)"
        )
    if type(body.get("nbformat_minor")) is not int or body["nbformat_minor"] > _MAX_MINOR:
        raise wrong("is no notebook: it names no nbformat_minor version")
    if not isinstance(body.get("cells"), list) or len(body["cells"]) > _MAX_CELLS:
        raise wrong(f"is no notebook that can be read: expected a list of ≤ {_MAX_CELLS:,} cells")
    if depth(body["cells"]) >= MAX_DEPTH:
        raise wrong(f"nests deeper than {MAX_DEPTH} levels")
    try:
        notebook = _nb.v4.to_notebook(body)
    except (AttributeError, KeyError, TypeError) as error:
        raise wrong(f"is not a valid notebook ({error})") from error
    _give_ids(notebook.cells, notebook.nbformat_minor)
    _validate(notebook, path)
    return notebook


def _give_ids(cells: Iterable[Any], minor: int) -> None:
    """Give ids to cells that lack them or share one, as Jupyter does on opening."""
    seen: set[str] = set()
    for cell in cells:
        if minor >= _MINOR_WITH_IDS and isinstance(cell, dict):
            if not cell.get("id") or cell["id"] in seen:
                cell["id"] = secrets.token_hex(4)
            seen.add(cell["id"])


def _validate(notebook: Any, path: Path | str) -> None:
    try:
        nbformat.validate(notebook)
    except NotebookValidationError as error:
        what = str(error).splitlines()[0]
        raise UsageError(f"{path} is not a valid notebook: {what} It was left as it is.") from error
