"""The detection of data: a thread that describes what the program opens, in its own time."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from runfolio.capture import opened
from runfolio.capture.data_files import use_of_files, use_of_path
from runfolio.capture.data_hash import patient_file_hash, stamp_of
from runfolio.capture.data_paths import shown
from runfolio.capture.detected import Inputs, in_groups
from runfolio.capture.opened_calls import unwatch_calls, watch_calls
from runfolio.model.data import DataUse
from runfolio.record.file_hashes import FileHashes
from runfolio.record.guard import guard

__all__ = ["Detection"]

LARGEST: Final = 4 << 30
"""Larger files are not hashed unless they are declared."""

_IN_ALL: Final = 16 << 30
_FIRST_LOOK_S: Final = 2.0
_LOOK_S: Final = 5.0
# Of its time the thread works a quarter, and leaves three to the training.
_REST: Final = 3.0
_FEW: Final = 2000
# So many are described by what their heads say; further ones by hash and size.
_SINGLE: Final = 200


class Detection:
    """Hears which files are opened, and hashes them beside the training.

    Parameters
    ----------
    root : Path
        The project: places are told from there.
    without : tuple of str
        Folders that hold no data of the run's.
    children_only : bool
        Whether only child processes count.
    """

    def __init__(self, root: Path, without: tuple[str, ...], *, children_only: bool) -> None:
        self._root = root
        self._children_only = children_only
        # Clocks of file systems tick slowly: what was written just before is no product.
        self._inputs = Inputs(time.time_ns(), without)
        self._known = FileHashes()
        self._hashes: dict[str, str] = {}
        self._why: dict[str, str] = {}
        self._folders: set[str] = set()
        self._left = _IN_ALL
        self._place = opened.Place(0, 0)
        self._single: dict[str, DataUse] = {}
        self._patient = True
        self._deadline = float("inf")
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.dropped = 0

    def begin(self, changed: Callable[[], None]) -> None:
        """Listen, and look at what was heard from time to time.

        Parameters
        ----------
        changed : callable
            Called in the thread when there is something new, and not too much to tell.
        """
        self._place = opened.begin()
        watch_calls()
        self._thread = threading.Thread(
            target=self._run, args=(changed,), name="runfolio-data", daemon=True
        )
        with contextlib.suppress(RuntimeError):
            self._thread.start()

    def finish(self, seconds: float) -> None:
        """Listen no longer, and describe what is left within some seconds."""
        self._deadline = time.monotonic() + seconds
        self._patient = False
        self._stop.set()
        try:
            if self._thread is not None and self._thread.ident is not None:
                self._thread.join(seconds)
            if self._thread is None or not self._thread.is_alive():
                with opened.unnoticed():
                    self._look()
        finally:
            opened.end()
            if not opened.is_listening():
                unwatch_calls()

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

    def _run(self, changed: Callable[[], None]) -> None:
        with opened.unnoticed(), guard("looking at the data that is read"):
            _be_nice()
            wait = _FIRST_LOOK_S
            while not self._stop.wait(wait):
                wait = _LOOK_S
                if self._look() and len(self._inputs.evidence) <= _FEW:
                    changed()

    def _look(self) -> int:
        """Hash what is new, and return how many files that were."""
        seen, self.dropped = opened.sightings(self._place)
        if self._children_only:
            seen = [one for one in seen if one.child]
        paths = self._inputs.add(seen)
        for path in paths:
            begun = time.thread_time()
            with contextlib.suppress(OSError):
                self._take(path)
            if self._patient:
                self._stop.wait((time.thread_time() - begun) * _REST)
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
        digest = None if why else self._hash(path)
        if digest is None:
            self._why[path] = why or self._why.get(path) or "there was no time to hash it"
        else:
            self._hashes[path] = digest
        if len(self._single) < _SINGLE:
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
        if self._patient:
            self._stop.wait(0.001)
        return time.monotonic() < self._deadline


def _be_nice() -> None:
    """Let the training go first; on Linux a thread has a priority of its own."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
