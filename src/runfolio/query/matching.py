"""From the terms of a query to a test that a record passes or not."""

from __future__ import annotations

import dataclasses
import fnmatch
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any, Final

from runfolio.errors import QueryError, did_you_mean
from runfolio.model.run import RunRecord, Status
from runfolio.query import literals
from runfolio.query.fields import ABSENT, Field, resolve, unknown_name
from runfolio.query.parser import fault
from runfolio.query.terms import AllOf, AnyOf, Compare, Missing, Not, Term, Word

__all__ = ["Scope"]

Test = Callable[[Any], bool]
Predicate = Callable[[RunRecord], bool]

_ORDER: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
MIN_FRAGMENT: Final = 3
"""Shorter pieces stand in almost every id by chance."""

_RANGED: Final = ("time", "duration", "number", "metric", "value")
_FLAGS: Final = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a query is answered from.

    Attributes
    ----------
    query : str
        The text, for error messages.
    records : sequence of RunRecord
        They say which names exist.
    now : datetime
        Aware.
    zone : tzinfo or None
        Where times without a zone are at home; ``None`` is this machine's.
    """

    query: str
    records: Sequence[RunRecord]
    now: datetime
    zone: tzinfo | None = None
    _meanings: dict[str, Field | None] = dataclasses.field(default_factory=dict, init=False)

    def meaning(self, name: str) -> Field | None:
        """Return what a name means; ``None`` where no record has it."""
        if name not in self._meanings:  # to look for it takes a look at each record
            self._meanings[name] = resolve(name, self.records)
        return self._meanings[name]

    def resolve(self, name: str, at: int) -> Field:
        """Return what a name means.

        Raises
        ------
        QueryError
            No record has it.
        """
        found = self.meaning(name)
        if found is None:
            raise fault(unknown_name(name, self.records), self.query, at)
        return found

    def predicate(self, term: Term) -> Predicate:
        """Return the test that a term is.

        Raises
        ------
        QueryError
            A name is unknown, or a value does not go with it.
        """
        match term:
            case Word(text):
                return _word(text)
            case Not(inner):
                opposite = self.predicate(inner)
                return lambda record: not opposite(record)
            case AllOf(terms):
                tests = [self.predicate(inner) for inner in terms]
                return lambda record: all(test(record) for test in tests)
            case AnyOf(terms):
                tests = [self.predicate(inner) for inner in terms]
                return lambda record: any(test(record) for test in tests)
            case Missing(name, at):
                get = self.resolve(name, at).get
                return lambda record: get(record) in (ABSENT, ())
            case Compare():
                return self._compare(term)

    def chosen(self, term: Term) -> list[RunRecord]:
        """Return the records that pass the test that a term is.

        Raises
        ------
        QueryError
            A name is unknown, or a value does not go with it.
        """
        # What one test leaves out, the next ones need not look at.
        terms = term.terms if isinstance(term, AllOf) else (term,)
        found: Iterable[RunRecord] = self.records
        for test in [self.predicate(inner) for inner in terms]:
            found = filter(test, found)
        return list(found)

    def _compare(self, term: Compare) -> Predicate:
        ends = self._ends(term)
        if ends is not None:
            return self.predicate(ends)
        field = self.resolve(term.name, term.at)
        get = field.get
        if term.op != "!=":
            test = self._test(field, term, term.op)
            return lambda record: (value := get(record)) is not ABSENT and test(value)
        equal = self._test(field, term, "=")
        return lambda record: (value := get(record)) is not ABSENT and not equal(value)

    def _ends(self, term: Compare) -> Term | None:
        """Return ``lr:1e-4..1e-2`` as its two comparisons; both ends belong to the range."""
        low, dots, high = term.value.partition("..")
        kind = self.resolve(term.name, term.at).kind
        if term.op != ":" or not dots or not (low or high) or kind not in _RANGED:
            return None
        if kind == "value" and None in [literals.number(end) for end in (low, high) if end]:
            return None  # a text with dots in it
        place = term.value_at + len(low) + len(dots)
        ends = [replace(term, op=">=", value=low)] if low else []
        ends += [replace(term, op="<=", value=high, value_at=place)] if high else []
        return AllOf(tuple(ends))

    def _test(self, field: Field, term: Compare, op: str) -> Test:
        match field.kind:
            case "status" | "tags" | "flag":
                return self._choice(field, term, op)
            case "text":
                return _text_test(op, term.value)
            case "id":
                if op != ":" or _is_glob(term.value):
                    return _text_test(op, term.value)
                return lambda value: term.value.lower() in value.lower()
            case "time":
                return self._time_test(term, op)
            case "duration":
                seconds = literals.duration(term.value)
                if seconds is None:
                    raise self._value_fault(term, "a duration such as 90, 5min or 1h30min")
                return _number_test(op, seconds)
            case "number" | "metric":
                wanted = literals.number(term.value)
                if wanted is None:
                    raise self._value_fault(term, "a number")
                return _number_test(op, wanted)
            case _:
                return _value_test(op, term.value)

    def _choice(self, field: Field, term: Compare, op: str) -> Test:
        if op in _ORDER:
            message = f"{term.name} has no order; use {term.name}:value or {term.name}!=value."
            raise fault(message, self.query, term.value_at - len(op))
        if field.kind == "tags":
            same = _text_test(":" if op in ("=", ":") else op, term.value)
            return lambda tags: any(map(same, tags))
        if field.kind == "flag":
            flag = _FLAGS.get(term.value.lower())
            if flag is None:
                raise self._value_fault(term, "true or false")
            return lambda value: value is flag
        if not _is_glob(term.value) and term.value.lower() not in [*Status]:
            near = did_you_mean(term.value.lower(), [*Status])
            raise self._value_fault(term, f"one of {', '.join(Status)}", near)
        matches = glob(term.value)
        accepted = frozenset(filter(matches, Status))
        return accepted.__contains__

    def _time_test(self, term: Compare, op: str) -> Test:
        moment = literals.moment(term.value, self.now, self.zone)
        if moment is None:
            raise self._value_fault(term, "a time such as 2026-11-22, 2026-11, today or 7d (ago)")
        start, end = moment.start, moment.start if moment.ago else moment.end
        match op:
            case "<":
                return lambda value: value < start
            case "<=":
                return lambda value: value < end or value == start
            case ">":
                return lambda value: value >= end and value != start
            case ">=":
                return lambda value: value >= start
            case _:
                return lambda value: start <= value < moment.end

    def _value_fault(self, term: Compare, expected: str, more: str = "") -> QueryError:
        return fault(f"{term.name} takes {expected}.{more}", self.query, term.value_at)


def _word(text: str) -> Predicate:
    if _is_glob(text):
        matches = glob(text)
        return lambda record: matches(record.name)
    piece = text.casefold()
    if len(piece) < MIN_FRAGMENT:
        return lambda record: piece in record.name.casefold()
    return lambda record: piece in record.name.casefold() or piece in record.id.casefold()


def _is_glob(text: str) -> bool:
    return "*" in text or "?" in text


def glob(text: str) -> Test:
    """Return a test for ``*`` and ``?``, ignoring case; brackets stand for themselves."""
    # fnmatch makes atomic groups: no pattern takes more than a few looks at each character.
    matches = re.compile(fnmatch.translate(text.replace("[", "[[]")), re.IGNORECASE).match
    return lambda value: matches(value) is not None


def _text_test(op: str, wanted: str) -> Test:
    if op == ":":
        return glob(wanted)
    if op == "=":
        return lambda value: bool(value == wanted)
    compare = _ORDER[op]
    return lambda value: compare(value, wanted)


def _number_test(op: str, wanted: float) -> Test:
    if op in _ORDER:
        compare = _ORDER[op]
        return lambda value: compare(value, wanted)
    if wanted != wanted:  # noqa: PLR0124 - only NaN differs from itself
        return lambda value: bool(value != value)  # noqa: PLR0124
    return lambda value: bool(value == wanted)


def _value_test(op: str, text: str) -> Test:
    """Return a test for a setting, whose own type decides how the text is read."""
    wanted = literals.number(text)
    as_number = _number_test(op, wanted) if wanted is not None else None
    as_text = _text_test(op, text)
    flag = _FLAGS.get(text.lower())
    none = text.lower() in ("none", "null")

    def test(value: Any) -> bool:
        if isinstance(value, bool):
            return op not in _ORDER and value is flag
        if isinstance(value, (int, float)):
            return as_number is not None and as_number(value)
        if isinstance(value, str):
            if as_number is None or op not in _ORDER:
                return as_text(value)
            return (said := literals.number(value)) is not None and as_number(said)
        if isinstance(value, list):
            return any(test(item) for item in value if not isinstance(item, list))
        return none and value is None and op not in _ORDER

    return test
