"""With an index and without one a store gives the same answer, whatever lies in it."""

from __future__ import annotations

import dataclasses
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store.conftest import Maker

from runfolio.format.edits import write_edit
from runfolio.model.run import RunRecord
from runfolio.query.filter import parse
from runfolio.query.table import runs_table
from runfolio.store.index import Index
from runfolio.store.store import Store

GOLDEN = Path(__file__).parents[1] / "golden"
FULL = os.environ.get("RUNFOLIO_FAULTS") == "full"
METRICS = {
    "val/acc": {"n": 3, "last": 0.9, "max": 0.95, "goal": "maximize", "rule": "max"},
    "loss": {"n": 2, "last": "NaN", "min": 1, "mean": 1.5, "nonfinite": 1, "unit": "bits"},
    "lr": {"n": 1, "last": None, "hidden": True, "step_metric": "epoch"},
}


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """The folder of the indexes; what is made in a test is cool when it is read."""
    return tmp_path / "cache"


def cooled() -> None:
    time.sleep(0.03)


def indexed(folio: Path, cache: Path) -> list[RunRecord]:
    """Return what a process that has read nothing yet is told with an index."""
    return Store(folio, index=Index(folio, cache)).records()


def without(folio: Path) -> list[RunRecord]:
    return Store(folio, index=Index(folio, None)).records()


def whole(records: list[RunRecord]) -> list[tuple[object, ...]]:
    """Return every field of every record, numbers with their types, NaN as a word."""
    fields = [field.name for field in dataclasses.fields(RunRecord)]
    return [tuple(repr(getattr(record, name)) for name in fields) for record in records]


def rows(folio: Path, cache: Path) -> set[str]:
    return set(Index(folio, cache).load())


def test_every_golden_run_is_told_alike(tmp_path: Path, cache: Path) -> None:
    folio = tmp_path / "folio"
    for n, made in enumerate(sorted(GOLDEN.glob("*/*/run.json"))):
        shutil.copytree(made.parent, folio / f"golden-{n}")
    cooled()
    expected = whole(without(folio))
    assert whole(indexed(folio, cache)) == expected
    assert rows(folio, cache)
    assert whole(indexed(folio, cache)) == expected


@pytest.mark.parametrize("status", [
    "finished", "failed", "interrupted", "stopped", "pruned", "running", "crashed", "odd",
])  # fmt: skip
def test_every_status_is_told_alike(folio: Path, make_run: Maker, cache: Path, status: str) -> None:
    make_run("a", status=status, exit_code=1, signal="SIGTERM", reason="why", metrics=METRICS)
    cooled()
    indexed(folio, cache)
    assert whole(indexed(folio, cache)) == whole(without(folio))


def test_what_may_still_change_is_not_indexed(folio: Path, make_run: Maker, cache: Path) -> None:
    ended = make_run("a")
    for status in ("running", "crashed"):
        make_run(status, status=status)
    cooled()
    indexed(folio, cache)
    assert rows(folio, cache) == {ended.name}


