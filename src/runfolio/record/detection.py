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
from runfolio.capture.data_hash import Hashed, Stamp, patient_file_hash, stamp_of
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
_SPELL_S: Final = 0.005
_MANY: Final = 50
_NO_TIME: Final = "there was no time to hash it"
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
        self._hashes: dict[str, Hashed] = {}
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
        single = [p for p in evidence if p in self._hashes and not p.startswith(folders)]
        # A folder that was named as a whole is a data set of its own, whatever lies beside it.
        whole = {p: [p] for p in evidence if p in self._folders and not p.startswith(folders)}
        found = []
        for place, files in (whole | dict(in_groups(single))).items():
            how = tuple(dict.fromkeys(word for path in files for word in evidence[path]))
            with contextlib.suppress(OSError):  # it is gone since
                found.append(replace(self._use_of(place, files), found="detected", evidence=how))
        return found

    def _use_of(self, place: str, files: list[str]) -> DataUse:
        if files == [place] and place in self._single:
            return self._single[place]
        uri, name = shown(place, self._root), os.path.basename(place)  # noqa: PTH119
        if files == [place] and place in self._folders:
            return use_of_path(Path(place), uri, name, self._known_hashes)
        use = use_of_files(sorted(files), Path(place), uri, name, self._known_hashes)
        return replace(use, kind="folder")

    def _known_hashes(self, paths: Sequence[str]) -> list[Hashed | OSError]:
        return [self._hashes.get(path) or _unhashed(path) for path in paths]

    def look(self) -> int:
        """Hash what is new, and return how many files that were."""
        seen, self.dropped = opened.sightings(self._place)
        if self._children_only:
            seen = [one for one in seen if one.child]
        paths = []
        while self._earlier:
            paths += self._inputs.add_earlier(*self._earlier.popleft())
        paths += self._inputs.add(seen)
        if len(paths) > _MANY:
            self._known.look_up(os.path.commonpath(paths))
        begun = time.thread_time()
        for path in paths:
            with contextlib.suppress(OSError):
                self._take(path)
            if (worked := time.thread_time() - begun) > _SPELL_S:
                self._hurry.wait(worked * _REST)
                begun = time.thread_time()
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
        stamp = stamp_of(path)
        changed = self._inputs.was_changed(path, stamp[4])
        if changed is None:
            self._inputs.evidence.pop(path, None)
            return
        self._hashes[path] = self._hash(stamp, changed=changed)
        if len(self._single) < _SINGLE and not self._is_late():
            uri, name = shown(path, self._root), os.path.basename(path)  # noqa: PTH119
            self._single[path] = use_of_path(Path(path), uri, name, self._known_hashes)

    def _hash(self, stamp: Stamp, *, changed: bool) -> Hashed:
        why = "it was changed after it had been read" if changed else self._too_large(stamp[3])
        if why or self._is_late():
            return Hashed(None, stamp[3], why or _NO_TIME)
        try:
            return patient_file_hash(stamp, self._known, self._may_go_on)
        except OSError as error:
            return Hashed(None, stamp[3], (error.strerror or str(error)).lower())

    def _too_large(self, size: int) -> str:
        if size > LARGEST:
            return f"it is larger than {LARGEST >> 30} GiB; declare it with use_data"
        if size > self._left:
            return f"more than {_IN_ALL >> 30} GiB were hashed already"
        self._left -= size
        return ""

    def _may_go_on(self) -> bool:
        self._hurry.wait(0.001)
        return not self._is_late()

    def _is_late(self) -> bool:
        return time.monotonic() >= self._deadline


def _unhashed(path: str) -> Hashed | OSError:
    try:
        return Hashed(None, stamp_of(path)[3], _NO_TIME)
    except OSError as error:
        return error
