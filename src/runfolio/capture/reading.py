"""Bounded reading of files that anybody may have put there."""

from __future__ import annotations

import os
import stat
from typing import Final

__all__ = ["read_head", "read_regular"]

_FLAGS: Final = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)


def read_head(path: str, size: int) -> bytes:
    """Return how a regular file begins, of anything else nothing; a pipe is not waited for."""
    try:
        fd = os.open(path, _FLAGS)
    except (OSError, ValueError):
        return b""
    try:
        return os.read(fd, size) if stat.S_ISREG(os.fstat(fd).st_mode) else b""
    except OSError:
        return b""
    finally:
        os.close(fd)


def read_regular(path: str | bytes | os.PathLike[str], limit_bytes: int) -> bytes | None:
    """Return the content of a regular file of at most `limit_bytes`, else ``None``.

    A pipe or device in its place is not waited for; links are followed.
    """
    try:
        fd = os.open(path, _FLAGS)
    except (OSError, ValueError):
        return None
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit_bytes:
            return None
        with os.fdopen(fd, "rb", closefd=False) as file:
            # Files below /proc say that they are empty, and a log may grow while it is read.
            content = file.read(limit_bytes + 1)
    except OSError:
        return None
    finally:
        os.close(fd)
    return content if len(content) <= limit_bytes else None
