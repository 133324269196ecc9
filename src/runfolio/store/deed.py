"""One thing that upkeep of a store did."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Deed"]


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that was done, or would be.

    Attributes
    ----------
    what : str
        ``converted``, ``cells``, ``folded``, ``dropped``, ``removed``, ``returned``, ``emptied``, or
        ``kept`` for what could not be done.
    run_id : str
        Empty for the store itself.
    file : str
        Path below the run (or the store).
    freed : int
        Bytes of room that it made.
    why : str
    """

    what: str
    run_id: str
    file: str
    freed: int = 0
    why: str = ""
