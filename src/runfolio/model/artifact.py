"""Artifacts: what is kept of a file, and what a version of an artifact is made of."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Kept"]


@dataclass(frozen=True, slots=True)
class Kept:
    """A content that lies in a store.

    Attributes
    ----------
    blake3 : str
        64 hexadecimal digits.
    size : int
        Bytes.
    how : str
        ``copied``, ``shared`` (its blocks are those of the user's file), ``moved``, or ``there``
        where the store had it already.
    """

    blake3: str
    size: int
    how: str
