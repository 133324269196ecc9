"""Hashes of files' contents."""

from __future__ import annotations

import contextlib
import os
import stat
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol

import blake3

from runfolio._hashing import hasher, threads

__all__ = [
    "Hashed",
    "KnownHashes",
    "PlainFiles",
    "Stamp",
    "file_hashes",
    "list_hash",
    "patient_file_hash",
    "stamp_of",
]

PREFIX: Final = "blake3:"
_SMALL: Final = 1 << 17
_CHUNK: Final = 1 << 20
# Cores share the pieces of a large file well. Of one of this size each has so little that they do
# better with a file each; a smaller one is mostly calls of Python's, one at a time in any case.
_MIDDLING: Final = range(_SMALL + 1, 16 << 20)
_TO_READ: Final = os.O_RDONLY | os.O_CLOEXEC
# Looked up once: there may be many thousands of files.
_open, _read, _fstat, _close, _stat = os.open, os.read, os.fstat, os.close, os.stat
_is_regular, _blake3 = stat.S_ISREG, blake3.blake3
# A file that changed less than this ago may change again and keep its stamp: clocks of file
# systems tick that slowly.
_SETTLED_NS: Final = 2_000_000_000

Stamp = tuple[str, int, int, int, int]
"""Absolute path, device, inode, size, and time of the last change in nanoseconds."""


class Hashed(NamedTuple):
    """A file's hash and size.

    Attributes
    ----------
    digest : str or None
    size : int
    why : str
        Why there is no hash.
    """

    digest: str | None
    size: int
    why: str = ""


class PlainFiles(list[str]):
    """Absolute paths of regular files, as their folders say: none is a link, or waits to be opened."""


class KnownHashes(Protocol):
    """Hashes that were taken before, by the stamps of their files."""

    def may_know(self, path: str) -> bool:
        """Return whether the hash of a file at this path could be known."""
        ...

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
    about = _stat(path)
    if not _is_regular(about.st_mode):
        raise OSError(f"{path} is no regular file")
    place = path if path[:1] == os.sep else os.path.abspath(path)  # noqa: PTH100 - links stay
    return (place, about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns)


def file_hashes(paths: Sequence[str], known: KnownHashes) -> list[Hashed | OSError]:
    """Return the hash of each file in their order, or why it cannot be read.

    As fast as the library can: all cores, by a large file together, by middling ones each its own;
    larger files are mapped. `known` is asked by this thread, and told by several.
    """
    found: list[Hashed | OSError] = []
    middling: deque[tuple[int, Stamp]] = deque()
    are_plain = isinstance(paths, PlainFiles)
    for path in paths:
        try:
            new = are_plain and not known.may_know(path)
            taken = (new and _new_and_small(path, known)) or _at_once(path, known)
            if isinstance(taken, Hashed):
                found.append(taken)
            else:
                middling.append((len(found), taken))
                found.append(Hashed(None, taken[3]))  # its turn comes
        except OSError as error:
            found.append(error)

    take = _by_all_cores if len(middling) == 1 or threads() == 1 else _by_one_core

    def hash_middling() -> None:
        while True:
            try:
                n, stamp = middling.popleft()
            except IndexError:
                return
            try:
                found[n] = _taken(stamp, known, take)
            except OSError as error:
                found[n] = error

    _side_by_side(hash_middling, middling)
    return found


def _at_once(path: str, known: KnownHashes) -> Hashed | Stamp:
    """Return the hash of a file, or the stamp of one that is better hashed beside others."""
    stamp = stamp_of(path)
    size = stamp[3]
    if (digest := known.get(stamp)) is not None:
        return Hashed(digest, size)
    if size in _MIDDLING:
        return stamp
    return _taken(stamp, known, _small if size <= _SMALL else _by_all_cores)


def _side_by_side(work: Callable[[], None], todo: deque[tuple[int, Stamp]]) -> None:
    """Do the work in this thread and in others, which are gone afterwards."""
    failed: list[BaseException] = []

    def help_out() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - it is raised to the caller
            failed.append(error)

    helpers = []
    try:
        # Not a pool of futures: at the interpreter's end none can be had.
        for _ in range(min(threads(), len(todo)) - 1):
            helper = threading.Thread(target=help_out, name="runfolio-hash", daemon=True)
            with contextlib.suppress(RuntimeError):  # nor, perhaps, a thread
                helper.start()
                helpers.append(helper)
        work()
    finally:
        todo.clear()  # of an interrupt: they end with the files they are at
        for helper in helpers:
            helper.join()
    if failed:
        raise failed[0]


