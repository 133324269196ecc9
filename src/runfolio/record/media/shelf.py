"""Where the files of media lie: each content once, under its own hash, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from runfolio.model.media import FOLDERS
from runfolio.model.ports import Files

__all__ = ["Held", "NotStored", "Shelf", "safe_ending"]

IN_MEMORY: Final = 16 * 1024 * 1024
"""Files up to this size wait in memory; larger ones as a copy of their own in the run."""

# With less than this left at the end of a run, a chart gets no picture beside its specification.
_SPARE_S: Final = 2.0

_ENDING = re.compile(r"[a-z0-9]{1,12}(?:\.[a-z0-9]{1,12})?\Z")


class NotStored(Exception):
    """The disk did not take a file, and the run does not wait for it any longer."""


class Held:
    """A file of the user's as it was when it was logged.

    Attributes
    ----------
    data : bytes or None
        Its content, where it is small.
    copy : Path or None
        Else a copy below ``media/``, gone with this object if nobody stores it.
    size_bytes : int
        Size of the file.
    """

    def __init__(self, size_bytes: int, data: bytes | None, copy: Path | None = None) -> None:
        self.size_bytes = size_bytes
        self.data = data
        self.copy = copy
        if copy is not None:
            weakref.finalize(self, _remove, copy)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


class Shelf:
    """The media folder of one writer.

    Parameters
    ----------
    run : Path
        The run's folder.
    files : Files
        The way to the disk.
    patient : callable
        Asked when the disk refuses, with the error: waits a while and returns whether to try
        again.
    rank : int
        Process of a distributed run; others than 0 have a folder of their own.

    Attributes
    ----------
    until : float or None
        When the run that is ending waits no longer, on the monotonic clock.
    """

    def __init__(
        self, run: Path, files: Files, patient: Callable[[OSError], bool], *, rank: int = 0
    ) -> None:
        self._run = run
        self._files = files
        self._patient = patient
        self._media = f"rank{rank}/media" if rank else "media"
        self._stored: set[str] = set()
        self.until: float | None = None

    @property
    def is_hurried(self) -> bool:
        """Whether the run is ending, and no time is left for what can be done without."""
        return self.until is not None and self.until - time.monotonic() < _SPARE_S

    def put(self, kind: str, ending: str, data: bytes) -> dict[str, Any]:
        """Store a content and return its ``path`` below the run's folder and its ``bytes``.

        Parameters
        ----------
        kind : str
            Type of the medium.
        ending : str
            Of the file's name, without a dot.
        data : bytes
            The whole file.

        Raises
        ------
        NotStored
            The disk refuses, and nobody has the patience to wait any longer.
        """
        from blake3 import blake3

        path = self._path(kind, ending, blake3(data).hexdigest(length=16))
        self._store(path, len(data), lambda target: self._files.replace(target, data))
        return {"path": path, "bytes": len(data)}

    def hold(self, source: Path) -> Held:
        """Take a file as it is now.

        A small one is read. A larger one is copied beside the run's media, where the file system
        can by sharing its blocks: the program may overwrite the file in the next step, and only
        a copy made before ``log`` returns is what was logged.

        Raises
        ------
        OSError
            It cannot be read, or the disk has no room for the copy.
        """
        size = source.stat().st_size
        if size <= IN_MEMORY:
            data = source.read_bytes()
            return Held(len(data), data)
        folder = self._run / self._media
        self._make(folder)
        copy = folder / f".{os.urandom(8).hex()}.tmp"
        held = Held(size, None, copy)
        self._files.clone(source, copy)
        held.size_bytes = copy.stat().st_size
        return held

    def put_held(self, kind: str, ending: str, held: Held) -> dict[str, Any]:
        """Store a file that was taken; see `put`."""
        if held.copy is None:
            return self.put(kind, ending, held.data or b"")
        copy = held.copy
        path = self._path(kind, ending, _hash_of(copy))
        self._store(path, held.size_bytes, lambda target: self._files.adopt(copy, target))
        return {"path": path, "bytes": held.size_bytes}

    def _path(self, kind: str, ending: str, digest: str) -> str:
        return f"{self._media}/{FOLDERS[kind]}/{digest}.{ending}"

    def _store(self, path: str, size: int, write: Callable[[Path], None]) -> None:
        target = self._run / path
        while path not in self._stored:
            try:
                if not _is_there(target, size):
                    self._make(target.parent)
                    write(target)
            except OSError as error:
                if not self._patient(error):
                    raise NotStored(error.strerror or str(error)) from error
            else:
                self._stored.add(path)

    def _make(self, folder: Path) -> None:
        # Level by level from the run's folder on: one that was removed is not made anew.
        here = self._run
        for name in folder.relative_to(self._run).parts:
            here /= name
            here.mkdir(exist_ok=True)


def safe_ending(name: str, default: str = "bin") -> str:
    """Return the ending of a file's name, without a dot; `default` where it has no plain one."""
    ending = Path(name).suffix[1:].lower()
    return ending if _ENDING.match(ending) else default


def _is_there(path: Path, size: int) -> bool:
    try:
        info = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISREG(info.st_mode) and info.st_size == size


def _hash_of(path: Path) -> str:
    from blake3 import blake3

    hasher = blake3()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            hasher.update(chunk)
    return hasher.hexdigest(length=16)
