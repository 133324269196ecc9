"""Views of a page: the widgets of notebooks, without a kernel, told over one stream."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.server.served import API, Page, Server

LIVE = """
import time, runfolio
with runfolio.init(name="goes on") as run:
    while True:
        run.log({"loss": 1.0})
        time.sleep(0.02)
"""


@pytest.fixture
def live(root: Path, server: Server) -> Any:
    """Return the id of a run that goes on in another process."""
    process = subprocess.Popen([sys.executable, "-c", LIVE], cwd=root / "digits")
    try:
        found: list[str] = []
        while not found:
            time.sleep(0.2)
            rows = server.get(f"stores/{server.store}/runs?query=status:running")["runs"]
            found = [row["id"] for row in rows if row["name"] == "goes on"]
        yield found[0]
    finally:
        process.terminate()
        process.wait()


def points(page: Page, view: str) -> int:
    """Return how many points came for a view."""
    sent = [
        (told, buffers)
        for told, buffers in page.frames
        if told.get("view") == view and told["data"].get("content", {}).get("kind") == "points"
    ]
    return sum(len(np.frombuffer(buffers[2])) for _, buffers in sent)


def card_of(page: Page, view: str) -> Callable[[dict[str, Any], list[bytes]], bool]:
    """Return what knows a frame that tells the card of a view."""
    return lambda told, _: told.get("view") == view and "card" in told["data"].get("state", {})


def test_a_stream_begins_with_the_views_that_live(new_page: Callable[[], Page]) -> None:
    page = new_page()

    page.until(lambda told, _: told == {"views": []})

    assert page.headers["Content-Type"] == "application/octet-stream"
    assert page.headers["Cache-Control"] == "no-store"


def test_a_card_of_a_finished_run_has_all_its_points(page: Page, runs: list[str]) -> None:
    view = page.open("card", runs=runs[:1])
    page.say(view, kind="ready")

    page.until(lambda told, buffers: told.get("view") == view and len(buffers) == 3)

    assert points(page, view) >= 20
    assert page.until(card_of(page, view))["data"]["state"]["card"]["name"] == "run-0"


def test_a_card_follows_a_run_of_another_process(page: Page, live: str) -> None:
    view = page.open("card", runs=[live])
    page.say(view, kind="ready")
    page.until(lambda *_: points(page, view) > 0)
    first = points(page, view)

    page.until(lambda *_: points(page, view) > first + 20)

    card = page.until(card_of(page, view))["data"]["state"]["card"]
    assert (card["status"], card["can"]) == ("running", ["stop", "note", "tag"])


def test_stop_ends_the_run_wherever_it_runs(server: Server, page: Page, live: str) -> None:
    view = page.open("card", runs=[live])

    page.say(view, kind="do", id=7, verb="stop", text="")

    answer = page.until(lambda told, _: told.get("data", {}).get("content", {}).get("id") == 7)
    assert answer["data"]["content"]["error"] is None
    page.until(lambda told, buffers: card_of(page, view)(told, buffers)
               and told["data"]["state"]["card"]["status"] == "stopped")  # fmt: skip


def test_two_pages_see_the_same_run(new_page: Callable[[], Page], live: str) -> None:
    pages = [new_page(), new_page()]
    views = [one.open("card", runs=[live]) for one in pages]

    for one, view in zip(pages, views, strict=True):
        one.say(view, kind="ready")
        one.until(lambda *_, p=one, v=view: points(p, v) > 10)  # type: ignore[misc]

    strange = [told for told, _ in pages[0].frames if told.get("view") == views[1]]
    assert strange == []


def test_a_page_says_nothing_to_the_view_of_another(new_page: Callable[[], Page], runs: list[str]) -> None:  # fmt: skip
    view = new_page().open("card", runs=runs[:1])

    assert new_page().say(view, kind="do", verb="note", text="x").status == 404


def test_a_table_answers_with_rows_and_numbers(page: Page) -> None:
    view = page.open("table")
    facts = page.ask(view, "facts", query="name:run-1")

    rows = page.ask(view, "rows", at=facts["at"], first=0, end=10, columns=["config.lr"])

    assert [run[1] for run in rows["runs"]] == ["run-1"]
    assert [column["id"] for column in rows["columns"]] == ["config.lr"]


def test_runs_are_compared(page: Page, runs: list[str]) -> None:
    view = page.open("compare", runs=runs)

    facts = page.ask(view, "facts")

    assert {run[1] for run in facts["runs"]} == {"run-0", "run-1", "run-2"}


def test_a_media_browser_answers(page: Page, runs: list[str]) -> None:
    view = page.open("media", runs=runs[:2])

    assert page.ask(view, "facts")["at"] == 1


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"kind": "card", "runs": []}, "one run"),
        ({"kind": "card", "runs": ["nothing-here"]}, "not there"),
        ({"kind": "compare", "query": "name:run-0"}, "2 to 50"),
        ({"kind": "table", "query": "lr<"}, ""),
        ({"kind": "picture"}, "one of card, table"),
    ],
)
def test_a_view_that_cannot_be_made_says_why(server: Server, page: Page, wanted: dict[str, Any], says: str) -> None:  # fmt: skip
    told = {"client": page.client, "store": server.store, **wanted}

    answer = server.ask("POST", f"{API}views", told)

    assert answer.status in (400, 404)
    assert says in answer.told["message"]


def test_a_page_sets_only_what_is_its_own(server: Server, page: Page, runs: list[str]) -> None:
    view = page.open("table")
    state = {"selected": runs[:1], "can_tag": False, "_esm": "alert(1)", "_id": "x"}

    answer = server.ask(
        "POST", f"{API}views/{view}",
        {"client": page.client, "data": {"method": "update", "state": state}},
    )  # fmt: skip
    wrong = server.ask(
        "POST", f"{API}views/{view}",
        {"client": page.client, "data": {"method": "update", "state": {"selected": 7}}},
    )  # fmt: skip

    assert (answer.status, wrong.status) == (200, 400)
    assert page.ask(view, "facts", query="")["n"] >= 3


@pytest.mark.parametrize("kind", ["card", "table"])
@pytest.mark.parametrize("word", [None, 7, ["tags"], {"do": 1}, "x" * 10_000, "__class__"])
def test_words_that_are_none_are_passed_over(page: Page, runs: list[str], kind: str, word: object) -> None:  # fmt: skip
    view = page.open(kind, runs=runs[:1])

    answers = [
        page.say(view, **{"kind": "ask", "id": 1, "page": "p", "what": {}} | changed)
        for changed in (
            {"kind": word},
            {"verb": word},
            {"page": word},
            {"id": word},
            {"what": word},
        )
    ]

    assert {answer.status for answer in answers} == {200}
    assert page.server.get("stores")["stores"]


def test_a_view_that_was_closed_is_gone(server: Server, page: Page) -> None:
    view = page.open("table")

    closed = server.ask("DELETE", f"{API}views/{view}?client={page.client}")

    assert closed.status == 200
    assert page.say(view, kind="ask", verb="facts").status == 404


def test_a_page_has_so_many_views_and_no_more(server: Server, page: Page) -> None:
    for _ in range(32):
        page.open("table")

    answer = server.ask("POST", f"{API}views",
                        {"client": page.client, "kind": "table", "store": server.store})  # fmt: skip

    assert answer.status == 429
    assert "32 views" in answer.told["message"]


def test_the_stream_of_a_page_that_reconnects_takes_the_place_of_the_first(server: Server, page: Page) -> None:  # fmt: skip
    view = page.open("table")

    again = Page(server, page.client)

    again.until(lambda told, _: told == {"views": [view]})
    page._thread.join(10)
    assert not page._thread.is_alive()
    again.close()


def test_a_note_from_elsewhere_reaches_the_page(server: Server, page: Page, runs: list[str]) -> None:  # fmt: skip
    page.open("table")
    time.sleep(1.5)  # the first look only tells how things stand
    store = server.store

    server.post(f"stores/{store}/runs/{runs[2]}/edits", verb="note", text="from elsewhere")

    page.until(lambda told, _: store in told.get("changed", []))


def test_a_page_is_told_nothing_while_nothing_changes(page: Page, runs: list[str]) -> None:
    view = page.open("card", runs=runs[:1])
    page.open("table")
    page.say(view, kind="ready")
    page.until(lambda told, buffers: len(buffers) == 3)
    time.sleep(6)  # all has been told by then
    before = len(page.frames)

    time.sleep(4)

    assert page.frames[before:] in ([], [({}, [])])
