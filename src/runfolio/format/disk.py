"""The `Files` port on a real disk, and the bounded reading that goes with it."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from pathlib import Path
from typing import Final

from runfolio.errors import CorruptRecord
from runfolio.format import kernel_copy
from runfolio.format.codec import MAX_BYTES

__all__ = [
    "NO_LINK",
    "Disk",
    "SystemClock",
    "SystemIds",
    "copy_file",
    "no_stream",
    "read_small",
    "unread",
]

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
_MADE: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
_WHOLE: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_CLOEXEC", 0)
_NOFOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_NONBLOCK: Final = getattr(os, "O_NONBLOCK", 0)
# A file system that knows no sync says one of these: then there is nothing to wait for.
_NO_SYNC: Final = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP})
# A file system that cannot sync a folder, and a system that cannot open one, say one of these.
_NO_FOLDER_SYNC: Final = _NO_SYNC | {errno.EBADF, errno.EACCES, errno.EPERM, errno.EISDIR}
NO_LINK: Final = frozenset(
    {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EACCES, errno.ENOTSUP, errno.ENOSYS}
)
"""A file system that links no file, or not this one, or not from there, says one of these."""
# Linux: share the blocks of the source where the file system can (btrfs, xfs).
_FICLONE: Final = 0x40049409


class Disk:
    """Creates, appends and replaces files so that a power cut leaves the old or the new."""

    def create(self, path: Path) -> int:
        """Create `path` exclusively for appending and return its descriptor."""
        return no_stream(os.open(path, _NEW | os.O_APPEND | _NOFOLLOW, 0o644))

    def write(self, fd: int, data: bytes) -> int:
        """Append bytes and return how many were taken."""
        return os.write(fd, data)

    def fsync(self, fd: int) -> None:
        """Return when the bytes (and the size, not the dates) are on stable storage."""
        try:
            getattr(os, "fdatasync", os.fsync)(fd)
        except OSError as error:
            if error.errno not in _NO_SYNC:
                raise

    def close(self, fd: int) -> None:
        """Close the descriptor."""
        os.close(fd)

    def write_new(self, path: Path, data: bytes) -> None:
        """Create `path` exclusively with this content."""
        fd = os.open(path, _NEW | _NOFOLLOW, 0o644)
        try:
            _write_all(fd, data)
            os.fsync(fd)
        finally:
            os.close(fd)
        _sync_folder(path.parent)

    def put(self, path: Path, data: bytes) -> None:
        """Give `path` this content, however long it takes to reach stable storage."""
        fd = os.open(path, _WHOLE | _NOFOLLOW, 0o644)
        try:
            _write_all(fd, data)
        finally:
            os.close(fd)

    def replace(self, path: Path, data: bytes) -> None:
        """Give `path` this content: written beside it, synced, renamed, folder synced."""
        beside = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(3).hex()}.tmp")
        try:
            fd = os.open(beside, _NEW | _NOFOLLOW, 0o644)
            try:
                _write_all(fd, data)
                os.fsync(fd)
            finally:
                os.close(fd)
            beside.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise
        _sync_folder(path.parent)

    def clone(self, source: Path, path: Path) -> None:
        """Copy a user's file, by sharing its blocks where the file system can."""
        copy_file(source, path)

    def adopt(self, path: Path, target: Path) -> None:
        """Give `target` the content of `path`: synced, renamed, folder synced."""
        fd = os.open(path, os.O_RDONLY | _NOFOLLOW)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
        path.replace(target)
        _sync_folder(target.parent)

    def unlink(self, path: Path) -> None:
        """Remove the file."""
        path.unlink()
        _sync_folder(path.parent)

    def append(self, fd: int, data: memoryview) -> None:
        """Append all of these bytes."""
        _write_all(fd, data)

    def make(self, path: Path) -> int:
        """Create `path` exclusively and return a descriptor to copy into and to read from."""
        return no_stream(os.open(path, _MADE | _NOFOLLOW, 0o644))

    def copy(self, source: int, target: int, at: int, count: int, *, soon: bool) -> int:
        """Copy a piece of a file to the same place of another, and begin to bring it to the disk."""
        done = kernel_copy.copy_piece(source, target, at, count)
        if soon and done:
            kernel_copy.begin_writing(target, at, done)
        return done

    def share(self, source: Path, path: Path) -> bool:
        """Create `path` with the blocks of `source`; ``False`` where the file system cannot."""
        return _share_blocks(source, path)

    def share_open(self, source: int, target: int) -> bool:
        """Give an empty open file the blocks of another; ``False`` where the file system cannot."""
        return _share_blocks_open(source, target)

    def link(self, path: Path, target: Path) -> None:
        """Give the file a second name, `target`, which must be free."""
        os.link(path, target, follow_symlinks=False)

    def move(self, path: Path, target: Path) -> None:
        """Rename, all or nothing, and do not wait for stable storage."""
        path.replace(target)

    def settle(self, folder: Path) -> None:
        """Return when all that was written to this folder's file system is on stable storage."""
        _sync_file_system(folder)


