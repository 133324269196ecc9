"""A version is fetched whole, verified and resumed, and nothing of it is written outside the folder."""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.store.made_artifacts import make_version

import runfolio
from runfolio.errors import ArtifactNotFound, CorruptRecord, UsageError
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.blobs import BlobStore
from runfolio.format.fetching import Fetched
from runfolio.format.fetching import fetch as fetch_from
from runfolio.model.artifact import ArtifactVersion, Entry
from runfolio.store.artifact_list import ArtifactList
from runfolio.store.artifacts import Artifacts, copies_of
from runfolio.store.gc_contents import YOUNG_S
from runfolio.store.loaded_artifact import LoadedArtifact, load_artifact
from runfolio.testing import Fault, FaultyFiles

FILES = {"a.txt": b"alpha", "deep/er/b.bin": b"beta" * 500_000, "empty": b""}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "folio"


@pytest.fixture
def run(store: Path) -> Path:
    folder = store / "20261123T042559-7f3a9c"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def version(store: Path, run: Path) -> ArtifactVersion:
    return make_version(store, "digits", FILES, run=run)


def fetch(store: Path, version: ArtifactVersion, root: Path, **more: Any) -> Fetched:
    return fetch_from(store, version, root, copies=copies_of(store, version), **more)


def blob(store: Path, version: ArtifactVersion, path: str) -> Path:
    (entry,) = [one for one in version.entries if one.path == path]
    return BlobStore(store).path_of(entry.blake3)


def damage(path: Path, content: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(content)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*") if path.is_file()
    }  # fmt: skip


def test_a_version_is_fetched_whole_and_may_be_written(
    store: Path, version: ArtifactVersion, tmp_path: Path
) -> None:
    done = fetch(store, version, tmp_path / "here" / "model")
    assert contents(done.root) == FILES
    assert sorted(done.written) == sorted(FILES)
    (done.root / "a.txt").write_bytes(b"mine now")
    assert blob(store, version, "a.txt").read_bytes() == b"alpha"
    assert stat.S_IMODE(blob(store, version, "a.txt").stat().st_mode) == 0o444


def test_what_is_there_with_the_right_content_is_left(
    store: Path, version: ArtifactVersion, tmp_path: Path
) -> None:
    fetch(store, version, tmp_path / "to")
    (tmp_path / "to" / "empty").unlink()
    before = (tmp_path / "to" / "a.txt").stat().st_ino
    done = fetch(store, version, tmp_path / "to")
    assert (done.written, sorted(done.there)) == (["empty"], ["a.txt", "deep/er/b.bin"])
    assert (tmp_path / "to" / "a.txt").stat().st_ino == before


def test_a_file_where_the_folder_should_be_is_left_and_told(
    store: Path, version: ArtifactVersion, tmp_path: Path
) -> None:
    (tmp_path / "to").write_bytes(b"mine")
    for root in (tmp_path / "to", tmp_path / "to" / "below"):
        with pytest.raises(UsageError, match="is no folder, or lies below a file"):
            fetch(store, version, root)
    assert (tmp_path / "to").read_bytes() == b"mine"


def test_a_file_of_another_content_is_replaced_only_when_asked(
    store: Path, version: ArtifactVersion, tmp_path: Path
) -> None:
    fetch(store, version, tmp_path / "to")
    (tmp_path / "to" / "a.txt").write_bytes(b"ALPHA")
    with pytest.raises(UsageError, match="is there with another content"):
        fetch(store, version, tmp_path / "to")
    assert (tmp_path / "to" / "a.txt").read_bytes() == b"ALPHA"
    assert fetch(store, version, tmp_path / "to", replace=True).written == ["a.txt"]
    assert contents(tmp_path / "to") == FILES


@pytest.mark.parametrize("fault", [b"Alpha", b"alphabet", None])
def test_a_damaged_or_missing_content_is_taken_from_the_run(
    store: Path, version: ArtifactVersion, run: Path, tmp_path: Path, fault: bytes | None
) -> None:
    copy = run / "artifacts" / "digits" / "v0" / "a.txt"
    copy.unlink()
    copy.write_bytes(b"alpha")
    blob(store, version, "a.txt").unlink()
    if fault is not None:
        blob(store, version, "a.txt").write_bytes(fault)
    assert contents(fetch(store, version, tmp_path / "to").root) == FILES


def test_a_content_that_is_nowhere_is_named_and_the_others_come(
    store: Path, version: ArtifactVersion, run: Path, tmp_path: Path
) -> None:
    damage(blob(store, version, "a.txt"), b"Alpha")  # the run's is the same file
    with pytest.raises(CorruptRecord, match=r"digits:v0 is not whole: the content of a\.txt"):
        fetch(store, version, tmp_path / "to")
    rest = {path: content for path, content in FILES.items() if path != "a.txt"}
    assert contents(tmp_path / "to") == rest


