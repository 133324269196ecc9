"""Hashes of files' contents."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from typing import Final, Protocol

import blake3

__all__ = ["KnownHashes", "Stamp", "file_hash", "list_hash", "patient_file_hash", "stamp_of"]

PREFIX: Final = "blake3:"
_SMALL: Final = 1 << 17
_CHUNK: Final = 1 << 20
# A file that changed less than this ago may change again and keep its stamp: clocks of file
# systems tick that slowly.
_SETTLED_NS: Final = 2_000_000_000

Stamp = tuple[str, int, int, int, int]
"""Absolute path, device, inode, size, and time of the last change in nanoseconds."""


class KnownHashes(Protocol):
    """Hashes that were taken before, by the stamps of their files."""

    def get(self, stamp: Stamp) -> str | None:
        """Return the hash of a file that has not changed since."""
        ...

    def put(self, stamp: Stamp, digest: str) -> None:
        """Keep a hash."""
        ...


def stamp_of(path: str) -> Stamp:
    """Return what tells whether a file is the one that was hashed.

    Raises
    ------
    OSError
        It cannot be asked, or is no regular file.
    """
    about = os.stat(path)  # noqa: PTH116 - many thousands of files
    if not stat.S_ISREG(about.st_mode):
        raise OSError(f"{path} is no regular file")
    return (os.path.abspath(path), about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns)  # noqa: PTH100 - links stay


def file_hash(path: str, known: KnownHashes) -> str:
    """Return the hash of a file, as fast as the library can: all cores, the file mapped.

    Raises
    ------
    OSError
        It cannot be read.
    """
    return _cached(path, known, _at_once)


def patient_file_hash(path: str, known: KnownHashes, go_on: Callable[[], bool]) -> str | None:
    """Return the hash of a file, read piece by piece on one core; ``None`` if told to stop.

    Nothing is mapped: a file that another program cuts short meanwhile would end this process.

    Raises
    ------
    OSError
        It cannot be read.
    """
    return _cached(path, known, lambda path, _: _bit_by_bit(path, go_on)) or None


def list_hash(members: list[tuple[str, str]]) -> str:
    """Return the hash of several files: of the lines ``HASH  PATH``, sorted by path, as b3sum has them.

    Parameters
    ----------
    members : list of (path, hash)
        Paths below their common folder, with ``/``.
    """
    lines = (f"{digest.removeprefix(PREFIX)}  {path}\n" for path, digest in sorted(members))
    return PREFIX + blake3.blake3("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _cached(path: str, known: KnownHashes, take: Callable[[str, int], str]) -> str:
    stamp = stamp_of(path)
    found = known.get(stamp)
    if found is not None:
        return found
    digest = take(path, stamp[3])
    settled = time.time_ns() - stamp[4] > _SETTLED_NS
    if digest and settled and stamp_of(path) == stamp:
        known.put(stamp, digest)
    return digest


def _at_once(path: str, size: int) -> str:
    if size <= _SMALL:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - many thousands
            return PREFIX + blake3.blake3(file.read()).hexdigest()
    into = blake3.blake3(max_threads=blake3.blake3.AUTO)
    into.update_mmap(path)
    return PREFIX + into.hexdigest()


def _bit_by_bit(path: str, go_on: Callable[[], bool]) -> str:
    into = blake3.blake3()
    room = memoryview(bytearray(_CHUNK))
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123
        while n := file.readinto(room):
            if not go_on():
                return ""
            into.update(room[:n])
    return PREFIX + into.hexdigest()
