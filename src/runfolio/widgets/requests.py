"""What the page of a table asks for, read from what it sent; nonsense becomes something harmless."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from runfolio.query.arrange import SortBy
from runfolio.widgets.values import listed, text, whole

__all__ = ["MAX_ROWS", "Folding", "Wanted", "wanted"]

MAX_ROWS: Final = 500
"""Rows of one answer; whole columns of ids are the exception."""

_MAX_COLUMNS: Final = 200
_MAX_SORTS: Final = 8
_MAX_FOLDED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Folding:
    """Which groups are closed: those named in `but`, or where `all` is set all but those."""

    all: bool = False
    but: frozenset[str] = frozenset()

    def closes(self, label: str) -> bool:
        """Return whether a group is closed."""
        return self.all != (label in self.but)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A part of a table.

    Attributes
    ----------
    at : int
        The state of the store it belongs to, as numbered by the answer to ``facts``.
    first, end : int
        Rows from the first to before the end, as they stand below each other.
    """

    at: int = 0
    query: str = ""
    sort: tuple[SortBy, ...] = ()
    group: str | None = None
    folding: Folding = Folding()
    first: int = 0
    end: int = 0
    columns: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    key: str = ""
    name: str = ""
    view: Mapping[str, Any] | None = None

    @property
    def order(self) -> tuple[Any, ...]:
        """What decides the order of the rows."""
        return self.at, self.sort, self.group


def wanted(what: Mapping[str, Any]) -> Wanted:
    """Return what a page asks for."""
    group = what.get("group")
    view = what.get("view")
    return Wanted(
        at=whole(what.get("at")),
        query=text(what.get("query")),
        sort=tuple(
            (pair[0], pair[1])
            for pair in listed(what.get("sort"), _MAX_SORTS)
            if isinstance(pair, list) and len(pair) == 2
            and isinstance(pair[0], str) and isinstance(pair[1], bool)
        ),
        group=group if isinstance(group, str) and group else None,
        folding=_folding(what.get("folding")),
        first=whole(what.get("first")),
        end=whole(what.get("end")),
        columns=_texts(what.get("columns"), _MAX_COLUMNS),
        ids=_texts(what.get("ids"), MAX_ROWS),
        key=text(what.get("key")),
        name=text(what.get("name")),
        view=view if isinstance(view, Mapping) else None,
    )  # fmt: skip


def _folding(given: Any) -> Folding:
    if not isinstance(given, Mapping):
        return Folding()
    return Folding(given.get("all") is True, frozenset(_texts(given.get("but"), _MAX_FOLDED)))


def _texts(given: Any, most: int) -> tuple[str, ...]:
    return tuple(one for one in listed(given, most) if isinstance(one, str))
