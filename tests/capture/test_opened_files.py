"""Files that a process opens are heard of, whichever library opens them, and only then."""

# A library's call is looked up when it is made, and `open` itself is tested here.
# ruff: noqa: PLW0108, PTH123

from __future__ import annotations

import gzip
import mmap
import multiprocessing
import os
import sqlite3
import subprocess
import sys
import threading
import types
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import h5py
import joblib
import numpy as np
import orjson
import pandas as pd
import PIL.Image
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.dataset
import pyarrow.feather
import pyarrow.json
import pyarrow.parquet as pq
import pytest
import safetensors.numpy

from runfolio.capture import opened
from runfolio.capture.opened_calls import unwatch_calls, watch_calls


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one file of each kind, named after its ending."""
    folder = tmp_path_factory.mktemp("data")
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    frame.to_csv(folder / "x.csv", index=False)
    frame.to_csv(folder / "x.csv.gz", index=False)
    frame.to_parquet(folder / "x.parquet")
    frame.to_feather(folder / "x.feather")
    frame.to_json(folder / "x.jsonl", orient="records", lines=True)
    frame.to_pickle(folder / "x.pkl")
    joblib.dump([1], folder / "x.joblib")
    np.save(folder / "x.npy", np.zeros(4))
    np.savez(folder / "x.npz", a=np.zeros(4))
    np.savetxt(folder / "x.txt", np.zeros(4))
    with h5py.File(folder / "x.h5", "w") as file:
        file["a"] = [1]
    safetensors.numpy.save_file({"a": np.zeros(4)}, folder / "x.safetensors")
    PIL.Image.new("L", (2, 2)).save(folder / "x.png")
    sqlite3.connect(folder / "x.db").execute("create table t (a)").connection.close()
    with zipfile.ZipFile(folder / "x.zip", "w") as archive:
        archive.writestr("a", "b")
    return folder


@pytest.fixture
def heard(data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    """Listen; the current folder is the data's. Returns the names that were read so far."""
    monkeypatch.chdir(data)
    opened.begin()
    watch_calls()
    begun = opened.mark()
    yield lambda: [Path(path).name for path in opened.since(begun).read]
    unwatch_calls()
    opened.end()


def mapped(path: str) -> None:
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        text[0]


def in_a_thread(path: str) -> None:
    thread = threading.Thread(target=lambda: Path(path).read_bytes())
    thread.start()
    thread.join()


READERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "open": ("x.csv", lambda p: open(p).close()),
    "bytes as a path": ("x.csv", lambda p: open(p.encode()).close()),
    "pathlib": ("x.csv", lambda p: Path(p).read_text()),
    "os.open": ("x.csv", lambda p: os.close(os.open(p, os.O_RDONLY))),
    "orjson": ("x.jsonl", lambda p: orjson.loads(Path(p).read_bytes().splitlines()[0])),
    "gzip": ("x.csv.gz", lambda p: gzip.open(p).close()),
    "zipfile": ("x.zip", lambda p: zipfile.ZipFile(p).close()),
    "mmap": ("x.csv", mapped),
    "thread": ("x.csv", in_a_thread),
    "sqlite": ("x.db", lambda p: sqlite3.connect(p).close()),
    "sqlite by address": ("x.db", lambda p: sqlite3.connect(f"file:{p}?mode=ro", uri=True).close()),
    "numpy npy": ("x.npy", np.load),
    "numpy npy mapped": ("x.npy", lambda p: np.load(p, mmap_mode="r")),
    "numpy npz": ("x.npz", lambda p: np.load(p).close()),
    "numpy text": ("x.txt", np.loadtxt),
    "numpy fromfile": ("x.npy", np.fromfile),
    "pandas csv": ("x.csv", pd.read_csv),
    "pandas csv by python": ("x.csv", lambda p: pd.read_csv(p, engine="python")),
    "pandas csv by pyarrow": ("x.csv", lambda p: pd.read_csv(p, engine="pyarrow")),
    "pandas gz": ("x.csv.gz", pd.read_csv),
    "pandas parquet": ("x.parquet", lambda p: pd.read_parquet(p)),
    "pandas feather": ("x.feather", lambda p: pd.read_feather(p)),
    "pandas json": ("x.jsonl", lambda p: pd.read_json(p, lines=True)),
    "pandas pickle": ("x.pkl", pd.read_pickle),
    "pyarrow parquet": ("x.parquet", lambda p: pq.read_table(p)),
    "pyarrow parquet file": ("x.parquet", lambda p: pq.ParquetFile(p).close()),
    "pyarrow csv": ("x.csv", lambda p: pa.csv.read_csv(p)),
    "pyarrow json": ("x.jsonl", lambda p: pa.json.read_json(p)),
    "pyarrow feather": ("x.feather", lambda p: pa.feather.read_table(p)),
    "pyarrow data set": ("x.parquet", lambda p: pa.dataset.dataset(p)),
    "pyarrow mapped": ("x.feather", lambda p: pa.memory_map(p).close()),
    "polars csv": ("x.csv", lambda p: pl.read_csv(p)),
    "polars csv later": ("x.csv", lambda p: pl.scan_csv(p).collect()),
    "polars parquet": ("x.parquet", lambda p: pl.read_parquet(p)),
    "polars parquet later": ("x.parquet", lambda p: pl.scan_parquet(p).collect()),
    "polars json lines": ("x.jsonl", lambda p: pl.read_ndjson(p)),
    "polars sql": ("x.parquet", lambda p: pl.sql(f"select a from read_parquet('{p}')").collect()),
    "polars pattern": ("x.parquet", lambda p: pl.read_parquet("*.parquet")),
    "duckdb sql": ("x.csv", lambda p: duckdb.sql(f"select * from '{p}'").fetchall()),
    "duckdb connection": (
        "x.parquet", lambda p: duckdb.connect().execute(f"from read_parquet('{p}')").fetchall()),
    "duckdb name in quotes": ("x.csv", lambda p: duckdb.sql(f'select a\nfrom\n"{p}"').fetchall()),
    "duckdb parameter": (
        "x.parquet", lambda p: duckdb.execute("from read_parquet(?)", [p]).fetchall()),
    "duckdb named parameter": (
        "x.csv", lambda p: duckdb.sql("from read_csv($p)", params={"p": p}).fetchall()),
    "by name": ("x.csv", lambda p: pl.read_csv(has_header=True, source=p)),
    "duckdb csv": ("x.csv", lambda p: duckdb.read_csv(p).fetchall()),
    "duckdb parquet": ("x.parquet", lambda p: duckdb.read_parquet(p).fetchall()),
    "h5py": ("x.h5", lambda p: h5py.File(p).close()),
    "pillow": ("x.png", lambda p: PIL.Image.open(p).close()),
    "joblib": ("x.joblib", joblib.load),
    "safetensors": ("x.safetensors", lambda p: safetensors.numpy.load_file(p)),
    "safetensors piece by piece": ("x.safetensors", lambda p: safetensors.safe_open(p, "np").keys()),
}  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_a_file_is_heard_of_whoever_reads_it(reader: str, heard: Callable[[], list[str]]) -> None:
    name, read = READERS[reader]

    read(name)

    assert heard() == [name]


