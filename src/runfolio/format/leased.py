"""The hash of a file that anybody may write to meanwhile."""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import signal
from collections.abc import Iterator
from typing import Final

import blake3

from runfolio._hashing import hasher

__all__ = ["hash_of_open"]

_PIECE: Final = 8 << 20
_LEAST: Final = 64 << 10  # what the system makes up has no size
_WORTH_IT: Final = 1 << 20
# A writer waits for one such piece at most.
_MAPPED: Final = 64 << 20
_SETLEASE: Final = getattr(fcntl, "F_SETLEASE", None)
_GETLEASE: Final = getattr(fcntl, "F_GETLEASE", 1025)
_SETSIG: Final = getattr(fcntl, "F_SETSIG", 10)


def hash_of_open(fd: int) -> str:
    """Return the hash of a file as it can be read now; nobody who cuts it short ends this process.

    A file that is mapped while another program cuts it short would. So it is mapped under a lease
    (``fcntl(2)``): who wants to write to the file waits until the lease is given back, which happens
    after the piece that is being hashed. Where none is to be had, because somebody is writing or the
    file is another user's, it is read, which takes a third longer.

    Raises
    ------
    OSError
        It cannot be read.
    """
    into, at, size = hasher(), 0, os.fstat(fd).st_size
    if size > _WORTH_IT:
        with _lease(fd) as is_mine:
            if is_mine and (at := _mapped(fd, size, into)) == size:
                return into.hexdigest()
    room = memoryview(bytearray(min(_PIECE, max(size + 1, _LEAST))))
    while n := os.preadv(fd, [room], at):
        into.update(room[:n])
        at += n
    return into.hexdigest()


def _mapped(fd: int, size: int, into: blake3.blake3) -> int:
    """Hash what is mapped as long as nobody wants to write; return how far that went."""
    at = 0
    size = min(size, os.fstat(fd).st_size)  # it may have been cut short before the lease
    while at < size and fcntl.fcntl(fd, _GETLEASE) == fcntl.F_RDLCK:
        length = min(_MAPPED, size - at)
        with mmap.mmap(fd, length, access=mmap.ACCESS_READ, offset=at) as piece:
            into.update(piece)
        at += length
    return at


@contextlib.contextmanager
def _lease(fd: int) -> Iterator[bool]:
    """Hold a lease on a file, if one can be had."""
    try:
        if _SETLEASE is None:
            raise OSError
        # Of a writer who waits the system sends word: by a signal that is ignored unless asked for.
        fcntl.fcntl(fd, _SETSIG, signal.SIGURG)
        fcntl.fcntl(fd, _SETLEASE, fcntl.F_RDLCK)
    except OSError:
        yield False
        return
    try:
        yield True
    finally:
        with contextlib.suppress(OSError):
            fcntl.fcntl(fd, _SETLEASE, fcntl.F_UNLCK)
