"""What is wrong with the record of a run, in the same clause wherever the run is told of."""

from __future__ import annotations

from typing import Final

from runfolio.model.run import RunRecord, Status

__all__ = ["fault", "why"]

_CLAUSE: Final = 120
_EXPLAINED: Final = (Status.FAILED, Status.INTERRUPTED)
_FOUND: Final = (Status.CRASHED, Status.SILENT)


def fault(record: RunRecord) -> str:
    """Return what is wrong with a record: the gravest of its problems, and how many more.

    Empty where nothing is. It may hold a stranger's words, as a name may.
    """
    if not record.problems:
        return ""
    gravest = record.problems[0].rstrip(". ")
    if len(gravest) > _CLAUSE:
        gravest = gravest[: _CLAUSE - 1] + "…"
    n = len(record.problems) - 1
    return f"{gravest} (and {n} more)" if n else gravest


def why(record: RunRecord) -> str:
    """Return why a run stands as it does, and what is wrong with its record; often nothing.

    One that could not be read at all has its fault for a reason: it is told once.
    """
    wrong = fault(record)
    if wrong and record.note and wrong.startswith(record.note[: _CLAUSE - 1]):
        return wrong
    words = record.note  # why it was stopped, or which rank went away
    if record.status in _FOUND or (record.note and record.status in _EXPLAINED):
        words = ": ".join(filter(None, (record.status.value, record.note)))
    return " · ".join(filter(None, (words, wrong)))
