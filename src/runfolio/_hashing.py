"""The hash of contents, taken by as many threads as this process may use."""

from __future__ import annotations

import os
from typing import Final

import blake3

__all__ = ["hasher", "threads"]

# More were not measured; Python's own part of the work, one thread at a time, bounds what they gain.
_MOST: Final = 8
_forked = False


def hasher(start: bytes = b"", *, beside: int = 0) -> blake3.blake3:
    """Return a new hash, taken by all cores; in a forked process by one.

    Parameters
    ----------
    beside : int
        So many threads work meanwhile: where they leave one core, the hash takes that one alone.
    """
    one = _forked or (beside > 0 and threads() - beside <= 1)
    return blake3.blake3(start, max_threads=1 if one else blake3.blake3.AUTO)


def threads() -> int:
    """Return how many files may be hashed at once, each by one core; in a forked process one."""
    if _forked:
        return 1
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), _MOST)
    return min(os.cpu_count() or 1, _MOST)


def _use_one_thread() -> None:
    # The library's threads are not there in a forked child: whoever asks them waits for ever.
    global _forked
    _forked = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_use_one_thread)
