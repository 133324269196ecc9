"""Parts of a record that are worked out when somebody first asks for them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

__all__ = ["Deferred", "Figures", "Later"]

T = TypeVar("T")


class Later(Protocol):
    """What tells the fields of an object that were left empty."""

    def __call__(self, name: str) -> Mapping[str, Any]:
        """Return the value of a field by its name, and those of others that come with it."""

    def may_hold(self, name: str, key: bytes) -> bool:
        """Return whether a mapping may have a key, as JSON writes it; false only if it is sure."""

    def figure_of(self, metric: str) -> float | None:
        """Return the one value that stands for a metric."""


class Deferred:
    """A frozen dataclass some of whose fields are told later; the rest of it is as ever.

    To compare it, copy it or look at a field tells what was left, so nobody can see a difference.
    """

    __slots__ = ("_later",)

    if not TYPE_CHECKING:  # a misspelt field stays an error

        def __getattr__(self, name: str) -> Any:
            # Called only where a slot is empty, or where there is none.
            later = None if name.startswith("_") else later_of(self)
            told = {} if later is None else later(name)
            if name not in told:
                kind = type(self).__name__
                raise AttributeError(f"{kind!r} object has no attribute {name!r}")
            for field, value in told.items():
                object.__setattr__(self, field, value)
            return told[name]


_LATER = Deferred.__dict__["_later"].__get__


def later_of(of: Deferred) -> Later | None:
    """Return what tells the fields of an object that may be empty; ``None`` where none are."""
    try:
        return _LATER(of)  # type: ignore[no-any-return]
    except AttributeError:
        return None


class Figures(Mapping[str, T]):
    """Summaries of metrics that know without a look at each what stands in a headline."""

    __slots__ = ()

    @property
    @abstractmethod
    def headline(self) -> tuple[tuple[str, bool], ...]:
        """Name and whether a goal was said, of each metric that may stand in a headline.

        Runs whose metrics are defined alike give the same object.
        """
