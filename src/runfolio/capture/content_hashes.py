"""Hashes of files that are left out: as many as a given time and number of bytes allow."""

from __future__ import annotations

import os
import stat
import time
from typing import Final

__all__ = ["ContentHashes"]

MAX_BYTES: Final = 1 << 30
MAX_SECONDS: Final = 1.0

_CHUNK: Final = 1 << 20
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)


class ContentHashes:
    """Hashes files one after the other, all together within 1 GiB and 1 s.

    The time counts from the first file on.
    """

    def __init__(self) -> None:
        self._bytes = MAX_BYTES
        self._until: float | None = None

    def of(self, path: bytes) -> tuple[str | None, str]:
        """Return the hash of a regular file, 32 hex digits of BLAKE3; else why there is none."""
        if self._until is None:
            self._until = time.monotonic() + MAX_SECONDS
        try:
            return self._hash(path)
        except OSError:
            return None, "it cannot be read"

    def _hash(self, path: bytes) -> tuple[str | None, str]:
        import blake3

        fd = os.open(path, _FLAGS)
        try:
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode):
                return None, "it is no file"
            if status.st_size > self._bytes:
                return None, f"too large: {MAX_BYTES >> 30} GiB are hashed in all"
            hasher = blake3.blake3()
            while chunk := os.read(fd, _CHUNK):
                hasher.update(chunk)
                self._bytes -= len(chunk)
                if self._bytes < 0 or time.monotonic() > (self._until or 0):
                    return None, f"no time: {MAX_SECONDS:g} s are spent on it in all"
        finally:
            os.close(fd)
        return hasher.hexdigest()[:32], ""
