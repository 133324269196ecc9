"""Reaching files below a folder step by step, so that no link on the way leads out of it."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from runfolio.errors import CorruptRecord

__all__ = ["entry_of", "folder_below", "opened_below", "opened_in"]

_FOLDER: Final = (
    os.O_RDONLY
    | getattr(os, "O_DIRECTORY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
# A FIFO under a name must not block the reader.
_FILE: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


@contextlib.contextmanager
def folder_below(root: Path, path: str, *, make: bool = False) -> Iterator[int]:
    """Hold the folder open in which a file lies, or is to lie.

    Parameters
    ----------
    root : Path
        A folder; whether it is a link is its owner's business.
    path : str
        Relative, with ``/``; checked by `runfolio.model.artifact.check_paths`.
    make : bool
        Make folders that are missing.

    Raises
    ------
    CorruptRecord
        A link or a file stands where a folder should.
    OSError
        A folder is not there or cannot be made.
    """
    fd = os.open(root, _FOLDER & ~getattr(os, "O_NOFOLLOW", 0))
    try:
        for part in path.split("/")[:-1]:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, dir_fd=fd)
            inner = _step(part, fd, path)
            os.close(fd)
            fd = inner
        yield fd
    finally:
        os.close(fd)


def _step(part: str, fd: int, path: str) -> int:
    try:
        return os.open(part, _FOLDER, dir_fd=fd)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise CorruptRecord(
                f"{path}: {part!r} is a link or no folder; it is not followed."
            ) from error
        raise


@contextlib.contextmanager
def opened_below(root: Path, path: str) -> Iterator[tuple[int, os.stat_result]]:
    """Hold a regular file below a folder open for reading; yield it and what the system says of it.

    Raises
    ------
    CorruptRecord
        It, or a folder on the way, is a link; or it is no regular file.
    OSError
        It is not there or cannot be read.
    """
    with folder_below(root, path) as folder, opened_in(folder, path) as opened:
        yield opened


@contextlib.contextmanager
def opened_in(folder: int, path: str) -> Iterator[tuple[int, os.stat_result]]:
    """As `opened_below`, of a file whose folder is held open already."""
    try:
        fd = os.open(path.rpartition("/")[2], _FILE, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise CorruptRecord(f"{path} is a link; it is not followed.") from error
        raise
    try:
        info = os.fstat(fd)
        if not stat.S_ISREG(info.st_mode):
            raise CorruptRecord(f"{path} is no regular file.")
        yield fd, info
    finally:
        os.close(fd)


def entry_of(name: str, folder: int) -> os.stat_result | None:
    """Return what the system says of an entry of an open folder, a link itself included."""
    with contextlib.suppress(FileNotFoundError):
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    return None
