"""Taking the edits of a run that has ended into its manifest, as its writer would have done."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from runfolio.errors import CorruptRecord
from runfolio.format import codec
from runfolio.format.conversion import nobody_writes
from runfolio.format.edits import Edit, apply, read_edits
from runfolio.format.layout import FORMAT, RunPaths
from runfolio.format.manifest import read_manifest
from runfolio.model.ports import Files
from runfolio.model.run import RunRecord, Status

__all__ = ["fold", "foldable", "spent_edits"]

REST_S: Final = 3600.0
"""An edit's file is removed only after the manifest has held it for so long."""

# The rest stays where it is: words belong to the journal, a verdict to whoever reads it.
_OPS: Final = ("set", "add", "remove")


def foldable(folder: Path) -> list[Edit]:
    """Return the edits that the manifest of a run could take in; none where that is not safe.

    Not safe is a run that may still be written, that several processes wrote (their labels are
    united by readers), that somebody edited by hand, or that is in a newer format.
    """
    try:
        body = read_manifest(folder)
    except CorruptRecord:
        return []
    ended = body.get("status") in [status for status in Status if status.ended]
    safe = ended and codec.crc_matches(body) and body.get("format") in range(1, FORMAT + 1)
    if not safe or RunPaths(folder).other_manifests() or not nobody_writes(folder):
        return []
    applied = _applied(body)
    return [
        edit
        for edit in read_edits(folder)[0]
        if edit.op in _OPS and isinstance(edit.value, str) and edit.id not in applied
    ]


def fold(folder: Path, files: Files) -> list[Edit]:
    """Take edits into the manifest and return them; their files stay for now.

    A process that resumes the run at this moment may replace the manifest by one without them:
    it finds the files still there and takes them in itself. See `spent_edits`.

    Raises
    ------
    OSError
        The manifest cannot be replaced; it is as it was.
    """
    edits = foldable(folder)
    if not edits:
        return []
    body = read_manifest(folder)
    record = RunRecord(
        id=folder.name, path=folder, name=str(body.get("name") or ""),
        notes=str(body.get("notes") or ""), tags=tuple(map(str, body.get("tags") or ())),
    )  # fmt: skip
    record = apply(record, edits)
    body |= {"name": record.name, "notes": record.notes, "tags": list(record.tags),
             "applied": [*sorted(_applied(body)), *(edit.id for edit in edits)]}  # fmt: skip
    files.replace(RunPaths(folder).manifest, codec.with_crc(body))
    return edits


def spent_edits(folder: Path) -> list[Path]:
    """Return the files of edits that the manifest has held for an hour: nobody needs them now."""
    try:
        body = read_manifest(folder)
        age_s = time.time() - RunPaths(folder).manifest.lstat().st_mtime
    except (CorruptRecord, OSError):
        return []
    ended = body.get("status") in [status for status in Status if status.ended]
    if not ended or age_s < REST_S or not codec.crc_matches(body) or not nobody_writes(folder):
        return []
    applied = _applied(body)
    edits = [edit for edit in read_edits(folder)[0] if edit.op in _OPS and edit.id in applied]
    return [RunPaths(folder).edits / f"{edit.id}.json" for edit in edits]


def _applied(body: Mapping[str, Any]) -> set[str]:
    found = body.get("applied")
    return {item for item in found if isinstance(item, str)} if isinstance(found, list) else set()
