"""Which stores lie below a folder: a search within bounds, which follows no link."""

from __future__ import annotations

import hashlib
import os
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from runfolio import settings
from runfolio.format.layout import is_run_id

__all__ = ["Found", "Search", "store_id"]

_DEPTH: Final = 6
_FOLDERS: Final = 20_000
_STORES: Final = 64
_SEARCH_S: Final = 4.0
# Where packages and caches lie, and nobody's runs.
_PASSED_OVER: Final = frozenset(
    ("__pycache__", "node_modules", "site-packages", "venv", "env", "wandb", "mlruns")
)
_MARKS_OF_ENVIRONMENTS: Final = frozenset(("pyvenv.cfg", "conda-meta"))


@dataclass(frozen=True, slots=True)
class Found:
    """A store below the folder that was searched.

    Attributes
    ----------
    id : str
        16 hexadecimal digits, the same for the same folder each time.
    name : str
        Its path, seen from there.
    path : Path
    """

    id: str
    name: str
    path: Path


def store_id(path: Path) -> str:
    """Return the id of a store, which does not tell its path."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


@dataclass(slots=True)
class Search:
    """A search for stores, the nearest first.

    Attributes
    ----------
    stores : list of Found
        Those that were found so far; another thread may look while the search goes on.
    more : bool
        Whether there was more to look at than it may, so that some may not have been found.
    """

    root: Path
    stores: list[Found] = field(default_factory=list)
    more: bool = False
    over: bool = False

    def go(self) -> None:
        """Look through the folders."""
        began, looked = time.monotonic(), 0
        waiting = deque([(str(self.root), 0)])
        while waiting:
            if self._is_enough(looked, began):
                self.more = True
                break
            where, depth = waiting.popleft()
            looked += 1
            below = _folders(where)
            if below is None:
                continue
            if _is_store(where, below):
                self._add(Path(where))
            elif depth >= _DEPTH:
                self.more |= bool(below)
            elif not _MARKS_OF_ENVIRONMENTS & below.keys():
                waiting += [(path, depth + 1) for path in _worth(below)]
        self.over = True

    def _is_enough(self, looked: int, began: float) -> bool:
        late = time.monotonic() - began > _SEARCH_S
        return late or looked >= _FOLDERS or len(self.stores) >= _STORES

    def _add(self, path: Path) -> None:
        name = path.relative_to(self.root).as_posix()
        shown = os.fsencode(name).decode("utf-8", "backslashreplace")
        self.stores.append(Found(store_id(path), shown if name != "." else path.name, path))


def _folders(where: str) -> dict[str, str | None] | None:
    """Return what lies in a folder: name → path of a folder, ``None`` of anything else."""
    try:
        with os.scandir(where) as entries:
            return {e.name: e.path if e.is_dir(follow_symlinks=False) else None for e in entries}
    except OSError:
        return None


def _is_store(where: str, below: dict[str, str | None]) -> bool:
    if settings.MARKER in below and below[settings.MARKER] is None:
        return True
    # One that was copied without its hidden files.
    runs = (name for name, path in below.items() if path is not None and is_run_id(name))
    is_named = os.path.basename(where) == settings.STORE  # noqa: PTH119 - bytes that are no text
    return is_named and any(os.path.lexists(f"{where}/{name}/run.json") for name in runs)


def _worth(below: dict[str, str | None]) -> Iterator[str]:
    for name, path in sorted(below.items()):
        if path is not None and not name.startswith(".") and name not in _PASSED_OVER:
            yield path
