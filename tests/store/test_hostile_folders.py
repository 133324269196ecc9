"""Folders that somebody else made: nothing is followed, everything else is still listed."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from tests.store.conftest import Maker

from runfolio.errors import RunNotFound
from runfolio.query.runs import Runs
from runfolio.store.store import Store


def others(folio: Path, name: str) -> list[str]:
    """Return the problems of the entry of that name; the run beside it must still be listed."""
    records = {record.path.name: record for record in Store(folio).records()}
    assert records.pop("good").problems == ()
    return list(records[name].problems) if name in records else []


@pytest.fixture
def good(folio: Path, make_run: Maker) -> Path:
    make_run("good", "good")
    return folio


def test_a_link_is_listed_and_not_followed(good: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "run.json").write_text("{}")
    (good / "linked").symlink_to(outside)
    (good / "loop").symlink_to(good)

    assert "link, skipped" in others(good, "linked")[0]
    assert "link, skipped" in others(good, "loop")[0]
    for read in (Store(good).record, Store(good).reader, Store(good).trash):
        with pytest.raises(RunNotFound, match="link"):
            read("linked")


@pytest.mark.parametrize(
    "name", ["CON", "con.txt", "a:b", "a\\b", "dot.", "space ", "new\nline", "x" * 129, "-x", "é"]
)
def test_a_name_that_cannot_be_an_id_is_listed_as_no_run(good: Path, name: str) -> None:
    (good / name).mkdir()
    assert others(good, name) == ["not a run: its name cannot be a run's id"]


def test_a_name_that_is_no_text_is_shown_as_escapes(good: Path) -> None:
    (good / os.fsdecode(b"bad\xff")).mkdir()
    names = [record.name for record in Store(good).records()]
    assert "bad\\udcff" in names
    assert all(name.encode("utf-8") for name in names)
    found = Runs(Store(good))
    assert found.frame()["path"].str.endswith("bad\\udcff").sum() == 1
    assert found.frame("arrow").num_rows == len(found.sql("select * from runs")) == len(found)


def test_hidden_folders_and_plain_files_are_no_runs(good: Path) -> None:
    (good / ".blobs").mkdir()
    (good / "README").write_text("")
    assert len(Store(good).records()) == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"null", b"{", b"\xff\xfe{}", b'{"id": "\\ud800"}', b"[" * 100_000,
     b'{"id": ["x"], "tags": {}, "config": "x", "metrics": 3, "status": 7, "duration_s": 1e308}',
     b'{"format": 999}', b'{"created_at": "-0001-01-01T00:00:00Z", "config": {"a": 1e999}}'],
)  # fmt: skip
def test_a_manifest_of_nonsense_is_listed_with_its_problems(good: Path, content: bytes) -> None:
    (good / "bad").mkdir()
    (good / "bad" / "run.json").write_bytes(content)
    assert others(good, "bad")


def test_a_huge_manifest_is_refused_unread(good: Path) -> None:
    (good / "bad").mkdir()
    with (good / "bad" / "run.json").open("wb") as file:
        file.truncate(2 * 1024**3)
    assert "at most" in others(good, "bad")[0]


def test_a_folder_without_manifest_is_listed(good: Path) -> None:
    (good / "bad").mkdir()
    assert "run.json" in others(good, "bad")[0]


def test_pipes_sockets_and_links_in_a_run_do_not_hold_the_reader(good: Path) -> None:
    (good / "bad").mkdir()
    os.mkfifo(good / "bad" / "run.json")
    os.mkfifo(good / "bad" / "metrics.jsonl")
    (good / "bad" / "events.jsonl").symlink_to("/etc/passwd")
    with socket.socket(socket.AF_UNIX) as server:
        monkey = good / "bad" / "metrics.p2.jsonl"
        server.bind(os.path.relpath(monkey))

    assert "not a regular file" in others(good, "bad")[0]
    reader = Store(good).reader("bad")
    assert reader.series() == {}
    assert reader.events() == []


def test_a_folder_that_names_another_run_counts_under_its_own_name(good: Path) -> None:
    (good / "good" / "run.json").rename(good / "kept.json")
    (good / "twin").mkdir()
    (good / "kept.json").rename(good / "twin" / "run.json")
    records = {record.id: record for record in Store(good).records()}
    assert "'good'" in records["twin"].problems[0]
