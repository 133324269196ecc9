"""Which stores lie below a folder: a search within bounds, which follows no link."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
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
_TELLING: Final = _MARKS_OF_ENVIRONMENTS | {settings.MARKER}


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


class Search:
    """A search for stores, by several threads: a folder that does not answer holds up one of them.

    Parameters
    ----------
    root : Path
    avoid : collection of str
        Folders that are not looked into: they did not answer before.
    """

    def __init__(self, root: Path, avoid: Collection[str] = ()) -> None:
        self.root = root
        self._avoid = frozenset(avoid)
        self._found: list[tuple[int, Found]] = []
        self._waiting = deque([(str(root), 0)])
        self._busy: set[str] = set()
        self._changed = threading.Condition()
        self._began_s = time.monotonic()
        self._looked = 0
        self._left_out = bool(avoid)

    @property
    def stores(self) -> list[Found]:
        """Those that were found so far, the nearest first."""
        with self._changed:
            nearest = sorted(self._found, key=lambda f: (f[0], f[1].name))
            return [one for _, one in nearest[:_STORES]]

    @property
    def busy(self) -> set[str]:
        """Folders that are being looked into."""
        with self._changed:
            return set(self._busy)

    @property
    def more(self) -> bool:
        """Whether there was, or still is, more to look at than it may."""
        with self._changed:
            return self._left_out or bool(self._waiting or self._busy)

    def go(self) -> None:
        """Look through the folders; called in each of its threads."""
        while (taken := self._take()) is not None:
            where, depth = taken
            below = _folders(where)
            with self._changed:
                self._busy.discard(where)
                if below is not None:
                    self._see(where, depth, below)
                self._changed.notify_all()

    def _take(self) -> tuple[str, int] | None:
        with self._changed:
            while not self._is_enough():
                if self._waiting:
                    self._looked += 1
                    where, depth = self._waiting.popleft()
                    self._busy.add(where)
                    return where, depth
                if not self._busy:
                    return None
                self._changed.wait(0.2)
            self._left_out |= bool(self._waiting)
            self._waiting.clear()
            return None

    def _is_enough(self) -> bool:
        late = time.monotonic() - self._began_s > _SEARCH_S
        return late or self._looked >= _FOLDERS or len(self._found) >= _STORES

    def _see(self, where: str, depth: int, below: Mapping[str, str | None]) -> None:
        if _is_store(where, below):
            path = Path(where)
            name = path.relative_to(self.root).as_posix()
            shown = os.fsencode(name).decode("utf-8", "backslashreplace")
            name = shown if name != "." else path.name
            self._found.append((depth, Found(store_id(path), name, path)))
        elif depth >= _DEPTH:
            self._left_out |= bool(below)
        elif not _MARKS_OF_ENVIRONMENTS & below.keys():
            self._waiting += [(p, depth + 1) for p in _worth(below) if p not in self._avoid]


def _folders(where: str) -> dict[str, str | None] | None:
    """Return the folders in a folder, name → path, and of its files the few that tell something."""
    found: dict[str, str | None] = {}
    try:
        with os.scandir(where) as entries:
            for entry in entries:  # there may be a million files: none of them is kept
                if entry.is_dir(follow_symlinks=False):
                    found[entry.name] = entry.path
                elif entry.name in _TELLING:
                    found[entry.name] = None
    except OSError:
        return None
    return found


def _is_store(where: str, below: Mapping[str, str | None]) -> bool:
    if settings.MARKER in below and below[settings.MARKER] is None:
        return True
    # One that was copied without its hidden files.
    runs = (name for name, path in below.items() if path is not None and is_run_id(name))
    is_named = os.path.basename(where) == settings.STORE  # noqa: PTH119 - bytes that are no text
    return is_named and any(os.path.lexists(f"{where}/{name}/run.json") for name in runs)


def _worth(below: Mapping[str, str | None]) -> Iterator[str]:
    for name, path in sorted(below.items()):
        if path is not None and not name.startswith(".") and name not in _PASSED_OVER:
            yield path
