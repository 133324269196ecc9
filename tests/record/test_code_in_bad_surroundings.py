"""Where git is missing, hangs, or finds rubbish, a run goes on and says what it lacks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from runfolio.capture.snapshot import UNCOMMITTED
from runfolio.format.manifest import read_record
from runfolio.model.run import RunRecord

GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "core.fsync=none")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with one commit and a script that is not in it."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "a.py").write_text("a = 1\n")
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "c"]):
        subprocess.run([*GIT, *command], cwd=folder, check=True)
    (folder / "train.py").write_text("import runfolio\nrunfolio.init().log({'a': 1})\n")
    return folder


def run_in(project: Path, **variables: str) -> tuple[RunRecord, dict[str, Any]]:
    store = project.parent / "folio"
    env = {**os.environ, "RUNFOLIO_DIR": str(store), "RUNFOLIO_CAPTURE": "true", **variables}
    subprocess.run([sys.executable, "train.py"], cwd=project, env=env, check=True, timeout=120)
    folder = next(store.glob("*/run.json")).parent
    missing = json.loads((folder / "code" / "not_captured.json").read_text())
    return read_record(folder), {item["what"]: item for item in missing}


def test_a_git_that_hangs_costs_the_changes_and_not_the_commit(project: Path) -> None:
    fake = project.parent / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\nexec sleep 300\n")
    fake.chmod(0o755)
    record, missing = run_in(project, PATH=f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
    assert missing[UNCOMMITTED]["why"] == "git does not answer"
    assert len(record.git["sha"]) == 40
    assert (record.path / "code" / "script" / "train.py").is_file()
    assert "the uncommitted part of the code was not captured" in record.complete["replayable"]


def test_without_git_the_same_is_known(project: Path) -> None:
    (project.parent / "empty").mkdir()
    record, missing = run_in(project, PATH=str(project.parent / "empty"))
    assert missing[UNCOMMITTED]["why"] == "git is not installed"
    assert len(record.git["sha"]) == 40


def test_where_gitpython_refuses_its_own_words_are_told(project: Path) -> None:
    record, missing = run_in(project, GIT_PYTHON_GIT_EXECUTABLE="/nowhere/git")
    assert missing[UNCOMMITTED]["why"].startswith("GitPython cannot be imported: ")
    assert len(record.git["sha"]) == 40


def test_a_broken_index_costs_nothing_that_is_needed(project: Path) -> None:
    (project / ".git" / "index").write_bytes(b"DIRC" + bytes(60))
    record, missing = run_in(project)
    assert missing["what was staged"]["needed"] is False
    assert record.complete["code"] == "whole"
    assert b"train.py" in (record.path / "code" / "uncommitted.patch").read_bytes()


def test_rubbish_beside_the_code_is_named_and_the_code_kept(project: Path) -> None:
    (project / "n.ipynb").write_text("no notebook")
    with (project / "huge.bin").open("wb") as file:
        file.truncate(10 << 30)
    record, missing = run_in(project)
    assert missing["huge.bin"]["bytes"] == 10 << 30
    assert "no valid notebook" in missing["n.ipynb"]["why"]
    assert record.git["files_changed"] == 1
