"""Threads, pages and looks: nothing is held up, nothing stays behind, nothing is done for nobody."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.store.conftest import set_up_store

import runfolio
from runfolio.errors import RunNotFound
from runfolio.record import session as sessions
from runfolio.server.clients import MOST_CLIENTS, Client, TooMany
from runfolio.server.frames import Outbox
from runfolio.server.hub import Hub
from runfolio.server.stores import OpenStore, facts_of
from runfolio.server.views import View, Wanted, made
from runfolio.server.workers import Busy, Workers


@pytest.fixture
def folio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a store with one run."""
    yield set_up_store(tmp_path, monkeypatch)
    sessions.reset_for_tests()


@pytest.fixture
def run(folio: Path) -> str:
    """Return the id of a run that has ended."""
    with runfolio.init(name="one") as opened:
        opened.log({"loss": 1.0})
    return str(opened.id)


def threads(name: str) -> int:
    """Return how many threads of a name there are."""
    return sum(thread.name.startswith(name) for thread in threading.enumerate())


def wait_for(is_so: Callable[[], bool], within_s: float = 20) -> bool:
    """Return whether something becomes so."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.05)
    return is_so()


async def open_store(hub: Hub) -> OpenStore:
    """Return the only store."""
    stores, _ = await hub.stores.listed()
    return stores[0]


def test_a_call_that_hangs_holds_up_its_own_threads_only() -> None:
    hung, others, held = Workers("test-hung", 2), Workers("test-others", 2), threading.Event()

    async def ask() -> int:
        for _ in range(2):
            hung.submit(held.wait)
        with pytest.raises(Busy):
            await hung.call(lambda: 7, 0.05)
        assert not hung.is_free
        return await others.call(lambda: 7, 5)

    assert asyncio.run(ask()) == 7
    held.set()


def test_so_many_wait_and_no_more() -> None:
    workers, held = Workers("test-full", 1), threading.Event()
    with contextlib.suppress(Busy):
        for _ in range(100):
            workers.submit(held.wait)

    with pytest.raises(Busy):
        workers.submit(held.wait)

    held.set()


def test_what_comes_too_late_is_let_go() -> None:
    workers, held, late = Workers("test-late", 1), threading.Event(), threading.Event()

    async def ask() -> None:
        with pytest.raises(Busy):
            await workers.call(held.wait, 0.05, lambda _: late.set())

    asyncio.run(ask())
    held.set()

    assert late.wait(5)


def test_an_error_of_a_call_reaches_who_waits() -> None:
    def fail() -> None:
        raise RunNotFound("not there")

    with pytest.raises(RunNotFound):
        asyncio.run(Workers("test-fails").call(fail, 5))


def test_a_store_that_does_not_answer_is_listed_by_its_name(folio: Path, run: str) -> None:
    held = threading.Event()

    async def ask() -> list[dict[str, object]]:
        store = await open_store(Hub(folio.parent))
        for _ in range(3):
            store.workers.submit(held.wait)
        return await facts_of([store])

    told = asyncio.run(ask())
    held.set()

    assert [(one["name"], one["runs"]) for one in told] == [("folio", -1)]


def test_a_page_that_went_leaves_no_view_and_no_thread(folio: Path, run: str) -> None:
    from ipywidgets.widgets import widget as module

    before = set(module._instances)

    async def visit() -> None:
        hub = Hub(folio.parent)
        store = await open_store(hub)
        client = hub.clients.get("a" * 32)
        for kind in ("card", "table", "media"):
            view = made(Wanted(kind, [run], "", can_write=True), store)
            view.begin(lambda data, buffers: None)
            hub.clients.add(client, view)
        hub.clients.sweep(grace_s=0.0)
        assert len(hub.clients) == 0

    asyncio.run(visit())

    assert wait_for(lambda: set(module._instances) == before)
    assert wait_for(lambda: threads("runfolio-live") == threads("runfolio-close") == 0)
    assert wait_for(lambda: threads("runfolio-store") == 0)


def test_a_view_that_was_made_for_a_page_that_went_is_let_go(folio: Path, run: str) -> None:
    async def visit() -> View:
        hub = Hub(folio.parent)
        client = hub.clients.get("a" * 32)
        view = made(Wanted("card", [run], "", can_write=True), await open_store(hub))
        hub.clients.sweep(grace_s=0.0)
        with pytest.raises(RunNotFound):
            hub.clients.add(client, view)
        return view

    view = asyncio.run(visit())

    assert wait_for(lambda: view.over)


def test_so_many_pages_and_no_more(tmp_path: Path) -> None:
    async def visit() -> None:
        hub = Hub(tmp_path)
        for n in range(MOST_CLIENTS):
            hub.clients.get(f"{n:032x}")
        with pytest.raises(TooMany):
            hub.clients.get("f" * 32)
        hub.clients.sweep(grace_s=0.0)
        hub.clients.get("f" * 32)

    asyncio.run(visit())


def test_stores_are_watched_only_while_a_page_is_there(folio: Path, run: str) -> None:
    async def visit() -> tuple[bool, bool]:
        hub = Hub(folio.parent)
        client = hub.clients.get("a" * 32)
        number = client.begin()
        hub.watch.begin()
        await asyncio.sleep(0.1)
        seen = hub.watch.is_looking
        client.end(number)
        hub.clients.sweep(grace_s=0.0)
        hub.watch.look_soon()
        await asyncio.sleep(0.1)
        return seen, hub.watch.is_looking

    assert asyncio.run(visit()) == (True, False)


def test_of_a_state_that_changes_often_the_last_is_sent() -> None:
    box = Outbox(lambda: None)
    for n in range(100):
        box.put("v", {"method": "update", "state": {"card": n, "other": n % 2}})

    sent = box.take()

    assert sent.count(b'"method":"update"') == 1
    assert b'"card":99' in sent


def test_what_nobody_takes_is_dropped_and_said_so() -> None:
    box = Outbox(lambda: None)
    for _ in range(70):
        box.put("v", {"method": "custom", "content": {"kind": "points"}}, [bytes(1024 * 1024)])

    taken = [box.take()]
    while taken[-1]:
        taken.append(box.take())

    assert sum(map(len, taken)) < 65 * 1024 * 1024
    assert any(b'"lost":true' in part for part in taken)


def test_news_that_wait_are_told_together() -> None:
    box = Outbox(lambda: None)
    for store in ("a", "b", "a"):
        box.note({"stores": True, "changed": [store]})

    sent = box.take()

    assert sent.endswith(b'{"stores":true,"changed":["a","b"]}')
    assert box.take() == b""


async def heard(hub: Hub, client: Client) -> bool:
    """Return whether a page is told that runs of its store changed."""
    for _ in range(200):
        await asyncio.sleep(0.05)
        if b'"changed":["' in client.outbox.take():
            return True
    return False


@pytest.mark.parametrize("quiet_s", [3600.0, 0.5])
def test_points_are_told_though_the_manifest_stands_still_and_so_is_a_writer_that_went(
    folio: Path, monkeypatch: pytest.MonkeyPatch, quiet_s: float
) -> None:
    monkeypatch.setattr("runfolio.record.upkeep.REFRESH_S", 3600.0)
    monkeypatch.setattr("runfolio.server.watch._QUIET_S", quiet_s)

    async def visit() -> bool:
        hub = Hub(folio.parent)
        client = hub.clients.get("a" * 32)
        client.begin()
        with runfolio.init(name="live") as run:
            run.log({"loss": 1.0})
            await asyncio.sleep(2.5)  # its first manifests are written
            hub.clients.add(
                client, made(Wanted("runs", [], "", can_write=True), await open_store(hub))
            )
            hub.watch.begin()
            await asyncio.sleep(0.3)
            client.outbox.take()
            if quiet_s > 1:
                run.log({"loss": 2.0})
            told = await heard(hub, client)
        hub.end()
        return told

    assert asyncio.run(visit())
