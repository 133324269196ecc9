"""What every medium is to the recorder: taken at once in the caller, written later elsewhere."""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from runfolio.errors import did_you_mean
from runfolio.record.guard import warn_once
from runfolio.record.values import clean

if TYPE_CHECKING:
    from runfolio.record.media.shelf import Shelf

__all__ = ["Medium", "Taken", "warn_of_unknown"]


@dataclass(frozen=True, slots=True)
class Taken:
    """A value as it was when it was logged; nothing the program does later changes it.

    Attributes
    ----------
    type : str
        A key of `runfolio.model.media.FOLDERS`.
    size_bytes : int
        About how much memory it holds until it is written.
    write : callable
        Encodes it, puts its files on the shelf and returns the item of the event; called in the
        media thread.
    """

    type: str
    size_bytes: int
    write: Callable[[Shelf], dict[str, Any]]


class Medium(abc.ABC):
    """Something to log that is neither number nor text.

    Parameters
    ----------
    caption : str or sequence of str, optional
        Words to it; of several each gets a line.
    """

    type: ClassVar[str]

    def __init__(self, caption: str | Iterable[str] | None = None) -> None:
        if caption is None or isinstance(caption, str):
            self.caption = clean(caption or "")
        elif isinstance(caption, Iterable):
            self.caption = clean("\n".join(str(line) for line in caption))
        else:
            raise TypeError(
                f"caption is a {type(caption).__name__}; expected a text or several texts."
            )

    @abc.abstractmethod
    def take(self, shelf: Shelf) -> Taken:
        """Return the value as it is now, in a form that nobody changes; called by ``log``."""

    def _captioned(self, item: dict[str, Any]) -> dict[str, Any]:
        return item | {"caption": self.caption} if self.caption else item


def warn_of_unknown(name: str, unknown: Mapping[str, Any], known: Iterable[str]) -> None:
    """Say once which keywords a class does not know; they are ignored."""
    for key in unknown:
        warn_once(
            f"{name} {key}",
            f"{name}() does not know the keyword {key!r}; it is ignored.{did_you_mean(key, known)}",
        )