def test_what_was_written_a_moment_ago_is_not_indexed(
    folio: Path, make_run: Maker, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = make_run("a") / "run.json"
    lasting = Store(folio, index=Index(folio, cache))
    with monkeypatch.context() as still:
        still.setattr(time, "time_ns", lambda: manifest.stat().st_ctime_ns + 1)
        lasting.records()
    assert rows(folio, cache) == set()
    cooled()
    lasting.records()
    assert rows(folio, cache) == {manifest.parent.name}


def _broken(folio: Path) -> None:
    (folio / "no-json").mkdir()
    (folio / "no-json" / "run.json").write_bytes(b"{")
    (folio / "nothing").mkdir()
    (folio / "a name").mkdir()
    (folio / "link").symlink_to("/")
    (folio / "wrong").mkdir()
    (folio / "wrong" / "run.json").write_bytes(
        b'{"id":[1],"status":"finished","tags":{},"config":"x","metrics":{"a":1,"":{"n":"x"}},'
        b'"name":"\\u001b[31m","exit_code":true,"created_at":"yesterday","duration_s":1e300}'
    )


def test_broken_and_hostile_directories_are_told_alike(
    folio: Path, make_run: Maker, cache: Path
) -> None:
    make_run("good", config={"a.b": 1, "": None, "n": {'é\n"': [1, -0.0, 2**63]}})
    make_run("0", created_at=None)
    make_run("1", created_at="0001-01-01T00:00:00Z")
    _broken(folio)
    cooled()
    indexed(folio, cache)
    assert whole(indexed(folio, cache)) == whole(without(folio))
    assert "wrong" in rows(folio, cache)


def test_edits_and_ranks_are_told_alike(tmp_path: Path, cache: Path) -> None:
    folio = tmp_path / "folio"
    shutil.copytree(GOLDEN / "ranks" / "ddp", folio / "ddp")
    write_edit(folio / "ddp", "add", "tags", "new")
    cooled()
    indexed(folio, cache)
    write_edit(folio / "ddp", "set", "name", "later")
    assert whole(indexed(folio, cache)) == whole(without(folio))
    assert indexed(folio, cache)[0].name == "later"


@pytest.mark.parametrize("query", [
    "", "lr<0.5", "model.depth=2", "model.depth:missing", "sort:-val/acc limit:2", "sort:loss",
    "val/acc.n>2", "metrics.lr:missing", "branch:main", "summary.best=3", "a tag:x or lr=1",
])  # fmt: skip
def test_a_query_selects_the_same_runs(
    folio: Path, make_run: Maker, cache: Path, query: str
) -> None:
    for n in range(4):
        make_run(f"a{n}", config={"lr": n / 4, **({"model": {"depth": n}} if n else {})},
                 metrics=METRICS | {"val/acc": {"n": n, "last": n}}, summary={"best": n},
                 git={"branch": "main" if n % 2 else 3}, tags=["x"] * (n == 3))  # fmt: skip
    cooled()
    indexed(folio, cache)
    found = parse(query).select(indexed(folio, cache))
    expected = parse(query).select(without(folio))
    assert [record.id for record in found] == [record.id for record in expected]
    # NaN is no equal of itself, so as text.
    assert repr(runs_table(found).columns) == repr(runs_table(expected).columns)
    assert [repr(r.cells) for r in runs_table(found).rows] == [
        repr(r.cells) for r in runs_table(expected).rows
    ]


def test_an_indexed_record_is_an_ordinary_one(folio: Path, make_run: Maker, cache: Path) -> None:
    make_run("a", config={"lr": 1}, metrics={"loss": {"n": 1, "last": 0.5}})
    cooled()
    [read] = indexed(folio, cache)
    [record], [other] = indexed(folio, cache), indexed(folio, cache)
    assert record == read
    assert read == other
    assert repr(record) == repr(read)
    assert dataclasses.replace(record, name="b") == dataclasses.replace(read, name="b")
    assert not hasattr(record, "nonsense")
    assert record.figure_of("loss") == read.figure_of("loss") == 0.5
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.name = "c"  # type: ignore[misc]


def test_the_same_date_and_size_with_other_content_is_seen(
    folio: Path, make_run: Maker, cache: Path
) -> None:
    manifest = make_run("a") / "run.json"
    cooled()
    indexed(folio, cache)
    before = manifest.stat()
    manifest.write_bytes(manifest.read_bytes().replace(b'"a"', b'"b"'))
    os.utime(manifest, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert manifest.stat().st_size == before.st_size
    assert [record.name for record in indexed(folio, cache)] == ["b"]


def test_two_stores_have_an_index_each_and_a_link_leads_to_the_same(
    tmp_path: Path, folio: Path, make_run: Maker, cache: Path
) -> None:
    make_run("a")
    shutil.copytree(folio, tmp_path / "other")
    (tmp_path / "link").symlink_to(folio)
    files = {Index(path, cache).file for path in (folio, tmp_path / "other", tmp_path / "link")}
    assert len(files) == 2


def test_a_store_that_was_moved_is_told_from_its_new_place(
    tmp_path: Path, folio: Path, make_run: Maker, cache: Path
) -> None:
    make_run("a")
    cooled()
    indexed(folio, cache)
    folio.rename(tmp_path / "moved")
    assert indexed(folio, cache) == []
    indexed(tmp_path / "moved", cache)
    [record] = indexed(tmp_path / "moved", cache)
    assert record.path == tmp_path / "moved" / record.id


def _add(folio: Path, n: int) -> None:
    folder = folio / f"run-{n}"
    if not folder.exists():
        shutil.copytree(GOLDEN / "finished" / "20261122T213045-000001", folder)


def _swap(folio: Path, n: int) -> None:
    manifest = folio / f"run-{n}" / "run.json"
    if manifest.exists():
        seen, content = manifest.stat(), manifest.read_bytes()
        swap = (b"baseline", b"otherone") if b"baseline" in content else (b"otherone", b"baseline")
        manifest.write_bytes(content.replace(*swap))
        os.utime(manifest, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def _edit(folio: Path, n: int) -> None:
    if (folio / f"run-{n}").exists():
        write_edit(folio / f"run-{n}", "add", "tags", f"t{time.monotonic_ns()}")


def _vanish(folio: Path, n: int) -> None:
    shutil.rmtree(folio / f"run-{n}", ignore_errors=True)


def _away(folio: Path, n: int) -> None:
    if (folio / f"run-{n}").exists():
        Store(folio).trash(f"run-{n}", force=True)


def _back(folio: Path, n: int) -> None:
    away = any(record.id == f"run-{n}" for record in Store(folio).trashed())
    if away and not (folio / f"run-{n}").exists():
        Store(folio).restore(f"run-{n}")


def _resume(folio: Path, n: int) -> None:
    manifest = folio / f"run-{n}" / "run.json"
    if manifest.exists():
        manifest.write_bytes(manifest.read_bytes().replace(b'"finished"', b'"running"'))


def _halve(folio: Path, n: int) -> None:
    manifest = folio / f"run-{n}" / "run.json"
    if manifest.exists():
        content = manifest.read_bytes()
        manifest.write_bytes(content[: len(content) // 2])


def _outdate(folio: Path, n: int) -> None:
    manifest = folio / f"run-{n}" / "run.json"
    if manifest.exists():
        content = manifest.read_bytes()
        manifest.write_bytes(content.replace(b'"format": 1', b'"format": 999'))


def _empty(folio: Path, n: int) -> None:
    (folio / f"run-{n}" / "run.json").unlink(missing_ok=True)


def _change_places(folio: Path, n: int) -> None:
    here, there = folio / f"run-{n}", folio / f"run-{(n + 1) % 4}"
    if here.exists():
        here.rename(folio / ".between")
        if there.exists():
            there.rename(here)
        (folio / ".between").rename(there)


def _link(folio: Path, n: int) -> None:
    if not (folio / f"run-{n}").exists():
        (folio / f"link-{n}").unlink(missing_ok=True)
        (folio / f"link-{n}").symlink_to(folio / f"run-{(n + 1) % 4}")


CHANGES: tuple[Callable[[Path, int], None], ...] = (
    _add, _add, _swap, _edit, _vanish, _away, _back, _resume, _halve, _outdate, _empty,
    _change_places, _link,
)  # fmt: skip


@settings(max_examples=500 if FULL else 25,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(0, 3)), max_size=8))
def test_after_any_changes_the_answers_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[Callable[[Path, int], None], int]]
) -> None:
    room = tmp_path_factory.mktemp("any")
    folio, cache = room / "folio", room / "cache"
    folio.mkdir()
    lasting = Store(folio, index=Index(folio, cache))  # a notebook that stays open
    for change, n in changes:
        change(folio, n)
        cooled()
        expected = whole(without(folio))
        assert whole(lasting.records()) == expected
        assert whole(indexed(folio, cache)) == expected
