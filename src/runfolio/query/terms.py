"""The terms of a query: plain values that print as a query which means the same."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, TypeAlias

__all__ = ["AllOf", "AnyOf", "Compare", "Missing", "Not", "Sort", "Term", "Word", "join_terms"]

KEYWORDS: Final = ("and", "or", "not")
DIRECTIVES: Final = ("sort", "limit")

_PLAIN_NAME: Final = re.compile(r"""[^\s()=!<>:"'][^\s()=!<>:]*\Z""")
_PLAIN_VALUE: Final = re.compile(r"""[^\s()=!<>:"'][^\s()]*\Z""")


@dataclass(frozen=True, slots=True)
class Word:
    """A bare word: part of a run's name, a pattern for it, or a piece of its id."""

    text: str

    def __str__(self) -> str:
        return _name(self.text, KEYWORDS)


@dataclass(frozen=True, slots=True)
class Compare:
    """A name, an operator and a value: ``lr<1e-3``.

    Attributes
    ----------
    op : str
        One of ``= != < <= > >= :``.
    at, value_at : int
        Where name and value stand in the query, in characters.
    """

    name: str
    op: str
    value: str
    at: int = field(default=0, compare=False)
    value_at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        is_word = self.op == ":" and self.value.lower() == "missing"
        value = f'"{self.value}"' if is_word else _value(self.value)
        return f"{_name(self.name, DIRECTIVES if self.op == ':' else ())}{self.op}{value}"


@dataclass(frozen=True, slots=True)
class Missing:
    """True for runs that do not have the name: ``lr:missing``."""

    name: str
    at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{_name(self.name, DIRECTIVES)}:missing"


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a term."""

    term: Term

    def __str__(self) -> str:
        return f"not {_inside(self.term, AllOf, AnyOf)}"


@dataclass(frozen=True, slots=True)
class AllOf:
    """True where each of two or more terms is; none of them is an `AllOf` itself."""

    terms: tuple[Term, ...]

    def __str__(self) -> str:
        return " ".join(_inside(term, AnyOf) for term in self.terms)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True where one of two or more terms is; none of them is an `AnyOf` itself."""

    terms: tuple[Term, ...]

    def __str__(self) -> str:
        return " or ".join(str(term) for term in self.terms)


Term: TypeAlias = Word | Compare | Missing | Not | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Sort:
    """What the answer is ordered by: ``sort:-val/acc``; runs without it come last."""

    name: str
    descending: bool = False
    at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        # A name that begins with a sign needs one of ours before it.
        sign = "-" if self.descending else "+" if self.name[:1] in ("+", "-") else ""
        return f"sort:{sign}{_value(self.name)}"


def join_terms(kind: type[AllOf | AnyOf], terms: list[Term]) -> Term:
    """Return the terms as one: a lone term as itself, nested ones of the same kind flattened."""
    flat: list[Term] = []
    for term in terms:
        flat.extend(term.terms if isinstance(term, kind) else [term])
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def _inside(term: Term, *kinds: type) -> str:
    return f"({term})" if isinstance(term, kinds) else str(term)


def _name(text: str, taken: tuple[str, ...]) -> str:
    return text if _PLAIN_NAME.match(text) and text.lower() not in taken else _quoted(text)


def _value(text: str) -> str:
    return text if _PLAIN_VALUE.match(text) else _quoted(text)


def _quoted(text: str) -> str:
    """Return text in the marks that need fewer backslashes, and no backslash without need."""
    mark = "'" if text.count('"') > text.count("'") else '"'
    return mark + re.sub(rf"{mark}|\\(?=[\\\"']|\Z)", r"\\\g<0>", text) + mark
