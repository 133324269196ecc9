"""Where the notebook of a run lies on this machine."""

from __future__ import annotations

from pathlib import Path

from runfolio import settings
from runfolio.model.run import RunRecord

__all__ = ["notebook_file"]


def notebook_file(record: RunRecord) -> Path | None:
    """Return where the notebook that made a run should lie, ``None`` where no run tells.

    The record names it from the root of its project, which is looked for around the run and
    around the current folder.
    """
    if not record.notebook:
        return None
    roots = [settings.project_root(start) for start in (record.path.absolute(), Path.cwd())]
    places = [root / record.notebook for root in roots if root is not None]
    places.append(Path(record.notebook))
    return next((place for place in places if place.is_file()), places[0])
