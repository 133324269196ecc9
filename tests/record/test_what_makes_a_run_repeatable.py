"""The verdict on a run as a user started it: what is enough to repeat it, and what is in the way."""

from __future__ import annotations

import json
import os
import random
import shutil
import string
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from runfolio.format.manifest import read_record
from runfolio.model.run import RunRecord
from runfolio.replay.workspace import put_back

# Drawn here, so that nobody who looks for secrets finds one.
TOKEN = "ghp_" + "".join(random.Random(7).choices(string.ascii_letters + string.digits, k=36))
Started = Callable[..., RunRecord]


@pytest.fixture
def started(store: Path, monkeypatch: pytest.MonkeyPatch) -> Started:
    """Run a script as a user would, and return what its run says."""
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "true")
    monkeypatch.setenv("RUNFOLIO_STRICT", "0")

    def start(text: str, *arguments: str, path: str = "train.py", cwd: str = ".") -> RunRecord:
        file = Path(path).absolute()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"import runfolio\nrun = runfolio.init(id='r')\n{text}\n")
        given = file if cwd != "." else path
        subprocess.run(
            [sys.executable, given, *arguments], cwd=cwd, check=True, capture_output=True
        )
        return read_record(store / "r")

    return start


def test_a_script_alone_is_enough_and_comes_back(started: Started, tmp_path: Path) -> None:
    record = started("run.log({'a': 1})", path="deep/train.py")
    assert (record.complete["code"], record.complete["replayable"]) == ("whole", "yes")
    put_back(record.path, tmp_path / "back")
    assert "run.log" in (tmp_path / "back" / "deep" / "train.py").read_text()


def test_files_of_a_repository_without_a_commit_are_enough(started: Started) -> None:
    subprocess.run(["git", "init", "-q", "."], check=True)
    assert started("run.log({'a': 1})").complete["replayable"] == "yes"


def test_a_printed_secret_is_in_nobodys_way(started: Started) -> None:
    Path("t").write_text(TOKEN)
    record = started("print(open('t').read()); run.notes = open('t').read()")
    assert TOKEN not in (record.path / "output.log").read_text()
    assert record.counts["redacted"] == 2
    assert (record.counts["to_supply"], record.complete["replayable"]) == (0, "yes")


def test_a_secret_of_the_command_line_has_to_be_supplied(started: Started) -> None:
    record = started("run.log({'a': 1})", "--api-key", "correct-horse-9", f"--x={TOKEN}")
    assert [*record.command[-3:]] == [
        "--api-key",
        "[redacted:api-key]",
        "--x=[redacted:github-token]",
    ]
    assert record.counts["to_supply"] == 2
    assert "2 secrets were taken out and must be supplied" in record.complete["replayable"]


def test_a_script_is_taken_with_its_repository_wherever_it_was_started_from(
    started: Started, tmp_path: Path
) -> None:
    subprocess.run(["git", "init", "-q", "project"], check=True)
    Path("project/beside.py").write_text("x = 1\n")
    record = started("run.log({'a': 1})", path="project/src/train.py", cwd=str(tmp_path))
    assert record.git["files_changed"] == 2
    assert b"beside.py" in (record.path / "code" / "uncommitted.patch").read_bytes()


def test_a_script_from_nowhere_is_taken_with_the_repository_that_it_was_started_in(
    started: Started,
) -> None:
    subprocess.run(["git", "init", "-q", "project"], check=True)
    Path("project/beside.py").write_text("x = 1\n")
    record = started("run.log({'a': 1})", path="nowhere/train.py", cwd="project")
    assert b"beside.py" in (record.path / "code" / "uncommitted.patch").read_bytes()
    assert "run.log" in (record.path / "code" / "script" / "train.py").read_text()


def test_a_journal_beside_the_user_is_no_code_of_a_script_elsewhere(
    started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(["git", "init", "-q", "project"], check=True)
    Path("project/here").mkdir()
    Path("project/here/mine.md").write_text("# Journal\n")
    monkeypatch.setenv("RUNFOLIO_JOURNAL", "mine.md")
    record = started("run.log({'a': 1})", path="project/src/train.py", cwd="project/here")
    assert record.git["files_changed"] == 1


def test_what_was_typed_is_not_known(store: Path, started: Started) -> None:
    code = "import runfolio; runfolio.init(id='r').log({'a': 1})\n"
    for arguments in ([], ["-", "argument"]):
        command = [sys.executable, *arguments]
        subprocess.run(command, input=code.encode(), check=True, capture_output=True)
        said = read_record(store / "r").complete
        assert said["replayable"] == "no: what was typed is not known"
        shutil.rmtree(store / "r")


def test_a_tree_of_which_only_the_commit_is_known_is_not_whole(
    started: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "c"]):
        subprocess.run([*git, *command], check=True)
    with monkeypatch.context() as patch:
        patch.setenv("PATH", os.devnull)
        record = started("run.log({'a': 1})", path="sub/train.py")
    subprocess.run(["git", "clone", "-q", ".", str(tmp_path / "clone")], check=True)
    assert not put_back(record.path, tmp_path / "clone").is_whole
    assert (tmp_path / "clone" / "sub" / "train.py").is_file()


def test_an_error_in_the_capture_is_noted_as_missing(started: Started) -> None:
    record = started(
        "from runfolio.capture.module_files import ModuleFiles\n"
        "ModuleFiles.look = lambda self: 1 / 0\nrun.life.snapshot.wait(60)"
    )
    missing = json.loads((record.path / "code" / "not_captured.json").read_text())
    assert {
        "what": "part of the imported modules",
        "why": "ZeroDivisionError: division by zero",
    } in missing
    assert "part of the imported modules was not captured" in record.complete["replayable"]
