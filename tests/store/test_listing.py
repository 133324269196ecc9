"""What a store lists, in which order, and what it reads again."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from tests.store.conftest import Maker

from runfolio.errors import RunNotFound, StoreUnusable, UsageError
from runfolio.format.edits import write_edit
from runfolio.model.run import Status
from runfolio.record import api
from runfolio.store.store import Store


def test_runs_are_listed_newest_first(folio: Path, make_run: Maker) -> None:
    paths = [make_run(name) for name in "abc"]
    records = Store(folio).records()
    assert [record.name for record in records] == ["c", "b", "a"]
    assert [record.path for record in records] == paths[::-1]


def test_a_store_that_does_not_exist_has_no_runs_and_a_hint(folio: Path) -> None:
    store = Store.default()
    assert store.path == folio
    assert store.records() == []
    assert store.trashed() == []
    assert "does not exist" in store.hint()
    assert "RUNFOLIO_DIR" in store.hint()
    assert not folio.exists()


def test_a_store_with_runs_needs_no_hint(folio: Path, make_run: Maker) -> None:
    make_run()
    assert Store(folio).hint() == ""


def test_a_store_that_is_a_file_cannot_be_used(folio: Path) -> None:
    folio.write_text("")
    with pytest.raises(StoreUnusable, match="RUNFOLIO_DIR"):
        Store(folio).records()


def test_reading_leaves_no_trace(folio: Path, make_run: Maker) -> None:
    make_run()
    before = sorted(str(path) for path in folio.rglob("*"))
    store = Store(folio)
    store.records()
    store.reader(store.records()[0].id).series()
    assert sorted(str(path) for path in folio.rglob("*")) == before


def test_a_second_look_reads_only_what_changed(folio: Path, make_run: Maker) -> None:
    make_run("a")
    changed = make_run("b")
    time.sleep(0.03)  # what was written a moment ago is read again
    store = Store(folio)
    first = store.records()

    write_edit(changed, "set", "name", "c")
    second = store.records()

    assert [record.name for record in second] == ["c", "a"]
    assert second[1] is first[1]


def test_a_manifest_put_back_with_its_old_date_is_read_again(folio: Path, make_run: Maker) -> None:
    manifest = make_run("a") / "run.json"
    store = Store(folio)
    store.records()
    before = manifest.stat()

    manifest.write_bytes(manifest.read_bytes().replace(b'"a"', b'"b"'))
    os.utime(manifest, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert [record.name for record in store.records()] == ["b"]


def test_a_removed_run_is_forgotten(folio: Path, make_run: Maker) -> None:
    path = make_run()
    store = Store(folio)
    store.records()
    path.rename(folio.parent / "elsewhere")
    assert store.records() == []


def test_a_running_run_is_looked_at_each_time(folio: Path) -> None:
    store = Store(folio)
    with api.init(name="a") as run:
        assert store.records()[0].status is Status.RUNNING
        run.tags = ["late"]
        assert store.record(run.id).status is Status.RUNNING
    assert store.records()[0].status is Status.FINISHED
    assert store.records()[0].tags == ("late",)


def test_one_run_is_found_by_its_whole_id(folio: Path, make_run: Maker) -> None:
    path = make_run("a")
    assert Store(folio).record(path.name).name == "a"
    with pytest.raises(RunNotFound, match=f'Did you mean "{path.name}"'):
        Store(folio).record(path.name[:-1])
    with pytest.raises(RunNotFound, match="is not there"):
        Store(folio).reader("nothing")


@pytest.mark.parametrize("run_id", ["", ".", "..", "../x", "a/b", "CON", "a:b", "x" * 129])
def test_what_cannot_be_an_id_is_refused(folio: Path, run_id: str) -> None:
    with pytest.raises(UsageError, match="cannot be a run's id"):
        Store(folio).record(run_id)
    with pytest.raises(UsageError, match="cannot be a run's id"):
        Store(folio).trash(run_id)
    with pytest.raises(UsageError, match="cannot be a run's id"):
        Store(folio).restore(run_id)
