"""What lies in a store's folder: one look at each entry, no link followed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from runfolio.errors import StoreUnusable
from runfolio.format.layout import is_run_id

__all__ = ["Entry", "is_run_folder", "scan"]


class Entry(NamedTuple):
    """One folder that stands where runs stand.

    Attributes
    ----------
    name : str
        The folder's name; bytes that are no text are shown as escapes.
    where : str
        The folder's path as text.
    fault : str
        Why it cannot be a run; empty for one that may be.
    """

    name: str
    where: str
    fault: str = ""

    @property
    def path(self) -> Path:
        """The folder's path."""
        # Made when asked for: of ten thousand, most are only looked at.
        return Path(self.where)


def is_run_folder(path: Path) -> bool:
    """Return whether a path may be a run: by its name, and because it is no link.

    What only looks like one is listed, and never looked into: a link leads out of the store.
    """
    return is_run_id(path.name) and not path.is_symlink()


def scan(folder: Path) -> Iterator[Entry]:
    """Yield the run directories of a store, and what only looks like one.

    Hidden names (the store's own: ``.blobs``, ``.trash``) and plain files are passed over.

    Raises
    ------
    StoreUnusable
        The folder is there but cannot be listed.
    """
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreUnusable(
            f"The store {folder} cannot be read: {error.strerror or error}. "
            "Set RUNFOLIO_DIR to the folder that holds the runs."
        ) from error
    for entry in entries:
        name, where = entry.name, entry.path
        if name.startswith("."):
            continue
        is_folder = entry.is_dir(follow_symlinks=False)
        if is_folder and is_run_id(name):
            yield Entry(name, where)
            continue
        shown = name.encode("utf-8", "backslashreplace").decode("utf-8")
        if is_folder:
            yield Entry(shown, where, "its name cannot be a run's id")
        elif entry.is_symlink():
            yield Entry(shown, where, "a link, skipped: a store holds folders of its own")
