"""The routes: what can be asked of the server, and by whom."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import Any, Final

from tornado.iostream import StreamClosedError

from runfolio.server.answering import Handler, Refused, may
from runfolio.server.artifact_handlers import artifact_routes
from runfolio.server.clients import let_go
from runfolio.server.edits import edit
from runfolio.server.frames import BEAT, frame
from runfolio.server.page import PAGES
from runfolio.server.reading import entry_of, journal_of, rows_of, slice_of
from runfolio.server.stores import facts_of
from runfolio.server.views import KINDS, Wanted, made

__all__ = ["ROUTES"]

_BEAT_S: Final = 15.0
_STUCK_S: Final = 60.0
_API: Final = r"/runfolio/api"
_STORE: Final = r"(?P<store>[0-9a-f]{16})"
_RUN: Final = r"(?P<run>[A-Za-z0-9][A-Za-z0-9._-]{0,127})"
_VIEW: Final = r"(?P<view>[0-9a-f]{32})"
_CLIENT: Final = 32
_RUNS: Final = 50
_QUERY: Final = 10_000


class StoresHandler(Handler):
    """The stores below the server's root."""

    @may("read")
    async def get(self) -> None:
        """Tell which there are."""
        stores, more = await self.hub.stores.listed()
        hint = "" if stores else await self.hub.stores.hint()
        self.answer({"stores": await facts_of(stores), "more": more, "hint": hint,
                     "can_write": await self.may_write()})  # fmt: skip


class RunsHandler(Handler):
    """The runs of a store."""

    @may("read")
    async def get(self, store: str) -> None:
        """Tell those that a query selects."""
        query = self.get_query_argument("query", "")[:_QUERY]
        part = slice_of(self.number("offset", 0), self.number("limit", 100))
        self.answer(await self.of_store(store, lambda s: rows_of(s, query, part)))


class EntryHandler(Handler):
    """The journal entry of a run."""

    @may("read")
    async def get(self, store: str, run: str) -> None:
        """Tell what the run's journal cell and badge show."""
        self.answer(await self.of_store(store, lambda s: entry_of(s, run)))

    @may("read")
    async def post(self, store: str, run: str) -> None:
        """Tell how the run's journal cell, given as it stands, looks with the facts of now."""
        source = _text(self.told().get("source"), "source")
        self.answer(await self.of_store(store, lambda s: entry_of(s, run, source)))


class JournalHandler(Handler):
    """The journal of a store."""

    @may("read")
    async def get(self, store: str) -> None:
        """Tell it as Markdown."""
        query = self.get_query_argument("query", "")[:_QUERY]
        branch = self.get_query_argument("branch", None)
        part = slice_of(self.number("offset", 0), self.number("limit", 100))
        self.answer(await self.of_store(store, lambda s: journal_of(s, query, branch, part)))


class EditsHandler(Handler):
    """What is said of a run."""

    @may("write")
    async def post(self, store: str, run: str) -> None:
        """Add a note, a tag, a name, journal words, or the wish that it stop."""
        told = self.told()
        verb = _text(told.get("verb"), "verb")
        text, field = _text(told.get("text", ""), "text"), _text(told.get("field", ""), "field")
        self.answer(await self.of_store(store, lambda s: edit(s, run, verb, text, field)))
        self.hub.watch.look_soon()


class ViewsHandler(Handler):
    """The views of a page."""

    @may("read")
    async def post(self) -> None:
        """Make one."""
        told = self.told()
        kind = _text(told.get("kind"), "kind")
        if kind not in KINDS:
            raise Refused(400, f"A view is one of {', '.join(KINDS)}.")
        store = await self.hub.stores.get(_text(told.get("store"), "store"))
        wanted = Wanted(kind, _texts(told.get("runs", [])), _text(told.get("query", ""), "query"),
                        can_write=await self.may_write())  # fmt: skip
        client = self.hub.clients.get(_client(told.get("client")))
        client.check_room()
        self.hub.watch.begin()
        view = await store.workers.call(lambda: made(wanted, store), self.hub.patience_s, let_go)
        self.hub.clients.add(client, view)
        self.answer({"view": view.id, "state": view.state()})
        view.begin(lambda data, buffers: client.outbox.put(view.id, data, buffers))


