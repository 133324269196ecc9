"""One look at the stamps of all stores that pages show, some times a minute; none without a page."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from runfolio.format.layout import PartName
from runfolio.record.guard import guard
from runfolio.server.workers import Busy
from runfolio.store.scan import scan
from runfolio.store.stamp import date_of, stamp_of
from runfolio.store.version_shelf import artifact_dates

if TYPE_CHECKING:
    from runfolio.server.clients import Clients
    from runfolio.server.stores import OpenStore, Stores
    from runfolio.store.stamp import Stamp
    from runfolio.store.version_shelf import Dates

__all__ = ["Watch"]

_LOOK_S: Final = 1.0
_REST: Final = 20.0
# The manifest of a run that goes on is written every five seconds: for so long its log is looked at.
_LIVE_S: Final = 30.0
# One that was not may be that of a process that was killed, which changes no file.
_QUIET_S: Final = 8.0


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
        changed = {look.store.id: what for look, what in zip(self._looks.values(), done, strict=True) if any(what)}  # fmt: skip
        others = await self._stores.has_changed()
        for client in self._clients:
            told = sorted({view.store.id for view in client.views.values()} & changed.keys())
            for view in client.views.values():
                # The card of a run that goes on has its turns; points are no reason for the others.
                if view.store.id in changed and changed[view.store.id].runs:
                    view.wake()
            if told or others:
                client.outbox.note({"stores": True, "changed": told})
            kept = [ident for ident in told if changed[ident].artifacts]
            if kept:
                client.outbox.note({"artifacts": kept})


class _Changes(NamedTuple):
    """Whether runs came, went or changed, whether some were logged to, and artifacts likewise."""

    runs: bool = False
    points: bool = False
    artifacts: bool = False


class _Look:
    """The stamps of one store, as they were seen last."""

    def __init__(self, store: OpenStore) -> None:
        self.store = store
        self._stamps: dict[str, Stamp | None] | None = None
        self._logs: dict[str, int] = {}
        self._live_until_s: dict[str, float] = {}
        self._quiet: set[str] = set()
        self._artifacts: dict[str, Dates] = {}
        self._untold = _Changes()
        self._next_s = 0.0

    async def changes(self) -> _Changes:
        """Return what is otherwise than at the look before."""
        if time.monotonic() < self._next_s or not self.store.workers.is_free:
            return _Changes()
        with contextlib.suppress(Busy):
            await self.store.workers.call(self._look, 2 * _LOOK_S)
        # What a look found that took too long for anybody to wait is told with the next one.
        found, self._untold = self._untold, _Changes()
        return found

    def _look(self) -> None:
        began = time.monotonic()
        before, logged, quiet, kept = self._stamps, self._logs, self._quiet, self._artifacts
        known = before or {}
        with contextlib.suppress(Exception):
            entries = {entry.name: entry for entry in scan(self.store.path)}
            self._stamps = {
                name: None if entry.fault else stamp_of(entry.where, known.get(name))
                for name, entry in entries.items()
            }
            self._logs = {name: _logged(entries[name].where) for name in self._live(before)}
            written = began - _QUIET_S + _LIVE_S
            self._quiet = {
                name
                for name, size in self._logs.items()
                if size and self._live_until_s[name] < written
            }
        self._artifacts = artifact_dates(self.store.path)
        self._next_s = time.monotonic() + _REST * (time.monotonic() - began)
        found = _Changes(
            before is not None and (before != self._stamps or bool(self._quiet - quiet)),
            any(logged.get(name, size) != size for name, size in self._logs.items()),
            before is not None and kept != self._artifacts,
        )
        self._untold = _Changes(
            *(one or other for one, other in zip(self._untold, found, strict=True))
        )

    def _live(self, before: dict[str, Stamp | None] | None) -> list[str]:
        """Return the runs that may be logged to: those whose manifest was written of late."""
        now, stamps = time.monotonic(), self._stamps or {}
        for name, stamp in stamps.items():
            if before is None:
                # By a clock that may be another one: what is missed here is seen to change.
                is_fresh = stamp is not None and time.time() - date_of(stamp) / 1e9 < _LIVE_S
            else:
                is_fresh = stamp != before.get(name)
            if is_fresh:
                self._live_until_s[name] = now + _LIVE_S
        self._live_until_s = {
            name: until for name, until in self._live_until_s.items() if now < until and name in stamps
        }  # fmt: skip
        return list(self._live_until_s)


def _logged(where: str) -> int:
    """Return how many bytes of metrics lie in a run directory as they were logged."""
    with contextlib.suppress(OSError), os.scandir(where) as entries:
        return sum(
            entry.stat(follow_symlinks=False).st_size for entry in entries if _is_log(entry.name)
        )
    return 0


def _is_log(name: str) -> bool:
    part = PartName.parse(name)
    return part is not None and (part.kind, part.ext) == ("metrics", "jsonl")
