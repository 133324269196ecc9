"""The data of a run: what it is told of and what it is seen to read, in ``data.json``."""

from __future__ import annotations

import json
import multiprocessing
import os
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import runfolio
from runfolio.capture.data_hash import file_hashes
from runfolio.errors import NoActiveRun, RunfolioWarning, UsageError
from runfolio.format.manifest import read_record
from runfolio.record import data, detection, listening
from runfolio.record.file_hashes import FileHashes
from runfolio.record.run import Run


@pytest.fixture(autouse=True)
def table(monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CSV in the current folder that is older than the run; the run captures."""
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "true")
    Path("pyproject.toml").write_text("")
    return old("x.csv", "a,b\n1,2\n3,4\n")


def old(name: str, content: str = "x") -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    os.utime(path, (1, 1))
    return path


def used(run: Run) -> list[dict[str, Any]]:
    return json.loads((run.path / "data.json").read_text())["used"]


def detected(body: Callable[[], object]) -> dict[str, dict[str, Any]]:
    with runfolio.init() as run:
        body()
    return {item["uri"]: item for item in used(run) if item["found"] == "detected"}


# Declared ----------------------------------------------------------------------------------------


def test_a_declared_file_is_recorded_and_given_back(table: Path) -> None:
    with runfolio.init() as run:
        given = run.use_data(table, name="train")

    item = used(run)[0]
    assert given is table
    assert (item["name"], item["uri"], item["found"]) == ("train", "x.csv", "declared")
    assert (item["rows"], item["columns"], item["bytes"]) == (2, 2, 12)
    assert read_record(run.path).data[0]["hash"] == item["hash"]


def test_a_table_can_be_declared_in_the_line_that_uses_it() -> None:
    with runfolio.init() as run:
        rows = len(run.use_data(pd.DataFrame({"a": [1, 2]}), name="t"))
        runfolio.use_data(np.zeros((3, 2)))

    assert rows == 2
    assert [(item["name"], item["rows"]) for item in used(run)] == [("t", 2), ("array", 3)]


def test_a_second_declaration_of_the_same_takes_the_place_of_the_first(table: Path) -> None:
    with runfolio.init() as run:
        run.use_data(table)
        table.write_text("a\n1\n")
        run.use_data("./x.csv", name="later")

    assert [(item["name"], item["rows"]) for item in used(run)] == [("later", 1)]


def test_tables_and_arrays_that_nobody_named_do_not_take_each_others_place() -> None:
    first, second = np.zeros(3), np.ones(3)
    with runfolio.init() as run:
        for one in (first, second, first, pd.DataFrame({"a": [1]})):
            run.use_data(one)
        for value in range(200):
            run.use_data(np.full(2, value))

    names = [item["name"] for item in used(run)]
    assert names[:4] == ["array", "array 2", "table", "array 3"]
    assert (len(names), names[-1]) == (101, "array 100")


def test_an_address_is_kept_without_its_credentials_and_not_fetched() -> None:
    password = "pa" + "ss" * 6
    with runfolio.init() as run:
        run.use_data(f"https://me:{password}@example.invalid/d/x.csv?token={password}")

    text = (run.path / "data.json").read_text() + (run.path / "run.json").read_text()
    assert password not in text
    assert used(run)[0]["name"] == "x.csv"
    assert used(run)[0]["hash"] is None


@pytest.mark.parametrize("given", ["none.csv", "none/*.csv", "", {"a": 1}, 7])
def test_what_cannot_be_declared_is_told_at_once(given: Any) -> None:
    with runfolio.init() as run, pytest.raises(UsageError, match="use_data"):
        run.use_data(given)


def test_an_object_whose_library_fails_ends_no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNFOLIO_STRICT", "0")
    frame = pd.DataFrame({"a": [1]})
    monkeypatch.setattr(pd.DataFrame, "iloc", property(lambda _: 1 / 0))
    with runfolio.init() as run, pytest.warns(runfolio.RunfolioWarning, match="DataFrame"):
        assert run.use_data(frame) is frame

    assert "ZeroDivisionError" in used(run)[0]["why"]


def test_a_name_that_is_no_text_is_written_so_that_it_can_be_read() -> None:
    old("d/a\udcff.bin")
    with runfolio.init() as run:
        run.use_data("d")
        runfolio.use_data("d/a\udcff.bin")

    folder, file = used(run)
    assert folder["members"][0]["path"] == "a\\udcff.bin"
    assert (file["name"], file["hash"]) == ("a\\udcff.bin", folder["members"][0]["hash"])


def test_a_disk_that_refuses_ends_no_training(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setenv("RUNFOLIO_STRICT", "false")
    run = runfolio.init()
    with monkeypatch.context() as patched:
        patched.setattr(type(run.life.files), "put", refuse)
        with pytest.warns(RunfolioWarning, match="No space left"):
            given = run.use_data(table)
    run.finish()

    assert given is table
    assert used(run)[0]["name"] == "x.csv"


def test_the_files_of_many_folders_stay_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "_MEMBERS", 3)
    with runfolio.init() as run:
        for name in ("d", "e"):
            old(f"{name}/1")
            old(f"{name}/2")
            run.use_data(name)

    assert [len(item.get("members", ())) for item in used(run)] == [2, 0]
    assert [item["files"] for item in used(run)] == [2, 2]


def test_after_the_end_nothing_can_be_declared(table: Path) -> None:
    run = runfolio.init()
    run.finish()
    with pytest.raises(NoActiveRun, match="use_data"):
        run.use_data(table)


def test_a_disabled_run_gives_back_what_it_was_given() -> None:
    with runfolio.init(mode="disabled") as run:
        assert run.use_data("none.csv") == "none.csv"


def test_declared_data_is_on_the_disk_before_the_run_ends(table: Path) -> None:
    run = runfolio.init()
    run.use_data(table)

    assert used(run)[0]["uri"] == "x.csv"
    run.finish()


def test_a_resumed_run_keeps_what_was_declared_before(table: Path) -> None:
    with runfolio.init(id="r") as run:
        run.use_data(table)
    with runfolio.init(id="r", resume="must") as run:
        run.use_data(old("y.csv"))

    assert {item["uri"] for item in used(run)} == {"x.csv", "y.csv"}


# Detected ----------------------------------------------------------------------------------------


def test_a_file_that_is_read_is_detected(table: Path) -> None:
    found = detected(table.read_text)

    assert set(found) == {"x.csv"}
    assert found["x.csv"]["evidence"] == ["opened"]
    assert found["x.csv"]["rows"] == 2
    assert found["x.csv"]["hash"].startswith("blake3:")


def test_what_is_declared_is_not_detected_once_more(table: Path) -> None:
    old("d/a.csv")

    def body() -> None:
        Path(runfolio.use_data("x.csv")).read_text()
        Path(runfolio.use_data("d"), "a.csv").read_text()

    assert detected(body) == {}


def test_code_and_products_are_no_input() -> None:
    old("module.py")

    def body() -> None:
        Path("module.py").read_text()
        Path("out.csv").write_text("1")
        Path("out.csv").read_text()
        pd.DataFrame({"a": [1]}).to_parquet("out.parquet")
        pd.read_parquet("out.parquet")
        runfolio.save("x.csv")

    assert detected(body) == {}


def test_many_files_of_a_folder_are_one_data_set() -> None:
    files = [old(f"images/{n}.png", str(n)) for n in range(20)]

    found = detected(lambda: [file.read_bytes() for file in files])

    assert set(found) == {"images"}
    assert found["images"]["files"] == 20
    assert found["images"]["hash"]


def test_a_folder_that_is_named_is_a_data_set_beside_others() -> None:
    for n in range(9):
        old(f"d/{n}.txt", str(n))
    pd.DataFrame({"a": [1]}).to_parquet(old("d/parts/1.parquet"))
    os.utime("d/parts/1.parquet", (1, 1))

    found = detected(
        lambda: [pd.read_parquet("d/parts"), *(Path(f"d/{n}.txt").read_text() for n in range(9))]
    )

    assert set(found) == {"d", "d/parts"}
    assert (found["d"]["files"], found["d/parts"]["files"]) == (9, 1)
    assert None not in (found["d"]["hash"], found["d/parts"]["hash"])


def test_of_many_files_the_one_without_a_hash_is_told_with_its_reason() -> None:
    paths = [old(f"d/{n}.txt", str(n)) for n in range(9)]

    found = detected(lambda: [[path.read_text() for path in paths], paths[0].write_text("new")])

    assert found["d"]["why"] == "1 of 9: it was changed after it had been read"
    assert found["d"]["hash"] is None


def test_a_file_that_is_too_large_is_told_and_not_hashed() -> None:
    with Path("huge.bin").open("wb") as file:
        file.truncate(detection.LARGEST + 1)  # sparse: it takes no room
    os.utime("huge.bin", (1, 1))

    item = detected(lambda: Path("huge.bin").open("rb").close())["huge.bin"]

    assert item["hash"] is None
    assert item["bytes"] == detection.LARGEST + 1
    assert "larger than 4 GiB" in item["why"]


def test_a_file_that_changed_after_it_was_read_has_no_hash(table: Path) -> None:
    def body() -> None:
        table.read_text()
        table.write_text("other")

    assert detected(body)["x.csv"]["why"] == "it was changed after it had been read"


def test_files_that_are_gone_and_pipes_are_passed_over(table: Path) -> None:
    os.mkfifo("pipe")

    def body() -> None:
        table.read_text()
        table.unlink()
        os.close(os.open("pipe", os.O_RDONLY | os.O_NONBLOCK))
        with pytest.raises(FileNotFoundError):
            Path("never.csv").read_text()

    assert detected(body) == {}


def test_hundred_thousand_opens_end_in_time() -> None:
    folder = Path("many")
    folder.mkdir()
    for n in range(2000):
        old(f"many/{n}")

    def body() -> None:
        for n in range(100_000):
            os.close(os.open(f"many/{n % 2000}", os.O_RDONLY))

    assert detected(body)["many"]["files"] == 2000


def test_detection_can_be_turned_off(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNFOLIO_DETECT_DATA", "false")
    with runfolio.init() as run:
        table.read_text()

    assert not (run.path / "data.json").exists()


def test_a_run_that_reads_nothing_says_so() -> None:
    with runfolio.init() as run:
        pass

    told = json.loads((run.path / "data.json").read_text())
    assert told["used"] == []
    assert told["detection"]["dropped"] == 0


def test_the_next_run_of_a_process_detects_the_same_file_again(table: Path) -> None:
    first = detected(table.read_text)
    second = detected(table.read_text)

    assert first == second != {}


def test_a_long_run_describes_its_data_while_it_goes_on(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "_FIRST_LOOK_S", 0.05)
    with runfolio.init() as run:
        table.read_text()
        deadline = time.monotonic() + 30
        while not (run.path / "data.json").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert used(run)[0]["uri"] == "x.csv"


WORKERS = """
    import multiprocessing, pathlib
    import runfolio

    def read(name):
        return pathlib.Path(name).read_text()

    if __name__ == "__main__":
        with runfolio.init(id="r"):
            for method, name in (("fork", "x.csv"), ("spawn", "y.csv")):
                with multiprocessing.get_context(method).Pool(2) as pool:
                    pool.map(read, [name] * 4)
"""


def test_what_worker_processes_read_is_detected(store: Path) -> None:
    old("y.csv")
    Path("train.py").write_text(textwrap.dedent(WORKERS))
    done = subprocess.run(
        [sys.executable, "train.py"], capture_output=True, text=True, check=False,
        env=os.environ | {"RUNFOLIO_STRICT": "0"}, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr

    told = json.loads((max(store.glob("r*")) / "data.json").read_text())["used"]
    assert {(item["uri"], *item["evidence"]) for item in told} == {
        ("x.csv", "child"), ("y.csv", "child")}  # fmt: skip


# Known hashes ------------------------------------------------------------------------------------


def test_a_file_that_has_not_changed_is_not_read_again(table: Path, tmp_path: Path) -> None:
    known = FileHashes(tmp_path / "cache")
    first = file_hashes([str(table)], known)
    known.close()
    # Same size, inode and date: only who reads it sees that it is another.
    with table.open("r+") as file:
        file.write("c")
    os.utime(table, (1, 1))

    assert file_hashes([str(table)], FileHashes(tmp_path / "cache")) == first
    os.utime(table, (2, 2))
    assert file_hashes([str(table)], FileHashes(tmp_path / "cache")) != first


def test_a_folder_that_has_not_changed_is_not_read_again(tmp_path: Path) -> None:
    paths = [old(f"d/{n}.txt", str(n)) for n in range(3)]
    with runfolio.init() as run:
        run.use_data("d")
        for path in paths:  # nobody can tell by the size and the date
            path.write_text("x")
            os.utime(path, (1, 1))
        run.use_data("d/*.txt", name="again")

    assert used(run)[1]["hash"] == used(run)[0]["hash"]


def test_a_name_that_is_no_text_costs_the_others_nothing(tmp_path: Path) -> None:
    known = FileHashes(tmp_path / "cache")
    for name in ("a", "\udcff", "b"):
        old(f"d/{name}")
        file_hashes([f"{Path.cwd()}/d/{name}"], known)
    known.close()

    with sqlite3.connect(tmp_path / "cache" / "hashes.sqlite") as base:
        kept = base.execute("SELECT path FROM hashes ORDER BY path").fetchall()
    assert [Path(path).name for (path,) in kept] == ["a", "b"]


def test_a_file_that_was_just_written_is_read_again(tmp_path: Path) -> None:
    known = FileHashes(tmp_path / "cache")
    Path("new").write_text("a")
    first = file_hashes(["new"], known)
    about = Path("new").stat()
    Path("new").write_text("b")
    os.utime("new", ns=(about.st_atime_ns, about.st_mtime_ns))

    assert file_hashes(["new"], known) != first


@pytest.mark.parametrize("damage", ["no database", "a folder", "another table"])
def test_a_damaged_cache_costs_only_time(damage: str, table: Path, tmp_path: Path) -> None:
    place = tmp_path / "cache" / "hashes.sqlite"
    place.parent.mkdir()
    if damage == "a folder":
        place.mkdir()
    elif damage == "no database":
        place.write_text("x" * 5000)
    else:
        with sqlite3.connect(place) as base:
            base.execute("create table hashes (path)")
        base.close()
    known = FileHashes(tmp_path / "cache")

    assert file_hashes([str(table)], known) == file_hashes(
        [str(table)], FileHashes(tmp_path / "fresh")
    )
    known.close()


def _hash_all(folder: str) -> int:
    known = FileHashes(Path(folder))
    names = file_hashes([f"many/{n}" for n in range(50)], known)
    known.close()
    return len(set(names))


def test_many_processes_share_one_cache(tmp_path: Path) -> None:
    for n in range(50):
        old(f"many/{n}", str(n))
    folder = str(tmp_path / "cache")
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert pool.map(_hash_all, [folder] * 6) == [50] * 6
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(_hash_all, [folder] * 4)) == [50] * 4
    with sqlite3.connect(Path(folder, "hashes.sqlite")) as base:
        assert base.execute("select count(*) from hashes").fetchone()[0] == 50
    base.close()
