"""How the content of a user's file comes into the store: given away, with shared blocks, or copied."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import blake3

from runfolio._hashing import hasher
from runfolio.errors import UsageError
from runfolio.format.disk import NO_LINK
from runfolio.format.leased import hash_of_open
from runfolio.format.piping import SMALL, copy_hashed, read_whole
from runfolio.model.artifact import Kept
from runfolio.model.ports import BlobFiles

__all__ = ["Taking", "hash_of"]

# Clocks of file systems tick that slowly.
_SETTLED_NS: Final = 2_000_000_000
_READ: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


def hash_of(path: Path) -> str:
    """Return the hash of one of the store's own files, which nobody cuts short.

    Raises
    ------
    OSError
        It cannot be read.
    """
    into = hasher()
    into.update_mmap(path)
    return into.hexdigest()


def _hash_of_shared(fd: int, before: os.stat_result, temp: Path) -> str:
    """Return the hash of a copy that shares its blocks with a file.

    The file lies in memory, its copy has to be read from the disk. To share its blocks the system
    wrote all of it there: whoever writes to it later changes its date, which its taker looks at;
    of a date of just now another write is not told apart.
    """
    if time.time_ns() - before.st_mtime_ns > _SETTLED_NS:
        return hash_of_open(fd)
    return hash_of(temp)


class Taking:
    """Makes a file of the store's own out of a user's, which is read once.

    Parameters
    ----------
    files : BlobFiles
        How the disk is reached.
    young : callable
        Returns where a content lies, after having whoever sweeps leave it for a while; or ``None``.
    """

    def __init__(self, files: BlobFiles, young: Callable[[Kept], Path | None]) -> None:
        self._files, self._young = files, young
        self._unshared: set[int] = set()

    def take(
        self, source: Path, temp: Path, *, move: bool = False, likely: str | None = None
    ) -> Kept:
        """Make `temp` a file with the content of the user's, and return its hash.

        Parameters
        ----------
        likely : str, optional
            What the hash may be; ``None`` where it is to be a file of its own, and nobody waits
            until it is on stable storage.

        Raises
        ------
        UsageError
            It is no regular file, or changed meanwhile.
        OSError
            It cannot be read, or there is no room for it.
        """
        fd = os.open(source, _READ)
        try:
            before = os.fstat(fd)
            if not stat.S_ISREG(before.st_mode):
                raise UsageError(f"{str(source)!r} is no regular file; only such are kept.")
            if move and before.st_nlink == 1 and self._linked(source, temp):
                kept = Kept(hash_of(temp), before.st_size, "moved")
            elif self._shared(source, before.st_dev, temp):
                kept = Kept(_hash_of_shared(fd, before, temp), temp.stat().st_size, "shared")
            else:
                kept = self._copied(fd, before.st_size, temp, likely)
            after = os.fstat(fd)
        finally:
            os.close(fd)
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise UsageError(
                f"{str(source)!r} changed while it was kept, so it is not; log it again when it is "
                "written to the end."
            )
        if kept.size != before.st_size:
            raise UsageError(
                f"{str(source)!r} has {before.st_size:,} bytes as the system says, and another number "
                "when it is read: the system makes it up. Copy it to a file of its own and log that."
            )
        return kept

    def _linked(self, source: Path, temp: Path) -> bool:
        try:
            self._files.link(source, temp)
        except OSError as error:
            if error.errno in NO_LINK:
                return False
            raise
        return True

    def _shared(self, source: Path, device: int, temp: Path) -> bool:
        if device in self._unshared:
            return False
        if self._files.share(source, temp):
            return True
        temp.unlink(missing_ok=True)
        self._unshared.add(device)
        return False

    def _copied(self, fd: int, size: int, temp: Path, likely: str | None) -> Kept:
        if size <= SMALL:
            content = read_whole(fd, size)
            kept = Kept(blake3.blake3(content).hexdigest(), len(content), "there")
            if likely is not None and self._again(kept, temp):
                return kept
            new = self._files.make(temp)
            try:
                if content:
                    self._files.append(new, memoryview(content))
            finally:
                self._files.close(new)
            return replace(kept, how="copied")
        kept = Kept(likely or "", size, "there")
        if likely and hash_of_open(fd) == likely and self._again(kept, temp):
            return kept
        new = self._files.make(temp)
        try:
            digest, size = copy_hashed(fd, size, new, self._files, durable=likely is not None)
        finally:
            self._files.close(new)
        return Kept(digest, size, "copied")

    def _again(self, kept: Kept, temp: Path) -> bool:
        """Make `temp` a second name of a content, so that it stays whoever sweeps; return whether it is."""
        path = self._young(kept)
        if path is None:
            return False
        try:
            self._files.link(path, temp)
        except OSError as error:
            if error.errno not in NO_LINK | {errno.ENOENT}:
                raise
            return False
        return True
