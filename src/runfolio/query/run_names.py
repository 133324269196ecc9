"""What runs are called where people read of them."""

from __future__ import annotations

import collections
from collections.abc import Sequence

from runfolio.model.run import RunRecord

__all__ = ["run_name", "run_names"]


def run_name(record: RunRecord) -> str:
    """Return what a run is called beside its short id: one without a name by when it began."""
    if record.name not in ("", record.id):
        return record.name
    return record.id.removesuffix(f"-{record.short_id}")


def run_names(records: Sequence[RunRecord], width: int = 60) -> list[str]:
    """Return what runs are called beside each other where no id stands: no two alike.

    Parameters
    ----------
    width : int
        Names are cut to so many characters; those that are alike then end with the short id.
    """
    cut = [
        name if len(name) <= width else f"{name[: width - 1].rstrip()}…"
        for name in map(run_name, records)
    ]
    often = collections.Counter(cut)
    told = [
        f"{name} {record.short_id}" if often[name] > 1 else name
        for name, record in zip(cut, records, strict=True)
    ]
    # A name may end with the id of another run, and broken directories may share their last letters.
    often = collections.Counter(told)
    return [
        f"{name} {record.id}" if often[name] > 1 else name
        for name, record in zip(told, records, strict=True)
    ]