class SystemClock:
    """The machine's clocks; the methods are the C functions themselves, for ``log`` calls them."""

    time_ns = staticmethod(time.time_ns)
    monotonic = staticmethod(time.monotonic)


class SystemIds:
    """Random tokens that do not touch the user's generators."""

    def token(self) -> str:
        """Return six hexadecimal digits."""
        return os.urandom(3).hex()


def read_small(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Return the whole content of a regular file of at most `limit` bytes.

    Raises
    ------
    CorruptRecord
        It is a link, a device, or larger.
    OSError
        It is not there or cannot be read.
    """
    try:
        # A FIFO under this name must not block the reader, a link must not lead it away.
        fd = os.open(path, os.O_RDONLY | _NOFOLLOW | _NONBLOCK)
    except OSError as error:
        if path.is_symlink():
            raise CorruptRecord(f"{path.name} is a link; a run holds files of its own.") from error
        raise
    with os.fdopen(fd, "rb") as file:
        info = os.fstat(fd)
        if not stat.S_ISREG(info.st_mode):
            raise CorruptRecord(f"{path.name} is not a regular file.")
        if info.st_size > limit:
            raise CorruptRecord(
                f"{path.name} has {info.st_size:,} bytes; at most {limit:,} are read."
            )
        return file.read(limit + 1)


def unread(name: str, error: OSError) -> str:
    """Return why a file was not read, in a clause that begins with its name."""
    if isinstance(error, FileNotFoundError):
        return f"{name} is missing"
    return f"{name} cannot be read: {error.strerror or error}"


def no_stream(fd: int) -> int:
    """Return a descriptor for the same file that no standard stream has.

    Where a process was started without these, what a library of C complains of on standard error
    would be written into whatever file got the number.
    """
    if fd > 2:
        return fd
    import fcntl

    try:
        return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3)
    finally:
        os.close(fd)


def copy_file(source: Path, target: Path) -> None:
    """Give `target` the content of `source`, by sharing its blocks where the file system can.

    Never a hard link: the next ``open(source, "wb")`` of a user's program would overwrite it.
    """
    import shutil

    if not _share_blocks(source, target):
        shutil.copyfile(source, target)


def _share_blocks(source: Path, target: Path) -> bool:
    with source.open("rb") as read, target.open("wb") as write:
        return _share_blocks_open(read.fileno(), write.fileno())


def _share_blocks_open(source: int, target: int) -> bool:
    try:
        import fcntl
    except ImportError:  # pragma: no cover - Windows
        return False
    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError:
        return False
    return True


def _write_all(fd: int, data: bytes | memoryview) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _sync_file_system(folder: Path) -> None:
    # One call for thousands of small files: a sync of each takes half a millisecond.
    import ctypes

    syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None) if os.name != "nt" else None
    if syncfs is None:  # pragma: no cover - not Linux
        getattr(os, "sync", int)()
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        if syncfs(fd) != 0 and (number := ctypes.get_errno()) not in _NO_SYNC:
            raise OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(fd)


def _sync_folder(folder: Path) -> None:
    # Without it a renamed file can be gone after a power cut.
    try:
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
