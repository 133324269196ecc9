"""``resume="auto"`` without an id: the run that this very program did not bring to its end."""

from __future__ import annotations

import contextlib
import heapq
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from runfolio.errors import CorruptRecord
from runfolio.format.layout import RunPaths, is_run_id
from runfolio.format.manifest import read_manifest, read_record
from runfolio.model.run import Status

__all__ = ["unfinished_before"]

_UNFINISHED: Final = frozenset(
    {Status.CRASHED, Status.FAILED, Status.INTERRUPTED, Status.SILENT}
)  # fmt: skip

_LOOKED_AT: Final = 500
"""So many of the newest runs of a store are looked at."""


def unfinished_before(store: Path, started: Mapping[str, Any], project: str) -> str | None:
    """Return the id of the last run of this program, if it did not come to its end.

    A job that was preempted is started anew with the same command: it goes on where it was. The
    last run that ended in order, or is still going on, leaves nothing to go on with.

    Parameters
    ----------
    started : mapping
        ``command`` and ``notebook`` of this process, as the manifest holds them.
    project : str
        Runs of other projects are not looked at.
    """
    wanted = (list(started.get("command") or ()), started.get("notebook"), project)
    if not any(wanted[:2]):
        return None
    for folder in _newest(store):
        with contextlib.suppress(CorruptRecord):
            body = read_manifest(folder)
            if (body.get("command"), body.get("notebook"), body.get("project")) == wanted:
                return folder.name if read_record(folder).status in _UNFINISHED else None
    return None


def _newest(store: Path) -> Iterator[Path]:
    """Yield the runs of a store, the one that was written last first."""
    found: list[tuple[int, Path]] = []
    with contextlib.suppress(OSError):
        for path in store.iterdir():
            if is_run_id(path.name) and not path.is_symlink():
                with contextlib.suppress(OSError):
                    found.append((RunPaths(path).manifest.stat().st_mtime_ns, path))
    for _, path in heapq.nlargest(_LOOKED_AT, found):
        yield path
