"""Which names a cell binds, deletes, changes and reads, as far as its text tells."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from runfolio.capture.cell_reader import Assigned, CellReader
from runfolio.capture.source import MAGIC, forget_trees, tree

__all__ = ["STAR", "Bindings", "assigned", "bindings", "forget_cells"]

STAR: Final = "*"
"""Stands among the bound names for all those that ``from module import *`` binds."""


@dataclass(frozen=True, slots=True)
class Bindings:
    """What the text of a cell does to the names of its namespace.

    Attributes
    ----------
    bound : frozenset of str
        Names that are bound, perhaps in a branch or in a function that says ``global``.
    certain : frozenset of str
        Those of them that are bound at the end whenever the cell comes to its end.
    imported : frozenset of str
        Those that are bound by an ``import`` only.
    deleted : frozenset of str
    changed : frozenset of str
        Names whose object gets an item or attribute: ``frame["x"] = …``.
    read : frozenset of str
        Names whose value may come from before the cell, builtins too. What a function reads is
        among them where the cell not only defines but also mentions it.
    """

    bound: frozenset[str] = frozenset()
    certain: frozenset[str] = frozenset()
    imported: frozenset[str] = frozenset()
    deleted: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    read: frozenset[str] = frozenset()


@functools.lru_cache(maxsize=1024)
def bindings(source: str) -> Bindings:
    r"""Return what a cell does to the names of its namespace; nothing for one that is not Python.

    Examples
    --------
    >>> found = bindings("x = 1\ny = x + z\ndef f(a): return a * w")
    >>> sorted(found.bound), sorted(found.read)
    (['f', 'x', 'y'], ['z'])
    """
    reader = _read(source)
    if reader is None:
        return Bindings()
    return Bindings(
        frozenset(reader.bound), frozenset(reader.certain),
        frozenset(reader.imported - reader.made), frozenset(reader.deleted),
        frozenset(reader.changed), frozenset(reader.read - {MAGIC}),
    )  # fmt: skip


def assigned(source: str) -> Mapping[str, Assigned]:
    r"""Return the names that a cell assigns to at its top level, in the order in which it does.

    Nobody may change what is returned: like the tree it is kept for a moment.

    Examples
    --------
    >>> found = assigned("x = 1\ny: int = 2\nfor x in range(3):\n    z = x")
    >>> {name: one.stands for name, one in found.items()}
    {'x': False, 'y': True}
    """
    reader = _read(source)
    return {} if reader is None else reader.assigned


def forget_cells() -> None:
    """Let go of what is kept of the last cells for those who look at them while they run."""
    _read.cache_clear()
    forget_trees()


@functools.lru_cache(maxsize=2)
def _read(source: str) -> CellReader | None:
    module = tree(source)
    if module is None:
        return None
    reader = CellReader()
    try:
        reader.run(module.body)
    except RecursionError:
        return None
    return reader
