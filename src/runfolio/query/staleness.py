"""Warnings on a result: its notebook, as it stands now, would not give it again."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from runfolio.capture.bindings import STAR, bindings
from runfolio.capture.cell_text import text_hash
from runfolio.capture.saved_notebook import saved_notebook
from runfolio.format.cells import cells_from
from runfolio.format.notebooks import changed_modules, noted_notebook
from runfolio.model.context import CellExecution
from runfolio.model.notebook import SavedNotebook
from runfolio.model.run import RunRecord
from runfolio.query.lineage import Lineage, Use, lineage

__all__ = ["KINDS", "StaleCause", "Staleness", "run_staleness", "staleness"]

KINDS: Final = ("cell", "notebook", "modules")
"""The kinds of events that `run_staleness` looks at."""

_MOST: Final = 3


@dataclass(frozen=True, slots=True)
class StaleCause:
    """One reason why a notebook would not give a result again.

    Attributes
    ----------
    kind : str
        ``edited``, ``deleted``, ``gone`` (one of the two; the front end sends no ids),
        ``out-of-order``, ``undefined`` or ``module``.
    order : int
        Execution count of the cell, 0 where none is meant.
    names : tuple of str
        Variables or modules that it is about.
    """

    kind: str
    order: int = 0
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        cell, names = f"cell [{self.order}]", _listed(self.names)
        match self.kind:
            case "edited":
                return f"{cell} was edited since it ran"
            case "deleted":
                return f"{cell} was deleted"
            case "gone":
                return f"{cell} was edited or deleted since it ran"
            case "out-of-order":
                return f"{cell} ran out of order: from top to bottom {names} would differ"
            case "undefined":
                return f"no cell defines {names} any more"
        return f"changed on disk since import: {names}"


@dataclass(frozen=True, slots=True)
class Staleness:
    """What is known of how a result and its notebook differ.

    Attributes
    ----------
    causes : tuple of StaleCause
    unknown : str
        Why the cells could not be compared; empty where they were.
    """

    causes: tuple[StaleCause, ...] = ()
    unknown: str = ""

    @property
    def lines(self) -> list[str]:
        """The causes in words, of each kind a few."""
        lines = []
        for kind in dict.fromkeys(cause.kind for cause in self.causes):
            same = [cause for cause in self.causes if cause.kind == kind]
            lines += [str(cause) for cause in same[:_MOST]]
            if len(same) > _MOST:
                lines.append(f"and {len(same) - _MOST} more like it")
        return lines


def staleness(
    cells: Sequence[CellExecution],
    notebook: SavedNotebook,
    run_id: str,
    began_ms: int,
    modules: Iterable[str] = (),
) -> Staleness:
    """Return why a notebook, executed from top to bottom, would not give a result again.

    Parameters
    ----------
    cells : sequence of CellExecution
        As the record of the run tells them.
    notebook : SavedNotebook
        The cells that stand in it.
    began_ms : int
        When the run began, milliseconds UTC.
    modules : iterable of str
        Modules that changed on disk after they were imported.
    """
    changed = tuple(modules)
    by_disk = (StaleCause("module", names=changed),) if changed else ()
    if not cells or notebook.unknown:
        return Staleness(by_disk, notebook.unknown if cells else "")
    came_from = lineage(cells, run_id, began_ms)
    last = max((came_from.cells[n].started_at_ms for n in came_from.own), default=0)
    if notebook.saved_at_ms < last:
        return Staleness(by_disk, "the notebook was not saved since")
    present = _Present(came_from.cells, notebook)
    found = [
        *_edited_or_gone(came_from, present),
        *_out_of_order(came_from, present),
        *_undefined(came_from, present),
    ]
    return Staleness((*found, *by_disk))


def run_staleness(
    record: RunRecord,
    events: Iterable[Mapping[str, Any]],
    file: str | os.PathLike[str] | None = None,
) -> Staleness:
    """Return why the notebook of a run would not give its result again.

    Parameters
    ----------
    events : iterable of mapping
        Those of the run, at least those of `KINDS`.
    file : path, optional
        The notebook as it stands now; without it, and where it cannot be read, counts how it
        stood when the run ended.
    """
    told = list(events)
    cells, modules = cells_from(told), changed_modules(told)
    began_ms = round(record.created_at.timestamp() * 1000) if record.created_at else 0
    now = saved_notebook(file)
    if not now.unknown:
        return staleness(cells, now, record.id, began_ms, modules)
    noted = noted_notebook(told)
    if noted is None:
        return staleness(cells, now, record.id, began_ms, modules)
    found = staleness(cells, noted, record.id, began_ms, modules)
    return replace(found, unknown=now.unknown) if found.unknown and file is not None else found


class _Present:
    """The cells that stand in the notebook, beside the executions."""

    def __init__(self, executions: Sequence[CellExecution], notebook: SavedNotebook) -> None:
        self.cells = notebook.cells
        ids = Counter(cell.cell_id for cell in self.cells)
        # A cell that was copied in a text editor has its id twice: which of them ran, none tells.
        self._copied = {cell_id for cell_id, count in ids.items() if count > 1}
        self._by_id: dict[str | None, int] = {
            cell.cell_id: n for n, cell in enumerate(self.cells)
            if cell.cell_id and cell.cell_id not in self._copied
        }  # fmt: skip
        self._by_text: dict[str, list[int]] = {}
        for n, cell in enumerate(self.cells):
            self._by_text.setdefault(cell.text_hash, []).append(n)
        # Some front ends send ids of their own, which stand in no file.
        self.has_ids = any(cell.cell_id in self._by_id for cell in executions)

    def knows(self, cell: CellExecution) -> bool:
        """Return whether a cell of this id stands there."""
        return self.has_ids and cell.cell_id in self._by_id

    def would_know(self, cell: CellExecution) -> bool:
        """Return whether a cell of this id, if it still stood there, would be known by it."""
        return self.has_ids and bool(cell.cell_id) and cell.cell_id not in self._copied

    def place(self, cell: CellExecution) -> int | None:
        """Return where the cell stands, by its id, else by its text if that stands there once."""
        if self.knows(cell):
            return self._by_id.get(cell.cell_id)
        same = self._by_text.get(_text_hash(cell), [])
        return same[0] if len(same) == 1 else None

    def is_as_it_ran(self, cell: CellExecution) -> bool:
        """Return whether the text that ran stands there: in the cell of its id, if there is one."""
        text = _text_hash(cell)
        if self.knows(cell):
            return self._by_id.get(cell.cell_id) in self._by_text.get(text, [])
        return text in self._by_text

    def defined(self, executions: Iterable[CellExecution]) -> set[str]:
        """Return the names that its cells bind, by their text, or as was seen when they ran."""
        names = {name for cell in self.cells for name in cell.bound}
        for cell in executions:
            if _text_hash(cell) in self._by_text:
                names.update(cell.bound, cell.rebound)
        return names


def _text_hash(cell: CellExecution) -> str:
    return cell.text_hash or text_hash(cell.source)


def _edited_or_gone(came_from: Lineage, present: _Present) -> Iterator[StaleCause]:
    names: dict[int, set[str]] = {}
    for use in came_from.uses:
        names.setdefault(use.maker, set()).add(use.name)
    told = set()
    for place in came_from.places:
        cell = came_from.cells[place]
        if present.is_as_it_ran(cell):
            continue
        known = present.knows(cell)
        kind = "edited" if known else "deleted" if present.would_know(cell) else "gone"
        # An import gives the same again, whatever else was written into its cell.
        only_imports = place not in came_from.own and names[place] <= bindings(cell.source).imported
        key = cell.cell_id or _text_hash(cell)
        if key not in told and (kind == "deleted" or not only_imports):
            told.add(key)
            yield StaleCause(kind, cell.order)


def _out_of_order(came_from: Lineage, present: _Present) -> Iterator[StaleCause]:
    stands = [present.place(cell) for cell in came_from.cells]
    executed = {place for place in stands if place is not None}
    binders: dict[str, list[int]] = {}
    for n, cell in enumerate(present.cells):
        for name in cell.bound if n in executed else ():
            binders.setdefault(name, []).append(n)
    found: dict[int, list[str]] = {}
    for use in came_from.uses:
        if _differs(use, stands, binders):
            found.setdefault(use.reader, []).append(use.name)
    for reader, names in found.items():
        yield StaleCause("out-of-order", came_from.cells[reader].order, tuple(dict.fromkeys(names)))


def _differs(use: Use, stands: Sequence[int | None], binders: Mapping[str, list[int]]) -> bool:
    """Return whether another cell would make the name if the notebook ran from top to bottom."""
    maker, reader = stands[use.maker], stands[use.reader]
    if maker is None or reader is None:
        return False
    return maker >= reader or any(maker < n < reader for n in binders.get(use.name, ()))


def _undefined(came_from: Lineage, present: _Present) -> Iterator[StaleCause]:
    defined = present.defined(came_from.cells)
    used = dict.fromkeys(use.name for use in came_from.uses)
    if STAR not in defined:
        lost = tuple(name for name in used if name not in defined)
        if lost:
            yield StaleCause("undefined", names=lost)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]) + more
