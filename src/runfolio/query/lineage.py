"""Which executed cells a run's result came from, by the names they bound, changed and read."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from runfolio.capture.bindings import bindings
from runfolio.capture.cells import told_by_text
from runfolio.model.context import CellExecution

__all__ = ["Lineage", "Use", "lineage"]

# The hooks note the cell and open the run one after the other.
_SKEW_MS: Final = 20
# Of these the text alone tells what they read; what the functions they call read, it does not.
_NOT_WATCHED: Final = ("running", "before-tracking")


@dataclass(frozen=True, slots=True)
class Use:
    """One name that an execution read, and the execution that had made its value.

    Attributes
    ----------
    reader, maker : int
        Places among the executions.
    """

    name: str
    reader: int
    maker: int


@dataclass(frozen=True, slots=True)
class Lineage:
    """Executions that a result came from.

    Attributes
    ----------
    cells : tuple of CellExecution
        All executions, in true order, those without a look at their names as their text tells.
    own : tuple of int
        Places of those that logged to the run; if none did, of the one that runs, else of all
        that belong to it.
    uses : tuple of Use
        How they and the executions before them hang together.
    """

    cells: tuple[CellExecution, ...]
    own: tuple[int, ...]
    uses: tuple[Use, ...]

    @property
    def places(self) -> list[int]:
        """Places of all executions that the result came from, in true order."""
        return sorted({*self.own, *(use.maker for use in self.uses)})


def lineage(cells: Sequence[CellExecution], run_id: str, began_ms: int) -> Lineage:
    """Return where the result of a run came from.

    Parameters
    ----------
    cells : sequence of CellExecution
        As the record of the run tells them, in true order.
    began_ms : int
        When the run began, milliseconds UTC.
    """
    known = tuple(cell if _looked_at(cell) else _by_text(cell) for cell in cells)
    own = _own(known, run_id, began_ms)
    makers: dict[str, list[tuple[int, bool]]] = {}
    for place, cell in enumerate(known):
        for name in cell.changed:
            makers.setdefault(name, []).append((place, False))
        for name in {*cell.bound, *cell.rebound, *cell.deleted}:
            makers.setdefault(name, []).append((place, True))
    uses: list[Use] = []
    pending, seen = list(own), set(own)
    while pending:
        reader = pending.pop()
        names, asked = list(known[reader].read), set(known[reader].read)
        while names:
            name = names.pop()
            for maker in _made_before(reader, makers.get(name, ())):
                uses.append(Use(name, reader, maker))
                if maker not in seen:
                    seen.add(maker)
                    pending.append(maker)
                if known[reader].status in _NOT_WATCHED:
                    more = _read_when_used(known[maker].source, name) - asked
                    asked |= more
                    names += more
    return Lineage(known, own, tuple(sorted(uses, key=lambda use: (use.reader, use.maker))))


def _looked_at(cell: CellExecution) -> bool:
    return cell.status != "running" or bool(cell.bound or cell.rebound or cell.read)


def _by_text(cell: CellExecution) -> CellExecution:
    return replace(cell, **told_by_text(cell.source))


def _own(cells: Sequence[CellExecution], run_id: str, began_ms: int) -> tuple[int, ...]:
    begun = [n for n, c in enumerate(cells) if 0 < c.started_at_ms <= began_ms + _SKEW_MS]
    own = [
        n for n, cell in enumerate(cells)
        if cell.run == run_id or n in begun[-1:] or cell.started_at_ms > began_ms + _SKEW_MS
    ]  # fmt: skip
    logged = [n for n in own if cells[n].steps]
    running = [n for n in own if cells[n].status == "running"]
    return tuple(logged or running or own)


@functools.lru_cache(maxsize=1024)
def _read_when_used(source: str, name: str) -> frozenset[str]:
    """Return what a function or class of a cell reads beyond what the cell itself reads."""
    read = bindings(source).read
    return (
        bindings(f"{source}\n{name}").read - read - {name} if name.isidentifier() else frozenset()
    )


def _made_before(reader: int, makers: Iterable[tuple[int, bool]]) -> list[int]:
    """Return who bound a name last before an execution, and who changed its object since."""
    found: list[int] = []
    for place, whole in makers:
        if place >= reader:
            break
        found = [place] if whole else [*found, place]
    return found
