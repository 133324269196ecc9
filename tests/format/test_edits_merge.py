"""What others say about a run: added, applied in order, merged from two machines by copying."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from runfolio.errors import CorruptRecord, UsageError
from runfolio.format.edits import read_edits, write_edit
from runfolio.format.manifest import read_record
from runfolio.testing import FixedClock

_places = itertools.count(1)


def edit_from(host: str, folder: Path, second: int, op: str, field: str, value: Any, **more: Any):
    """Write an edit as another machine would have, with its own time."""
    time = f"2026-11-23T04:25:{second:02d}.000000Z"
    name = f"20261123T0425{second:02d}.000000Z-{host}-7-{next(_places)}"
    body = {"id": name, "time": time, "by": "ann", "host": host, "op": op, "field": field,
            "value": value, "was": None, **more}  # fmt: skip
    (folder / "edits").mkdir(exist_ok=True)
    (folder / "edits" / f"{name}.json").write_bytes(orjson.dumps(body))
    return name


@pytest.fixture
def run(write_run: Callable[..., Path]) -> Path:
    return write_run(tags=["base"], notes="")


def test_an_edit_is_a_file_of_its_own_that_names_its_author(run: Path) -> None:
    edit = write_edit(run, "add", "tags", "good", clock=FixedClock(1_795_408_000_123))
    (path,) = (run / "edits").iterdir()
    assert path.stem == edit.id
    assert path.name.startswith("20261123T042640.123")
    assert set(orjson.loads(path.read_bytes())) == {
        "id", "time", "by", "host", "op", "field", "value", "was", "crc32"
    }  # fmt: skip


def test_edits_of_one_moment_keep_their_order(run: Path) -> None:
    clock = FixedClock()
    for n in range(1100):
        write_edit(run, "set", "name", f"n{n}", clock=clock)
    edits, problems = read_edits(run)
    assert [edit.value for edit in edits] == [f"n{n}" for n in range(1100)]
    assert problems == []
    assert read_record(run).name == "n1099"


def test_tags_of_two_machines_merge_one_by_one(run: Path) -> None:
    edit_from("a", run, 1, "add", "tags", "good")
    edit_from("b", run, 2, "add", "tags", "kept")
    edit_from("a", run, 3, "remove", "tags", "base")
    edit_from("b", run, 4, "add", "tags", "good")
    assert read_record(run).tags == ("good", "kept")


def test_the_order_of_the_files_does_not_matter(run: Path) -> None:
    edit_from("b", run, 9, "remove", "tags", "x")
    edit_from("a", run, 5, "add", "tags", "x")
    assert read_record(run).tags == ("base",)


def test_two_notes_from_the_same_text_are_kept_side_by_side(run: Path) -> None:
    edit_from("a", run, 1, "set", "notes", "from A", was="")
    edit_from("b", run, 2, "set", "notes", "from B", was="")
    assert read_record(run).notes == "from A\n\nfrom B"


def test_a_note_that_knew_the_other_replaces_it(run: Path) -> None:
    edit_from("a", run, 1, "set", "notes", "from A", was="")
    edit_from("b", run, 2, "set", "notes", "from A and B", was="from A")
    assert read_record(run).notes == "from A and B"


def test_an_edit_that_was_taken_in_is_not_applied_again(write_run: Callable[..., Path]) -> None:
    run = write_run()
    name = edit_from("a", run, 1, "add", "tags", "good")
    assert read_record(write_run(tags=[], applied=[name])).tags == ()


def test_a_copied_edit_counts_once(run: Path) -> None:
    name = edit_from("a", run, 1, "set", "notes", "once", was="other")
    body = (run / "edits" / f"{name}.json").read_bytes()
    (run / "edits" / "copy.json").write_bytes(body)
    assert read_record(run).notes == "once"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'"x"', b'{"id":1}', b'{"id":"a","time":"t","op":"drop","field":"x"}',
     b'{"id":"a","time":null,"op":"set","field":"name","value":"x"}', b"{" * 200],
)  # fmt: skip
def test_a_damaged_edit_is_named_and_the_others_count(run: Path, body: bytes) -> None:
    edit_from("a", run, 1, "add", "tags", "good")
    (run / "edits" / "bad.json").write_bytes(body)
    record = read_record(run)
    assert record.tags == ("base", "good")
    assert "bad" in record.problems[0]


@pytest.mark.parametrize("value", [None, 7, ["a"], {"a": 1}, True])
def test_a_value_that_is_no_text_changes_nothing(run: Path, value: object) -> None:
    edit_from("a", run, 1, "set", "name", value)
    edit_from("a", run, 2, "add", "tags", value)
    record = read_record(run)
    assert (record.name, record.tags) == ("first", ("base",))


@pytest.mark.parametrize(("op", "field"), [("drop", "tags"), ("set", "status"), ("add", "name")])
def test_an_edit_that_makes_no_sense_is_refused(run: Path, op: str, field: str) -> None:
    with pytest.raises(UsageError, match=op):
        write_edit(run, op, field, "x")
    assert not (run / "edits").exists()


def test_an_edit_is_not_written_through_a_link(run: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (run / "edits").symlink_to(tmp_path / "outside")
    with pytest.raises(CorruptRecord, match="is a link"):
        write_edit(run, "add", "tags", "x")
    assert list((tmp_path / "outside").iterdir()) == []
    assert "is a link" in read_record(run).problems[0]


def test_links_and_pipes_among_the_edits_are_not_followed(run: Path, tmp_path: Path) -> None:
    name = edit_from("a", run, 1, "set", "name", "outside")
    (run / "edits" / f"{name}.json").rename(tmp_path / "edit.json")
    (run / "edits" / "link.json").symlink_to(tmp_path / "edit.json")
    record = read_record(run)
    assert record.name == "first"
    assert "link" in record.problems[0]
