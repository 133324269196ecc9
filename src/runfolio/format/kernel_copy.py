"""Copying from file to file within the kernel, and what Linux offers to make it quick.

Room that is reserved beforehand spares the file system half of its work for each page (``fallocate``),
and writing to the disk that begins at once (``sync_file_range``) is done by the time it is waited for.
Where a system has none of it, a copy goes through memory.
"""

from __future__ import annotations

import errno
import functools
import os
import sys
from typing import Any, Final

__all__ = ["begin_writing", "copy_piece", "reserve"]

# Of each function: i for an int, q for a length or a place in a file.
_ARGUMENTS: Final = {"fallocate": "iiqq", "sync_file_range": "iqqi"}
_BUFFER: Final = 1 << 20
_WRITE: Final = 2  # SYNC_FILE_RANGE_WRITE
# Not this way: between two file systems, of a kind that cannot, in a sandbox, or of a file that the
# system makes up as it is read. Any other fault is the disk's, and the caller's.
_NOT_SO: Final = frozenset(
    {
        errno.EXDEV,
        errno.ENOSYS,
        errno.EINVAL,
        errno.ENOTSUP,
        errno.EOPNOTSUPP,
        errno.EPERM,
        errno.EACCES,
        errno.ETXTBSY,
        errno.EOVERFLOW,
    }
)
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def reserve(fd: int, size: int) -> None:
    """Have a new file as large as it is to be, its room set aside where the file system can.

    Raises
    ------
    OSError
        There is no room for it.
    """
    # Not posix_fallocate: where the file system cannot, that one writes into every block.
    number = _linux("fallocate", fd, 0, 0, size)
    if number in _NO_ROOM:
        raise OSError(number, os.strerror(number))


def copy_piece(source: int, target: int, at: int, count: int) -> int:
    """Copy bytes to the same place of another file; return how many, 0 at the end of the source.

    Parameters
    ----------
    source, target : int
        Descriptors; the target's is not one for appending.
    at, count : int
        Where the piece begins, and its length, in bytes.

    Raises
    ------
    OSError
        Reading or writing failed.
    """
    if hasattr(os, "copy_file_range"):
        try:
            # It says 0 of files of /proc, too, and of some network disks: reading tells what is so.
            if done := os.copy_file_range(source, target, count, at, at):
                return done
        except OSError as error:
            if error.errno not in _NOT_SO:
                raise
    return _through_memory(source, target, at, count)


def begin_writing(fd: int, at: int, count: int) -> None:
    """Have these bytes on their way to the disk; it is no promise, and nobody waits."""
    _linux("sync_file_range", fd, at, count, _WRITE)


def _through_memory(source: int, target: int, at: int, count: int) -> int:
    room, done = memoryview(bytearray(min(count, _BUFFER))), 0
    while done < count and (n := os.preadv(source, [room[: count - done]], at + done)):
        left = room[:n]
        while left:
            left = left[os.pwrite(target, left, at + done + n - len(left)) :]
        done += n
    return done


def _linux(name: str, *given: int) -> int:
    """Call a function of Linux's C library, if it is there; return the error number."""
    call = _function(name)
    if call is None:
        return errno.ENOSYS
    import ctypes

    return ctypes.get_errno() if call(*given) != 0 else 0


@functools.cache
def _function(name: str) -> Any:
    # A length is of 64 bits there as here; elsewhere a wrong guess would cut a file short.
    if not sys.platform.startswith("linux") or sys.maxsize < 1 << 32:
        return None
    import ctypes

    call = getattr(ctypes.CDLL(None, use_errno=True), name, None)
    if call is not None:
        call.argtypes = [{"i": ctypes.c_int, "q": ctypes.c_int64}[one] for one in _ARGUMENTS[name]]
    return call
