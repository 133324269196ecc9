"""Files and names that no artifact can hold: refused or told by name, and the rest is kept."""

from __future__ import annotations

import errno
import os
import socket
import unicodedata
from pathlib import Path

import pytest

import runfolio as wandb
from runfolio.errors import RunfolioWarning, UsageError
from runfolio.format import artifact_versions
from runfolio.format.taking import Taking
from runfolio.record.api import init


def written_while_it_is_read(monkeypatch: pytest.MonkeyPatch, path: Path, times: int) -> None:
    """Have another program write to a file, so many times, each in the middle of a reading."""
    copied, left = Taking._copied, [times]

    def copy(self: Taking, fd: int, size: int, temp: Path, likely: str | None) -> object:
        kept = copied(self, fd, size, temp, likely)
        if left[0]:
            left[0] -= 1
            with path.open("a") as file:
                file.write("more")
        return kept

    monkeypatch.setattr(Taking, "_copied", copy)
    monkeypatch.setattr(Taking, "_shared", lambda *_: False)


def test_a_file_that_changes_while_it_is_read_is_taken_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = Path("model.pt")
    path.write_text("one")
    written_while_it_is_read(monkeypatch, path, 1)
    artifact = init().log_artifact("model.pt", name="net")
    assert Path(artifact.file()).read_text() == path.read_text() == "onemore"


def test_a_file_that_never_stands_still_is_refused(
    monkeypatch: pytest.MonkeyPatch, store: Path
) -> None:
    path = Path("model.pt")
    path.write_text("one")
    written_while_it_is_read(monkeypatch, path, 5)
    with pytest.raises(UsageError, match="changed while it was kept, so it is not; log it again"):
        init().log_artifact("model.pt", name="net")
    assert not (store / ".artifacts").exists()
    assert list((store / ".blobs").iterdir()) == []


def test_such_a_file_costs_a_warning_and_not_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNFOLIO_STRICT", "0")
    path = Path("model.pt")
    path.write_text("one")
    Path("config.json").write_text("{}")
    written_while_it_is_read(monkeypatch, path, 2)
    artifact = wandb.Artifact("net", type="model")
    with pytest.warns(RunfolioWarning, match="is not kept: .* changed while it was kept"):
        artifact.add_file("model.pt")
    artifact.add_file("config.json")
    init().log_artifact(artifact)
    assert list(artifact.manifest.entries) == ["config.json"]


def test_sockets_devices_and_links_that_lead_nowhere_are_refused() -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        Path("dangling").symlink_to("gone")
        Path("loop").symlink_to("loop")
        for path in ("socket", "/dev/null", "dangling", "loop"):
            with pytest.raises(UsageError, match=r"no file with a content|there is no file"):
                wandb.Artifact("net", type="model").add_file(path)


def test_in_a_folder_they_are_told_and_the_rest_is_kept() -> None:
    Path("data/empty").mkdir(parents=True)
    Path("data/a.csv").write_text("a")
    Path("data/nothing.csv").touch()
    Path("data/dangling").symlink_to("gone")
    Path("data/loop").symlink_to("loop")
    Path("data/A.csv").write_text("twin")
    composed = unicodedata.normalize("NFC", "é.csv")
    for name in (composed, unicodedata.normalize("NFD", composed)):
        Path("data", name).write_text(name)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("data/socket")
        artifact = wandb.Artifact("digits", type="raw")
        with pytest.warns(RunfolioWarning, match="is left out"):
            artifact.add_dir("data")
    missing = dict(artifact.draft().missing)
    init().log_artifact(artifact)
    assert sorted(missing) == sorted(["a.csv", "dangling", "loop", "socket", composed])
    assert {e.path: e.size for e in artifact.files()} == {
        "A.csv": 4, "nothing.csv": 0, unicodedata.normalize("NFD", composed): 7,
    }  # fmt: skip


def test_an_empty_folder_makes_an_empty_version() -> None:
    Path("data").mkdir()
    artifact = init().log_artifact("data", name="digits")
    assert (artifact.version, artifact.file_count, artifact.size) == ("v0", 0, 0)
    assert os.listdir(artifact.download()) == []  # noqa: PTH208


@pytest.mark.parametrize(
    "name", ["a\0b", "a\nb", "x" * 256, "\udc80", "a//b", "./a", "a/.", "%2E%2E%2Fa", "%252e%252e/a", "c:a"]
)  # fmt: skip
def test_names_that_some_system_cannot_keep_are_refused(name: str) -> None:
    Path("model.pt").write_text("x")
    artifact = wandb.Artifact("net", type="model")
    with pytest.raises(UsageError, match="no name inside an artifact"):
        artifact.add_file("model.pt", name=name)
    assert artifact.file_count == 0


def test_what_no_version_came_to_hold_leaves_a_full_disk_its_room(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setenv("RUNFOLIO_STRICT", "0")
    Path("data").mkdir()
    for n in range(3):
        Path(f"data/{n}").write_text(f"{n}")
    run = init()
    run.log_artifact("data/0", name="first")
    with monkeypatch.context() as patched:
        patched.setattr(artifact_versions, "create_once", full)
        with pytest.warns(RunfolioWarning, match="was not kept"):
            assert run.log_artifact("data", name="all").is_draft()
    assert [path.read_text() for path in store.glob(".blobs/*/*")] == ["0"]
    assert Path(run.use_artifact("first").file()).read_text() == "0"
    assert run.log_artifact("data", name="all").file_count == 3
