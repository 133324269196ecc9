"""The seal tells what was captured by hash, and whose runfolio captured it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
import pytest

from runfolio.errors import CorruptRecord
from runfolio.format import seal
from runfolio.format.disk import Disk


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's secret lies in a folder of the test's own."""
    monkeypatch.setattr("platformdirs.user_data_dir", lambda _: str(tmp_path / "data"))


@pytest.fixture
def sealed(run_dir: Path) -> Path:
    (run_dir / "code").mkdir()
    for name in ("metrics.parquet", "code/git.json", "run.json", "journal.md", "heartbeat"):
        (run_dir / name).write_text(name)
    seal.write_seal(run_dir, Disk())
    return run_dir


def test_what_was_captured_is_sealed_and_what_may_change_is_not(sealed: Path) -> None:
    assert sorted(seal.read_seal(sealed)) == ["code/git.json", "metrics.parquet"]
    for name in ("run.json", "journal.md", "heartbeat"):
        (sealed / name).write_text("changed")
    assert list(seal.faults(sealed)) == []


def test_what_would_take_too_long_to_hash_is_left_unsealed(
    sealed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal, "_BYTES_PER_S", 100)
    (sealed / "metrics.parquet").write_text("x" * 100)
    seal.write_seal(sealed, Disk(), within_s=1.0)
    assert sorted(seal.read_seal(sealed)) == ["code/git.json"]
    assert list(seal.faults(sealed)) == []
    assert seal.grade(sealed) == "own"


@pytest.mark.parametrize(
    ("do", "says"),
    [
        (lambda path: path.write_text("forged"), "not as it was"),
        (lambda path: path.unlink(), "missing"),
        (lambda path: (path.rename(path.with_name("x")), path.symlink_to("x")), "link"),
    ],
)
def test_a_changed_file_is_named(sealed: Path, do, says: str) -> None:
    do(sealed / "code" / "git.json")
    ((name, fault),) = seal.faults(sealed)
    assert name == "code/git.json"
    assert says in fault


def test_a_folder_swapped_for_a_link_is_not_followed(sealed: Path, tmp_path: Path) -> None:
    (sealed / "code").rename(tmp_path / "outside")
    (sealed / "code").symlink_to(tmp_path / "outside")
    ((name, fault),) = seal.faults(sealed)
    assert (name, "link" in fault) == ("code/git.json", True)


def test_a_run_of_this_user_is_own_and_a_copy_under_another_id_is_not(sealed: Path) -> None:
    assert seal.grade(sealed) == "own"
    other = sealed.rename(sealed.with_name("other"))
    assert seal.grade(other) == "foreign"


def test_another_user_finds_the_run_foreign(sealed: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / "seal.key").write_bytes(b"x" * 32)
    assert seal.grade(sealed) == "foreign"


def test_hashes_changed_after_the_seal_make_it_foreign(sealed: Path) -> None:
    path = sealed / "seal.json"
    body = orjson.loads(path.read_bytes())
    body["files"]["code/git.json"] = "0" * 64
    path.write_bytes(orjson.dumps(body))
    assert seal.grade(sealed) == "foreign"


def test_the_secret_is_for_its_owner_alone(sealed: Path, tmp_path: Path) -> None:
    assert (tmp_path / "data" / "seal.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "mac", ["", "é", 7, None, ["a"], "0" * 64], ids=["empty", "accent", "int", "null", "list", "0"]
)
def test_a_forged_code_is_foreign(sealed: Path, mac: object) -> None:
    (sealed / "seal.json").write_bytes(orjson.dumps({"files": {"a": "b"}, "mac": mac}))
    assert seal.grade(sealed) == "foreign"


@pytest.mark.parametrize("name", ["../x", "/etc/hostname", "a/../../x", "x" * 5000, "a\0b"])
def test_a_path_that_leads_away_is_named_and_not_read(sealed: Path, name: str) -> None:
    (sealed / "seal.json").write_bytes(orjson.dumps({"files": {name: "0"}}))
    ((named, fault),) = seal.faults(sealed)
    assert named == name
    assert "not as it was" not in fault


@pytest.mark.parametrize("body", [b"", b"[]", b'{"files":[]}', b'{"files":{"a":1}}'])
def test_a_seal_that_is_none_says_so(sealed: Path, body: bytes) -> None:
    (sealed / "seal.json").write_bytes(body)
    with pytest.raises(CorruptRecord, match=r"seal\.json"):
        seal.read_seal(sealed)


def test_no_seal_is_no_fault(run_dir: Path) -> None:
    assert seal.read_seal(run_dir) == {}
    assert seal.grade(run_dir) == "foreign"


class SlowDisk(Disk):
    """A disk on which a seal takes its time."""

    def replace(self, path: Path, data: bytes) -> None:
        time.sleep(0.05)
        super().replace(path, data)


def test_writers_that_seal_their_parts_at_once_keep_each_others(run_dir: Path) -> None:
    parts = [(0, 1), *((rank, 1) for rank in range(1, 5))]
    tables = [f"metrics.rank{rank}.parquet" if rank else "metrics.parquet" for rank, _ in parts]
    for (rank, _), table in zip(parts, tables, strict=True):
        (run_dir / table).write_text(table)
        (run_dir / (f"run.rank{rank}.json" if rank else "run.json")).write_text("{}")
    with ThreadPoolExecutor(len(parts)) as pool:
        sealing = [pool.submit(seal.write_seal, run_dir, SlowDisk(), part_of=one) for one in parts]
        for one in sealing:
            one.result()
    assert sorted(seal.read_seal(run_dir)) == sorted(tables)
    assert not list(run_dir.glob("*.claim"))


def test_a_run_that_is_resumed_keeps_the_seal_of_what_was_there(sealed: Path) -> None:
    (sealed / "files").mkdir()
    (sealed / "files" / "weights").write_text("old")
    seal.write_seal(sealed, Disk())
    seal.write_seal(sealed, Disk(), only=seal.CAPTURED)
    (sealed / "files" / "weights").write_text("new")
    assert sorted(seal.read_seal(sealed)) == ["code/git.json", "metrics.parquet"]
    assert list(seal.faults(sealed)) == []


def test_a_claim_is_not_sealed(run_dir: Path) -> None:
    (run_dir / "convert.metrics.rank3.jsonl.claim").write_text("{}")
    (run_dir / "metrics.parquet").write_text("x")
    assert sorted(seal.write_seal(run_dir, Disk())["files"]) == ["metrics.parquet"]
