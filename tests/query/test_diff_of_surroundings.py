"""Environment, data sets and saved files of two runs, whatever their files hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from blake3 import blake3

from runfolio.format.disk import Disk
from runfolio.format.manifest import read_record, write_manifest
from runfolio.model.run import RunRecord
from runfolio.query.diff_data import DataSetDiff, data_diff
from runfolio.query.diff_environment import environment_diff
from runfolio.query.diff_files import files_diff

Make = Callable[..., RunRecord]


@pytest.fixture
def written(tmp_path: Path) -> Make:
    """Return a function that writes a finished run with some files and reads it back."""

    def make(files: dict[str, Any], **fields: Any) -> RunRecord:
        n = len(list(tmp_path.iterdir()))
        folder = tmp_path / f"20261122T1800{n:02d}-{n:06x}"
        folder.mkdir()
        at = datetime(2026, 11, 22, 18, 0, n, tzinfo=UTC).isoformat()
        known = {"format": 1, "id": folder.name, "status": "finished", "created_at": at}
        write_manifest(folder, known | fields, Disk())
        for name, body in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body if isinstance(body, bytes) else json.dumps(body).encode())
        return read_record(folder)

    return make


# Environment -------------------------------------------------------------------------------------


def environment(
    packages: dict[str, str], used: tuple[str, ...] = (), **facts: Any
) -> dict[str, Any]:
    listed = [{"name": name, "version": version} for name, version in packages.items()]
    return {
        "environment/environment.json": {"python": "3.11.7", "distributions": listed} | facts,
        "environment/used.json": {"distributions": {name: packages[name] for name in used}},
    }


def test_three_hundred_packages_stay_in_three_groups(written: Make) -> None:
    was = environment({f"p{n:03}": "1.0" for n in range(300)})
    now = environment({f"p{n:03}": "2.0" for n in range(100, 350)})
    found, why = environment_diff(written(was), written(now))
    assert (len(found.packages), len(found.added), len(found.removed)) == (200, 50, 100)
    assert why == []


def test_what_a_run_imported_comes_first(written: Make) -> None:
    was = written(environment({"aaa": "1", "torch": "2.12", "same": "1"}, used=("torch",)))
    now = written(environment({"aaa": "2", "torch": "2.13", "same": "1"}))
    found, _ = environment_diff(was, now)
    assert [one.name for one in found.packages] == ["torch", "aaa"]
    assert (found.n_imported, found.n_packages) == (1, 1)


def test_python_gpus_and_variables_are_told_apart_from_packages(written: Make) -> None:
    was = environment({}, gpus=[{"name": "A100"}], variables={"OMP_NUM_THREADS": "1"})
    now = environment({}, python="3.12.1", gpus=[{"name": "H100"}], variables={})
    found, _ = environment_diff(written(was), written(now))
    assert {one.name: one.now for one in found.facts} == {"python": "3.12.1", "GPU 0": "H100"}
    assert [one.name for one in found.variables] == ["OMP_NUM_THREADS"]


def test_without_its_record_the_manifest_tells_of_the_environment(written: Make) -> None:
    was = written({}, software={"python": "3.11.7", "packages": 3})
    now = written(environment({}), software={"python": "3.12.1", "packages": 5})
    found, why = environment_diff(was, now)
    assert [one.name for one in found.facts] == ["python"]
    assert why == [f"{was.short_id} has no environment.json",
                   "all but what the manifests say of it"]  # fmt: skip


# Data --------------------------------------------------------------------------------------------


def a_set(**facts: Any) -> dict[str, Any]:
    return {
        "name": "digits",
        "uri": "digits.csv",
        "found": "declared",
        "hash": "blake3:" + "a" * 64,
    } | facts


def one_set(written: Make, was: dict[str, Any], now: dict[str, Any]) -> DataSetDiff:
    runs = [written({"data.json": {"used": [item]}}) for item in (was, now)]
    found, why = data_diff(*runs)
    assert why == []
    return found.sets[0]


def test_a_data_set_is_told_by_size_content_and_columns(written: Make) -> None:
    was = a_set(rows=100, columns=2, bytes=900, schema={"x": "int", "y": "int"})
    now = a_set(rows=150, columns=3, bytes=999, hash="blake3:" + "b" * 64,
                schema={"x": "float", "y": "int", "w": "float"})  # fmt: skip
    found = one_set(written, was, now)
    assert [one.name for one in found.facts] == ["content", "rows", "columns", "bytes"]
    assert [(one.name, one.now) for one in found.schema] == [("x", "float"), ("w", "float")]


def test_of_a_folder_the_files_are_told_that_came_went_and_changed(written: Make) -> None:
    def folder(files: dict[str, str], n: int) -> dict[str, Any]:
        members = [{"path": path, "hash": digest, "bytes": 1} for path, digest in files.items()]
        return a_set(kind="folder", members=members, files=n, hash="blake3:" + str(n) * 64)

    was, now = folder({"a": "1", "b": "1", "c": "1"}, 3), folder({"b": "2", "c": "1", "d": "1"}, 9)
    found = one_set(written, was, now).members
    assert (found.added, found.removed, found.changed) == (("d",), ("a",), ("b",))
    assert found.partial


def test_a_data_set_of_another_name_at_the_same_place_is_the_same_one(written: Make) -> None:
    found = one_set(written, a_set(), a_set(name="numbers", hash="blake3:" + "b" * 64))
    assert (found.name, found.kind) == ("numbers", "changed")


def test_content_that_was_not_hashed_is_not_called_the_same(written: Make) -> None:
    found = one_set(written, a_set(hash=None, why="larger than 1 GB"), a_set(hash=None))
    assert found.note == "its content is not compared: larger than 1 GB"


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"used": 7}', b'{"used": [[1], null]}'])
def test_a_damaged_list_of_data_leaves_what_the_manifest_says(written: Make, body: bytes) -> None:
    was = written({"data.json": body}, data=[a_set(rows=1)])
    now = written({"data.json": {"used": [a_set(rows=2)]}})
    found, why = data_diff(was, now)
    assert [one.name for one in found.sets[0].facts] == ["rows"]
    assert f"all of {was.short_id} but what its manifest says" in why


# Saved files -------------------------------------------------------------------------------------


def saved(files: dict[str, bytes], *, sealed: bool = True) -> dict[str, Any]:
    digests = {name: blake3(body).hexdigest() for name, body in files.items()}
    return {**files, **({"seal.json": {"files": digests}} if sealed else {})}


def test_saved_files_are_told_by_name_size_and_hash(written: Make) -> None:
    was = written(saved({"files/a": b"1", "files/b": b"2", "files/c": b"3", "files/e": b"5"}))
    now = written(saved({"files/a": b"1", "files/b": b"22", "files/d": b"3", "files/f": b"6"}))
    found, why = files_diff(was, now)
    told = {one.path: one.kind for one in found.files}
    assert told == {
        "files/b": "changed",
        "files/d": "renamed",
        "files/e": "removed",
        "files/f": "added",
    }
    assert (found.n_same, why) == (1, [])


def test_files_that_no_seal_tells_of_are_compared_by_their_content(written: Make) -> None:
    was = written(saved({"files/a": b"12", "files/b": b"34"}, sealed=False))
    now = written(saved({"files/a": b"12", "files/b": b"35"}, sealed=False))
    found, _ = files_diff(was, now)
    assert [(one.path, one.kind) for one in found.files] == [("files/b", "changed")]
    assert found.n_same == 1


def test_a_file_that_was_lost_since_is_no_removed_one(written: Make) -> None:
    was, now = (written(saved({"files/a": b"1"})) for _ in range(2))
    (now.path / "files/a").unlink()
    found, why = files_diff(was, now)
    assert found.files == ()
    assert why == [f"files/a, which {now.short_id} has lost"]
