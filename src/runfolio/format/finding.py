"""One thing that is not as it should be in a run directory."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    Attributes
    ----------
    file : str
        Path below the run directory.
    offset : int or None
        Byte at which the fault begins.
    fault : str
        What is wrong.
    severity : str
        ``fault`` (something is damaged or lost) or ``note`` (worth knowing, nothing is lost).
    """

    file: str
    offset: int | None
    fault: str
    severity: str = "fault"
