"""Which versions of artifacts a run made and used, as its manifest has them in short."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

__all__ = ["MADE", "MOST", "USED", "VersionUse", "united_uses", "uses_of"]

MADE: Final = "made"
USED: Final = "used"

MOST: Final = 50
"""So many of each stand in a manifest, the newest; the events tell all."""


class VersionUse(NamedTuple):
    """One version that a run made or used.

    Attributes
    ----------
    name : str
        Of the artifact; out of the run's file, so it may hold anything.
    """

    name: str
    number: int
    type: str


def uses_of(artifacts: Mapping[str, Any], what: str) -> Iterator[VersionUse]:
    """Yield what the short form says was ``made`` or ``used``; what makes no sense is passed over."""
    found = artifacts.get(what)
    for item in found if isinstance(found, list) else ():
        if isinstance(item, list) and len(item) >= 2:
            name, number, *more = item
            if isinstance(name, str) and name and type(number) is int and number >= 0:
                yield VersionUse(name, number, more[0] if more and isinstance(more[0], str) else "")


def united_uses(mine: Mapping[str, Any], others: Iterable[object]) -> Mapping[str, Any]:
    """Return the short form with what other writers of the run made and used, each once."""
    found = {what: list(uses_of(mine, what)) for what in (MADE, USED)}
    for other in others:
        for what, known in found.items():
            more = uses_of(other, what) if isinstance(other, Mapping) else ()
            known += [use for use in more if use not in known]
    united = {what: [list(use) for use in uses] for what, uses in found.items() if uses}
    return {**mine, **united}