def test_the_copy_of_a_run_in_the_trash_serves_too(
    store: Path, version: ArtifactVersion, run: Path, tmp_path: Path
) -> None:
    (store / ".trash").mkdir()
    run.rename(store / ".trash" / run.name)
    shutil.rmtree(store / ".blobs")
    assert contents(fetch(store, version, tmp_path / "to").root) == FILES


@pytest.mark.parametrize("link", ["deep", "deep/er", "a.txt"])
def test_nothing_is_written_through_a_link_in_the_folder(
    store: Path, version: ArtifactVersion, tmp_path: Path, link: str
) -> None:
    outside, target = tmp_path / "outside", tmp_path / "to"
    outside.mkdir()
    (target / link).parent.mkdir(parents=True)
    (target / link).symlink_to(outside if link != "a.txt" else outside / "x")
    with pytest.raises((CorruptRecord, UsageError), match=r"link|another content"):
        fetch(store, version, target)
    assert list(outside.iterdir()) == []
    if link == "a.txt":
        fetch(store, version, target, replace=True)
        assert (list(outside.iterdir()), contents(target)) == ([], FILES)


def test_a_hard_link_in_the_folder_keeps_its_other_name_as_it_is(
    store: Path, version: ArtifactVersion, tmp_path: Path
) -> None:
    (tmp_path / "to").mkdir()
    (tmp_path / "precious").write_bytes(b"do not touch")
    os.link(tmp_path / "precious", tmp_path / "to" / "a.txt")
    fetch(store, version, tmp_path / "to", replace=True)
    assert (tmp_path / "precious").read_bytes() == b"do not touch"


def test_a_link_in_the_run_is_not_followed(
    store: Path, version: ArtifactVersion, run: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_bytes(b"alpha")
    copy = run / "artifacts" / "digits" / "v0" / "a.txt"
    copy.unlink()
    copy.symlink_to(tmp_path / "secret")
    blob(store, version, "a.txt").unlink()
    with pytest.raises(CorruptRecord, match="not whole"):
        fetch(store, version, tmp_path / "to")
    copy.parent.rename(tmp_path / "v0")
    copy.parent.symlink_to(tmp_path / "v0")
    with pytest.raises(CorruptRecord, match="not whole"):
        fetch(store, version, tmp_path / "to")


def test_a_full_disk_leaves_no_half_file(
    store: Path, version: ArtifactVersion, tmp_path: Path
) -> None:
    with pytest.raises(OSError, match="No space left"):
        fetch(store, version, tmp_path / "to", files=FaultyFiles(Fault("copy", errno.ENOSPC)))
    left = contents(tmp_path / "to")
    assert left == {path: FILES[path] for path in left}
    assert contents(fetch(store, version, tmp_path / "to").root) == FILES


def test_a_file_elsewhere_is_copied_if_it_is_what_it_was_and_others_are_told(
    store: Path, tmp_path: Path
) -> None:
    (tmp_path / "data.csv").write_bytes(b"alpha")
    kept = make_version(store, "other", {"x": b"alpha"}).entries[0]
    uri = (tmp_path / "data.csv").as_uri()
    entries = [
        Entry("same.csv", kept.blake3, 5, uri),
        Entry("bare.csv", "", 5, uri),
        Entry("far.csv", "", 5, "s3://bucket/far.csv", "etag"),
        Entry("host.csv", kept.blake3, 5, "file://elsewhere/etc/passwd"),
    ]
    version, _ = ArtifactVersions(store, "refs").make(entries, type="dataset")
    done = fetch(store, version, tmp_path / "to")
    assert contents(done.root) == {"same.csv": b"alpha"}
    assert [path for path, _ in done.left_out] == ["bare.csv", "far.csv", "host.csv"]
    (tmp_path / "data.csv").write_bytes(b"ALPHA")
    with pytest.raises(CorruptRecord, match=r"the content of same\.csv"):
        fetch(store, version, tmp_path / "other")


def test_an_artifact_is_loaded_by_what_it_is_called(
    store: Path, run: Path, version: ArtifactVersion, tmp_path: Path
) -> None:
    make_version(store, "digits", {"a.json": b'{"x": 1}'}, metadata={"rows": 3}, description="two")
    digits = Artifacts(store).versions("digits")
    digits.move("best", 0)
    digits.stage("production", 1)
    one = load_artifact("digits:production", store)
    assert (one.version, one.aliases, one.stages) == ("v1", ["latest"], ["production"])
    assert (one.metadata, one.description, one.files, one.size) == (
        {"rows": 3},
        "two",
        ["a.json"],
        8,
    )
    assert one.load() == {"x": 1}
    assert load_artifact("digits:best", store).path == run / "artifacts" / "digits" / "v0"
    assert repr(one) == "<artifact digits:v1, model, 1 file>"
    with pytest.raises(UsageError, match="a NoneType is no name"):
        load_artifact(None, store)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="has 3 files, and load reads one"):
        load_artifact("digits:best", store).load()
    assert load_artifact("digits:best", store).load("a.txt") == "alpha"
    with pytest.raises(UsageError, match=r"has no file 'b'; it has 'a\.txt'"):
        load_artifact("digits:best", store).load("b")


