"""Libraries whose own writing is left out for a while: what they write is logged in another way."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from types import FrameType

__all__ = ["is_muted", "muted"]

_muted: Counter[str] = Counter()


@contextlib.contextmanager
def muted(library: str) -> Iterator[None]:
    """Leave out what a library's own code writes.

    Parameters
    ----------
    library : str
        The package that calls the writer; what the program itself writes is mirrored.
    """
    _muted[library] += 1
    try:
        yield
    finally:
        _muted[library] -= 1


def is_muted(called: FrameType) -> bool:
    """Return whether the code that called a function is of a library that is left out."""
    if not any(_muted.values()) or called.f_back is None:
        return False
    caller = called.f_back.f_globals.get("__name__", "")
    return _muted[caller.partition(".")[0]] > 0
