"""The detection of data: what was opened becomes data sets, hashed as far as there is time."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from runfolio.capture import opened
from runfolio.capture.data_files import use_of_files, use_of_path
from runfolio.capture.data_hash import patient_file_hash, stamp_of
from runfolio.capture.data_paths import shown
from runfolio.capture.detected import Inputs, in_groups
from runfolio.model.data import DataUse
from runfolio.record.file_hashes import FileHashes

__all__ = ["Detection"]

LARGEST: Final = 4 << 30
"""Larger files are not hashed unless they are declared."""

_IN_ALL: Final = 16 << 30
# Of its time the thread works a quarter, and leaves three to the training.
_REST: Final = 3.0
_FEW: Final = 2000
# So many are described by what their heads say; further ones by hash and size.
_SINGLE: Final = 200


class Detection:
    """Tells inputs from other files that were opened, and describes them.

    Parameters
    ----------
    root : Path
        The project: places are told from there.
    without : tuple of str
        Folders that hold no data of the run's.
    place : Place
        Where the log of opened files stood when the run began.
    began_ns : int
        When that was.
    earlier : deque of (sequence of Sighting, int)
        What was read before the run, and when it had been, in ns since 1970; each is taken out
        once it was looked at.
    children_only : bool
        Whether only child processes count.

    Attributes
    ----------
    dropped : int
        Files that were opened and could not be kept in mind.
    """

    def __init__(
        self,
        root: Path,
        without: tuple[str, ...],
        place: opened.Place,
        began_ns: int,
        earlier: deque[tuple[Sequence[opened.Sighting], int]],
        *,
        children_only: bool,
    ) -> None:
        self._root = root
        self._children_only = children_only
        self._inputs = Inputs(began_ns, without)
        self._earlier = earlier
        self._known = FileHashes()
        self._hashes: dict[str, str] = {}
        self._why: dict[str, str] = {}
        self._folders: set[str] = set()
        self._left = _IN_ALL
        self._place = place
        self._single: dict[str, DataUse] = {}
        self._deadline = float("inf")
        self._hurry = threading.Event()
        self.dropped = 0

    @property
    def is_short(self) -> bool:
        """Whether there is so little that it can be told again and again."""
        return len(self._inputs.evidence) <= _FEW

    def hurry(self, seconds: float) -> None:
        """Leave no time to others any more, and be done within some seconds."""
        self._deadline = time.monotonic() + seconds
        self._hurry.set()

    def uses(self) -> list[DataUse]:
        """Return the inputs as data sets; files that lie together are one."""
        evidence = self._inputs.evidence.copy()
        folders = tuple(f"{path}{os.sep}" for path in self._folders)
        told = [
            path for path in evidence
            if (path in self._hashes or path in self._why or path in self._folders)
            and not path.startswith(folders)
        ]  # fmt: skip
        found = []
        for place, files in in_groups(told).items():
            how = tuple(dict.fromkeys(word for path in files for word in evidence[path]))
            with contextlib.suppress(OSError):  # it is gone since
                found.append(replace(self._use_of(place, files), found="detected", evidence=how))
        return found

    def _use_of(self, place: str, files: list[str]) -> DataUse:
        if files == [place] and place in self._single:
            return self._single[place]
        uri, name = shown(place, self._root), os.path.basename(place)  # noqa: PTH119
        if files == [place] and place in self._folders:
            return use_of_path(Path(place), uri, name, self._hashes.get)
        use = use_of_files(sorted(files), Path(place), uri, name, self._hashes.get)
        return replace(use, kind="folder")

    def look(self) -> int:
        """Hash what is new, and return how many files that were."""
        seen, self.dropped = opened.sightings(self._place)
        if self._children_only:
            seen = [one for one in seen if one.child]
        paths = []
        while self._earlier:
            paths += self._inputs.add_earlier(*self._earlier.popleft())
        paths += self._inputs.add(seen)
        for path in paths:
            begun = time.thread_time()
            with contextlib.suppress(OSError):
                self._take(path)
            self._hurry.wait((time.thread_time() - begun) * _REST)
        self._known.close()
        return len(paths)

    def _take(self, path: str) -> None:
        if not os.path.isdir(path):  # noqa: PTH112
            self._take_file(path)
            return
        self._folders.add(path)
        for place, _, names in os.walk(path):
            for name in names:
                with contextlib.suppress(OSError):
                    self._take_file(os.path.join(place, name))  # noqa: PTH118

    def _take_file(self, path: str) -> None:
        size, mtime_ns = stamp_of(path)[3:]
        changed = self._inputs.was_changed(path, mtime_ns)
        if changed is None:
            self._inputs.evidence.pop(path, None)
            return
        why = "it was changed after it had been read" if changed else self._too_large(size)
        digest = None if why or self._is_late() else self._hash(path)
        if digest is None:
            self._why[path] = why or self._why.get(path) or "there was no time to hash it"
        else:
            self._hashes[path] = digest
        if len(self._single) < _SINGLE and not self._is_late():
            uri, name = shown(path, self._root), os.path.basename(path)  # noqa: PTH119
            use = use_of_path(Path(path), uri, name, self._hashes.get)
            self._single[path] = replace(use, why=self._why.get(path, use.why))

    def _too_large(self, size: int) -> str:
        if size > LARGEST:
            return f"it is larger than {LARGEST >> 30} GiB; declare it with use_data"
        if size > self._left:
            return f"more than {_IN_ALL >> 30} GiB were hashed already"
        self._left -= size
        return ""

    def _hash(self, path: str) -> str | None:
        try:
            return patient_file_hash(path, self._known, self._may_go_on)
        except OSError as error:
            self._why[path] = (error.strerror or str(error)).lower()
            return None

    def _may_go_on(self) -> bool:
        self._hurry.wait(0.001)
        return not self._is_late()

    def _is_late(self) -> bool:
        return time.monotonic() >= self._deadline
