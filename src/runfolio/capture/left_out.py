"""What a snapshot does not hold, and why: one sentence a thing, many of one kind counted."""

from __future__ import annotations

from typing import Final

from runfolio.model.context import NotCaptured

__all__ = ["LeftOut", "shown"]

_NAMED: Final = 50


def shown(path: bytes) -> str:
    """Return a path as text for people and JSON; bytes that are no UTF-8 are written out."""
    return path.decode("utf-8", "backslashreplace")


class LeftOut:
    """Collects what was left out; each thing is told once, for the first reason found."""

    def __init__(self) -> None:
        self._things: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def add(self, what: str | bytes, why: str) -> None:
        """Note one thing; beyond 50 for one reason they are only counted."""
        name = shown(what) if isinstance(what, bytes) else what
        if name in self._things:
            return
        count = self._counts[why] = self._counts.get(why, 0) + 1
        if count <= _NAMED:
            self._things[name] = why

    def add_many(self, count: int, kind: str, why: str) -> None:
        """Note how many things of a kind were left out together."""
        if count:
            self._things[f"{count:,} {kind}"] = why

    def told(self) -> tuple[NotCaptured, ...]:
        """Return all that was noted, in the order in which it was found."""
        told = [NotCaptured(what, why) for what, why in self._things.items()]
        told += [
            NotCaptured(f"{count - _NAMED:,} more files", why)
            for why, count in self._counts.items()
            if count > _NAMED
        ]
        return tuple(told)
