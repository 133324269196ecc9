"""Folders that are removed, moved, swapped or locked under a run that goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.faults.oracle import ROOT, Child, Verdicts, by_our_reader, fingerprint
from tests.faults.test_full_disks import TRAIN

from runfolio.format.manifest import read_record


def finish(child: Child, points: int) -> None:
    """Let the child go on for a while, then finish."""
    child.wait_for(child.acknowledged + points)
    child.tell("")


def test_a_folder_that_is_removed_neither_ends_the_training_nor_comes_back_in_pieces(
    store: Path, verdicts: Verdicts
) -> None:
    with Child(TRAIN, store) as child:
        child.wait_for(300)
        shutil.rmtree(store / "victim")
        finish(child, 300)
        (told,) = child.wait(exited=True)
    assert child.process.returncode == 0
    assert not (store / "victim").exists()
    assert "No such file or directory" in str(child.stderr)
    # Whoever removed the folder took the points; what is counted is that the training went on.
    verdicts.add("F20 folder removed", acknowledged=told.acknowledged)


def test_a_folder_that_is_moved_takes_its_points_along_and_nothing_is_written_elsewhere(
    store: Path, verdicts: Verdicts
) -> None:
    with Child(TRAIN, store) as child:
        child.wait_for(300)
        (store / ".trash").mkdir()
        (store / "victim").rename(store / ".trash" / "victim")
        finish(child, 300)
        (told,) = child.wait(exited=True)
    assert child.process.returncode == 0
    assert not (store / "victim").exists()
    assert read_record(store / ".trash" / "victim").status == "crashed"
    verdicts.judge("F21 folder moved", store / ".trash" / "victim", [told], every_one=True)


def test_a_link_put_in_the_place_of_the_folder_is_not_written_through(
    store: Path, tmp_path: Path, verdicts: Verdicts
) -> None:
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    (stranger / "run.json").write_text("mine")
    before = fingerprint(stranger)
    with Child(TRAIN, store) as child:
        child.wait_for(300)
        (store / ".trash").mkdir()
        (store / "victim").rename(store / ".trash" / "victim")
        (store / "victim").symlink_to(stranger)
        finish(child, 300)
        (told,) = child.wait(exited=True)
    assert fingerprint(stranger) == before
    verdicts.judge("F21 link in its place", store / ".trash" / "victim", [told], every_one=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run the child as nobody")
@pytest.mark.parametrize("again", [True, False], ids=["and unlocked", "for good"])
def test_a_folder_that_may_no_longer_be_written_keeps_every_point(
    store: Path, verdicts: Verdicts, again: bool
) -> None:
    nobody = ["setpriv", "--reuid=65534", "--clear-groups"]
    if subprocess.run([*nobody, "ls", str(ROOT)], capture_output=True, check=False).returncode:
        pytest.skip("nobody may not read the sources")
    store.chmod(0o777)
    with Child(TRAIN, store, under=nobody, env={"HOME": "/nonexistent"}) as child:
        child.wait_for(300)
        (store / "victim").chmod(0o555)
        child.wait_for(1500)
        if again:
            (store / "victim").chmod(0o755)
        finish(child, 300)
        told = child.wait(exited=True)
    assert child.process.returncode == 0
    verdicts.judge("F22 folder locked", store / "victim", told, every_one=True,
                   status="finished" if again else "crashed")  # fmt: skip
    assert again or "Permission denied" in str(child.stderr)
    assert len(by_our_reader(store / "victim")) == told[0].acknowledged
