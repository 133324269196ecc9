"""Room that comes back at once: contents that nobody but their maker has asked for.

A sweep leaves what is younger than an hour, for somebody may be about to name it. Whoever made a
content knows more: giving it its name fails where another process has made it, and whoever asks
for it changes its date. So where the file is the one that was named, with the date it had then, no
other process has asked for it; and whoever asks from the moment on when it was moved aside finds
none, and keeps the content anew or takes it back.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Final

from runfolio.errors import CorruptRecord, UsageError
from runfolio.format.artifact_versions import FOLDER, ArtifactVersions
from runfolio.format.blobs import BlobStore
from runfolio.format.content_stamp import Stamp, stamp_of
from runfolio.model.artifact import Entry

__all__ = ["ask_for", "let_go"]

# A file system's dates are no finer than that, all included.
_COARSE_S: Final = 2.0


def ask_for(store: Path, entries: Iterable[Entry]) -> None:
    """Have whoever sweeps or drops leave these contents for a while, as far as they are there.

    What was moved aside at this very moment is taken back; see `BlobStore.ask`.
    """
    BlobStore(store).ask(
        {entry.blake3: entry.size or 0 for entry in entries if entry.blake3 and not entry.uri}
    )


def let_go(store: Path, made: Mapping[str, Stamp], but: Collection[tuple[str, int]] = ()) -> int:
    """Remove contents that nobody has asked for since they were made; return how many bytes are free.

    Parameters
    ----------
    made : mapping of str to Stamp
        Hash → what `BlobStore.made` said of it.
    but : collection of (str, int)
        Versions whose names for them do not count: the one that was dropped, and others that this
        process made and so asked for.

    Notes
    -----
    A process that ends halfway leaves contents aside, which the next sweep puts back or removes.
    """
    blobs, aside, freed = BlobStore(store), dict[str, Path](), 0
    for digest, stamp in made.items():
        path = blobs.path_of(digest)
        if stamp_of(path) == stamp:
            with contextlib.suppress(OSError):
                aside[digest] = blobs.put_aside(path)
    if not aside:
        return 0
    since = min(made[digest].named_ns for digest in aside) / 1e9 - _COARSE_S
    named = _named_since(store, aside.keys(), since, but)
    for digest, gone in aside.items():
        with contextlib.suppress(OSError):  # taken back meanwhile, or left to the next sweep
            if digest in named or stamp_of(gone) != made[digest]:
                blobs.put_back(gone)
                continue
            info = gone.lstat()
            gone.unlink()
            freed += info.st_size if info.st_nlink == 1 else 0
    return freed


def _named_since(
    store: Path, digests: Collection[str], since: float, but: Collection[tuple[str, int]]
) -> set[str]:
    """Return which of these contents are named by versions that came since; all where one is unread."""
    named: set[str] = set()
    try:
        with os.scandir(store / FOLDER) as folders:
            changed = [one.name for one in folders if one.stat().st_mtime >= since]
        for name in changed:
            versions = ArtifactVersions(store, name)
            for number in versions.numbers():
                path = versions.folder / f"v{number}.json"
                if (name, number) not in but and path.lstat().st_ctime >= since:
                    named |= {entry.blake3 for entry in versions.read(number).entries}
    except (OSError, CorruptRecord, UsageError):
        return set(digests)
    return named
