"""What ``artifact.download()`` leaves in a folder: whole files, resumed after a kill, no data of the run."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import runfolio as wandb
from runfolio.errors import CorruptRecord, RunfolioWarning, UsageError
from runfolio.format import fetching
from runfolio.format.blobs import BlobStore
from runfolio.format.disk import Disk
from runfolio.record.api import init
from runfolio.record.artifacts.artifact import Artifact

Script = Callable[..., "subprocess.CompletedProcess[str]"]
FILES = {f"{n:02d}.csv": f"n\n{n}\n" * 5000 for n in range(8)} | {"deep/er.csv": "n\n1\n"}


@pytest.fixture
def digits(store: Path) -> Artifact:
    """An artifact that an earlier run made, used by one that is open."""
    for name, content in FILES.items():
        Path("data", name).parent.mkdir(parents=True, exist_ok=True)
        Path("data", name).write_text(content)
    with init(id="first") as run:
        run.log_artifact("data", name="digits", type="dataset")
    shutil.rmtree("data")
    return init(id="second").use_artifact("digits")


def found(folder: str | Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file()
    }


def blob(store: Path, artifact: Artifact, name: str) -> Path:
    return BlobStore(store).path_of(artifact.get_entry(name).digest)


def test_files_held_against_their_hashes_are_no_data_that_the_run_used(
    digits: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    wandb.finish()
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "true")
    Path("pyproject.toml").write_text("")
    digits.download("here")
    Path("00.csv").write_text("another of that name, beside the folder")
    for path in (Path("00.csv"), *Path("here").rglob("*.csv")):
        os.utime(path, (1, 1))
    with init(id="third") as run:
        run.use_artifact("digits").download("here")
        run.use_artifact("digits").download("there")
        run.use_artifact("digits").get_entry("00.csv").download("here")
        run.use_artifact("digits").verify("here")
    assert json.loads((run.path / "data.json").read_text())["used"] == []
    with init(id="fourth") as run:
        Path("here/00.csv").read_text()
    assert [item["uri"] for item in json.loads((run.path / "data.json").read_text())["used"]] == [
        "here/00.csv"
    ]


KILLED = """
import os, sys
import runfolio
artifact = runfolio.init(id="second").use_artifact("digits")
left = {left}
def hook(event, args):
    global left
    left -= event in {events}
    if left < 0:
        os._exit(9)
