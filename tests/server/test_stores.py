"""Which stores a server finds below its root, and what it says where something is amiss."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.server.conftest import make_runs
from tests.server.served import API, Page, Server, serving

from runfolio.server.found import Search, _folders, store_id
from runfolio.server.stores import Stores


def store_at(folder: Path) -> Path:
    """Make an empty store."""
    folder.mkdir(parents=True)
    (folder / ".runfolio").write_text("runfolio store, format 1\n", encoding="ascii")
    return folder


def found(root: Path) -> list[str]:
    """Return the names of the stores below a folder."""
    search = Search(root)
    search.go()
    return [one.name for one in search.stores]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[Path], Server]]:
    """Return what runs a server over a folder."""
    with ExitStack() as stack:
        yield lambda root: stack.enter_context(serving(root, tmp_path / "home"))


def test_the_nearest_stores_come_first(tmp_path: Path) -> None:
    for name in ("b/folio", "a/deep/er/folio", "elsewhere"):
        store_at(tmp_path / name)

    assert found(tmp_path) == ["elsewhere", "b/folio", "a/deep/er/folio"]


def test_a_server_may_be_started_in_a_store(tmp_path: Path) -> None:
    assert found(store_at(tmp_path / "folio")) == ["folio"]


@pytest.mark.parametrize("name", [".hidden", "node_modules", "site-packages", "wandb", "venv"])
def test_folders_of_packages_and_hidden_ones_are_left_out(tmp_path: Path, name: str) -> None:
    store_at(tmp_path / name / "folio")

    assert found(tmp_path) == []


def test_an_environment_is_known_by_its_file(tmp_path: Path) -> None:
    store_at(tmp_path / "mine" / "lib" / "folio")
    (tmp_path / "mine" / "pyvenv.cfg").touch()

    assert found(tmp_path) == []


def test_no_link_is_followed(tmp_path: Path) -> None:
    outside = store_at(tmp_path / "outside" / "folio")
    root = tmp_path / "root"
    root.mkdir()
    (root / "folio").symlink_to(outside)
    (root / "more").symlink_to(outside.parent)
    (root / "self").symlink_to(root)

    assert found(root) == []


def test_a_copy_without_hidden_files_is_a_store(tmp_path: Path) -> None:
    run = tmp_path / "folio" / "20260101T000000-abcdef"
    run.mkdir(parents=True)
    (run / "run.json").write_text("{", encoding="ascii")

    assert found(tmp_path) == ["folio"]


def test_a_search_has_an_end(tmp_path: Path) -> None:
    for n in range(70):
        store_at(tmp_path / f"{n:02}" / "folio")
    store_at(tmp_path.joinpath(*"abcdefgh") / "folio")
    search = Search(tmp_path)

    search.go()

    assert (len(search.stores), search.more) == (64, True)


def test_names_that_are_no_text_are_shown_as_escapes(tmp_path: Path) -> None:
    store_at(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff<b>")) / "folio")

    assert found(tmp_path) == [r"\xff<b>/folio"]


def test_an_id_tells_no_path() -> None:
    assert store_id(Path("/a/folio")) != store_id(Path("/b/folio"))
    assert len(store_id(Path("/a/folio"))) == 16


def test_a_root_without_a_store_says_what_to_do(tmp_path: Path, serve: Callable[[Path], Server]) -> None:  # fmt: skip
    told = serve(tmp_path).get("stores")

    assert told["stores"] == []
    assert "runfolio.init()" in told["hint"]


def test_a_root_beside_its_projects_store_says_where_that_is(tmp_path: Path, serve: Callable[[Path], Server]) -> None:  # fmt: skip
    (tmp_path / "pyproject.toml").touch()
    store_at(tmp_path / "folio")
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()

    hint = serve(notebooks).get("stores")["hint"]

    assert "../folio" in hint
    assert str(tmp_path) not in hint


def test_a_store_that_is_removed_while_shown_is_told_so(tmp_path: Path, serve: Callable[[Path], Server]) -> None:  # fmt: skip
    root = tmp_path / "root"
    folio = make_runs(root, 2)
    server = serve(root)
    with Page(server) as page:
        store, table, run = server.store, page.open("table"), next(folio.glob("*/run.json"))
        card = page.open("card", runs=[run.parent.name])
        page.ask(table, "facts", query="")
        time.sleep(4)  # it was looked at, once what the page asked for was answered

        shutil.rmtree(folio)

        page.until(lambda told, _: store in told.get("changed", []))
        assert page.ask(table, "news", at=1, query="")["gone"] == 2
        assert page.say(card, kind="ready").status == 200
    answers = [server.ask("GET", f"{API}stores/{store}/{path}") for path in ("runs", "journal")]
    assert [answer.status for answer in answers] == [404, 404]
    assert "Reload the list of stores." in answers[0].told["message"]


def test_a_run_that_is_half_copied_is_listed_and_the_others_with_it(tmp_path: Path, serve: Callable[[Path], Server]) -> None:  # fmt: skip
    root = tmp_path / "root"
    folio = make_runs(root, 2)
    half = folio / "20260101T000000-abcdef"
    half.mkdir()
    (half / "run.json").write_text('{"id": "2026', encoding="ascii")
    empty = folio / "20260101T000001-abcdef"
    empty.mkdir()
    server = serve(root)

    rows = server.get(f"stores/{server.store}/runs")["runs"]
    answers = [server.ask("GET", f"{API}stores/{server.store}/runs/{run.name}/entry")
               for run in (half, empty)]  # fmt: skip

    assert {row["id"] for row in rows} >= {half.name}
    assert sum(not row["problems"] for row in rows) == 2
    assert {answer.status for answer in answers} <= {200, 404, 409}


def test_a_fifo_where_a_manifest_should_be_holds_up_nobody(tmp_path: Path, serve: Callable[[Path], Server]) -> None:  # fmt: skip
    root = tmp_path / "root"
    folio = make_runs(root, 1)
    strange = folio / "20260101T000000-abcdef"
    strange.mkdir()
    for name in ("run.json", "metrics.jsonl"):
        os.mkfifo(strange / name)
    server = serve(root)

    answer = server.ask("GET", f"{API}stores/{server.store}/runs")
    server.ask("GET", f"{API}stores/{server.store}/runs/{strange.name}/entry")

    assert answer.status == 200
    assert server.get("stores")["stores"][0]["runs"] == 2


def test_a_store_that_a_request_found_first_is_told_to_the_pages_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runfolio.server.stores._EMPTY_FRESH_S", 0.0)

    async def told() -> list[bool]:
        stores = Stores(tmp_path)
        said = [await stores.has_changed()]
        (tmp_path / "folio" / "20261126T202724-f05a70").mkdir(parents=True)
        (tmp_path / "folio" / "20261126T202724-f05a70" / "run.json").write_text("{}")
        await stores.listed()
        return [*said, await stores.has_changed(), await stores.has_changed()]

    assert asyncio.run(told()) == [False, True, False]


def test_what_a_store_takes_is_counted_a_little_after_it_was_first_asked_for(tmp_path: Path, serve: Callable[[Path], Server]) -> None:  # fmt: skip
    make_runs(tmp_path / "root", 1)
    server = serve(tmp_path / "root")

    first = server.get("stores")["stores"][0]
    end = time.monotonic() + 30
    while (told := server.get("stores")["stores"][0])["size_bytes"] is None:
        assert time.monotonic() < end
        time.sleep(0.2)

    assert first["size_bytes"] is None
    assert told["size_bytes"] > 1000


def test_nothing_is_counted_while_somebody_waits_for_the_runs(tmp_path: Path) -> None:
    async def asked() -> tuple[object, bool]:
        stores = Stores(store_at(tmp_path / "folio").parent)
        (store,), _ = await stores.listed()
        done = threading.Event()
        waiting = asyncio.ensure_future(store.workers.call(done.wait))
        store.measure_later()
        await asyncio.sleep(1.5)  # longer than a quiet store would wait
        while_busy = store.facts()["size_bytes"]
        done.set()
        await waiting
        while store.facts()["size_bytes"] is None:
            await asyncio.sleep(0.1)
        return while_busy, True

    assert asyncio.run(asyncio.wait_for(asked(), 30)) == (None, True)


def test_of_a_folder_with_many_files_only_what_tells_something_is_kept(tmp_path: Path) -> None:
    store_at(tmp_path / "folio")
    for n in range(100):
        (tmp_path / f"image-{n}.png").touch()

    assert set(_folders(str(tmp_path)) or ()) == {"folio"}
    assert set(_folders(str(tmp_path / "folio")) or ()) == {".runfolio"}


def test_no_more_than_so_many_stores_are_told_however_many_threads_look(tmp_path: Path) -> None:
    for n in range(80):
        store_at(tmp_path / f"{n:02}" / "folio")
    search = Search(tmp_path)

    threads = [threading.Thread(target=search.go) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(search.stores) == 64
    assert search.more
