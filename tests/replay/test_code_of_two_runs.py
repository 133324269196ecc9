"""The code of two runs: both trees with what was not committed, and what is left without git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from runfolio.format.manifest import read_record
from runfolio.model.run import RunRecord
from runfolio.record.api import init
from runfolio.replay.trees import CodeDiff, code_diff

HELPER = "def scale(x):\n    return x * 2\n"


def git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=m")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def project(store_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "helper.py").write_text(HELPER)
    (folder / "data.bin").write_bytes(b"\0\1\2")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    monkeypatch.chdir(folder)
    return folder


def run() -> RunRecord:
    with init() as made:
        made.life.snapshot.wait(60)
    return read_record(made.path)


def told(found: CodeDiff) -> list[tuple[str, str]]:
    return [(change.path, change.kind) for change in found.changes]


def test_the_same_tree_does_not_differ(project: Path) -> None:
    assert code_diff(run(), run()).is_same


def test_edits_new_and_deleted_files_differ_committed_or_not(project: Path) -> None:
    before = run()
    (project / "helper.py").write_text(HELPER.replace("2", "3"))
    (project / "new.py").write_text("new = 1\n")
    (project / "data.bin").unlink()
    loose = run()
    git(project, "add", "-A")
    git(project, "commit", "-qm", "two")
    expected = [("data.bin", "removed"), ("helper.py", "changed"), ("new.py", "added")]
    assert told(code_diff(before, loose)) == told(code_diff(before, run())) == expected
    assert code_diff(loose, run()).changes == ()


def test_lines_show_what_changed_and_what_is_no_text_says_so(project: Path) -> None:
    before = run()
    (project / "helper.py").write_text(HELPER.replace("2", "3"))
    (project / "data.bin").write_bytes(b"\0\1")
    data, helper = code_diff(before, run()).changes
    assert data.note == "no text, 3 bytes → 2 bytes"
    assert helper.text is not None
    assert (helper.text.added, helper.text.removed) == (1, 1)


def test_a_renamed_file_is_one_change(project: Path) -> None:
    before = run()
    git(project, "mv", "helper.py", "tools.py")
    (change,) = code_diff(before, run()).changes
    assert (change.kind, change.was_path, change.path) == ("renamed", "helper.py", "tools.py")


def test_the_repository_is_not_touched(project: Path) -> None:
    before = run()
    (project / "helper.py").write_text(HELPER.replace("2", "3"))
    after = run()

    def stamps() -> dict[str, tuple[int, int]]:
        return {
            str(path): (path.lstat().st_mtime_ns, path.lstat().st_size)
            for path in project.rglob("*")
        }

    was = stamps()
    assert code_diff(before, after).changes
    assert stamps() == was


def test_without_the_repository_the_uncommitted_parts_are_compared(
    project: Path, tmp_path: Path
) -> None:
    before = run()
    (project / "helper.py").write_text(HELPER.replace("2", "3"))
    found = code_diff(before, run(), near=tmp_path)
    assert told(found) == [("helper.py", "patch")]
    assert "there is no repository here" in found.note


def test_a_commit_that_the_repository_does_not_have_is_named(project: Path, tmp_path: Path) -> None:
    before, after = run(), run()
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    git(other, "commit", "-q", "--allow-empty", "-m", "x")
    assert "does not have the commit" in code_diff(before, after, near=other).note


@pytest.mark.parametrize("name", ["../out.py", "/etc/passwd", "a/../../b"])
def test_a_record_that_names_files_outside_is_not_followed(project: Path, name: str) -> None:
    before, after = run(), run()
    facts = after.path / "code" / "git.json"
    facts.write_text(facts.read_text().replace('"overlay": []', f'"overlay": ["{name}"]'))
    assert "outside of the code" in code_diff(before, after).note


def test_a_patch_that_does_not_apply_is_said(project: Path) -> None:
    before = run()
    (project / "helper.py").write_text(HELPER.replace("2", "3"))
    after = run()
    patch = after.path / "code" / "uncommitted.patch"
    patch.write_text(patch.read_text().replace("def scale", "def skale"))
    found = code_diff(before, after)
    assert found.note.startswith("the commits themselves: ")
    assert told(found) == [("helper.py", "patch")]


def test_without_the_repository_a_binary_file_is_told_by_its_ids(
    project: Path, tmp_path: Path
) -> None:
    before = run()
    (project / "data.bin").write_bytes(bytes(range(256)) * 40)
    (change,) = code_diff(before, run(), near=tmp_path).changes
    assert change.text is not None
    lines = ["".join(piece.text for piece in row.now) for row in change.text.rows]
    assert lines[-1] == "binary"
    assert [line.split()[0] for line in lines] == ["index", "binary"]
