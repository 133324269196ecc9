"""What can be written through a server: edit files of runs, and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.server.served import API, Page, Server

from runfolio.format.edits import read_edits
from runfolio.logbook.words import read_words


def tree(folder: Path) -> dict[str, str]:
    """Return every path below a folder, with a hash of what it holds."""
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        )
        for path in sorted(folder.rglob("*"))
        if not path.is_symlink()
    }


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """Return what is new, gone or otherwise."""
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


@pytest.fixture
def edit(server: Server) -> Callable[..., dict[str, object]]:
    """Return what adds an edit to a run."""

    def add(run: str, verb: str, text: str = "", **more: str) -> dict[str, object]:
        found: dict[str, object] = server.post(
            f"stores/{server.store}/runs/{run}/edits", verb=verb, text=text, **more
        )
        return found

    return add


def test_each_verb_adds_edit_files_only(
    server: Server, edit: Callable[..., dict[str, object]], root: Path, runs: list[str]
) -> None:
    before = tree(root)

    edit(runs[0], "note", "learns slowly")
    edit(runs[0], "tag", "slow, but sure")
    edit(runs[0], "untag", "all")
    told = edit(runs[0], "rename", "tortoise")
    edit(runs[0], "words", "It is patient.", field="Why")

    assert told == {"name": "tortoise", "tags": ["slow, but sure"], "notes": "learns slowly"}
    new = changed(before, tree(root))
    prefix = f"digits/folio/{runs[0]}/edits"
    assert {path for path in new if not path.startswith(f"{prefix}/")} == {prefix}
    assert not any(path in before for path in new)


def test_looking_writes_nothing(server: Server, page: Page, root: Path, runs: list[str]) -> None:
    before = tree(root)
    store = server.store

    for path in ("runs", "journal", f"runs/{runs[1]}/entry"):
        server.get(f"stores/{store}/{path}")
    for kind in ("table", "runs", "compare", "media"):
        view = page.open(kind)
        page.ask(view, "facts", query="")
    card = page.open("card", runs=runs[1:2])
    page.say(card, kind="ready")
    page.until(lambda told, buffers: told.get("view") == card and len(buffers) == 3)

    assert changed(before, tree(root)) == set()


def test_a_table_saves_no_view_into_the_store(server: Server, page: Page, root: Path) -> None:
    view = page.open("table")
    before = tree(root)

    told = page.ask(view, "save view", name="mine", view={"columns": []})
    page.ask(view, "remove view", name="mine")

    assert "notebook" in told["error"]["message"]
    assert changed(before, tree(root)) == set()


def test_words_of_a_journal_cell_flow_back(server: Server, folio: Path, runs: list[str]) -> None:
    url = f"stores/{server.store}/runs/{runs[1]}"
    source = server.get(f"{url}/entry")["source"]
    written = source.replace("**What happened**", "**What happened**\n\nIt diverged.")

    first = server.post(f"{url}/edits", verb="words", text=written)
    again = server.post(f"{url}/edits", verb="words", text=written)

    assert (first["taken"], again["taken"]) == (["What happened"], [])
    assert read_words(folio / runs[1]).happened == "It diverged."
    assert "It diverged." in server.get(f"{url}/entry")["words"]


def test_a_cell_keeps_what_was_written_and_gets_the_facts_of_now(
    server: Server, edit: Callable[..., dict[str, object]], runs: list[str]
) -> None:
    url = f"stores/{server.store}/runs/{runs[2]}/entry"
    written = server.get(url)["source"].replace("**Why**", "**Why**\n\nNobody knows.")
    edit(runs[2], "words", written)
    edit(runs[2], "rename", "riddle")

    told = server.post(url, source=written)

    assert "Nobody knows." in told["source"]
    assert "riddle" in told["source"]
    assert told["has_words"] is True


@pytest.mark.parametrize(
    ("verb", "text", "more"),
    [
        ("note", "  ", {}),
        ("tag", "", {}),
        ("tag", "x" * 201, {}),
        ("rename", " ", {}),
        ("words", "x", {"field": "Whatever"}),
        ("stop", "", {}),  # it has ended
        ("rm", "", {}),
        ("__class__", "", {}),
        ("note", "x" * 100_001, {}),
    ],
)
def test_what_a_verb_does_not_take_is_refused_and_nothing_is_written(
    server: Server, root: Path, runs: list[str], verb: str, text: str, more: dict[str, str]
) -> None:
    before = tree(root)
    url = f"{API}stores/{server.store}/runs/{runs[0]}/edits"

    answer = server.ask("POST", url, {"verb": verb, "text": text, **more})

    assert (answer.status, set(answer.told)) == (400, {"message"})
    assert changed(before, tree(root)) == set()


def test_a_secret_in_a_note_is_redacted_as_everywhere(
    edit: Callable[..., dict[str, object]], folio: Path, runs: list[str]
) -> None:
    key = "AKIA" + "IOSFODNN7EXAMPLZ"

    edit(runs[0], "note", f"run with {key}")

    edits, _ = read_edits(folio / runs[0])
    assert key not in str(edits)


def test_nothing_is_written_through_a_link(server: Server, folio: Path, runs: list[str], tmp_path: Path) -> None:  # fmt: skip
    (folio / "20260101T000000-aaaaaa").symlink_to(tmp_path)
    linked = folio / runs[1] / "edits"
    if linked.exists():
        linked.rename(tmp_path / "edits-of-before")
    linked.symlink_to(tmp_path)
    before = sorted(tmp_path.iterdir())

    answers = [
        server.ask("POST", f"{API}stores/{server.store}/runs/{run}/edits", {"verb": "tag", "text": "x"})
        for run in ("20260101T000000-aaaaaa", runs[1])
    ]  # fmt: skip

    assert [answer.status for answer in answers] == [404, 409]
    assert sorted(tmp_path.iterdir()) == before