class ViewHandler(Handler):
    """One view of a page."""

    _track_activity = False  # a page says now and then what it has got

    @may("read")
    async def post(self, view: str) -> None:
        """Take in what the page says to it."""
        told = self.told()
        data = told.get("data")
        if not isinstance(data, dict):
            raise Refused(400, "data is what a page says to its view: a JSON object.")
        found = self.hub.clients.get(_client(told.get("client")), make=False).view(view)
        if found.needs_write(data) and not await self.may_write():
            raise Refused(403, "You may look at runs here, but not change them.")
        if found.needs_drive(data):
            await found.store.workers.call(lambda: found.hear(data), self.hub.patience_s)
        else:
            found.hear(data)  # at once, so that it is heard in the order in which it was said
        self.answer({})

    @may("read")
    async def delete(self, view: str) -> None:
        """Close it."""
        client = _client(self.get_query_argument("client", ""))
        self.hub.clients.get(client, make=False).close(view)
        self.answer({})


class NothingHandler(Handler):
    """Whatever else lies below our address: told as all is, in JSON."""

    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse, whatever is asked and how."""
        await super().prepare()
        raise Refused(404, "There is nothing at this address.")


class StreamHandler(Handler):
    """All that the views of a page are told, in one answer that does not end."""

    _track_activity = False
    _is_gone = False
    _is_stream = False

    def on_connection_close(self) -> None:
        """Hear that the page is gone."""
        self._is_gone = True

    @may("read")
    async def get(self) -> None:
        """Send frames as they come, and at times a beat."""
        client = self.hub.clients.get(_client(self.get_query_argument("client", "")))
        self._is_stream = True
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("X-Accel-Buffering", "no")
        self._notice_silence()
        number = client.begin()
        self.hub.watch.begin()
        try:
            self.write(frame({"views": sorted(client.views)}))
            await self.flush()
            while not self._is_gone and client.stream == number and not self.hub.is_over:
                frames = client.outbox.take()
                if not frames:
                    began = time.monotonic()
                    await client.wait(_BEAT_S)
                    frames = client.outbox.take()
                    if not frames and time.monotonic() - began < _BEAT_S:
                        continue
                self.write(frames or BEAT)
                await self.flush()
        except StreamClosedError:
            pass
        finally:
            client.end(number)

    def finish(self, *args: Any, **named: Any) -> Any:
        """End the answer; that of a stream was sent with its head, an error is JSON."""
        if self._is_stream:
            named["set_content_type"] = "application/octet-stream"
        return super().finish(*args, **named)

    def _notice_silence(self) -> None:
        """Have the system end the connection with a page that went without saying so."""
        connection = self.request.connection
        stream = getattr(connection, "stream", None)
        if stream is None or stream.socket is None:
            return
        stream.set_nodelay(True)  # points are not to wait for a browser's late acknowledgement
        with contextlib.suppress(AttributeError, OSError):  # only Linux has it
            wait_ms = int(_STUCK_S * 1000)
            stream.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, wait_ms)


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise Refused(400, f"{name} is a text.")
    return value


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) > _RUNS or not all(isinstance(v, str) for v in value):  # fmt: skip
        raise Refused(400, f"runs is a list of ids, {_RUNS} at most.")
    return value


def _client(value: Any) -> str:
    is_id = isinstance(value, str) and len(value) == _CLIENT and set(value) <= set("0123456789abcdef")  # fmt: skip
    if not is_id:
        raise Refused(400, f"client is {_CLIENT} hexadecimal digits, which the page chooses by chance.")  # fmt: skip
    return str(value)


ROUTES: Final[tuple[tuple[str, Any], ...]] = (
    (rf"{_API}/stores", StoresHandler),
    (rf"{_API}/stores/{_STORE}/runs", RunsHandler),
    (rf"{_API}/stores/{_STORE}/runs/{_RUN}/entry", EntryHandler),
    (rf"{_API}/stores/{_STORE}/runs/{_RUN}/edits", EditsHandler),
    (rf"{_API}/stores/{_STORE}/journal", JournalHandler),
    *artifact_routes(rf"{_API}/stores/{_STORE}"),
    (rf"{_API}/views", ViewsHandler),
    (rf"{_API}/views/{_VIEW}", ViewHandler),
    (rf"{_API}/stream", StreamHandler),
    *PAGES,
    (r"/runfolio/.*", NothingHandler),
)
"""Patterns below the server's base URL, and what answers there; the first that fits does."""
