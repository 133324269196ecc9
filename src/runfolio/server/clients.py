"""The pages that are connected, each with its views and its stream."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runfolio.errors import RunNotFound, UsageError
from runfolio.server.frames import Outbox

if TYPE_CHECKING:
    from runfolio.server.views import View

__all__ = ["MOST_CLIENTS", "MOST_VIEWS", "Client", "Clients", "TooMany", "let_go"]

MOST_CLIENTS: Final = 64
MOST_VIEWS: Final = 32

_GRACE_S: Final = 30.0


class TooMany(UsageError):
    """There are as many pages, or views of a page, as there may be."""


class Client:
    """One page.

    Parameters
    ----------
    ident : str
        What the page calls itself: 128 bits chosen by chance, which nobody else knows.
    """

    def __init__(self, ident: str, loop: asyncio.AbstractEventLoop) -> None:
        self.ident = ident
        self.views: dict[str, View] = {}
        self.outbox = Outbox(self._wake)
        self.stream = 0
        self.is_streaming = False
        self.left_s = time.monotonic()
        self._loop = loop
        self._news = asyncio.Event()

    def _wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # the server ends
            self._loop.call_soon_threadsafe(self._news.set)

    async def wait(self, timeout_s: float) -> None:
        """Wait until something waits to be sent, or the time is over."""
        news = self._news
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(news.wait(), timeout_s)
            news.clear()

    def begin(self) -> int:
        """Give the page another stream; the one it had ends. Return its number."""
        self.stream += 1
        self.is_streaming = True
        before, self._news = self._news, asyncio.Event()
        before.set()
        return self.stream

    def end(self, stream: int) -> None:
        """Hear that a stream has ended."""
        if stream == self.stream:
            self.is_streaming = False
            self.left_s = time.monotonic()

    def check_room(self) -> None:
        """Make sure that there is room for one more view.

        Raises
        ------
        TooMany
            There is none.
        """
        if len(self.views) >= MOST_VIEWS:
            raise TooMany(f"A page shows {MOST_VIEWS} views at most. Close some of them.")

    def view(self, ident: str) -> View:
        """Return a view.

        Raises
        ------
        RunNotFound
            The page has none of this id.
        """
        try:
            return self.views[ident]
        except KeyError:
            raise RunNotFound("There is no such view any more. Open it again.") from None

    def close(self, ident: str) -> None:
        """Let go of a view."""
        view = self.view(ident)
        del self.views[ident]
        let_go(view)
        self.outbox.forget(ident)


class Clients:
    """All pages of this server."""

    def __init__(self) -> None:
        self._clients: dict[str, Client] = {}

    def __iter__(self) -> Iterator[Client]:
        return iter(list(self._clients.values()))

    def __len__(self) -> int:
        return len(self._clients)

    def get(self, ident: str, *, make: bool = True) -> Client:
        """Return a page by what it calls itself.

        Raises
        ------
        TooMany
            There are as many as there may be.
        RunNotFound
            It is not known, and not to be made.
        """
        client = self._clients.get(ident)
        if client is None and make:
            self.sweep()
            if len(self._clients) >= MOST_CLIENTS:
                raise TooMany(
                    f"{MOST_CLIENTS} pages are connected, as many as can be. Close some of them."
                )
            client = self._clients[ident] = Client(ident, asyncio.get_running_loop())
        if client is None:
            raise RunNotFound("There is no such page. Reload it.")
        return client

    def add(self, client: Client, view: View) -> None:
        """Keep the view of a page, unless the page is gone by now or has too many.

        Raises
        ------
        TooMany, RunNotFound
            It is not kept.
        """
        try:
            if self._clients.get(client.ident) is not client:
                raise RunNotFound("There is no such page. Reload it.")
            client.check_room()
        except (TooMany, RunNotFound):
            let_go(view)
            raise
        client.views[view.id] = view

    def sweep(self, grace_s: float = _GRACE_S) -> None:
        """Let go of pages that have had no stream for a while."""
        now = time.monotonic()
        for ident, client in list(self._clients.items()):
            if not client.is_streaming and now - client.left_s >= grace_s:
                del self._clients[ident]
                for view in list(client.views):
                    client.close(view)


def let_go(view: View) -> None:
    """End a view in a thread of its own: its store may not answer."""
    threading.Thread(target=view.end, name="runfolio-close", daemon=True).start()
