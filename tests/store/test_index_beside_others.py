"""An index that is written late, by several, or for nobody; and what is said of it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.store.conftest import Maker

from runfolio import settings
from runfolio.format.edits import write_edit
from runfolio.format.manifest import read_record
from runfolio.model.run import RunRecord
from runfolio.query.runs import Runs
from runfolio.store import index as indexes
from runfolio.store import listing
from runfolio.store.index import FORGOTTEN_S, Index
from runfolio.store.store import Store
from runfolio.verbs import surroundings

LOSS = {"loss": {"n": 1, "last": 0.5}}


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """The folder of the indexes."""
    return tmp_path / "cache"


@pytest.fixture
def three(folio: Path, make_run: Maker) -> Path:
    """A store of three runs that may be indexed."""
    for name in "abc":
        make_run(name, config={"lr": 0.1}, metrics=LOSS)
    time.sleep(0.03)
    return folio


def told(folio: Path, cache: Path | None) -> list[tuple[str, object, object]]:
    """Return what a process that has read nothing yet is told."""
    records = Store(folio, index=Index(folio, cache)).records()
    return [(record.name, dict(record.config), record.figure_of("loss")) for record in records]


LATE = """
import sys, threading
from pathlib import Path
from runfolio.store import listing
from runfolio.store.index import Index
from runfolio.store.store import Store
folio, cache = map(Path, sys.argv[1:3])
listing.MANY, listing._ANSWERED_S = 1, 60.0
print(len(Store(folio, index=Index(folio, cache)).records()), flush=True)
print(sum(t.name == "runfolio-index" for t in threading.enumerate()), flush=True)
sys.stdin.read() if len(sys.argv) > 3 else None
"""


def _late(folio: Path, cache: Path, *more: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", LATE, str(folio), str(cache), *more]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_process_that_ends_writes_what_it_put_off(three: Path, cache: Path) -> None:
    start = time.monotonic()
    assert _late(three, cache).communicate()[0].split() == ["3", "1"]
    assert time.monotonic() - start < 50  # it does not wait for the minute
    assert len(Index(three, cache).load()) == 3


def test_a_process_killed_before_it_wrote_leaves_no_index(three: Path, cache: Path) -> None:
    with _late(three, cache, "stay") as child:
        assert child.stdout is not None
        assert [child.stdout.readline(), child.stdout.readline()] == ["3\n", "1\n"]
        child.kill()
    assert not Index(three, cache).load()
    assert told(three, cache) == told(three, None)


def test_what_changes_before_the_index_is_written_is_read_again(
    three: Path, cache: Path, make_run: Maker
) -> None:
    with _late(three, cache, "stay") as child:
        assert child.stdout is not None
        child.stdout.readline()
        child.stdout.readline()
        write_edit(min(three.glob("2*")), "set", "name", "later")
        shutil.rmtree(sorted(three.glob("2*"))[1])
        make_run("new", metrics=LOSS)
        child.communicate()
    assert len(Index(three, cache).load()) == 3
    assert told(three, cache) == told(three, None)
    assert [name for name, *_ in told(three, cache)] == ["new", "c", "later"]


def test_two_processes_that_write_at_once_leave_one_sound_index(three: Path, cache: Path) -> None:
    children = [_late(three, cache, "stay") for _ in range(4)]
    for child in children:
        assert child.stdout is not None
        child.stdout.readline()
    for child in children:
        child.communicate()
    index = Index(three, cache)
    assert len(index.load()) == 3
    assert index.fault() == ""
    assert told(three, cache) == told(three, None)


def test_the_pieces_are_those_of_the_moment_of_the_answer(
    three: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MANY", 1)
    monkeypatch.setattr(listing, "_ANSWERED_S", 0.3)
    records = Store(three, index=Index(three, cache)).records()
    records[0].config["lr"] = 7  # type: ignore[index]
    end = time.monotonic() + 20
    while len(Index(three, cache).load()) < 3 and time.monotonic() < end:
        time.sleep(0.05)
    assert told(three, cache)[0][1] == {"lr": 0.1}


@pytest.mark.parametrize("edit", [
    ("add", "tags", "x"), ("set", "name", "other"), ("set", "notes", "a note"),
])  # fmt: skip
def test_an_edit_is_seen_beside_an_index_first_and_later(
    three: Path, cache: Path, edit: tuple[str, str, str]
) -> None:
    told(three, cache)
    run = min(three.glob("2*"))
    manifest = (run / "run.json").stat()
    for value in (edit[2], "once more"):
        write_edit(run, edit[0], edit[1], value)
        [record] = [
            r for r in Store(three, index=Index(three, cache)).records() if r.id == run.name
        ]
        field = getattr(record, edit[1])
        assert value in field if edit[1] == "tags" else field == value
        time.sleep(0.03)
        told(three, cache)
    after = (run / "run.json").stat()
    assert (after.st_mtime_ns, after.st_size) == (manifest.st_mtime_ns, manifest.st_size)


def test_a_run_whose_folder_keeps_its_first_date_is_read_each_time(
    three: Path, cache: Path
) -> None:
    run = min(three.glob("2*"))
    os.utime(run, (1_000_000_000, 1_000_000_000))
    time.sleep(0.03)
    told(three, cache)
    assert run.name not in Index(three, cache).load()
    assert len(Index(three, cache).load()) == 2


def test_a_date_that_no_number_holds_harms_nobody(three: Path, cache: Path) -> None:
    run = min(three.glob("2*"))
    try:
        os.utime(run / "run.json", (32_503_680_000, 32_503_680_000))
    except (OSError, OverflowError):
        pytest.skip("the file system has no such date")
    assert told(three, cache) == told(three, None)
    assert told(three, cache) == told(three, None)


def test_a_run_that_vanishes_or_appears_during_a_look_is_no_fault(
    three: Path, cache: Path, make_run: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = min(three.glob("2*"))

    def read(folder: Path) -> RunRecord:
        if first.exists() and folder != first:
            shutil.rmtree(first)
            make_run("new", metrics=LOSS)
        return read_record(folder)

    with monkeypatch.context() as patch:
        patch.setattr(listing, "read_record", read)
        during = told(three, cache)
    assert {name for name, *_ in during} - {"a"} == {"b", "c"}
    assert [name for name, *_ in told(three, cache)] == ["new", "c", "b"]


def test_names_of_metrics_toml_hold_over_indexed_records(
    three: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(three, cache)
    (three.parent / "pyproject.toml").write_text("")
    (three.parent / "metrics.toml").write_text(
        '["train/loss"]\nunit = "bits"\ngoal = "minimize"\naliases = ["loss"]\n'
    )
    monkeypatch.chdir(three.parent)
    records = Store(three, index=Index(three, cache)).records()
    expected = Store(three, index=Index(three, None)).records()
    assert [repr(record.metrics) for record in records] == [repr(r.metrics) for r in expected]
    assert records[0].metrics["train/loss"].unit == "bits"
    assert [record.figure_of("train/loss") for record in records] == [0.5] * 3


def test_outlines_that_no_run_has_are_taken_away(three: Path, cache: Path, make_run: Maker) -> None:
    other = make_run("other", metrics={"only/here": {"n": 1, "last": 2}})
    time.sleep(0.03)
    told(three, cache)
    shutil.rmtree(other)
    told(three, cache)  # sees that it is gone, then that nothing has its names
    make_run("more", metrics=LOSS)
    time.sleep(0.03)
    told(three, cache)
    assert b"only/here" not in _content(Index(three, cache))


def _content(index: Index) -> bytes:
    assert index.file is not None
    with sqlite3.connect(index.file) as base:
        pieces = [piece for (piece,) in base.execute("SELECT defined FROM outlines")]
    base.close()
    return b"".join(pieces)


@pytest.mark.parametrize("gone", [True, False])
def test_an_index_is_deleted_a_month_after_its_store(
    three: Path, cache: Path, tmp_path: Path, gone: bool
) -> None:
    other = tmp_path / "other"
    shutil.copytree(three, other)
    time.sleep(0.03)
    told(other, cache)
    if gone:
        shutil.rmtree(other)
    old = Index(other, cache).file
    assert old is not None
    for days, left in ((29, True), (31, not gone)):
        date = time.time() - days * 86_400
        for part in cache.glob(f"{old.name}*"):
            os.utime(part, (date, date))
        shutil.rmtree(min(three.glob("2*")))  # something is written
        told(three, cache)
        assert old.exists() is left, days
    assert FORGOTTEN_S == 30 * 86_400


def test_another_file_among_the_indexes_is_left_alone(three: Path, cache: Path) -> None:
    cache.mkdir()
    for name in ("notes.sqlite", f"{'0' * 32}.sqlite"):
        (cache / name).write_bytes(b"not an index at all")
        os.utime(cache / name, (0, 0))
    told(three, cache)
    assert {"notes.sqlite", f"{'0' * 32}.sqlite"} < {path.name for path in cache.iterdir()}


def test_doctor_says_what_is_wrong_with_an_index(
    three: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLIO_INDEX", str(cache))
    assert surroundings.index()[0].startswith("none yet")
    told(three, cache)
    file = Index(three, cache).file
    assert file is not None
    assert surroundings.index()[1] == ""
    sound = file.read_bytes()
    file.write_bytes(os.urandom(5000))
    assert "damaged" in surroundings.index()[1]
    file.write_bytes(sound)
    _spoil(file)
    assert surroundings.index()[1].startswith("1 of its 3 rows are damaged")
    monkeypatch.setenv("RUNFOLIO_INDEX", "off")
    assert surroundings.index()[0].startswith("off")


def _spoil(file: Path) -> None:
    with sqlite3.connect(file) as base:
        base.execute("UPDATE runs SET crc = 1 WHERE rowid = 1")
    base.close()


ASIDE = """
import json, sys
from runfolio.store import listing
listing.WORTH_AN_INDEX = 1
import runfolio
print(json.dumps([[r.name, r.config, r.figure_of("loss")] for r in runfolio.runs()]))
"""


def _aside(folio: Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "HOME", "RUNFOLIO_"))}
    env = {**kept, "RUNFOLIO_DIR": str(folio), **environment}
    words = [sys.executable, "-c", ASIDE]
    return subprocess.run(words, env=env, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("home", ["/proc/nowhere", "/dev/null", "/dev/full"])
def test_without_a_cache_folder_that_can_be_written_nobody_is_nagged(
    three: Path, tmp_path: Path, home: str
) -> None:
    room = tmp_path / "room"
    room.mkdir()
    done = _aside(three, room, HOME=home, XDG_CACHE_HOME=f"{home}/cache")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == [list(row) for row in told(three, None)]
    assert not list(room.iterdir())


def test_a_home_that_nobody_knows_makes_no_folder_where_one_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNFOLIO_INDEX", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # as for a user without a name
    assert settings.index_dir() is None
    assert surroundings.index()[0].startswith("none (no home")


@pytest.mark.parametrize("pages", [1, 2, 3, 4])
def test_a_disk_that_is_full_after_some_pages_changes_no_answer(
    three: Path, cache: Path, make_run: Maker, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    connect = indexes._connect

    def small(file: Path) -> sqlite3.Connection:
        base = connect(file)
        base.execute(f"PRAGMA max_page_count = {pages}")
        return base

    make_run("large", metrics=LOSS, summary={"text": "x" * 600_000})
    time.sleep(0.03)
    with monkeypatch.context() as patch:
        patch.setattr(indexes, "_connect", small)
        assert told(three, cache) == told(three, None)
        assert len(Index(three, cache).load()) < 4
    assert told(three, cache) == told(three, None)
    assert len(Index(three, cache).load()) == 4


@pytest.mark.parametrize("indexed", [True, False])
def test_twelve_thousand_names_are_told_alike(
    folio: Path, cache: Path, make_run: Maker, indexed: bool
) -> None:
    for n in range(12):
        make_run(f"r{n}", config={f"c{n}_{i}": i for i in range(600)},
                 metrics={f"m{n}_{i}": {"n": 1, "last": i} for i in range(400)})  # fmt: skip
    time.sleep(0.03)
    Store(folio, index=Index(folio, cache)).records()
    assert len(Index(folio, cache).load()) == 12
    store = Store(folio, index=Index(folio, cache if indexed else None))
    assert [record.name for record in Runs(store, "c3_7=7")] == ["r3"]
    assert [record.name for record in Runs(store, "m5_399>1 sort:-m5_399")] == ["r5"]
    names = list(Runs(store).frame().columns)
    assert sum(name.startswith("config.") for name in names) == 7_200
    assert {f"metrics.m{n}_{i}" for n in range(12) for i in range(400)} < set(names)
