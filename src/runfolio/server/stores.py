"""The stores below the server's root, known by ids; no request names a path."""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
import time
from pathlib import Path
from typing import Any, Final

from runfolio import settings
from runfolio.errors import RunNotFound
from runfolio.server.found import Found, Search
from runfolio.server.workers import Busy, Workers
from runfolio.store.artifact_list import ArtifactList
from runfolio.store.scan import scan
from runfolio.store.store import Store
from runfolio.store.usage import usage
from runfolio.widgets.feed import Feed

__all__ = ["OpenStore", "Stores", "facts_of"]

_FRESH_S: Final = 5.0
# Somebody who has no store yet is about to make one, and there is little to look through.
_EMPTY_FRESH_S: Final = 1.0
# A large folder is not searched all the time; a store that is removed is missed before long.
_MOST_REST_S: Final = 20.0
_WAIT_S: Final = 3.0
_SEARCHERS: Final = 3
_SIZES_S: Final = 60.0
_QUIET_S: Final = 1.0
_APART_S: Final = 0.05


class OpenStore:
    """A store that is served: its reader, and the threads that may wait for its drive.

    Attributes
    ----------
    artifacts : ArtifactList
    workers, slow : Workers
        The threads that look into it; and the one that reads the contents of versions, behind
        which nobody waits who asks for something else.
    feed : Feed
        Gives the live cards of this store their turns.
    """

    def __init__(self, found: Found) -> None:
        self.id = found.id
        self.name = found.name
        self.path = found.path
        self.store = Store(found.path)
        self.artifacts = ArtifactList(found.path)
        self.workers = Workers(f"runfolio-store-{found.id[:4]}")
        self.slow = Workers(f"runfolio-slow-{found.id[:4]}", most=1)
        self.feed = Feed()
        self._size: int | None = None
        self._resized_s = float("-inf")
        self._timer: asyncio.TimerHandle | None = None

    def check(self) -> None:
        """Make sure that the folder is still there, and no link by now.

        Raises
        ------
        RunNotFound
            It is not.
        """
        try:
            there = stat.S_ISDIR(os.lstat(self.path).st_mode)
        except OSError:
            there = False
        if not there or self.path.resolve() != self.path:
            raise RunNotFound("This store is no longer there. Reload the list of stores.")

    def facts(self) -> dict[str, Any]:
        """Return what a list of stores tells of it."""
        runs = -1
        with contextlib.suppress(Exception):
            runs = sum(not entry.fault for entry in scan(self.path))
        return {"id": self.id, "name": self.name, "runs": runs, "size_bytes": self._size}

    def measure_later(self, after_s: float = _QUIET_S) -> None:
        """Have its bytes counted soon, if that is due: not while somebody waits for its runs."""
        if self._timer is None and time.monotonic() >= self._resized_s:
            self._timer = asyncio.get_running_loop().call_later(after_s, self._measure_if_quiet)

    def _measure_if_quiet(self) -> None:
        self._timer = None
        if not self.workers.is_idle:
            self.measure_later()
            return
        self._resized_s = time.monotonic() + _SIZES_S
        with contextlib.suppress(Busy):
            self.workers.submit(self._measure)

    def _measure(self) -> None:
        began = time.monotonic()
        self._size = sum(usage(self.path).values())
        self._resized_s = time.monotonic() + max(_SIZES_S, 100 * (time.monotonic() - began))


class Stores:
    """Finds the stores, and keeps those that were found.

    Parameters
    ----------
    root : Path
        The server's root; nothing outside it is served.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._open: dict[str, OpenStore] = {}
        self._searches: list[Search] = []
        self._looking: asyncio.Task[None] | None = None
        self._searched_s = float("-inf")
        self._told: set[str] = set()
        self._took_s = 0.0
        self._workers = Workers("runfolio-search", 4 * _SEARCHERS)

    async def listed(self) -> tuple[list[OpenStore], bool]:
        """Return the stores, and whether there may be more than these."""
        await self._look()
        more = not self._searches or self._searches[-1].more
        return list(self._open.values()), more

    async def get(self, ident: str) -> OpenStore:
        """Return a store by its id.

        Raises
        ------
        RunNotFound
            None of this id lies below the root.
        """
        if ident not in self._open:
            await self.listed()
        if ident not in self._open:
            raise RunNotFound("There is no such store. Reload the list of stores.")
        return self._open[ident]

    async def has_changed(self) -> bool:
        """Look again, where it does not take much, and return whether other stores are there."""
        rest_s = min((50 if self._open else 10) * self._took_s, _MOST_REST_S)
        if time.monotonic() - self._searched_s >= max(2 * self._fresh_s, rest_s):
            await self._look()
        # Against what was told last: a request in between may have found the others.
        before, self._told = self._told, set(self._open)
        return self._told != before

    @property
    def _fresh_s(self) -> float:
        """So long what was found holds."""
        return _FRESH_S if self._open else _EMPTY_FRESH_S

    async def _look(self) -> None:
        """Search anew, unless somebody has just done so; who comes meanwhile waits for that one."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_now())
        await asyncio.shield(self._looking)

    async def _look_now(self) -> None:
        self._searches = [one for one in self._searches if one.busy] or self._searches[-1:]
        if time.monotonic() - self._searched_s < self._fresh_s or not self._workers.is_free:
            return
        # What hangs is not looked into again while it does.
        search = Search(self.root, {where for one in self._searches for where in one.busy})
        self._searches.append(search)
        began = self._searched_s = time.monotonic()
        with contextlib.suppress(Busy):
            threads = [self._workers.call(search.go, _WAIT_S) for _ in range(_SEARCHERS)]
            await asyncio.gather(*threads)
        self._took_s = time.monotonic() - began
        found = search.stores
        known = {} if not search.more else self._open
        ids = {one.id for one in found}
        old = {ident: store for ident, store in known.items() if ident not in ids}
        self._open = {one.id: self._opened(one) for one in found} | old

    def _opened(self, found: Found) -> OpenStore:
        return self._open.get(found.id) or OpenStore(found)

    async def hint(self) -> str:
        """Return what to do where there is no store."""
        with contextlib.suppress(Busy):
            return await self._workers.call(self._hint, _WAIT_S)
        return "The folder of this server does not answer. Its drive may be busy or gone."

    def _hint(self) -> str:
        words = "No runs lie below the folder in which this server was started. "
        elsewhere = settings.project_root(self.root)
        if elsewhere is not None and elsewhere != self.root:
            store = elsewhere / settings.STORE
            if (store / settings.MARKER).is_file():
                where = os.path.relpath(store, self.root)
                return f"{words}Those of its project lie in {where}: start the server in {os.path.relpath(elsewhere, self.root)} to see them."
        return (
            f"{words}Start one here: runfolio.init() in a script, or %%track NAME on top of a cell "
            "after %load_ext runfolio."
        )


async def facts_of(stores: list[OpenStore]) -> list[dict[str, Any]]:
    """Return the facts of stores; of one that does not answer only its name."""

    async def one(store: OpenStore) -> dict[str, Any]:
        try:
            return await store.workers.call(store.facts, _WAIT_S)
        except Busy:
            return {"id": store.id, "name": store.name, "runs": -1, "size_bytes": None}

    asked = []
    for store in stores:
        asked.append(asyncio.create_task(one(store)))
        # Each starts a thread, which takes a millisecond: what else waits has its turns in between.
        await asyncio.sleep(0)
    told = await asyncio.gather(*asked)
    for place, store in enumerate(stores):
        store.measure_later(_QUIET_S + place * _APART_S)
    return told
