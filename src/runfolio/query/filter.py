"""The query language: which runs are meant, in which order, how many.

::

    status:finished lr<1e-3 tag:baseline sort:-val/acc limit:20

Terms side by side must all hold; ``or``, ``not`` and ``( )`` combine them. The operators are
``= != < <= > >=`` and ``:``, which takes a pattern with ``*`` and ``?`` and ignores case, or a
range whose ends belong to it, ``lr:1e-4..1e-2``, ``created:2026-11..`` and the like.
A bare word is a piece of a name or id. ``name:missing`` finds runs without it. Times are dates,
``today`` or ``7d``; durations are seconds or ``5min``. Quotation marks keep spaces together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from runfolio.model.run import RunRecord
from runfolio.query.fields import ABSENT, Getter, shadowed
from runfolio.query.matching import Scope
from runfolio.query.parser import Parser
from runfolio.query.terms import AllOf, AnyOf, Compare, Missing, Not, Sort, Term, Word

__all__ = ["Answer", "Query", "parse", "rank"]


class Answer(NamedTuple):
    """What a query found.

    Attributes
    ----------
    records : list of RunRecord
    notes : list of str
        A sentence for each name of the query that could mean something else, too.
    sorted_by : str or None
        The metric it sorts by first, if any.
    """

    records: list[RunRecord]
    notes: list[str]
    sorted_by: str | None


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was read; ``str(query)`` is a text that reads as the same query.

    Attributes
    ----------
    where : term or None
        The condition; ``None`` means every run.
    sort : tuple of Sort
        Empty keeps the order of the records.
    limit : int or None
    text : str
        As it was written.
    """

    where: Term | None = None
    sort: tuple[Sort, ...] = ()
    limit: int | None = None
    text: str = field(default="", compare=False)

    def __str__(self) -> str:
        pieces: list[Any] = [] if self.where is None else [self.where]
        pieces += self.sort
        if self.limit is not None:
            pieces.append(f"limit:{self.limit}")
        return " ".join(map(str, pieces))

    def select(
        self, records: Iterable[RunRecord], *, now: datetime | None = None
    ) -> list[RunRecord]:
        """Return the records that are meant.

        Parameters
        ----------
        records : iterable of RunRecord
            In the order the answer has where nothing is sorted by.
        now : datetime, optional
            Aware; what ``today`` and ``7d`` are counted from, and the zone of plain dates. By
            default the present, in this machine's zone.

        Raises
        ------
        QueryError
            No record has a name that the query uses, or a value does not go with its name.
        """
        records = list(records)
        return self._chosen(self._scope(records, now)) if records else []

    def answer(self, records: Sequence[RunRecord]) -> Answer:
        """Return the records that are meant, and what the names of the query mean for them.

        Raises
        ------
        QueryError
            As `select`.
        """
        if not records:
            return Answer([], [], None)
        scope = self._scope(records)
        chosen = self._chosen(scope)
        notes = []
        for name in dict.fromkeys(_names(self.where, self.sort)):
            longer = shadowed(name, scope.meaning(name), records)
            if longer:
                notes.append(f'"{name}" could also mean {" or ".join(longer)}: write that.')
        first = scope.meaning(self.sort[0].name) if self.sort else None
        is_metric = first is not None and first.kind == "metric"
        return Answer(chosen, notes, first.name if first is not None and is_metric else None)

    def _scope(self, records: Sequence[RunRecord], now: datetime | None = None) -> Scope:
        present = now or datetime.now(UTC).astimezone()
        return Scope(self.text, records, present, now.tzinfo if now else None)

    def _chosen(self, scope: Scope) -> list[RunRecord]:
        chosen = list(scope.records) if self.where is None else scope.chosen(self.where)
        for key in reversed(self.sort):
            chosen = _sorted(chosen, scope.resolve(key.name, key.at).get, key)
        return chosen[: self.limit]


def parse(text: str) -> Query:
    """Return the query that a text is.

    Raises
    ------
    QueryError
        It is none; the error knows the character.

    Examples
    --------
    >>> str(parse("lr < 1e-3 and (tag:a or tag:b) sort:-val/acc"))
    'lr<1e-3 (tag:a or tag:b) sort:-val/acc'
    """
    parser = Parser(text)
    where = parser.parse()
    return Query(where, tuple(parser.sorts), parser.limit, text)


def _sorted(records: list[RunRecord], get: Getter, key: Sort) -> list[RunRecord]:
    """Return records in order of a value; those without one, or with NaN, last either way."""
    found: list[tuple[tuple[int, Any], RunRecord]] = []
    last: list[RunRecord] = []
    for record in records:
        place = rank(get(record))
        if place is None:
            last.append(record)
        else:
            found.append((place, record))
    found.sort(key=lambda item: item[0], reverse=key.descending)
    return [record for _, record in found] + last


def rank(value: Any) -> tuple[int, Any] | None:
    """Return what values of any types are ordered by: numbers, times, then text."""
    if value is ABSENT or value is None or value != value:  # noqa: PLR0124 - NaN
        return None
    if isinstance(value, (int, float)):
        return 0, value
    if isinstance(value, datetime):
        return 1, value.timestamp()
    return 2, value if isinstance(value, str) else str(value)


def _names(term: Term | None, sort: Sequence[Sort]) -> Iterator[str]:
    match term:
        case Compare() | Missing():
            yield term.name
        case Not(inner):
            yield from _names(inner, ())
        case AllOf(terms) | AnyOf(terms):
            for inner in terms:
                yield from _names(inner, ())
        case Word() | None:
            pass
    for key in sort:
        yield key.name
