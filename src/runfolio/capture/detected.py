"""Which of the files that a program opened are its input, and which of them belong together."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from runfolio.capture.data_paths import is_data
from runfolio.capture.opened import Sighting

__all__ = ["Inputs", "in_groups"]

_TOGETHER: Final = 8
_FEW: Final = 50


@dataclass(slots=True)
class Inputs:
    """Takes in what was opened, in order, and tells inputs from what the run made itself.

    Parameters
    ----------
    began_ns : int
        When the run began: what was changed since then and not read before is its own product.
    without : sequence of str
        Folders and files that are no data, absolute: the store.

    Attributes
    ----------
    evidence : dict of str to list of str
        Path → how it was seen, of each input.
    """

    began_ns: int
    without: Sequence[str]
    evidence: dict[str, list[str]] = field(default_factory=dict)
    _written: set[str] = field(default_factory=set)
    _opened: set[str] = field(default_factory=set)
    _read_at: dict[str, int] = field(default_factory=dict)

    def add_earlier(self, seen: Iterable[Sighting], at_ns: int) -> list[str]:
        """Take in what was read before the run began, and return the paths that are new.

        Parameters
        ----------
        seen : iterable of Sighting
        at_ns : int
            When it had been read: what was changed later is no longer what was read.
        """
        new = []
        for one in seen:
            if one.path not in self.evidence and self._may_be_input(one):
                self.evidence[one.path] = ["earlier"]
                self._read_at[one.path] = at_ns
                new.append(one.path)
        return new

    def add(self, seen: Iterable[Sighting]) -> list[str]:
        """Take in what was seen, and return the paths that are new among the inputs."""
        new = []
        for one in seen:
            path = one.path
            if one.how == "written":
                self._written.add(path)
            elif path in self.evidence:
                self._read_at.pop(path, None)
                self._note(one)
            elif path not in self._written and self._may_be_input(one):
                self._note(one)
                new.append(path)
        return new

    def _note(self, one: Sighting) -> None:
        if one.how == "opened" and not one.child:
            self._opened.add(one.path)
        known = self.evidence.setdefault(one.path, [])
        how = "child" if one.child and one.how != "maybe" else one.how
        if how not in known:
            known.append(how)

    def _may_be_input(self, one: Sighting) -> bool:
        if not is_data(one.path) or one.path.startswith(tuple(self.without)):
            return False
        try:
            about = os.stat(one.path)  # noqa: PTH116 - many thousands
        except OSError:
            return False  # not there: to open it failed, or it was meant for a moment only
        if stat.S_ISDIR(about.st_mode):
            return one.how == "named"
        return stat.S_ISREG(about.st_mode) and (
            about.st_mtime_ns < self.began_ns or one.how == "opened"
        )

    def was_changed(self, path: str, mtime_ns: int) -> bool | None:
        """Return whether an input was changed since it was read; ``None`` if it is a product after all.

        What has been changed since the run began, by a library that writes without Python, was
        written before it was read, as far as anybody can tell.
        """
        if path in self._read_at:
            return mtime_ns >= self._read_at[path]
        if mtime_ns < self.began_ns:
            return False
        return True if path in self._written and path in self._opened else None


def in_groups(paths: Iterable[str]) -> Mapping[str, list[str]]:
    """Return files that lie together as one folder, by its path; others by their own.

    More than eight of one folder belong together, and so do more than eight such folders of
    one; if that leaves more than fifty, so does all that lies in one folder.
    """
    groups = {path: [path] for path in paths}
    while many := [one for one in _below(groups).items() if len(one[1]) > _TOGETHER]:
        for folder, places in many:
            _join(groups, folder, places)
    while len(groups) > _FEW:
        deepest = max(place.count(os.sep) for place in groups)
        if deepest <= 1:
            break
        for folder, inside in _below(groups).items():
            if folder.count(os.sep) == deepest - 1:
                _join(groups, folder, inside)
    return groups


def _below(groups: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return folder → the places right below it; nothing is brought together in the root."""
    below: dict[str, list[str]] = {}
    for place in groups:
        folder = os.path.dirname(place)  # noqa: PTH120 - a hundred thousand
        if folder not in ("", os.sep):
            below.setdefault(folder, []).append(place)
    return below


def _join(groups: dict[str, list[str]], folder: str, places: list[str]) -> None:
    together = [path for place in places for path in groups.pop(place)]
    groups[folder] = groups.get(folder, []) + together
