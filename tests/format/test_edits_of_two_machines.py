"""Edits that several machines made are merged by copying files, in any order and any number of times.

What comes out is the same for all: merging is commutative, associative and idempotent, before the
program took some of them in and after.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from hypothesis import example, given, settings
from hypothesis import strategies as st

from runfolio.format.codec import with_crc
from runfolio.format.disk import Disk
from runfolio.format.edits import read_edits
from runfolio.format.manifest import read_record, write_manifest
from runfolio.logbook.entry import FIELDS
from runfolio.logbook.words import read_words

WORD = st.sampled_from(["good", "bad", "Größe", "two\nlines", ""])
EDIT = st.one_of(
    st.tuples(st.sampled_from(["add", "remove"]), st.just("tags"), WORD, st.none()),
    st.tuples(st.just("set"), st.just("name"), WORD, WORD),
    st.tuples(st.just("set"), st.just("notes"), WORD, WORD),
    st.tuples(st.just("words"), st.sampled_from(FIELDS), WORD, WORD),
    st.tuples(st.just("stop"), st.just(""), st.none(), st.none()),
)
MACHINE = st.lists(st.tuples(st.integers(0, 9), EDIT), max_size=5)
Said = Sequence[tuple[int, tuple[str, str, Any, Any]]]


def machine(folder: Path, host: str, said: Said) -> Path:
    """Make a copy of the run on which somebody of this machine said something."""
    (folder / "edits").mkdir(parents=True)
    write_manifest(folder, {"format": 1, "id": "run", "name": "first", "status": "finished",
                            "tags": ["base"], "notes": ""}, Disk())  # fmt: skip
    for n, (second, (op, field, value, was)) in enumerate(said):
        name = f"20261123T0425{second:02d}.000000Z-{host}-7-{n}"
        time = f"2026-11-23T04:25:{second:02d}.000000Z"
        body = {"id": name, "time": time, "by": "ann", "host": host, "op": op, "field": field,
                "value": value, "was": was}  # fmt: skip
        (folder / "edits" / f"{name}.json").write_bytes(with_crc(body))
    return folder


def merged(target: Path, *sources: Path) -> Path:
    """Copy the edits of the sources, one after the other, beside those of the target."""
    for source in sources:
        shutil.copytree(source / "edits", target / "edits", dirs_exist_ok=True)
    return target


def what_is_said(folder: Path) -> dict[str, Any]:
    """Return all that edits can change."""
    record, (edits, problems) = read_record(folder), read_edits(folder)
    return {"tags": set(record.tags), "name": record.name, "notes": record.notes,
            "words": read_words(folder), "stop": any(edit.op == "stop" for edit in edits),
            "edits": [edit.id for edit in edits], "problems": [*record.problems, *problems]}  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(MACHINE, min_size=3, max_size=3))
def test_merging_edits_is_commutative_associative_and_idempotent(said: list[Said]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        places = itertools.count()

        def fresh(which: int) -> Path:
            return machine(Path(folder) / str(next(places)) / "run", "abc"[which], said[which])

        one = what_is_said(merged(fresh(0), fresh(1), fresh(2)))
        assert what_is_said(merged(fresh(2), fresh(0), fresh(1))) == one
        assert what_is_said(merged(fresh(0), merged(fresh(1), fresh(2)))) == one
        assert what_is_said(merged(fresh(1), merged(fresh(0), fresh(2)), fresh(0))) == one
        assert one["problems"] == []


def taken_in(folder: Path) -> Path:
    """Write the manifest as a program does that has seen the edits so far."""
    record, (edits, _) = read_record(folder), read_edits(folder)
    body = orjson.loads((folder / "run.json").read_bytes())
    body |= {"tags": list(record.tags), "name": record.name, "notes": record.notes,
             "applied": [edit.id for edit in edits]}  # fmt: skip
    write_manifest(folder, body, Disk())
    return folder


@settings(max_examples=40, deadline=None)
@given(st.lists(MACHINE, min_size=2, max_size=2))
@example([[(0, ("set", "name", "", "good"))], []])
@example([[(5, ("set", "name", "good", None))], [(1, ("set", "name", "bad", None))]])
@example([[(5, ("remove", "tags", "good", None))], [(1, ("add", "tags", "good", None))]])
def test_an_edit_that_arrives_late_does_not_overrule_what_was_said_after_it(
    said: list[Said],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first = machine(Path(folder) / "1" / "run", "a", said[0])
        other = machine(Path(folder) / "2" / "run", "b", said[1])
        together = machine(Path(folder) / "3" / "run", "a", said[0])
        wanted = what_is_said(merged(together, other))
        found = what_is_said(merged(taken_in(first), other))
        for key in ("tags", "name", "words", "stop", "edits"):
            assert found[key] == wanted[key], key
        # Both texts are kept; which stands first depends on which was known first.
        assert set(found["notes"].split("\n\n")) >= set(wanted["notes"].split("\n\n"))
