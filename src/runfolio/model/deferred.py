"""Parts of a record that are worked out when somebody first asks for them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

__all__ = ["DEFINED", "Deferred", "Figures", "Later", "Outline", "later_of"]

T = TypeVar("T")

DEFINED: Final = ("goal", "rule", "step_metric", "hidden", "unit")
"""What is said of a metric, as its summary names it; the rest of a summary are figures."""


class Later(Protocol):
    """What tells the fields of an object that were left empty."""

    def __call__(self, name: str) -> Mapping[str, Any]:
        """Return the value of a field by its name, and those of others that come with it."""

    def written(self, name: str) -> bytes | None:
        """Return JSON that has each key of a mapping, at any depth; ``None`` for none at hand."""

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
            told = _told(self, name)
            if name not in told:
                kind = type(self).__name__
                raise AttributeError(f"{kind!r} object has no attribute {name!r}")
            for field, value in told.items():
                object.__setattr__(self, field, value)
            return told[name]

    def peek(self, name: str) -> Any:
        """Return the value of a field; where it is worked out for this, it is not kept.

        For what is asked of ten thousand objects, most of which nobody looks at again.
        """
        return self.peek_all(name)[0]

    def peek_all(self, *names: str) -> list[Any]:
        """Return the values of several fields like `peek`; what comes together is worked out once."""
        told: dict[str, Any] = {}
        for name in names:
            if name not in told:
                told.update(_told(self, name))
        return [told[name] if name in told else getattr(self, name) for name in names]


_LATER = Deferred.__dict__["_later"].__get__


def later_of(of: Deferred) -> Later | None:
    """Return what tells the fields of an object that may be empty; ``None`` where none are."""
    try:
        return _LATER(of)  # type: ignore[no-any-return]
    except AttributeError:
        return None


def _told(of: Deferred, name: str) -> Mapping[str, Any]:
    later = None if name.startswith("_") else later_of(of)
    return {} if later is None else later(name)


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """What is known of the metrics of a run without a look at their figures.

    Runs whose metrics are defined alike have the same object.

    Attributes
    ----------
    defined : mapping of str to mapping
        Name → goal, rule, step_metric, hidden and unit, each by its name.
    place : mapping of str to int
        Name → which of the metrics it is.
    headline : tuple of tuple
        Name and whether a goal was said, of each metric that may stand in a headline.
    """

    defined: Mapping[str, Mapping[str, Any]]
    place: Mapping[str, int] = field(init=False)
    headline: tuple[tuple[str, bool], ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", {key: n for n, key in enumerate(self.defined)})
        shown = (
            (key, bool(said["goal"]))
            for key, said in self.defined.items()
            if not said["hidden"] and said["rule"] != "none"
        )
        object.__setattr__(self, "headline", tuple(shown))


class Figures(Mapping[str, T]):
    """Summaries of metrics: names and definitions cost little, figures are read when asked for."""

    __slots__ = ("outline",)

    def __init__(self, outline: Outline) -> None:
        self.outline = outline

    def __getitem__(self, key: str) -> T:
        if key not in self.outline.place:
            raise KeyError(key)
        return self.whole[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.outline.place)

    def __len__(self) -> int:
        return len(self.outline.place)

    def __contains__(self, key: object) -> bool:
        return key in self.outline.place

    def __repr__(self) -> str:
        return repr(self.whole)

    @property
    @abstractmethod
    def whole(self) -> Mapping[str, T]:
        """All that is known of each metric."""

    @abstractmethod
    def figure_of(self, metric: str) -> float | None:
        """Return the one value that stands for a metric; ``None`` where there is none."""
