"""What takes the space: the bytes of each run, by kind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Final

from runfolio.format.layout import PartName

__all__ = ["KINDS", "Names", "usage"]

KINDS: Final = (
    "metrics", "system", "events", "media", "files", "artifacts", "code", "environment", "output",
    "record", "other",
)  # fmt: skip
"""What the files of a run are for, as `usage` tells them apart."""

_OF_FOLDER: Final = {
    "rng": "environment", "edits": "record", **dict.fromkeys(("media", "files", "artifacts"), ""),
    "code": "", "environment": "",
}  # fmt: skip
_OF_PART: Final = {"metrics": "", "system": "", "events": "", "output": "", "heartbeat": "record",
                   "run": "record"}  # fmt: skip
_OF_FILE: Final = {
    "seeds.json": "environment", "data.json": "environment", "journal.md": "record",
    **dict.fromkeys(("config.json", "summary.json", "seal.json"), "record"),
}  # fmt: skip


class Names:
    """Files that have several names: what folders that were looked at hold together, they hold once."""

    def __init__(self) -> None:
        self._known: set[tuple[int, int]] = set()
        self.again = 0

    def meet(self, info: os.stat_result) -> None:
        """Hear of a file that has several names; once for each folder."""
        key = (info.st_dev, info.st_ino)
        self.again += info.st_size if key in self._known else 0
        self._known.add(key)


def usage(folder: Path, names: Names | None = None) -> dict[str, int]:
    """Return the bytes of a folder's files by kind, only kinds that are there; links are not followed.

    Parameters
    ----------
    names : Names, optional
        Told of files with several names; its ``again`` is what several folders hold together.
    """
    found: dict[str, int] = {}
    seen: set[tuple[int, int]] = set()
    for path, info in _files(folder):
        # What has two names takes its room once.
        if info.st_nlink > 1 and (info.st_dev, info.st_ino) in seen:
            continue
        seen.add((info.st_dev, info.st_ino))
        if names is not None and info.st_nlink > 1:
            names.meet(info)
        kind = _kind(path.relative_to(folder))
        found[kind] = found.get(kind, 0) + info.st_size
    return found


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for parent, _, names in os.walk(folder, followlinks=False):
        for name in names:
            path = Path(parent, name)
            try:
                yield path, path.lstat()
            except OSError:
                continue  # removed meanwhile


def _kind(path: PurePath) -> str:
    parts = path.parts
    if len(parts) > 1 and parts[0].startswith("rank") and parts[0][4:].isdigit():
        parts = parts[1:]
    top = parts[0]
    if len(parts) > 1:
        return _OF_FOLDER.get(top, "other") or top
    if top in _OF_FILE or top.endswith(".claim"):
        return _OF_FILE.get(top, "record")
    name = PartName.parse(top)
    kind = name.kind if name is not None else ""
    return _OF_PART.get(kind, "other") or kind
