"""A run goes from format to format whole, wherever it is stopped on the way."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from runfolio.format import upgrade
from runfolio.format.disk import Disk
from runfolio.format.manifest import read_manifest, write_manifest
from runfolio.format.upgrade import Change, Step, upgrade_run
from runfolio.testing import Fault, FaultyFiles

GOLDEN = Path(__file__).parents[1] / "golden"


def labels_apart(folder: Path, body: Mapping[str, Any]) -> Change:
    """As a later format might have it: tags and notes in a file of their own."""
    labels = {key: body[key] for key in ("tags", "notes")}
    rest = {key: value for key, value in body.items() if key not in labels}
    return Change(rest | {"labels": "labels.json"}, {"labels.json": repr(labels).encode()})


def named_anew(folder: Path, body: Mapping[str, Any]) -> Change:
    return Change({**body, "title": body["name"]})


STEPS = {1: Step(labels_apart, obsolete=("heartbeat*",)), 2: Step(named_anew)}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (source,) = (path for path in (GOLDEN / "finished").iterdir() if path.is_dir())
    return shutil.copytree(source, tmp_path / source.name)


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*") if path.is_file()}  # fmt: skip


@pytest.mark.parametrize("name", [path.parent.name for path in GOLDEN.glob("*/expected.json")])
def test_the_newest_format_needs_no_upgrade(name: str) -> None:
    (folder,) = (path for path in (GOLDEN / name).iterdir() if path.is_dir())
    before = files_of(folder)
    done = upgrade_run(folder, Disk())
    assert (done.was, done.now, done.why, done.removed) == (1, 1, "", ())
    assert files_of(folder) == before


def test_a_run_goes_through_every_format_between(run: Path) -> None:
    done = upgrade_run(run, Disk(), steps=STEPS, newest=3)
    assert (done.was, done.now, done.removed) == (1, 3, ("heartbeat",))
    body = read_manifest(run)
    assert (body["format"], body["title"], "tags" in body) == (3, "baseline", False)
    assert (run / "labels.json").is_file()
    assert upgrade_run(run, Disk(), steps=STEPS, newest=3) == upgrade.Upgrade(3, 3)


def test_a_dry_run_changes_nothing(run: Path) -> None:
    before = files_of(run)
    done = upgrade_run(run, Disk(), steps=STEPS, newest=3, dry_run=True)
    assert (done.now, done.removed) == (3, ("heartbeat",))
    assert files_of(run) == before


def is_whole(folder: Path) -> bool:
    """Whether the run is whole in the format that its manifest names."""
    body = read_manifest(folder)
    if body["format"] == 1:
        return "tags" in body and (folder / "heartbeat").is_file()
    return (folder / "labels.json").is_file() and (body["format"] < 3 or "title" in body)


@pytest.mark.parametrize("call", ["replace", "unlink"])
def test_an_upgrade_can_be_stopped_at_each_call(run: Path, call: str) -> None:
    for at in range(1, 9):
        folder = shutil.copytree(run, run.parent / f"{at}" / run.name)
        files = FaultyFiles(Fault(call, errno.EIO, at=at))
        if at == 1 or (call == "replace" and at <= 3):
            with pytest.raises(OSError, match="Input/output"):
                upgrade_run(folder, files, steps=STEPS, newest=3)
        assert is_whole(folder), at
        upgrade_run(folder, Disk(), steps=STEPS, newest=3)
        assert is_whole(folder)
        assert read_manifest(folder)["format"] == 3
        assert not (folder / "heartbeat").exists()


def test_a_newer_format_is_named_and_left(run: Path) -> None:
    write_manifest(run, read_manifest(run) | {"format": 9}, Disk())
    before = files_of(run)
    done = upgrade_run(run, Disk())
    assert (done.now, "format 9 is newer" in done.why) == (9, True)
    assert files_of(run) == before


@pytest.mark.parametrize(
    ("change", "why"),
    [({"format": "two"}, "does not say"), ({"format": None}, "does not say")],
)
def test_a_run_of_no_format_is_named_and_left(
    run: Path, change: dict[str, object], why: str
) -> None:
    write_manifest(run, read_manifest(run) | change, Disk())
    assert why in upgrade_run(run, Disk(), steps=STEPS, newest=3).why


def test_a_hand_edited_run_and_one_at_work_are_left(run: Path) -> None:
    manifest = run / "run.json"
    manifest.write_text(manifest.read_text().replace("baseline", "forged"))
    assert "edited by hand" in upgrade_run(run, Disk(), steps=STEPS, newest=3).why
    write_manifest(run, read_manifest(run) | {"status": "running"}, Disk())
    assert "still be written" in upgrade_run(run, Disk(), steps=STEPS, newest=3).why
