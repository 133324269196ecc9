"""Regular expressions that are compiled when they are used first: a short text needs few of them.

There are a hundred; to compile all takes most of the time that the beginning of a run may take.
"""

from __future__ import annotations

import re
from typing import Any, cast

__all__ = ["lazily"]


class _Uncompiled:
    """Stands for a compiled expression until one of its methods is asked for."""

    def __init__(self, pattern: bytes, flags: int) -> None:
        self._made_of = pattern, flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(*self._made_of)
        for method in ("finditer", "search", "match", "fullmatch", "sub", "findall", "pattern"):
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def lazily(pattern: bytes, flags: int = 0) -> re.Pattern[bytes]:
    """Return an expression that is compiled at its first use."""
    return cast("re.Pattern[bytes]", _Uncompiled(pattern, flags))
