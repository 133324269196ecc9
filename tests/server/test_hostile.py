"""Runs that somebody else made: their words are text in what is answered, their files are data."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.server.conftest import make_runs
from tests.server.served import API, Page, Server, serving

BAD = '<img src=x onerror="alert(1)"><script>alert(2)</script> [x](javascript:alert(3)) \x1b[31m\u202e'


@pytest.fixture(scope="module")
def folio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store with a good run, and one whose every word is meant to do harm."""
    store = make_runs(tmp_path_factory.mktemp("hostile"), 2)
    bad, _ = sorted(store.glob("*/run.json"))
    told = json.loads(bad.read_bytes())
    told |= {"name": BAD, "notes": BAD, "tags": [BAD], "project": BAD, "note": BAD}
    told |= {"config": {BAD: BAD}, "git": {"branch": BAD}, "notebook": "../../../etc/passwd"}
    told.pop("crc32", None)
    bad.write_text(json.dumps(told), encoding="utf-8")
    return store


@pytest.fixture(scope="module")
def server(folio: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server over that store."""
    with serving(folio.parent, tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture
def bad(folio: Path) -> str:
    """Return the id of the bad run."""
    return min(folio.glob("*/run.json")).parent.name


def test_journal_and_entry_have_such_words_as_text(server: Server, bad: str) -> None:
    entry = server.get(f"stores/{server.store}/runs/{bad}/entry")
    journal = server.get(f"stores/{server.store}/journal")

    for page in (entry["facts"], entry["source"], journal["markdown"]):
        assert "<script" not in page
        assert "<img" not in page
        assert r"\[x\](javascript:" in page  # no link: its brackets are escaped
        assert "\x1b" not in page


def test_such_words_are_found_by_a_query_and_never_carried_out(server: Server, bad: str) -> None:
    answer = server.ask("GET", f"{API}stores/{server.store}/runs?query=name:zzz")

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.told["n"] == 0
    assert {row["id"] for row in server.get(f"stores/{server.store}/runs")["runs"]} >= {bad}


def test_a_card_of_such_a_run_is_shown(server: Server, bad: str) -> None:
    with Page(server) as page:
        view = page.open("card", runs=[bad])
        card = page.until(
            lambda told, _: told.get("view") == view and "card" in told["data"].get("state", {})
        )

    assert "\x1b" not in card["data"]["state"]["card"]["name"]


def test_a_run_full_of_what_is_no_file_is_passed_over(server: Server, folio: Path) -> None:
    strange = folio / "20260101T000000-abcdef"
    strange.mkdir()
    for name in ("run.json", "metrics.jsonl", "events.jsonl", "output.log"):
        os.mkfifo(strange / name)
    (strange / "edits").symlink_to("/")
    url = f"{API}stores/{server.store}/runs/{strange.name}"

    answers = [
        server.ask("GET", f"{url}/entry"),
        server.ask("POST", f"{url}/edits", {"verb": "note", "text": "x"}),
        server.ask("POST", f"{API}views", {"client": "b" * 32, "kind": "card",
                                           "store": server.store, "runs": [strange.name]}),
        server.ask("GET", f"{API}stores/{server.store}/journal"),
    ]  # fmt: skip

    assert all(answer.status < 500 for answer in answers), [answer.body for answer in answers]
    assert answers[1].status in (404, 409)
    assert answers[3].status == 200


@pytest.mark.parametrize("size", [0, 1, 40])
def test_a_manifest_that_was_cut_is_told_as_what_it_is(server: Server, folio: Path, size: int) -> None:  # fmt: skip
    whole = next(path for path in folio.glob("*/run.json") if path.is_file())
    cut = folio / f"20260102T0000{size:02}-abcdef"
    cut.mkdir()
    (cut / "run.json").write_bytes(whole.read_bytes()[:size])

    rows = server.get(f"stores/{server.store}/runs")["runs"]

    assert next(row for row in rows if row["id"] == cut.name)["problems"]
