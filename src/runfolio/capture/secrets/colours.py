"""Text without the colours that terminals show it in: a name and its value stand side by side then."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from itertools import pairwise
from typing import Final

from runfolio.capture.secrets.expressions import lazily

__all__ = ["without_colours"]

# As a terminal gets it, and as strings show it.
_COLOUR: Final = lazily(rb"(?:\x1b|\\x1b|\\u001b|\\033|\\e)\[[0-9;]{0,20}[A-Za-z]")
_ESCAPES: Final = (b"\x1b[", b"\\x1b[", b"\\u001b[", b"\\033[", b"\\e[")


def without_colours(text: bytes) -> tuple[bytes, Callable[[int], int]]:
    """Return the text without colours, and what tells where a byte of it stands in the text given."""
    if not any(escape in text for escape in _ESCAPES):
        return text, lambda at: at
    cuts = [(0, 0), *(found.span() for found in _COLOUR.finditer(text)), (len(text), len(text))]
    kept: list[bytes] = []
    starts, places, length = [], [], 0
    for (_, start), (end, _) in pairwise(cuts):
        if start < end:
            kept.append(text[start:end])
            starts.append(length)
            places.append(start)
            length += end - start

    def place(at: int) -> int:
        n = max(bisect_right(starts, at) - 1, 0)
        return places[n] + at - starts[n] if starts else at

    return b"".join(kept), place
