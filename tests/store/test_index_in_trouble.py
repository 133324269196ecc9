"""Whatever happens to an index, the answer stays right and nothing is raised."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest
from tests.store.conftest import Maker

from runfolio.store.index import Index
from runfolio.store.store import Store
from runfolio.verbs.facts import record_facts

NAMES = ["b", "a"]


@pytest.fixture
def index(folio: Path, make_run: Maker, tmp_path: Path) -> Index:
    """The index of a store of two runs, made."""
    for name in reversed(NAMES):
        make_run(name, config={"lr": 0.1}, metrics={"loss": {"n": 1, "last": 0.5}})
    time.sleep(0.03)
    made = Index(folio, tmp_path / "cache")
    Store(folio, index=made).records()
    assert len(made.load()) == 2
    return made


def names(folio: Path, index: Index) -> list[str]:
    """Return what a new process is told, every field of it read."""
    records = Store(folio, index=index).records()
    assert all(repr(record.metrics) and record.software == {} for record in records)
    assert all(record.figure_of("loss") == 0.5 for record in records)
    return [record.name for record in records]


def file_of(index: Index) -> Path:
    assert index.file is not None
    return index.file


def test_a_deleted_index_is_made_anew(folio: Path, index: Index) -> None:
    index.remove()
    assert names(folio, index) == NAMES
    assert len(index.load()) == 2


def test_an_index_deleted_while_it_is_used_changes_no_answer(folio: Path, index: Index) -> None:
    store = Store(folio, index=index)
    records = store.records()
    shutil.rmtree(file_of(index).parent)
    assert [record.name for record in records] == NAMES
    assert [record.config for record in store.records()] == [{"lr": 0.1}] * 2


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9, 0.999])
def test_a_cut_index_is_made_anew(folio: Path, index: Index, share: float) -> None:
    content = file_of(index).read_bytes()
    file_of(index).write_bytes(content[: int(len(content) * share)])
    assert names(folio, index) == NAMES
    assert names(folio, index) == NAMES
    assert len(index.load()) == 2


def test_no_flipped_byte_changes_an_answer(folio: Path, index: Index) -> None:
    content = file_of(index).read_bytes()
    told = [at for at, byte in enumerate(content) if byte]
    for at in told[:: max(1, len(told) // 150)]:
        for ending in ("-wal", "-shm"):
            Path(f"{index.file}{ending}").unlink(missing_ok=True)
        flipped = bytearray(content)
        flipped[at] ^= 0x55
        file_of(index).write_bytes(flipped)
        assert names(folio, index) == NAMES, at


@pytest.mark.parametrize("statement", [
    "PRAGMA user_version = 1", "PRAGMA user_version = 2147483647", "PRAGMA application_id = 7",
    "ALTER TABLE runs ADD COLUMN more", "DROP TABLE runs", "DROP TABLE outlines", "CREATE VIEW v AS SELECT * FROM runs",
    "CREATE TRIGGER t AFTER DELETE ON runs BEGIN SELECT randomblob(1); END",
])  # fmt: skip
def test_another_schema_is_replaced(folio: Path, index: Index, statement: str) -> None:
    with sqlite3.connect(file_of(index)) as base:
        base.execute(statement)
    base.close()
    assert names(folio, index) == NAMES
    assert len(index.load()) == 2


@pytest.mark.parametrize("column", [
    "id", "stamp", "crc", "status", "created_us", "head", "config", "outline", "figures",
    "summaries", "rest", "rest_crc",
])  # fmt: skip
@pytest.mark.parametrize("value", [None, 7, 1e300, "text", b"\xff", b"[]", b"[1]", b"{}"])
def test_a_changed_value_changes_no_answer(
    folio: Path, index: Index, column: str, value: object
) -> None:
    with sqlite3.connect(file_of(index)) as base:
        base.execute(f"UPDATE runs SET {column} = ? WHERE rowid = 1", (value,))
    base.close()
    assert names(folio, index) == NAMES


@pytest.mark.parametrize("said", ["defined = x''", "defined = 7", "digest = 'x'"])
def test_changed_definitions_change_no_answer(folio: Path, index: Index, said: str) -> None:
    with sqlite3.connect(file_of(index)) as base:
        base.execute(f"UPDATE outlines SET {said}")
    base.close()
    assert not index.load()
    assert names(folio, index) == NAMES
    assert len(index.load()) == 2


@pytest.mark.parametrize("piece", [b"[]", b"{", b"[[[[1]]]]", b'"x"', b"[1,2,3]", b"\xff", b"{}"])
@pytest.mark.parametrize("field", [
    "head", "config", "defined", "figures", "summaries", "rest", "status", "created_us",
])  # fmt: skip
def test_pieces_that_somebody_made_up_harm_nobody(
    folio: Path, index: Index, piece: bytes, field: str
) -> None:
    value = {"status": piece.decode("latin-1"), "created_us": 2**62 + len(piece)}.get(field, piece)
    for name, (stamp, packed) in index.load().items():
        made_up = packed._replace(**{field: value})
        crc = zlib.crc32(made_up.rest, zlib.crc32(made_up.summaries))
        index.update([(name, stamp, made_up._replace(crc=crc))])
    assert len(index.load()) == 2
    for record in Store(folio, index=index).records():
        assert repr((record.figure_of("loss"), record_facts(record)))
        assert record.path == folio / record.id


def _hold(index: Index, how: str) -> subprocess.Popen[str]:
    code = f"import sqlite3, sys; c = sqlite3.connect({str(index.file)!r}, isolation_level=None); {how}; print('held', flush=True); sys.stdin.read()"
    held = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # fmt: skip
    assert held.stdout is not None
    assert held.stdout.readline() == "held\n"
    return held


@pytest.mark.parametrize("how", [
    "c.execute('BEGIN EXCLUSIVE')",
    "c.execute('PRAGMA journal_mode=DELETE'); c.execute('BEGIN EXCLUSIVE')",
    "c.execute('PRAGMA locking_mode=EXCLUSIVE'); c.execute('BEGIN EXCLUSIVE')",
])  # fmt: skip
def test_an_index_that_another_process_locks_is_left_alone(
    folio: Path, index: Index, make_run: Maker, how: str
) -> None:
    make_run("c", metrics={"loss": {"n": 1, "last": 0.5}})
    time.sleep(0.03)
    with _hold(index, how) as held:
        assert names(folio, index) == ["c", *NAMES]
        held.terminate()
    assert names(folio, index) == ["c", *NAMES]
    assert len(index.load()) == 3


def test_a_cache_folder_that_cannot_be_made_is_done_without(folio: Path, index: Index) -> None:
    (folio.parent / "file").write_text("")
    assert names(folio, Index(folio, folio.parent / "file")) == NAMES
    assert names(folio, Index(folio, Path("/proc/none"))) == NAMES


def test_a_full_disk_is_done_without(folio: Path, index: Index) -> None:
    assert names(folio, Index(folio, Path("/dev/full"))) == NAMES


def test_another_file_in_its_place_is_replaced(folio: Path, index: Index) -> None:
    file_of(index).write_bytes(os.urandom(100_000))
    assert names(folio, index) == NAMES
    assert len(index.load()) == 2


CHILD = """
import os, sys
from pathlib import Path
import runfolio.store.index as indexes
from runfolio.store.store import Store
folio, cache, last = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
steps = 0
def step():
    global steps
    steps += 1
    if steps == last:
        os.kill(os.getpid(), 9)
    return 0
