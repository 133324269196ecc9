"""One look at the stamps of all stores that pages show, some times a minute; none without a page."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Final

from runfolio.record.guard import guard
from runfolio.server.workers import Busy
from runfolio.store.scan import scan
from runfolio.store.stamp import stamp_of

if TYPE_CHECKING:
    from runfolio.server.clients import Clients
    from runfolio.server.stores import OpenStore, Stores
    from runfolio.store.stamp import Stamp

__all__ = ["Watch"]

_LOOK_S: Final = 1.0
_REST: Final = 20.0


class Watch:
    """Tells pages that runs came, went or changed, for as long as pages are connected.

    Parameters
    ----------
    stores : Stores
    clients : Clients
    """

    def __init__(self, stores: Stores, clients: Clients) -> None:
        self._stores = stores
        self._clients = clients
        self._task: asyncio.Task[None] | None = None
        self._looks: dict[str, _Look] = {}
        self._soon = asyncio.Event()

    @property
    def is_looking(self) -> bool:
        """Whether stores are looked at now and then."""
        return self._task is not None and not self._task.done()

    def begin(self) -> None:
        """Look from now on, until no page is left."""
        if not self.is_looking:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def end(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()

    def look_soon(self) -> None:
        """Look without waiting: something was changed here."""
        self._soon.set()

    async def _run(self) -> None:
        while len(self._clients):
            self._clients.sweep()
            is_seen = any(client.is_streaming for client in self._clients)
            if is_seen:
                with guard("watching the stores"):
                    await self._tell_changes()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._soon.wait(), _LOOK_S)
            self._soon.clear()
        self._looks.clear()

    async def _tell_changes(self) -> None:
        shown = {view.store.id: view.store for client in self._clients for view in client.views.values()}  # fmt: skip
        self._looks = {ident: self._looks.get(ident) or _Look(store) for ident, store in shown.items()}  # fmt: skip
        done = await asyncio.gather(*(look.changes() for look in self._looks.values()))
        changed = {look.store.id: runs for look, runs in zip(self._looks.values(), done, strict=True) if runs}  # fmt: skip
        others = await self._stores.has_changed()
        for client in self._clients:
            told = sorted({view.store.id for view in client.views.values()} & changed.keys())
            for view in client.views.values():
                if view.store.id in changed:
                    view.wake()
            if told or others:
                client.outbox.note({"stores": True, "changed": told})


class _Look:
    """The stamps of one store, as they were seen last."""

    def __init__(self, store: OpenStore) -> None:
        self.store = store
        self._stamps: dict[str, Stamp | None] | None = None
        self._next_s = 0.0

    async def changes(self) -> bool:
        """Return whether anything is otherwise than at the look before."""
        if time.monotonic() < self._next_s or not self.store.workers.is_free:
            return False
        with contextlib.suppress(Busy):
            return await self.store.workers.call(self._look, 2 * _LOOK_S)
        return False

    def _look(self) -> bool:
        began = time.monotonic()
        before = self._stamps
        known = before or {}
        with contextlib.suppress(Exception):
            self._stamps = {
                entry.name: None if entry.fault else stamp_of(entry.where, known.get(entry.name))
                for entry in scan(self.store.path)
            }
        self._next_s = time.monotonic() + _REST * (time.monotonic() - began)
        return before is not None and before != self._stamps
