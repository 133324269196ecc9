"""Text files of a job: kept in its run without secrets, and a note beside them of where it is."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from runfolio.capture.opened import unnoticed
from runfolio.capture.reading import read_regular
from runfolio.format.codec import dumps
from runfolio.record.guard import warn_once

if TYPE_CHECKING:
    from runfolio.record.run import Run

__all__ = ["keep", "leave_note"]

LARGEST: Final = 16 * 1024 * 1024
"""Bytes of a file that is kept: it is searched for secrets first."""


def keep(run: Run, folder: Path, pattern: str, place: str) -> None:
    """Keep the files of a folder that match a pattern, under their names.

    Parameters
    ----------
    run : Run
    folder : Path
    pattern : str
        ``"*.log"``.
    place : str
        What they are, in words for people, should a secret be found in one.
    """
    with tempfile.TemporaryDirectory(prefix="runfolio-") as beside, unnoticed():
        for path in sorted(folder.glob(pattern)):
            name = path.relative_to(folder)
            content = read_regular(path, LARGEST)
            if content is None:
                warn_once(
                    f"keep {path}",
                    f"{name} is no file of at most {LARGEST >> 20} MiB; it stays in {folder} alone.",
                )
                continue
            copy = Path(beside, name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(run.life.redaction.data(content, place))
        if any(Path(beside).iterdir()):
            run.save(beside, base_path=beside, policy="now")


def leave_note(folder: Path, said: Mapping[str, str], path: Path) -> None:
    """Write ``runfolio.json`` into a folder: which run or group, and where it lies from there.

    Parameters
    ----------
    folder : Path
        Made if need be.
    said : mapping of str to str
    path : Path
        The run directory, or the store.
    """
    folder.mkdir(parents=True, exist_ok=True)
    body = {**said, "path": Path(os.path.relpath(path, folder)).as_posix()}
    with unnoticed():
        (folder / "runfolio.json").write_bytes(dumps(body, indent=True) + b"\n")
