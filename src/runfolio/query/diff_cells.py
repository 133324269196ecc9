"""The cells of two notebook runs beside each other: equal, edited, moved, new, gone."""

from __future__ import annotations

import bisect
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from runfolio.capture.cell_text import text_hash
from runfolio.model.context import CellExecution
from runfolio.model.run import RunRecord
from runfolio.query.cell_essence import essence
from runfolio.query.diff_text import TextDiff, only_new, only_old, text_diff
from runfolio.query.lineage import lineage

__all__ = ["CellChange", "CellsDiff", "cells_diff", "cells_of", "edited_cells"]

MAX_CELLS: Final = 2_000
"""Cells of a run that are compared; the last ones count."""

_ALIKE: Final = 0.5
_SECONDS: Final = 2.0
_MAX_PAIRS: Final = 60_000
_MAX_NORMAL: Final = 50_000
_MAX_SOURCE: Final = 200_000
_TRACK: Final = re.compile(r"\A\s*%%?track\b[^\n]*\n?")
_TOKEN: Final = re.compile(r"\w+|[^\w\s]")
_MAX_TOKENS: Final = 2_000


@dataclass(frozen=True, slots=True)
class CellChange:
    """One cell that is not the same in both runs.

    Attributes
    ----------
    kind : str
        ``edited``, ``added``, ``removed``, or ``same`` for one that only moved.
    moved : bool
        Whether it ran at another place among the others.
    was, now : int or None
        Its place among the cells of each run, from 1.
    text : TextDiff
        Line by line; empty for one that only moved.
    first : str
        Its first line with something in it, by which a reader knows it.
    """

    kind: str
    moved: bool
    was: int | None
    now: int | None
    text: TextDiff
    first: str


@dataclass(frozen=True, slots=True)
class CellsDiff:
    """What differs between the cells that two runs executed.

    Attributes
    ----------
    changes : tuple of CellChange
        In the order of the second run; what is gone stands where it was.
    n_was, n_now, n_same : int
        Cells compared, and those equal in both, moved ones included.
    repeated : int
        Earlier executions of cells that ran again, in both runs; only the last is compared.
    left_out : int
        Cells above 2,000 that were not looked at.
    nearby : bool
        Whether edited cells were looked for near their place only, for there are so many.
    """

    changes: tuple[CellChange, ...] = ()
    n_was: int = 0
    n_now: int = 0
    n_same: int = 0
    repeated: int = 0
    left_out: int = 0
    nearby: bool = False

    @property
    def is_same(self) -> bool:
        """Whether both ran the same cells in the same order."""
        return not self.changes


@dataclass(frozen=True, slots=True)
class _Cell:
    source: str
    key: str
    cell_id: str | None


@dataclass(frozen=True, slots=True)
class _Taken:
    cells: tuple[_Cell, ...]
    repeated: int
    left_out: int


def cells_of(record: RunRecord, cells: Sequence[CellExecution]) -> list[CellExecution]:
    """Return the cells behind a run: what another run was made of counts only if this uses it."""
    foreign = {n for n, cell in enumerate(cells) if cell.run not in (None, record.id)}
    if not foreign:
        return list(cells)
    began_ms = round(record.created_at.timestamp() * 1000) if record.created_at else 0
    used = set(lineage(cells, record.id, began_ms).places)
    return [cell for n, cell in enumerate(cells) if n not in foreign or n in used]


def cells_diff(was: Sequence[CellExecution], now: Sequence[CellExecution]) -> CellsDiff:
    """Return what differs between the cells of two runs, each in the order in which it ran them.

    Equal are cells whose text differs in comments and layout only; the line ``%%track NAME``
    does not count. Cells of the same id, and others that share half of their words, are one cell
    that was edited. Of a cell that ran several times the last execution counts.
    """
    a, b = _taken(was), _taken(now)
    pairs, nearby = _pairs(a.cells, b.cells, _MAX_PAIRS)
    moved = _moved(pairs)
    changes = list(_changes(a.cells, b.cells, pairs, moved))
    equal = sum(a.cells[i].key == b.cells[k].key for i, k in pairs.items())
    return CellsDiff(
        tuple(changes), len(a.cells), len(b.cells), equal, a.repeated + b.repeated,
        a.left_out + b.left_out, nearby,
    )  # fmt: skip


def edited_cells(
    was: Sequence[CellExecution],
    now: Sequence[CellExecution],
    *,
    max_pairs: int = _MAX_PAIRS,
    max_parsed: int = 0,
) -> Counter[str]:
    """Return how many cells were ``edited``, ``added``, ``removed``, and ``moved`` unchanged.

    Parameters
    ----------
    max_pairs : int
        How many cells are tried for being alike.
    max_parsed : int
        Of so many characters of edited cells it is looked at whether they only assign other
        literals, and so count as the same.
    """
    a, b = _taken(was), _taken(now)
    pairs, _ = _pairs(a.cells, b.cells, max_pairs)
    moved = _moved(pairs)
    found: Counter[str] = Counter()
    for i, k in pairs.items():
        edited = a.cells[i].key != b.cells[k].key
        if edited:
            max_parsed -= len(a.cells[i].source) + len(b.cells[k].source)
            if max_parsed >= 0:
                edited = essence(a.cells[i].source) != essence(b.cells[k].source)
        found["edited" if edited else "moved" if i in moved else ""] += 1
    found["removed"] = len(a.cells) - len(pairs)
    found["added"] = len(b.cells) - len(pairs)
    return Counter({kind: n for kind, n in found.items() if kind and n})


