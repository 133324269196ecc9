"""Local modules whose files are no longer what was imported."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import runfolio.capture.modules as modules_of
from runfolio.capture.modules import (
    changed_since_import,
    local_file,
    look_at_imports,
    look_at_updates,
)
from runfolio.format.events import read_events
from runfolio.format.manifest import read_record
from runfolio.query.staleness import run_staleness


@pytest.fixture
def losses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A module ``losses_of_mine`` that was imported and seen."""
    file = tmp_path / "losses_of_mine.py"
    file.write_text("scale = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    for held in ("_seen", "_imported", "_moments"):
        monkeypatch.setattr(modules_of, held, {})
    monkeypatch.setattr(modules_of, "_count", 0)
    importlib.import_module("losses_of_mine")
    look_at_imports()
    yield file
    del sys.modules["losses_of_mine"]


def test_an_edited_module_is_named(losses: Path) -> None:
    assert changed_since_import() == []
    losses.write_text("scale = 2\n")
    assert changed_since_import() == ["losses_of_mine"]


def test_a_module_that_was_only_touched_is_not(losses: Path) -> None:
    os.utime(losses, (1, 1))
    assert changed_since_import() == []


def test_a_module_that_is_gone_is_named(losses: Path) -> None:
    losses.unlink()
    assert changed_since_import() == ["losses_of_mine"]


def test_a_module_that_was_reloaded_is_as_it_was_imported(losses: Path) -> None:
    losses.write_text("scale = 20\n")
    importlib.reload(sys.modules["losses_of_mine"])
    assert changed_since_import() == []
    losses.write_text("scale = 300\n")
    assert changed_since_import() == ["losses_of_mine"]


def test_what_is_installed_or_part_of_python_is_not_local(losses: Path) -> None:
    import json

    assert [local_file(module) for module in (json, pytest, modules_of, sys, object())] == [
        None
    ] * 5
    assert local_file(sys.modules["losses_of_mine"]) == str(losses)


SCRIPT = """
import pathlib, helper_of_mine, runfolio
run = runfolio.init()
run.life.snapshot.wait(60)
run.log({"a": 1})
pathlib.Path("helper_of_mine.py").write_text("x = 2")
"""


def test_a_run_keeps_which_modules_changed_and_its_card_says_so(tmp_path: Path) -> None:
    (tmp_path / "helper_of_mine.py").write_text("x = 1")
    (tmp_path / "train.py").write_text(SCRIPT)
    subprocess.run(
        [sys.executable, "train.py"], cwd=tmp_path, check=True, stdout=subprocess.DEVNULL,
        env={**os.environ, "RUNFOLIO_DIR": str(tmp_path / "folio"), "RUNFOLIO_CAPTURE": "true"},
    )  # fmt: skip
    folder = next((tmp_path / "folio").glob("*/run.json")).parent
    found = run_staleness(read_record(folder), read_events(folder))

    assert found.lines == ["changed on disk since import: helper_of_mine"]
    assert found.unknown == ""


def test_a_module_that_was_reloaded_before_it_was_edited_again_is_named(losses: Path) -> None:
    losses.write_text("scale = 20\n")
    importlib.reload(sys.modules["losses_of_mine"])
    look_at_imports()
    losses.write_text("scale = 300\n")
    assert changed_since_import() == ["losses_of_mine"]


@pytest.mark.parametrize(
    ("moments", "failed", "changed"),
    [
        ((1.0, 2.0), (), []),
        ((2.0, 2.0), (), ["losses_of_mine"]),  # the date of the edit, but nobody looked into it
        ((1.0, 2.0), (2.0,), ["losses_of_mine"]),
        ((1.0, 1.5), (), ["losses_of_mine"]),  # edited once more since
    ],
)
def test_a_module_that_was_updated_in_place_is_as_it_was_imported(
    losses: Path, moments: tuple[float, float], failed: tuple[float, ...], changed: list[str]
) -> None:
    losses.write_text("scale = 2\n")
    os.utime(losses, (2, 2))
    for moment in moments:
        look_at_updates({"losses_of_mine": moment}, failed)
    assert changed_since_import() == changed
