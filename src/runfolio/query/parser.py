"""Reading the text of a query, character by character, with an error that knows its place."""

from __future__ import annotations

import re
from typing import Final, Never

from runfolio.errors import QueryError
from runfolio.query.terms import (
    AllOf,
    AnyOf,
    Compare,
    Missing,
    Not,
    Sort,
    Term,
    Word,
    join_terms,
)

__all__ = ["Parser", "fault"]

MAX_CHARS: Final = 4000
MAX_DEPTH: Final = 50

_KEYWORD: Final = re.compile(r"(and|or|not)(?=[\s()]|\Z)", re.IGNORECASE)
_NAME: Final = re.compile(r"[^\s()=!<>:]+")
_VALUE: Final = re.compile(r"[^\s()]+")
_OPERATOR: Final = re.compile(r"==|!=|<=|>=|=|<|>|:")
_SPACE: Final = re.compile(r"\s*")


def fault(message: str, query: str, position: int) -> QueryError:
    """Return the error for a place in a query; a line break in it must not move the pointer."""
    shown = "".join(char if char.isprintable() else " " for char in query)
    return QueryError(message, shown, position)


class Parser:
    """A recursive-descent parser of one query.

    ``or`` binds weakest, then terms side by side (``and`` may stand between), then ``not``.

    Attributes
    ----------
    sorts : list of Sort
    limit : int or None
        What stood in ``sort:`` and ``limit:``, filled by `parse`.
    """

    def __init__(self, text: str) -> None:
        self.sorts: list[Sort] = []
        self.limit: int | None = None
        self._text = text
        self._at = 0
        self._depth = 0

    def parse(self) -> Term | None:
        """Return the condition, or ``None`` where every run is meant.

        Raises
        ------
        QueryError
            The text is no query.
        """
        # A query that is printed has no more of these than one that was read.
        if sum(not char.isspace() for char in self._text) > MAX_CHARS:
            message = f"A query has at most {MAX_CHARS:,} characters beside its spaces."
            raise fault(message, self._text, MAX_CHARS)
        self._skip()
        if self._ended():
            return None
        term = self._any_of()
        if not self._ended():
            self._fail("There is no '(' that this ')' closes.")
        return term

    def _any_of(self) -> Term | None:
        terms: list[Term] = []
        while True:
            term = self._all_of()
            if (word := self._keyword()) == "or" or terms:
                if term is None:
                    self._fail(
                        f"Expected a condition {'before' if word == 'or' else 'after'} 'or'."
                    )
                terms.append(term)
            if word != "or":
                return join_terms(AnyOf, terms) if terms else term
            self._take(len(word))

    def _all_of(self) -> Term | None:
        terms: list[Term] = []
        first = True
        while not self._ended() and self._text[self._at] != ")":
            word = self._keyword()
            if word == "or":
                break
            if word == "and":
                if first:
                    self._fail("Expected a condition before 'and'.")
                self._take(len(word))
                if self._ended() or self._text[self._at] == ")" or self._keyword() in ("and", "or"):
                    self._fail("Expected a condition after 'and'.")
            term = self._negated()
            first = False
            if term is not None:
                terms.append(term)
        return join_terms(AllOf, terms) if terms else None

    def _negated(self) -> Term | None:
        if self._keyword() != "not":
            return self._group_or_condition()
        self._take(len("not"))
        self._deeper()
        term = None if self._keyword() in ("and", "or") else self._negated()
        if term is None:
            self._fail("Expected a condition after 'not'.")
        self._depth -= 1
        return Not(term)

    def _group_or_condition(self) -> Term | None:
        if self._ended() or self._text[self._at] != "(":
            return self._condition()
        opened = self._at
        self._take(1)
        self._deeper()
        inner = self._any_of()
        if self._ended():
            self._fail("This '(' is not closed.", opened)
        if inner is None:
            self._fail("Expected a condition inside ( ).")
        self._depth -= 1
        self._take(1)
        return inner

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._fail(f"A query nests at most {MAX_DEPTH} levels deep.")

    def _condition(self) -> Term | None:
        """Return ``name op value`` or a bare word; ``sort:`` and ``limit:`` give ``None``."""
        start = self._at
        name, quoted = self._name()
        end = self._at
        self._skip()
        match = _OPERATOR.match(self._text, self._at)
        if match is None or (match[0] == ":" and end != self._at):
            return Word(name)
        self._take(match.end() - self._at)
        op = "=" if match[0] == "==" else match[0]
        if op == ":" and not quoted and name.lower() in ("sort", "limit"):
            self._directive(name.lower(), start)
            return None
        value_at = self._at
        value, quoted = self._value(f"Expected a value after {name}{match[0]}")
        if op == ":" and not quoted and value.lower() == "missing":
            return Missing(name, start)
        return Compare(name, op, value, start, value_at)

    def _name(self) -> tuple[str, bool]:
        if self._ended():
            self._fail("Expected a condition here.")
        if self._text[self._at] in "\"'":
            return self._quotation(), True
        match = _NAME.match(self._text, self._at)
        if match is None:
            self._fail(
                "Expected a name before this; write name<value, name:value or a word. "
                "Names that hold ( ) = ! < > : go into quotes."
            )
        self._at = match.end()
        return match[0], False

    def _value(self, expected: str) -> tuple[str, bool]:
        if self._ended() or self._text[self._at] == ")":
            self._fail(f"{expected}.")
        if self._text[self._at] in "\"'":
            value = self._quotation()
            self._skip()
            return value, True
        match = _VALUE.match(self._text, self._at)
        if match is None or match[0][0] in "=!<>:":
            self._fail(f"{expected}; one that begins with such a character goes into quotes.")
        self._take(len(match[0]))
        return match[0], False

    def _quotation(self) -> str:
        opened, mark = self._at, self._text[self._at]
        pieces: list[str] = []
        at = opened + 1
        while at < len(self._text) and self._text[at] != mark:
            if self._text[at] == "\\" and self._text[at + 1 : at + 2] in ("\\", '"', "'"):
                at += 1
            pieces.append(self._text[at])
            at += 1
        if at >= len(self._text):
            self._fail("This quotation mark is not closed.", opened)
        self._at = at + 1
        if not self._ended() and not re.match(r"[\s()=!<>:]", self._text[self._at]):
            self._fail("Expected a space after the closing quotation mark.")
        return "".join(pieces)

    def _directive(self, name: str, start: int) -> None:
        if self._depth:
            self._fail(f"{name}: stands for the whole query; write it outside ( ).", start)
        value_at = self._at
        if name == "sort":
            sign = self._text[self._at : self._at + 1]
            if sign in ("+", "-"):
                self._at += 1
            value, _ = self._value("Expected the name to sort by, as in sort:-val/acc")
            self.sorts.append(Sort(value, sign == "-", value_at + (sign in ("+", "-"))))
            return
        value, _ = self._value("Expected how many runs, as in limit:20")
        if self.limit is not None:
            self._fail("limit: can be given once.", start)
        if not (value.isascii() and value.isdigit() and len(value) < 10 and int(value)):
            self._fail("limit: takes a whole number from 1, as in limit:20.", value_at)
        self.limit = int(value)

    def _keyword(self) -> str:
        match = _KEYWORD.match(self._text, self._at)
        return match[0].lower() if match else ""

    def _take(self, length: int) -> None:
        self._at += length
        self._skip()

    def _skip(self) -> None:
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _ended(self) -> bool:
        return self._at >= len(self._text)

    def _fail(self, message: str, at: int | None = None) -> Never:
        raise fault(message, self._text, self._at if at is None else at)