sys.addaudithook(hook)
artifact.download("here")
os._exit(0)
"""


def test_a_download_that_is_killed_anywhere_shows_no_half_file_and_goes_on(
    digits: Artifact, script: Script
) -> None:
    wandb.finish()
    left, statuses, begun = 0, list[int](), 0
    while not statuses or statuses[-1]:
        # Before a name is given at first, then anywhere.
        events = ["os.rename"] if left < 4 else ["open", "os.rename", "os.remove", "os.mkdir"]
        statuses.append(script(KILLED.format(left=left, events=events)).returncode)
        there = found("here") if Path("here").is_dir() else {}
        half = {name for name in there if "tmp" in name}
        assert all(FILES.get(name) == text for name, text in there.items() if name not in half)
        begun += len(half)
        left += 1 if left < 4 else 9
        if len(statuses) % 2:  # also one after another
            digits.download("here")
            digits.verify("here")
            assert found("here") == FILES
            shutil.rmtree("here")
    assert set(statuses) == {9, 0}
    assert len(statuses) > 6
    assert begun >= 4


def test_who_asks_for_one_file_after_the_other_has_no_folder_listed_for_each(
    digits: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("here").mkdir()
    listed: list[tuple[Any, ...]] = []
    listdir = os.listdir
    with monkeypatch.context() as patched:
        patched.setattr(os, "listdir", lambda *given: (listed.append(given), listdir(*given))[1])
        patched.setattr(fetching, "_CLEAR_S", 1e6)
        for name in FILES:
            digits.get_entry(name).download("here")
    by_number = [given for given in listed if isinstance(given[0], int)]
    assert len(by_number) <= 2
    assert found("here") == FILES


def test_a_download_in_which_a_file_was_cut_short_is_put_right(digits: Artifact) -> None:
    folder = Path(digits.download("here"))
    kept = (folder / "01.csv").stat().st_ino
    (folder / "00.csv").write_text("n\n0")
    (folder / "deep/er.csv").unlink()
    (folder / ".runfolio.00000000.999999999-ab.tmp").write_text("of another machine")
    digits.download("here")
    assert found("here") == FILES | {".runfolio.00000000.999999999-ab.tmp": "of another machine"}
    assert (folder / "01.csv").stat().st_ino == kept


@pytest.mark.parametrize("link", ["deep", "00.csv"])
def test_a_link_planted_in_the_folder_is_not_written_through(digits: Artifact, link: str) -> None:
    Path("here").mkdir()
    Path("out").mkdir()
    Path("here", link).symlink_to(Path("out" if link == "deep" else "out/00.csv").absolute())
    if link == "deep":
        with pytest.raises(CorruptRecord, match="is a link or no folder"):
            digits.download("here")
    else:
        digits.download("here")
        assert found("here") == FILES
    assert list(Path("out").iterdir()) == []


@pytest.mark.parametrize("fault", ["changed", "gone"])
def test_what_the_store_has_lost_comes_from_the_run_that_made_it(
    digits: Artifact, store: Path, fault: str
) -> None:
    held = store / "first/artifacts/digits/v0/00.csv"
    content = held.read_text()
    held.unlink()
    held.write_text(content)
    path = blob(store, digits, "00.csv")
    path.unlink()
    if fault == "changed":
        path.write_text(content.replace("0", "1"))
    assert found(digits.download("here")) == FILES
    held.unlink()
    with pytest.raises(CorruptRecord, match=r"the content of 00\.csv is missing, or is not what"):
        digits.download("there")
    assert found("there") == {name: text for name, text in FILES.items() if name != "00.csv"}


def test_where_blocks_are_shared_they_are_held_against_the_hash_too(
    digits: Artifact, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on btrfs and xfs, which few machines have."""

    def share(_: Disk, source: int, target: int) -> bool:
        return bool(os.sendfile(target, source, 0, 1 << 20) or True)

    monkeypatch.setattr(Disk, "share_open", share)
    assert found(digits.download("here")) == FILES
    shutil.rmtree(store / "first/artifacts")
    path = blob(store, digits, "00.csv")
    path.chmod(0o644)
    path.write_text(path.read_text().replace("0", "1"))
    with pytest.raises(CorruptRecord, match=r"00\.csv"):
        digits.download("there")


def test_a_full_disk_leaves_whole_files_alone(
    digits: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, left = Disk.append, [4]

    def fill(disk: Disk, fd: int, data: memoryview) -> None:
        left[0] -= 1
        if left[0] < 0:
            append(disk, fd, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        append(disk, fd, data)

    monkeypatch.setattr(Disk, "append", fill)
    with pytest.raises(OSError, match="No space left"):
        digits.download("here")
    there = found("here")
    assert len(there) == 4
    assert there == {name: FILES[name] for name in there}
    monkeypatch.undo()


def test_addresses_are_told_and_files_without_a_hash_come(digits: Artifact) -> None:
    Path("x.csv").write_text("x")
    Path("y.csv").write_text("y")
    artifact = wandb.Artifact("where", type="dataset")
    artifact.add_reference(Path("x.csv").absolute().as_uri(), checksum=False)
    artifact.add_reference(Path("y.csv").absolute().as_uri())
    wandb.log_artifact(artifact)
    assert found(artifact.download("here")) == {"x.csv": "x", "y.csv": "y"}
    Path("x.csv").write_text("longer")
    assert found(artifact.download("here")) == {"x.csv": "longer", "y.csv": "y"}
    Path("y.csv").unlink()
    with pytest.raises(
        UsageError, match=r"'y\.csv' is not fetched: it stands for file:.* not on this machine"
    ):
        artifact.download("there")
    with pytest.warns(RunfolioWarning, match="is not on this machine"):
        artifact.download("there", allow_missing_references=True)
    assert found("there") == {"x.csv": "longer"}


def test_where_no_name_has_a_colon_the_folder_of_a_download_has_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mkdir = Path.mkdir

    def refused(self: Path, *given: Any, **more: Any) -> None:
        if ":" in str(self):
            raise FileNotFoundError(errno.ENOENT, "as exFAT says it", str(self))
        mkdir(self, *given, **more)

    Path("a.txt").write_text("a")
    with init() as run:
        artifact = run.log_artifact("a.txt", name="net")
        monkeypatch.setattr(Path, "mkdir", refused)
        assert artifact.download() == str(Path("artifacts/net-v0").absolute())
        artifact.verify()
        monkeypatch.undo()
        assert artifact.download() == str(Path("artifacts/net:v0").absolute())
    assert not list(Path().glob(".runfolio:*"))
