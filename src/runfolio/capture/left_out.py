"""What a snapshot does not hold, and why: one sentence a thing, many of one kind counted."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from typing import Final

from runfolio.capture.content_hashes import ContentHashes
from runfolio.model.context import NotCaptured

__all__ = ["LeftOut", "shown"]

_NAMED: Final = 50


def shown(path: bytes) -> str:
    """Return a path as text for people and JSON; bytes that are no UTF-8 are written out."""
    return path.decode("utf-8", "backslashreplace")


class LeftOut:
    """Collects what was left out; each thing is told once, for the first reason found.

    Parameters
    ----------
    top : bytes
        The folder from which paths are meant.
    hashes : ContentHashes
    within : str, optional
        Put before paths when they are told: that of a submodule.
    """

    def __init__(self, top: bytes, hashes: ContentHashes, within: str = "") -> None:
        self._top = top
        self._hashes = hashes
        self._within = within
        self._things: dict[str, str] = {}
        self._paths: dict[str, bytes] = {}
        self._not_needed: set[str] = set()
        self._counts: dict[str, int] = {}
        self._others: list[NotCaptured] = []

    def add(self, path: bytes, why: str) -> None:
        """Note one file; beyond 50 for one reason they are only counted."""
        name = self.path(path)
        if name in self._things:
            return
        count = self._counts[why] = self._counts.get(why, 0) + 1
        if count <= _NAMED:
            self._things[name] = why
            self._paths[name] = path

    def add_thing(self, what: str, why: str, *, needed: bool = True) -> None:
        """Note what is no file of its own, and whether the run can be repeated without it."""
        self._things.setdefault(what, why)
        if not needed:
            self._not_needed.add(what)

    def path(self, path: bytes) -> str:
        """Return a path as it is told: from the outermost repository."""
        return self._within + shown(path)

    def add_many(self, count: int, kind: str, why: str) -> None:
        """Note how many things of a kind were left out together."""
        if count:
            self._things[f"{count:,} {kind}"] = why

    def take_over(self, things: Iterable[NotCaptured]) -> None:
        """Note what was told by another one, as it is."""
        self._others += things

    def told(self) -> tuple[NotCaptured, ...]:
        """Return all that was noted in the order in which it was found, with sizes and hashes."""
        told = [self._told(what, why) for what, why in self._things.items()]
        told += [
            NotCaptured(f"{count - _NAMED:,} more files", why)
            for why, count in self._counts.items()
            if count > _NAMED
        ]
        return (*told, *self._others)

    def _told(self, what: str, why: str) -> NotCaptured:
        path = self._paths.get(what)
        if path is None:
            return NotCaptured(what, why, needed=what not in self._not_needed)
        full = os.path.join(self._top, path)  # noqa: PTH118 - bytes
        try:
            status = os.lstat(full)
        except OSError:
            return NotCaptured(what, why)
        if not stat.S_ISREG(status.st_mode):
            return NotCaptured(what, why)
        digest, why_not = self._hashes.of(full)
        return NotCaptured(what, why, status.st_size, digest, why_not)