def _taken(cells: Sequence[CellExecution]) -> _Taken:
    last: dict[str, CellExecution] = {}
    n = 0
    for cell in cells[-_MAX_PAIRS:]:
        if cell.source.strip():
            n += 1
            name = f"id {cell.cell_id}" if cell.cell_id else f"text {cell.hash}"
            last.pop(name, None)
            last[name] = cell
    kept = list(last.values())[-MAX_CELLS:]
    made = [_cell(cell) for cell in kept]
    found = tuple(cell for cell in made if cell.source.strip())
    return _Taken(found, n - len(last), len(last) - len(kept))


def _cell(cell: CellExecution) -> _Cell:
    source = _TRACK.sub("", cell.source[:_MAX_SOURCE], count=1)
    if source == cell.source and cell.text_hash:
        key = cell.text_hash
    else:
        key = text_hash(source) if len(source) <= _MAX_NORMAL else cell.hash
    return _Cell(source, key, cell.cell_id)


def _pairs(a: Sequence[_Cell], b: Sequence[_Cell], most: int) -> tuple[dict[int, int], bool]:
    """Return which cell of one run is which of the other, by place."""
    pairs: dict[int, int] = {}
    places: dict[str, list[int]] = defaultdict(list)
    for k in range(len(b) - 1, -1, -1):
        places[b[k].key].append(k)
    for i, cell in enumerate(a):
        if places[cell.key]:
            pairs[i] = places[cell.key].pop()
    taken = set(pairs.values())
    by_id = {cell.cell_id: k for k, cell in enumerate(b) if cell.cell_id and k not in taken}
    for i, cell in enumerate(a):
        if i not in pairs and cell.cell_id in by_id:
            pairs[i] = by_id.pop(cell.cell_id)
    taken = set(pairs.values())
    left = (
        [i for i in range(len(a)) if i not in pairs],
        [k for k in range(len(b)) if k not in taken],
    )
    nearby = len(left[0]) * len(left[1]) > most
    pairs |= _alike(a, b, *left, most)
    return dict(sorted(pairs.items())), nearby


def _alike(
    a: Sequence[_Cell], b: Sequence[_Cell], left: Sequence[int], right: Sequence[int], most: int
) -> dict[int, int]:
    """Return which of the cells that are left over are edits of each other, the most alike first."""
    # Who asks for few pairs is in a hurry: the beginning of a cell has to do.
    most_chars = 2 * most
    words_a = {i: _words(a[i].source[:most_chars]) for i in left}
    words_b = {k: _words(b[k].source[:most_chars]) for k in right}
    scored = sorted(
        (
            (-score, abs(i - k), i, k)
            for i, k in _candidates(left, right, most)
            if (score := _likeness(words_a[i], words_b[k])) >= _ALIKE
        )
    )
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, i, k in scored:
        if i not in pairs and k not in taken:
            pairs[i] = k
            taken.add(k)
    return pairs


def _candidates(left: Sequence[int], right: Sequence[int], most: int) -> Iterator[tuple[int, int]]:
    if not left or not right:
        return
    reach = max(most // len(left) // 2, 1)
    for n, i in enumerate(left):
        middle = n * len(right) // len(left)
        for k in right[max(middle - reach, 0) : middle + reach + 1]:
            yield i, k


def _words(source: str) -> Counter[str]:
    return Counter(_TOKEN.findall(source)[:_MAX_TOKENS])


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    total = one.total() + other.total()
    if not total or 2 * min(one.total(), other.total()) < _ALIKE * total:
        return 0.0
    if len(one) > len(other):
        one, other = other, one
    return 2 * sum(min(n, other[word]) for word, n in one.items()) / total


def _moved(pairs: dict[int, int]) -> set[int]:
    """Return the places, in the first run, of what is not in the longest stretch kept in order."""
    tops: list[int] = []
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for i, k in pairs.items():
        at = bisect.bisect_left(tops, k)
        before[i] = ends[at - 1] if at else None
        if at == len(tops):
            tops.append(k)
            ends.append(i)
        else:
            tops[at], ends[at] = k, i
    kept: set[int] = set()
    here = ends[-1] if ends else None
    while here is not None:
        kept.add(here)
        here = before[here]
    return set(pairs) - kept


def _changes(
    a: Sequence[_Cell], b: Sequence[_Cell], pairs: dict[int, int], moved: set[int]
) -> Iterator[CellChange]:
    back = {k: i for i, k in pairs.items()}
    until = time.monotonic() + _SECONDS
    gone = [i for i in range(len(a)) if i not in pairs]
    for k, cell in enumerate(b):
        i = back.get(k)
        # What is gone is told before the first cell that ran after it.
        while gone and i is not None and i not in moved and gone[0] < i:
            yield _gone(a, gone.pop(0))
        if i is None:
            yield CellChange("added", moved=False, was=None, now=k + 1, text=only_new(cell.source),
                             first=_first(cell))  # fmt: skip
        elif a[i].key != cell.key:
            text = text_diff(a[i].source, cell.source, until=until)
            yield CellChange("edited", i in moved, i + 1, k + 1, text, _first(cell))
        elif i in moved:
            yield CellChange("same", moved=True, was=i + 1, now=k + 1, text=TextDiff(),
                             first=_first(cell))  # fmt: skip
    for i in gone:
        yield _gone(a, i)


def _gone(a: Sequence[_Cell], i: int) -> CellChange:
    return CellChange("removed", moved=False, was=i + 1, now=None, text=only_old(a[i].source),
                      first=_first(a[i]))  # fmt: skip


def _first(cell: _Cell) -> str:
    return next((line.strip() for line in cell.source.splitlines() if line.strip()), "")[:200]