connect = indexes._connect
def counted(file):
    base = connect(file)
    base.set_progress_handler(step, 1)
    base.set_trace_callback(lambda _: step())
    return base
indexes._connect = counted
step()
Store(folio, index=indexes.Index(folio, cache)).records()
print(steps)
"""


def _killed_at(folio: Path, cache: Path, step: int) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", CHILD, str(folio), str(cache), str(step)]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("there", [False, True], ids=["none-before", "one-before"])
def test_killed_at_any_step_the_next_answer_is_right(
    folio: Path, index: Index, make_run: Maker, there: bool
) -> None:
    cache = file_of(index).parent
    make_run("c", metrics={"loss": {"n": 1, "last": 0.5}})
    time.sleep(0.03)
    shutil.copytree(cache, folio.parent / "before")

    def put_back() -> None:
        shutil.rmtree(cache)
        if there:
            shutil.copytree(folio.parent / "before", cache)

    put_back()
    steps = int(_killed_at(folio, cache, 0).stdout)
    every = 1 if os.environ.get("RUNFOLIO_FAULTS") == "full" else max(1, steps // 12)
    for step in range(1, steps + 1, every):
        put_back()
        assert _killed_at(folio, cache, step).returncode == -9
        assert names(folio, index) == ["c", *NAMES], step
        assert len(index.load()) == 3


READER = """
import sys, time
from pathlib import Path
from runfolio.store.index import Index
from runfolio.store.store import Store
folio, cache = map(Path, sys.argv[1:3])
end, looks = time.monotonic() + 2, 0
while looks < 2 or time.monotonic() < end:
    for record in Store(folio, index=Index(folio, cache)).records():
        if record.note:  # its manifest is being moved away
            continue
        assert record.config["n"] == record.summary["n"] == record.figure_of("n"), record.id
    looks += 1
print(looks)
"""


def test_many_readers_beside_runs_that_change_are_told_nothing_torn(
    folio: Path, make_run: Maker, tmp_path: Path
) -> None:
    def fields(n: int) -> dict[str, object]:
        return {"config": {"n": n}, "summary": {"n": n}, "metrics": {"n": {"n": 1, "last": n}}}

    folders = [make_run(f"r{n}", **fields(n)) for n in range(8)]
    words = [sys.executable, "-c", READER, str(folio), str(tmp_path / "cache")]
    readers = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    n = 100
    while any(reader.poll() is None for reader in readers):
        n += 1
        other = make_run("new", run_id=f"new-{n}", **fields(n))
        (other / "run.json").replace(folders[n % 8] / "run.json")
        shutil.rmtree(other)
    assert all(int(reader.communicate()[0]) > 1 and reader.returncode == 0 for reader in readers)