def test_what_is_loaded_is_asked_for_so_that_whoever_sweeps_leaves_it(
    store: Path, version: ArtifactVersion, tmp_path: Path
) -> None:
    blobs = BlobStore(store)
    wanted = [blobs.path_of(entry.blake3) for entry in version.entries]
    for path in wanted:
        os.utime(path, (0, 0))
    one = load_artifact("digits:v0", store)
    blobs.put_aside(wanted[0])  # by a sweep, at this very moment
    one.download(tmp_path / "there")
    assert all(time.time() - path.stat().st_mtime < YOUNG_S for path in wanted)


def test_a_name_that_means_nothing_names_the_nearest(store: Path, version: ArtifactVersion) -> None:
    with pytest.raises(ArtifactNotFound, match='Did you mean "digits"'):
        load_artifact("digts", store)
    Artifacts(store).versions("digits").stage("production", 0)
    with pytest.raises(ArtifactNotFound, match='Did you mean "production"'):
        load_artifact("digits:prodution", store)
    with pytest.raises(LookupError):
        load_artifact("../digits", store)


def test_arrays_come_back_and_no_pickle_is_read(store: Path, tmp_path: Path) -> None:
    def loaded(name: str, content: bytes) -> LoadedArtifact:
        make_version(store, "object", {name: content})
        return runfolio.load_artifact("object", store)

    np.save(tmp_path / "x.npy", np.arange(3))
    assert loaded("x.npy", (tmp_path / "x.npy").read_bytes()).load().tolist() == [0, 1, 2]
    np.save(tmp_path / "x.npy", np.array([print], dtype=object), allow_pickle=True)
    with pytest.raises(CorruptRecord, match="allow_pickle"):
        loaded("x.npy", (tmp_path / "x.npy").read_bytes()).load()
    with pytest.raises(UsageError, match="is not read here"):
        loaded("x.pkl", b"cposix\n").load()
    assert loaded("x.csv", b"a,b\n1,2\n").load()["b"].tolist() == [2]


def test_the_list_tells_each_artifact_and_what_is_wrong(store: Path, tmp_path: Path) -> None:
    make_version(store, "digits", {"a": b"1"})
    make_version(store, "digits", {"a": b"2"})
    make_version(store, "zeta", {"a": b"33"}, type="dataset")
    artifacts = Artifacts(store)
    artifacts.versions("digits").drop(0, "old")
    artifacts.versions("digits").stage("production", 1)
    (store / ".artifacts" / "zeta" / "log").mkdir()
    (store / ".artifacts" / "zeta" / "log" / "000001-x-1-aa.json").write_text(json.dumps({}))
    (store / ".artifacts" / "link").symlink_to(tmp_path)
    digits, zeta = artifacts.told()
    assert (digits.name, digits.versions, digits.dropped, digits.stages) == (
        "digits",
        2,
        1,
        {"production": 1},
    )
    assert zeta.newest is not None
    assert (zeta.newest.type, zeta.newest.size, zeta.aliases) == ("dataset", 2, {"latest": 0})
    assert ["000001-x-1-aa.json is not as it was written" in one for one in zeta.problems] == [True]
    assert artifacts.faults() == [("link", "it is a link; it is not followed")]


def test_a_folder_in_which_no_version_came_to_lie_is_no_artifact(store: Path) -> None:
    make_version(store, "digits", {"a": b"1"})
    (store / ".artifacts" / "refused").mkdir()
    lost = Artifacts(store).versions("lost")
    lost.log.add("alias", name="best", version=0)
    assert [(one.name, one.problems) for one in Artifacts(store).told()] == [
        ("digits", ()), ("lost", ("it has no version",)),
    ]  # fmt: skip
    assert [one.name for one in ArtifactList(store).told()] == ["digits", "lost"]


def test_the_longest_names_come_too(store: Path, tmp_path: Path) -> None:
    files = {"x" * 240: b"1", "y/" + "ä" * 119: b"2"}
    version = make_version(store, "n" * 128, files)
    assert contents(fetch(store, version, tmp_path / "to").root) == files


def test_a_fetch_that_is_killed_goes_on_where_it_was(store: Path, tmp_path: Path) -> None:
    files = {f"{n}.bin": bytes([n]) * 50_000 for n in range(20)}
    version = make_version(store, "many", files)
    program = (
        "import os, sys; from pathlib import Path\n"
        "from runfolio.store.artifacts import Artifacts\n"
        "from runfolio.format.fetching import fetch\n"
        "left = 12\n"
        "def hook(event, args):\n"
        "    global left\n"
        "    left -= event == 'os.rename'\n"
        "    if left < 0: os._exit(9)\n"
        "sys.addaudithook(hook)\n"
        "fetch(Path('folio'), Artifacts(Path('folio')).resolve('many'), Path('to'))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=False)
    assert done.returncode == 9
    there = {name: content for name, content in contents(tmp_path / "to").items() if name in files}
    assert (len(there), there) == (12, {name: files[name] for name in there})
    assert len(fetch(store, version, tmp_path / "to").written) == 8
