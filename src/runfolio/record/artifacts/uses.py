"""Which versions other runs of a store say that they used; read as far as it may have changed."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import Any, Final

from runfolio.errors import CorruptRecord
from runfolio.format.events import read_events
from runfolio.format.layout import is_run_id
from runfolio.format.manifest import read_manifest

__all__ = ["Uses", "uses_of"]

_IN_MANIFEST: Final = 50
# A file system's dates are no finer than that, all included.
_COARSE_S: Final = 2.0


class Uses:
    """What other runs of a store used.

    Parameters
    ----------
    store : Path
    own : str
        The run that asks.
    """

    def __init__(self, store: Path, own: str) -> None:
        self._store, self._own = store, own
        self._known: dict[str, tuple[int, set[tuple[str, int]]]] = {}

    def since(self, moment: float) -> set[tuple[str, int]]:
        """Return the versions, as name and number, that were used by runs that wrote since then.

        Parameters
        ----------
        moment : float
            Seconds since 1970; a run used no version before it was made.
        """
        found: set[tuple[str, int]] = set()
        with os.scandir(self._store) as entries:
            for entry in entries:
                if entry.name == self._own or not is_run_id(entry.name):
                    continue
                with contextlib.suppress(OSError):
                    info = entry.stat(follow_symlinks=False)
                    # A manifest is written anew: that changes its folder's date.
                    if info.st_mtime >= moment:
                        found |= self._of(entry.name, info.st_mtime_ns)
        return found

    def _of(self, name: str, changed_ns: int) -> set[tuple[str, int]]:
        known = self._known.get(name)
        if known is not None and known[0] == changed_ns:
            return known[1]
        begun = time.time()
        uses = uses_of(self._store / name)
        if begun - changed_ns / 1e9 > _COARSE_S:
            self._known[name] = (changed_ns, uses)
        return uses


def uses_of(folder: Path) -> set[tuple[str, int]]:
    """Return the versions, as name and number, that a run says it used."""
    try:
        told = read_manifest(folder).get("artifacts")
    except (CorruptRecord, OSError):
        return set()
    used = told.get("used") if isinstance(told, dict) else None
    listed: list[Any] = used if isinstance(used, list) else []
    pairs = [one[:2] for one in listed if isinstance(one, list)]
    if len(pairs) >= _IN_MANIFEST:
        events = read_events(folder, ["artifact"])
        pairs += [[e.get("name"), e.get("version")] for e in events if e.get("op") == "used"]
    return {
        (pair[0], pair[1])
        for pair in pairs
        if len(pair) == 2 and isinstance(pair[0], str) and type(pair[1]) is int
    }
