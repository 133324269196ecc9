"""Moving runs to the trash and back, also where links are planted."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from tests.store.conftest import Maker

from runfolio.errors import RunNotFound, StoreError, UsageError
from runfolio.record import api
from runfolio.store import trash
from runfolio.store.store import Store


def test_a_run_goes_to_the_trash_and_comes_back_unchanged(folio: Path, make_run: Maker) -> None:
    path = make_run("a")
    store = Store(folio)

    where = store.trash(path.name)
    assert where == folio / ".trash" / path.name
    assert (store.records(), [r.name for r in store.trashed()]) == ([], ["a"])

    assert store.restore(path.name) == path
    assert [record.name for record in store.records()] == ["a"]
    assert store.trashed() == []


def test_runs_of_one_id_lie_in_the_trash_side_by_side(folio: Path, make_run: Maker) -> None:
    store = Store(folio)
    for name in ("first", "second", "third"):
        make_run(name, "same")
        store.trash("same")
    assert [record.name for record in store.trashed()] == ["third"]

    store.restore("same")
    assert store.record("same").name == "third"
    with pytest.raises(UsageError, match="already"):
        store.restore("same")
    assert [record.name for record in store.trashed()] == ["second"]


def test_what_is_not_there_cannot_be_moved(folio: Path, make_run: Maker) -> None:
    make_run("a")
    with pytest.raises(RunNotFound):
        Store(folio).trash("other")
    with pytest.raises(RunNotFound, match="not in the trash"):
        Store(folio).restore("other")
    with pytest.raises(RunNotFound):
        Store(folio / "nowhere").restore("other")


def test_a_run_that_is_being_written_moves_only_by_force(folio: Path) -> None:
    run = api.init(name="a")
    store = Store(folio)
    with pytest.raises(UsageError, match="still running"):
        store.trash(run.id)
    assert run.path.exists()
    run.finish(quiet=True)

    assert store.trash(run.id).exists()


def test_force_moves_a_run_that_may_still_be_written(folio: Path, make_run: Maker) -> None:
    path = make_run("a", status="running", host="elsewhere", pid=1)
    with pytest.raises(UsageError, match="still silent"):
        Store(folio).trash(path.name)
    assert Store(folio).trash(path.name, force=True).exists()


def test_nothing_is_moved_through_a_linked_trash(
    folio: Path, make_run: Maker, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    (outside / "run").mkdir(parents=True)
    path = make_run("a")
    (folio / ".trash").symlink_to(outside)

    with pytest.raises(StoreError, match="link"):
        Store(folio).trash(path.name)
    with pytest.raises(RunNotFound):
        Store(folio).restore("run")
    assert Store(folio).trashed() == []
    assert path.exists()
    assert [entry.name for entry in outside.iterdir()] == ["run"]


def test_a_link_in_the_trash_is_not_brought_back(
    folio: Path, make_run: Maker, tmp_path: Path
) -> None:
    Store(folio).trash(make_run("a").name)
    (folio / ".trash" / "linked").symlink_to(tmp_path)
    with pytest.raises(RunNotFound):
        Store(folio).restore("linked")


def test_a_folder_swapped_for_a_link_never_leads_outside(
    folio: Path, make_run: Maker, tmp_path: Path
) -> None:
    canary = tmp_path / "outside" / "canary"
    canary.parent.mkdir()
    canary.write_text("here")
    path = make_run("a", "run")
    aside = folio / "aside"
    done = threading.Event()

    def swap() -> None:
        while not done.is_set():
            try:
                path.rename(aside)
                path.symlink_to(canary.parent)
                path.unlink()
                aside.rename(path)
            except OSError:
                continue

    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        for _ in range(300):
            try:
                trash.put(folio, "run")
                trash.take_back(folio, "run")
            except (StoreError, UsageError, OSError):
                continue
    finally:
        done.set()
        swapping.join()
    assert canary.read_text() == "here"
    assert [entry.name for entry in canary.parent.iterdir()] == ["canary"]
