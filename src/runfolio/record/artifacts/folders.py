"""The files below a folder, and what in it is none: links that lead out, loops, devices."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from runfolio.model.artifact import LONGEST

__all__ = ["Found", "files_below"]


@dataclass(frozen=True, slots=True)
class Found:
    """Something below a folder.

    Attributes
    ----------
    path : str
        Below the folder, with ``/``.
    file : Path
    why : str
        Why it cannot be taken; empty for a file that can.
    """

    path: str
    file: Path
    why: str = ""


def files_below(folder: Path, own: Path | None = None) -> Iterator[Found]:
    """Yield the files below a folder in order of their names; links are followed inside of it.

    Parameters
    ----------
    own : Path, optional
        The store: a folder that holds it is taken without it.
    """
    top = Path(os.path.realpath(folder))
    yield from _below(top, "", top, (top,), Path(os.path.realpath(own)) if own else None)


def _below(
    folder: Path, prefix: str, top: Path, around: tuple[Path, ...], own: Path | None
) -> Iterator[Found]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield Found(prefix.rstrip("/"), folder, f"it cannot be listed: {error.strerror}")
        return
    for entry in entries:
        path, file = f"{prefix}{entry.name}", Path(entry.path)
        try:
            real = Path(os.path.realpath(file)) if entry.is_symlink() else file
            mode = entry.stat().st_mode
        except (OSError, ValueError):
            yield Found(path, file, "a link that leads nowhere")
            continue
        if real != file and not real.is_relative_to(top):
            yield Found(path, file, "a link that leads out of the folder")
        elif stat.S_ISDIR(mode):
            if real in around:
                yield Found(path, file, "a link to a folder around it")
            elif len(path) > LONGEST:
                yield Found(path, file, "its folders lie too deep")
            elif real != own:
                yield from _below(real, f"{path}/", top, (*around, real), own)
        elif not stat.S_ISREG(mode):
            yield Found(path, file, "no file with a content")
        else:
            yield Found(path, real)