def patient_file_hash(stamp: Stamp, known: KnownHashes, go_on: Callable[[], bool]) -> Hashed:
    """Return the hash of a file, read piece by piece on one core, unless told to stop in between.

    Nothing is mapped: a file that another program cuts short meanwhile would end this process.

    Raises
    ------
    OSError
        It cannot be read.
    """
    digest = known.get(stamp)
    if digest is not None:
        return Hashed(digest, stamp[3])
    return _taken(stamp, known, lambda stamp: _bit_by_bit(stamp, go_on))


def list_hash(members: list[tuple[str, str]]) -> str:
    """Return the hash of several files: of the lines ``HASH  PATH``, sorted by path, as b3sum has them.

    Parameters
    ----------
    members : list of (path, hash)
        Paths below their common folder, with ``/``.
    """
    lines = (f"{digest.removeprefix(PREFIX)}  {path}\n" for path, digest in sorted(members))
    return PREFIX + blake3.blake3("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _taken(stamp: Stamp, known: KnownHashes, take: Callable[[Stamp], str | None]) -> Hashed:
    """Hash a file with `take`, which returns nothing where it was stopped, ``None`` for another file."""
    size = stamp[3]
    digest = take(stamp)
    if digest:
        if time.time_ns() - stamp[4] > _SETTLED_NS:
            known.put(stamp, digest)
        return Hashed(digest, size)
    changed = digest is None
    why = "it changed while it was hashed" if changed else "there was no time to hash it"
    return Hashed(None, size, why)


def _by_all_cores(stamp: Stamp) -> str | None:
    return _mapped(stamp, hasher())


def _by_one_core(stamp: Stamp) -> str | None:
    return _mapped(stamp, blake3.blake3())


def _mapped(stamp: Stamp, into: blake3.blake3) -> str | None:
    digest = PREFIX + into.update_mmap(stamp[0]).hexdigest()
    return digest if stamp_of(stamp[0]) == stamp else None


def _small(stamp: Stamp) -> str | None:
    # Many thousands of files: Python's own file objects would take as long as the hash.
    place, device, inode, size, mtime_ns = stamp
    fd = _open(place, _TO_READ)
    try:
        content = _read(fd, size + 1)
        while len(content) != size and (more := _read(fd, _CHUNK)):
            content += more
        now = _fstat(fd)
    finally:
        _close(fd)
    is_same = now.st_mtime_ns == mtime_ns and now.st_size == size
    if is_same and now.st_ino == inode and now.st_dev == device:
        return PREFIX + _blake3(content).hexdigest()
    return None


def _new_and_small(path: str, known: KnownHashes) -> Hashed | None:
    """Hash a small file without asking about it by its path, which takes as long as to open it.

    ``None`` for a larger one, and for one that changes meanwhile: it is looked at closely.
    """
    fd = _open(path, _TO_READ)
    try:
        before = _fstat(fd)
        size, mtime_ns = before.st_size, before.st_mtime_ns
        if size > _SMALL or not _is_regular(before.st_mode):
            return None
        content = _read(fd, size + 1)
        now = _fstat(fd)
    finally:
        _close(fd)
    if len(content) != size or now.st_size != size or now.st_mtime_ns != mtime_ns:
        return None
    digest = PREFIX + _blake3(content).hexdigest()
    if time.time_ns() - mtime_ns > _SETTLED_NS:
        known.put((path, before.st_dev, before.st_ino, size, mtime_ns), digest)
    return Hashed(digest, size)


def _bit_by_bit(stamp: Stamp, go_on: Callable[[], bool]) -> str | None:
    path, size = stamp[0], stamp[3]
    if size <= _SMALL:
        return _small(stamp)
    into = blake3.blake3()
    room = memoryview(bytearray(_CHUNK))
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123
        while n := file.readinto(room):
            into.update(room[:n])
            if n == _CHUNK and not go_on():
                return ""
    return PREFIX + into.hexdigest() if stamp_of(path) == stamp else None
