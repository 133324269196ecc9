"""Which executed cells a run's result came from, by the names they bound, changed and read."""

from __future__ import annotations

import functools
from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from runfolio.capture.bindings import bindings
from runfolio.capture.cells import told_by_text
from runfolio.model.context import CellExecution

__all__ = ["Ancestry", "Lineage", "Makers", "Use", "lineage"]

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
    known = tuple(map(_told, cells))
    own = _own(known, run_id, began_ms)
    makers = Makers()
    for place, cell in enumerate(known):
        makers.add(place, cell)
    uses: list[Use] = []
    pending, seen = list(own), set(own)
    while pending:
        reader = pending.pop()
        for name, made in _read_by(reader, known, makers):
            uses += (Use(name, reader, maker) for maker in made)
            pending += (maker for maker in made if maker not in seen)
            seen.update(made)
    return Lineage(known, own, tuple(sorted(uses, key=lambda use: (use.reader, use.maker))))


class Makers:
    """Who made what a name stands for, as of any place among executions."""

    def __init__(self) -> None:
        self._makers: dict[str, list[int]] = {}
        # Those of them that gave the name another object.
        self._binders: dict[str, list[int]] = {}

    def add(self, place: int, cell: CellExecution) -> None:
        """Take in an execution, nearly always the last one of all."""
        bound = {*cell.bound, *cell.rebound, *cell.deleted}
        for name in bound.union(cell.changed):
            insort(self._makers.setdefault(name, []), place)
        for name in bound:
            insort(self._binders.setdefault(name, []), place)

    def before(self, name: str, reader: int) -> list[int]:
        """Return who bound a name last before an execution, and who changed its object since."""
        makers, binders = self._makers.get(name, []), self._binders.get(name, [])
        n = bisect_left(binders, reader)
        begin = bisect_left(makers, binders[n - 1]) if n else 0
        return makers[begin : bisect_left(makers, reader)]


class Ancestry:
    """The executions that a run stands on, found while it goes on: a look costs what is new in it.

    Parameters
    ----------
    makers : Makers
        Of all executions that have ended.
    """

    def __init__(self, makers: Makers) -> None:
        self._makers = makers
        self._seen: set[int] = set()
        # Name and its binder → how many of its makers are known, and the last of them.
        self._walked: dict[tuple[str, int], tuple[int, int]] = {}

    def grow(self, reader: int, cells: Sequence[CellExecution]) -> list[int]:
        """Return the executions that one of `cells` stands on and that were not returned before."""
        found: list[int] = []
        pending = [reader]
        while pending:
            reader = pending.pop()
            for name, made in _read_by(reader, cells, self._makers):
                new = [maker for maker in self._unknown(name, made) if maker not in self._seen]
                self._seen.update(new)
                found += new
                pending += new
        return found

    def _unknown(self, name: str, made: list[int]) -> list[int]:
        """Return the makers that were not walked along yet; of thousands these are the last few."""
        if not made:
            return made
        count, last = self._walked.get((name, made[0]), (0, -1))
        # A cell that others ran within takes its place before them when it ends.
        as_before = 0 < count <= len(made) and made[count - 1] == last
        if not as_before or len(made) > count:
            self._walked[name, made[0]] = len(made), made[-1]
        return made[count:] if as_before else made


def _read_by(
    reader: int, cells: Sequence[CellExecution], makers: Makers
) -> Iterator[tuple[str, list[int]]]:
    """Yield each name that an execution read, and those that had made its value."""
    cell = _told(cells[reader])
    names, asked = list(cell.read), set(cell.read)
    while names:
        name = names.pop()
        made = makers.before(name, reader)
        yield name, made
        # Who only changed a function has no text that says what it reads.
        if made and cell.status in _NOT_WATCHED:
            more = _read_when_used(cells[made[0]].source, name) - asked
            asked |= more
            names += more


def _told(cell: CellExecution) -> CellExecution:
    """Return an execution, and of one without a look at its names what its text tells."""
    return cell if _looked_at(cell) else _by_text(cell)


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