def test_an_image_that_opencv_reads_is_heard_of(
    heard: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    unwatch_calls()
    monkeypatch.setitem(sys.modules, "cv2", types.ModuleType("cv2"))
    sys.modules["cv2"].imread = lambda path, flags=1: None
    watch_calls()

    sys.modules["cv2"].imread("x.png")

    assert heard() == ["x.png"]


def test_libraries_get_their_own_calls_back(heard: Callable[[], list[str]]) -> None:
    during = pl.read_csv, h5py.File.__init__, duckdb.DuckDBPyConnection.execute
    unwatch_calls()
    after = pl.read_csv, h5py.File.__init__, duckdb.DuckDBPyConnection.execute

    assert [hasattr(call, "__wrapped__") for call in during] == [True] * 3
    assert during[0].__wrapped__ is after[0]
    assert not hasattr(after[1], "__wrapped__")


def test_what_is_written_is_told_apart_from_what_is_read(heard: Callable[[], list[str]]) -> None:
    begun = opened.mark()
    Path("new.csv").write_text("a")
    Path("tmp.csv").write_text("a")
    Path("tmp.csv").replace("moved.csv")
    with open("x.csv", "r+"):
        pass

    found = opened.since(begun)

    assert [Path(path).name for path in found.read] == ["x.csv"]
    assert [Path(path).name for path in found.written] == ["new.csv", "tmp.csv", "moved.csv", "x.csv"]  # fmt: skip


def test_what_is_opened_for_both_is_read_first(heard: Callable[[], list[str]]) -> None:
    place = opened.begin()
    np.memmap("x.npy")  # opens for both unless it is told otherwise
    seen, _ = opened.sightings(place)
    opened.end()

    assert [one.how for one in seen] == ["opened", "written"]


def test_a_word_of_a_query_is_no_folder(heard: Callable[[], list[str]], data: Path) -> None:
    (data / "train").mkdir(exist_ok=True)

    duckdb.sql("select 'train' as split, * from 'x.csv'").fetchall()

    assert heard() == ["x.csv"]


def test_a_relative_path_means_the_folder_of_the_moment(
    tmp_path: Path, heard: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = opened.mark()
    (tmp_path / "x.csv").write_text("a")
    for folder in (Path.cwd(), tmp_path):
        monkeypatch.chdir(folder)
        open("./x.csv").close()

    assert opened.since(begun).read[-1] == str(tmp_path / "x.csv")
    assert len(opened.since(begun).read) == 2


def test_a_cell_hears_again_of_a_file_that_another_one_read(heard: Callable[[], list[str]]) -> None:
    open("x.csv").close()
    open("x.csv").close()
    first = heard()
    begun = opened.mark()
    open("x.csv").close()

    assert first == ["x.csv"]
    assert len(opened.since(begun).read) == 1


def test_what_runfolio_reads_itself_goes_unnoticed(heard: Callable[[], list[str]]) -> None:
    with opened.unnoticed():
        open("x.csv").close()

    assert heard() == []


def test_what_runfolio_read_is_heard_of_when_the_program_reads_it(
    heard: Callable[[], list[str]],
) -> None:
    with opened.unnoticed():
        open("x.csv").close()
    open("x.csv").close()

    assert heard() == ["x.csv"]


@pytest.mark.parametrize("given", ["none/such.csv", b"\xff\xfe", "a\0b"])
def test_an_open_that_fails_fails_as_ever(given: Any, heard: Callable[[], list[str]]) -> None:
    with pytest.raises((OSError, ValueError)):
        os.open(given, os.O_RDONLY)


def _read_and_leave(path: str) -> None:
    open(path).close()
    os._exit(0)


def test_a_forked_worker_tells_what_it_opened(data: Path) -> None:
    place = opened.begin()
    fork_and_read(data / "x.npy")
    seen, _ = opened.sightings(place)
    opened.end()

    assert [(Path(one.path).name, one.how) for one in seen if one.child] == [("x.npy", "opened")]


def fork_and_read(*paths: Path) -> None:
    for path in paths:
        worker = multiprocessing.get_context("fork").Process(
            target=_read_and_leave, args=(str(path),)
        )
        worker.start()
        worker.join()


def test_workers_of_a_later_epoch_do_not_tell_the_same_again(data: Path) -> None:
    place = opened.begin()
    spool = Path(os.environ[opened.ENVIRONMENT])
    fork_and_read(data / "x.npy")
    opened.sightings(place)
    size = spool.stat().st_size
    fork_and_read(data / "x.npy", data / "x.csv")
    seen, dropped = opened.sightings(place)
    grown = spool.stat().st_size - size
    opened.end()

    assert ([Path(one.path).name for one in seen], dropped) == (["x.csv"], 0)
    assert grown == len(f"r{data / 'x.csv'}") + 1


def test_what_workers_tell_is_bounded(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened, "_MAX_SPOOL", 1)
    place = opened.begin()
    fork_and_read(data / "x.npy", data / "x.csv")
    seen, dropped = opened.sightings(place)
    opened.end()

    assert ([Path(one.path).name for one in seen], dropped) == (["x.npy"], 1)


def test_what_is_remembered_of_a_million_files_is_bounded(
    heard: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened, "_MAX_NOTED", 2)
    place = opened.begin()
    for name in ("x.csv", "x.npy", "x.txt", "x.png"):
        open(name).close()
    seen, dropped = opened.sightings(place)
    opened.end()

    assert ([Path(one.path).name for one in seen], dropped) == (["x.csv", "x.npy"], 2)
    assert len(opened._now.read) == 2


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_worker_that_knows_nothing_of_runfolio_tells_what_it_opened(
    method: str, data: Path, heard: Callable[[], list[str]]
) -> None:
    place = opened.begin()
    worker = multiprocessing.get_context(method).Process(
        target=Path.read_bytes, args=(data / "x.npy",)
    )
    worker.start()
    worker.join(60)
    seen, _ = opened.sightings(place)
    opened.end()

    told = {one.path for one in seen if one.child}
    assert (worker.exitcode, str(data / "x.npy") in told) == (0, True)
    assert "_runfolio" not in vars(worker)


def test_workers_of_joblib_tell_what_they_opened(
    data: Path, heard: Callable[[], list[str]]
) -> None:
    place = opened.begin()
    joblib.Parallel(2)([joblib.delayed(Path.read_bytes)(data / "x.npy")] * 2)
    joblib.externals.loky.get_reusable_executor().shutdown()
    seen, _ = opened.sightings(place)
    opened.end()

    assert str(data / "x.npy") in {one.path for one in seen if one.child}


def test_another_python_tells_it_if_it_imports_runfolio(data: Path) -> None:
    place = opened.begin()
    source = "import runfolio, polars as pl; pl.read_csv('x.csv'); open('x.npy').close()"
    subprocess.run([sys.executable, "-c", source], cwd=data, check=True)
    seen, _ = opened.sightings(place)
    opened.end()

    assert {(Path(one.path).name, one.how) for one in seen if one.child and one.path.startswith(str(data))} == {
        ("x.csv", "named"), ("x.npy", "opened")}  # fmt: skip


def test_files_on_the_command_line_of_a_program_may_have_been_read(data: Path) -> None:
    place = opened.begin()
    subprocess.run(["true", str(data / "x.csv")], check=True)
    seen, _ = opened.sightings(place)
    opened.end()

    assert ("x.csv", "maybe") in {(Path(one.path).name, one.how) for one in seen}


def test_nothing_is_kept_and_no_file_is_left_once_nobody_listens(data: Path) -> None:
    opened.begin()
    spool = os.environ[opened.ENVIRONMENT]
    opened.end()
    begun = opened.mark()
    open(data / "x.csv").close()

    assert opened.since(begun) == opened.Opened()
    assert opened.ENVIRONMENT not in os.environ
    assert not Path(spool).exists()
