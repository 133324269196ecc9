"""Files, folders, patterns and pointers of DVC as data: hash, size, rows, columns, types."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import blake3
import numpy as np
import pandas as pd
import pytest
import safetensors.numpy

from runfolio.capture import data_hash
from runfolio.capture.data_files import HashesOf, _below, use_of_path, use_of_pattern
from runfolio.capture.data_hash import (
    Hashed,
    PlainFiles,
    Stamp,
    file_hashes,
    list_hash,
    patient_file_hash,
    stamp_of,
)
from runfolio.capture.data_shape import shape_of_file
from runfolio.capture.dvc import dvc_facts
from runfolio.model.data import DataUse
from runfolio.record.file_hashes import FileHashes


@pytest.fixture
def hash_of(tmp_path: Path) -> HashesOf:
    known = FileHashes(tmp_path / "cache")
    return lambda paths: file_hashes(paths, known)


@pytest.fixture
def use_of(hash_of: HashesOf) -> Callable[[Path], DataUse]:
    return lambda path: use_of_path(path, path.name, path.name, hash_of)


def plain(content: bytes) -> str:
    return f"blake3:{blake3.blake3(content).hexdigest()}"


@pytest.mark.parametrize("size", [0, 1, 131_072, 131_073, 3_000_000])
def test_a_file_has_the_hash_of_its_bytes(size: int, tmp_path: Path) -> None:
    path, known = tmp_path / "x", FileHashes(tmp_path / "cache")
    path.write_bytes(os.urandom(1) * size)

    expected = Hashed(plain(path.read_bytes()), size)
    assert file_hashes([str(path)], known) == [expected]
    assert patient_file_hash(stamp_of(str(path)), known, lambda: True) == expected


def test_many_files_have_their_hashes_in_order_and_one_that_is_gone_costs_no_other(
    tmp_path: Path,
) -> None:
    sizes = [300_000, 10, 2_000_000, 17_000_000, 131_073, 0, 400_000, 300_001]
    paths = [tmp_path / str(n) for n in range(len(sizes))]
    for path, size in zip(paths, sizes, strict=True):
        path.write_bytes(os.urandom(size))
    expected = [Hashed(plain(path.read_bytes()), path.stat().st_size) for path in paths]
    asked = [str(path) for path in (*paths[:3], tmp_path / "gone", *paths[3:])]

    found = file_hashes(asked, FileHashes(tmp_path / "cache"))

    assert isinstance(found.pop(3), FileNotFoundError)
    assert found == expected


def test_what_goes_wrong_in_a_thread_is_raised_and_leaves_no_thread(tmp_path: Path) -> None:
    class Full(FileHashes):
        def put(self, stamp: Stamp, digest: str) -> None:
            raise MemoryError

    paths = [str(tmp_path / str(n)) for n in range(20)]
    for path in paths:
        Path(path).write_bytes(bytes(300_000))
        os.utime(path, (1, 1))
    with pytest.raises(MemoryError):
        file_hashes(paths, Full(tmp_path / "cache"))
    assert not [one for one in threading.enumerate() if one.name.startswith("runfolio-hash")]


def test_a_file_that_changes_while_several_are_hashed_has_no_hash_and_costs_no_other(
    tmp_path: Path,
) -> None:
    paths = [tmp_path / str(n) for n in range(20)]
    for path in paths:
        path.write_bytes(os.urandom(300_000))

    class Changing(FileHashes):
        def get(self, stamp: Stamp) -> str | None:
            # All of them are asked for before the first is hashed.
            if stamp[0] == str(paths[-1]):
                with paths[7].open("ab") as file:
                    file.write(b"more")
            return None

    found = file_hashes(list(map(str, paths)), Changing(tmp_path / "cache"))

    assert found.pop(7) == Hashed(None, 300_000, "it changed while it was hashed")
    assert found == [Hashed(plain(p.read_bytes()), 300_000) for p in paths if p != paths[7]]


def test_an_interrupt_ends_it_at_once_and_leaves_no_thread(tmp_path: Path) -> None:
    paths = [str(tmp_path / str(n)) for n in range(400)]
    for path in paths:
        with open(path, "wb") as file:  # noqa: PTH123
            file.truncate(15 << 20)  # 6 GB to read, of which nothing lies on the disk
    hashed: list[Stamp] = []

    class Known(FileHashes):
        def put(self, stamp: Stamp, digest: str) -> None:
            hashed.append(stamp)
            if len(hashed) == 3:
                signal.raise_signal(signal.SIGINT)

    for path in paths:
        os.utime(path, (1, 1))
    with pytest.raises(KeyboardInterrupt):
        file_hashes(paths, Known(tmp_path / "cache"))

    assert len(hashed) < 100
    assert not [one for one in threading.enumerate() if one.name.startswith("runfolio-hash")]


def test_a_patient_hash_stops_when_told(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"x" * 3_000_000)
    stamp = stamp_of(str(tmp_path / "x"))

    found = patient_file_hash(stamp, FileHashes(tmp_path), lambda: False)

    assert found == Hashed(None, 3_000_000, "there was no time to hash it")


def test_a_file_that_changes_meanwhile_has_no_hash(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"x" * 3_000_000)

    def change() -> bool:
        with path.open("ab") as file:
            file.write(b"y")
        return True

    found = patient_file_hash(stamp_of(str(path)), FileHashes(tmp_path), change)

    assert (found.digest, found.why) == (None, "it changed while it was hashed")


def test_a_folder_has_the_hash_of_the_list_that_b3sum_prints(
    tmp_path: Path, use_of: Callable[[Path], DataUse]
) -> None:
    folder = tmp_path / "d"
    (folder / "sub").mkdir(parents=True)
    for name in ("b.png", "a.png", "sub/c.txt"):
        (folder / name).write_text(name)
    lines = "".join(f"{plain(n.encode())[7:]}  {n}\n" for n in ("a.png", "b.png", "sub/c.txt"))

    use = use_of(folder)

    assert (use.kind, use.files, use.bytes) == ("folder", 3, 19)
    assert use.hash == plain(lines.encode())
    assert use.endings == {".png": 2, ".txt": 1}


def test_new_small_files_of_a_folder_are_hashed_as_others_are_and_known_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, cache = tmp_path / "data", tmp_path / "cache"
    folder.mkdir()
    paths = PlainFiles(str(folder / str(n)) for n in range(4))
    for n, path in enumerate(paths):
        Path(path).write_bytes(bytes([n]) * (200_000 if n == 3 else 10_000 * n))
        os.utime(path, (1, 1))
    expected = file_hashes([*paths], FileHashes(tmp_path / "other"))
    stamps = [stamp_of(path) for path in paths]
    asked: list[str] = []
    monkeypatch.setattr(
        data_hash, "stamp_of", lambda path: asked.append(path) or stamps[paths.index(path)]
    )
    known = FileHashes(cache)
    known.look_up(str(folder))

    assert file_hashes(paths, known) == expected
    assert set(asked) == {paths[3]}
    known.close()
    known.look_up(str(folder))
    assert [known.get(stamp) for stamp in stamps] == [one.digest for one in expected]
    assert all(known.may_know(path) for path in paths)


def test_a_new_small_file_that_changes_meanwhile_has_no_wrong_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, known = tmp_path / "data" / "x", FileHashes(tmp_path / "cache")
    path.parent.mkdir()
    path.write_bytes(b"before")
    known.look_up(str(path.parent))
    read = os.read

    def once(fd: int, size: int) -> bytes:
        content = read(fd, size)
        if content == b"before":
            path.write_bytes(b"after!")
            os.utime(path, (5, 5))
        return content

    monkeypatch.setattr(data_hash, "_read", once)
    (found,) = file_hashes(PlainFiles([str(path)]), known)
    assert found == Hashed(plain(b"after!"), 6)


def test_folders_are_gone_through_in_the_order_of_their_paths_and_links_to_some_are_not(
    tmp_path: Path, use_of: Callable[[Path], DataUse]
) -> None:
    folder = tmp_path / "data"
    for name in ("b/c/1", "b/2", "a/3", "4", "z/5"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    assert isinstance(_below(folder), PlainFiles)
    (folder / "again").symlink_to(folder / "b")
    (folder / "file").symlink_to(folder / "4")
    (folder / "gone").symlink_to(folder / "nowhere")

    assert [path.removeprefix(f"{folder}/") for path in _below(folder)] == [
        "4", "file", "gone", "a/3", "b/2", "b/c/1", "z/5",
    ]  # fmt: skip
    assert not isinstance(_below(folder), PlainFiles)
    assert use_of(folder).why == "1 of 7: no such file or directory"


def test_a_pattern_is_all_files_that_it_matches(tmp_path: Path, hash_of: HashesOf) -> None:
    for name in ("a.csv", "b.csv", "c.txt"):
        (tmp_path / name).write_text(name)

    use = use_of_pattern(f"{tmp_path}/*.csv", "*.csv", "tables", hash_of)

    assert use.files == 2
    assert use.hash == list_hash([(n, plain(n.encode())) for n in ("b.csv", "a.csv")])


def test_a_pattern_without_files_says_so(tmp_path: Path, hash_of: HashesOf) -> None:
    with pytest.raises(OSError, match="matches no file"):
        use_of_pattern(f"{tmp_path}/*.csv", "", "", hash_of)


def test_a_pipe_in_a_folder_is_not_waited_for(
    tmp_path: Path, use_of: Callable[[Path], DataUse]
) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    os.mkfifo(folder / "pipe")
    (folder / "a").write_text("a")

    use = use_of(folder)

    assert use.hash is None
    assert use.why == "1 of 2: it is neither a file nor a folder"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_a_file_that_may_not_be_read_is_told(
    tmp_path: Path, use_of: Callable[[Path], DataUse]
) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / "a").write_text("a")
    (folder / "a").chmod(0)

    assert use_of(folder).why == "1 of 1: permission denied"


def csv(path: Path) -> None:
    path.write_text('a,b,c\n1,x,2.5\n2,"y\nz",3\n')


def sqlite(path: Path) -> None:
    with sqlite3.connect(path) as base:
        base.execute("create table t (a, b)")
        base.execute("insert into t values (1, 2), (3, 4)")
    base.close()


FORMS = {
    "x.csv": (csv, (2, 3, {"a": "int", "b": "text", "c": "float"})),
    "semicolons.csv": (lambda p: p.write_text("a;b\n1;2\n"), (1, 2, {"a": "int", "b": "int"})),
    "headless.csv": (lambda p: p.write_text("1,2\n3,4"), (2, 2, {"0": "int", "1": "int"})),
    "other encoding.csv": (lambda p: p.write_text("a,b\n1,2\n", "utf-16"), (None, None, {})),
    "endless line.csv": (lambda p: p.write_text("a," * 200_000), (None, None, {})),
    "empty.csv": (lambda p: p.write_text(""), (0, None, {})),
    "x.tsv": (lambda p: p.write_text("a\tb\n1\ttrue\n"), (1, 2, {"a": "int", "b": "bool"})),
    "x.jsonl": (lambda p: p.write_text('{"a": 1, "b": "c"}\n' * 3), (3, 2, {"a": "int", "b": "str"})),
    "x.parquet": (lambda p: pd.DataFrame({"a": [1, 2]}).to_parquet(p), (2, 1, {"a": "int64"})),
    "x.feather": (lambda p: pd.DataFrame({"a": [1, 2]}).to_feather(p), (2, 1, {"a": "int64"})),
    "x.npy": (lambda p: np.save(p, np.zeros((4, 2), "f4")), (4, 2, {"": "float32 4 × 2"})),
    "x.npz": (lambda p: np.savez(p, a=np.zeros(3)), (3, None, {"a": "float64 3"})),
    "x.safetensors": (
        lambda p: safetensors.numpy.save_file({"w": np.zeros((2, 3))}, p), (None, None, {"w": "F64 2 × 3"})),
    "x.db": (sqlite, (2, None, {"t": "2 rows: a, b"})),
    "x.bin": (lambda p: p.write_bytes(b"\0"), (None, None, {})),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_rows_columns_and_types_are_read_from_the_head(name: str, tmp_path: Path) -> None:
    write, expected = FORMS[name]
    write(tmp_path / name)

    shape = shape_of_file(tmp_path / name)

    assert (shape.rows, shape.columns, shape.schema) == expected


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "npy", "npz", "safetensors", "db"])
def test_a_broken_file_is_told_by_its_bytes_alone(
    ending: str, tmp_path: Path, use_of: Callable[[Path], DataUse]
) -> None:
    (tmp_path / f"x.{ending}").write_bytes(b"\xff\xfe\x00\x01" * 8)

    assert use_of(tmp_path / f"x.{ending}").hash == plain(b"\xff\xfe\x00\x01" * 8)


POINTER = "outs:\n- md5: 0123456789abcdef0123456789abcdef\n  size: 12\n  hash: md5\n  path: x.csv\n"
LOCK = (
    "schema: '2.0'\nstages:\n  train:\n    cmd: python t.py\n    deps:\n    - path: in.csv\n      md5: aa\n"
    "    outs:\n    - path: data/m.pkl\n      hash: md5\n      md5: bb\n      size: 3\n"
)


def test_a_pointer_of_dvc_stands_for_its_data(
    tmp_path: Path, use_of: Callable[[Path], DataUse]
) -> None:
    (tmp_path / "x.csv.dvc").write_text(POINTER)
    pulled_not = use_of(tmp_path / "x.csv.dvc")
    (tmp_path / "x.csv").write_text("a\n1\n")

    pulled = use_of(tmp_path / "x.csv.dvc")

    assert (pulled_not.name, pulled_not.kind, pulled_not.bytes) == ("x.csv", "pointer", 12)
    assert pulled_not.hash == "md5:0123456789abcdef0123456789abcdef"
    assert (pulled.uri, pulled.hash, pulled.rows) == ("x.csv", plain(b"a\n1\n"), 1)
    assert use_of(tmp_path / "x.csv").dvc == pulled.dvc == {
        "md5": "0123456789abcdef0123456789abcdef", "size": 12, "hash": "md5"}  # fmt: skip


def test_outputs_of_a_pipeline_are_found_in_its_lock(tmp_path: Path) -> None:
    (tmp_path / "dvc.lock").write_text(LOCK)

    assert dvc_facts(tmp_path / "data" / "m.pkl") == {"md5": "bb", "size": 3, "hash": "md5"}
    assert dvc_facts(tmp_path / "in.csv") == {}


@pytest.mark.parametrize(
    "text", ["", "outs:", "outs:\n- md5: a", "\0\xff", "outs: [a, b]", "- outs:\n"]
)
def test_a_pointer_that_is_none_is_a_file_like_others(
    text: str, tmp_path: Path, use_of: Callable[[Path], DataUse]
) -> None:
    (tmp_path / "x.dvc").write_text(text)

    assert use_of(tmp_path / "x.dvc").hash == plain(text.encode())
