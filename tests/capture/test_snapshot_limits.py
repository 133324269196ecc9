"""What a snapshot leaves out, it names."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import blake3
import pytest

from runfolio.capture import content_hashes, plumbing, staging
from runfolio.capture import snapshot as snapshot_module
from runfolio.capture.git import unavailable
from runfolio.capture.snapshot import UNCOMMITTED, snapshot


def reasons(state):
    return {item.what: item.why for item in state.not_captured}


def test_a_huge_sparse_file_is_left_out_by_name(repo):
    with (repo.path / "huge.bin").open("wb") as file:
        file.truncate(10 << 30)
    repo.write("new.py")
    state = snapshot(repo.path)
    assert reasons(state) == {"huge.bin": "larger than 10 MB"}
    assert state.files_changed == 1


def test_a_tracked_file_that_grew_over_the_limit_stays_as_committed(repo):
    with (repo.path / "a.py").open("wb") as file:
        file.truncate(11 << 20)
    state = snapshot(repo.path)
    assert reasons(state) == {"a.py": "larger than 10 MB"}
    assert not state.patch


def test_a_large_file_that_is_staged_is_left_out_too(repo):
    repo.write("big.bin", bytes(11 << 20))
    repo.git("add", "big.bin")
    state = snapshot(repo.path)
    assert "big.bin" in reasons(state)
    assert not state.dirty


def test_of_many_untracked_files_code_is_kept_before_data(repo, monkeypatch):
    monkeypatch.setattr(staging, "MAX_UNTRACKED", 5)
    for number in range(20):
        repo.write(f"data/{number:02}.png")
    repo.write("train.py", "t = 1\n")
    state = snapshot(repo.path)
    assert b"b/train.py" in state.patch
    assert state.files_changed == 5
    assert list(reasons(state)) == ["16 untracked files"]


def test_the_sum_of_all_files_is_bounded(repo, monkeypatch):
    monkeypatch.setattr(staging, "MAX_TOTAL_BYTES", 3000)
    for number in range(5):
        repo.write(f"{number}.py", "x" * 1000)
    state = snapshot(repo.path)
    assert state.files_changed == 3
    assert len(state.not_captured) == 2


def test_beyond_fifty_files_of_one_kind_the_rest_is_counted(repo):
    for number in range(60):
        with (repo.path / f"{number}.bin").open("wb") as file:
            file.truncate(11 << 20)
    state = snapshot(repo.path)
    assert len(state.not_captured) == 51
    assert state.not_captured[-1].what == "10 more files"


def test_a_pipe_in_place_of_a_file_is_not_waited_for(repo):
    (repo.path / "a.py").unlink()
    os.mkfifo(repo.path / "a.py")
    os.mkfifo(repo.path / "new.py")
    state = snapshot(repo.path)
    assert state is not None
    assert not state.overlay


def test_a_deleted_large_file_does_not_bring_its_content(repo):
    repo.write("big.bin", os.urandom(1 << 20))
    repo.commit()
    (repo.path / "big.bin").unlink()
    state = snapshot(repo.path)
    assert state.files_changed == 1
    assert len(state.patch) < 500


def test_a_file_that_was_large_is_kept_whole_beside_the_patch(repo, rebuilt, tmp_path):
    repo.write("data.csv", b"1\n" * (6 << 20))
    repo.commit()
    repo.write("data.csv", "1\n")
    state = snapshot(repo.path)
    assert dict(state.overlay) == {"data.csv": b"1\n"}
    assert not state.patch
    assert rebuilt(state, tmp_path / "clone") == state.tree


def test_a_file_that_cannot_be_read_does_not_hide_the_others(repo, monkeypatch):
    repo.write("a.py", "a = 2\n")
    repo.write("b.py", "b = 2\n")
    work_writes = staging.Scratch.write

    def fails_for_b(self, *arguments, stdin=None):
        if stdin is not None and b"b.py" in stdin and "--add" in arguments:
            raise plumbing.GitFailed("short read")
        return work_writes(self, *arguments, stdin=stdin)

    monkeypatch.setattr(staging.Scratch, "write", fails_for_b)
    state = snapshot(repo.path)
    assert b"+a = 2" in state.patch
    assert reasons(state) == {"b.py": "git could not read it"}


def test_a_submodule_that_is_not_checked_out_is_whole(repo, new_repo):
    new_repo(repo.path.parent / "inner").commit(i_py="i = 1\n")
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../inner", "sub")
    repo.commit()
    repo.git("submodule", "--quiet", "deinit", "-f", "sub")
    state = snapshot(repo.path)
    assert not state.dirty
    assert state.not_captured == ()


def test_outside_a_repository_there_is_no_snapshot(tmp_path):
    assert snapshot(tmp_path) is None


def test_a_bare_repository_has_no_work_tree_to_take(tmp_path, new_repo):
    repo = new_repo(tmp_path / "bare", "--bare")
    assert snapshot(repo.path) is None


def test_a_folder_that_is_gone_gives_no_snapshot(tmp_path):
    assert snapshot(tmp_path / "gone") is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_of_a_repository_of_somebody_else_the_commit_and_the_reason_are_told(repo):
    sha = repo.git("rev-parse", "HEAD")
    for path in (repo.path, repo.path / ".git"):
        os.chown(path, 12345, 12345)
    state = snapshot(repo.path)
    assert (state.sha, state.branch, state.dirty, state.tree) == (sha, "main", True, None)
    assert state.not_captured[0].what == UNCOMMITTED
    assert "safe.directory" in state.not_captured[0].why


def test_without_git_the_reason_is_told(repo, monkeypatch):
    monkeypatch.setenv("PATH", str(repo.path))
    assert unavailable() == "git is not installed"
    assert snapshot(repo.path) is None


@pytest.fixture
def gitpython():
    """GitPython, imported while git still answers."""
    assert unavailable() is None


@pytest.fixture
def hanging_git(tmp_path, monkeypatch):
    """A git on the path that never answers."""
    shim = tmp_path / "bin" / "git"
    shim.parent.mkdir()
    shim.write_text("#!/bin/sh\nexec sleep 30\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{shim.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(plumbing, "CALL_SECONDS", 0.2)
    monkeypatch.setattr(plumbing, "_PROBE_SECONDS", 0.2)


def test_a_git_that_hangs_is_found_before_it_is_used(repo, hanging_git, monkeypatch):
    monkeypatch.delitem(sys.modules, "git", raising=False)
    assert unavailable() == "git does not answer"
    assert snapshot(repo.path) is None


def test_a_git_that_begins_to_hang_is_left_after_its_time(repo, gitpython, hanging_git):
    state = snapshot(repo.path)
    assert "did not answer" in state.not_captured[0].why


def test_when_the_time_is_over_commit_and_branch_stay(repo, monkeypatch):
    repo.write("a.py", "a = 2\n")

    def late(*_):
        raise plumbing.GitTooSlow("git took too long")

    monkeypatch.setattr(snapshot_module, "changes", late)
    state = snapshot(repo.path)
    assert state.branch == "main"
    assert state.dirty
    assert reasons(state) == {snapshot_module.UNCOMMITTED: "git took too long"}


def test_no_scratch_folder_is_left_behind(repo, tmp_path, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    repo.write("a.py", "a = 2\n")
    snapshot(repo.path)
    assert list(temporary.iterdir()) == []


def test_where_git_cannot_compare_large_files_in_time_the_code_is_kept(repo, monkeypatch):
    repo.write("a.py", "a = 2\n")
    repo.write("big.csv", "1,2,3\n" * 100_000)
    write_patch = snapshot_module.patch

    def slow_for_large(work, deleted):
        if b"big.csv" in work.read("ls-files", "-z").output:
            raise plumbing.GitTooSlow("git diff-index did not answer within 5 s")
        return write_patch(work, deleted)

    monkeypatch.setattr(snapshot_module, "patch", slow_for_large)
    state = snapshot(repo.path)
    assert b"+a = 2" in state.patch
    assert reasons(state) == {"big.csv": "git diff-index did not answer within 5 s"}
    assert state.files_changed == 1


def test_what_is_left_out_has_its_size_and_hash(repo):
    content = os.urandom(11 << 20)
    repo.write("big.bin", content)
    (left,) = snapshot(repo.path).not_captured
    assert (left.bytes, left.hash) == (11 << 20, blake3.blake3(content).hexdigest()[:32])


def test_where_there_is_no_hash_the_reason_is_told(repo, monkeypatch):
    monkeypatch.setattr(content_hashes, "MAX_BYTES", 12 << 20)
    for name in ("1.bin", "2.bin"):
        repo.write(name, bytes(11 << 20))
    first, second = snapshot(repo.path).not_captured
    assert first.hash
    assert "hashed in all" in second.not_hashed


def test_staged_files_count_for_the_sum_of_all_files(repo, monkeypatch):
    monkeypatch.setattr(staging, "MAX_TOTAL_BYTES", 3000)
    for number in range(5):
        repo.write(f"{number}.py", "x" * 1000)
    repo.git("add", "-A")
    state = snapshot(repo.path)
    assert state.files_changed == 3
    assert len(state.not_captured) == 2


def test_old_contents_count_too_and_then_the_new_one_is_kept_whole(repo, monkeypatch):
    repo.write("data.csv", "1\n" * 2000)
    repo.commit()
    repo.write("data.csv", "2\n")
    monkeypatch.setattr(staging, "MAX_TOTAL_BYTES", 3000)
    assert dict(snapshot(repo.path).overlay) == {"data.csv": b"2\n"}


AS_ANOTHER_USER = """
import os, pathlib, sys
import blake3, git
from runfolio.capture.snapshot import snapshot
snapshot(pathlib.Path(sys.argv[2]))  # imports the rest, which that user may not read
os.setgid(65534), os.setuid(65534)
state = snapshot(pathlib.Path(sys.argv[1]))
print(sorted((item.what, item.why) for item in state.not_captured), b"+b = 2" in state.patch)
"""


@pytest.fixture
def open_to_all():
    """A folder that other users may enter: pytest's own are closed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        path.chmod(0o755)
        yield path


@pytest.mark.skipif(
    os.geteuid() != 0, reason="root reads everything, and only root becomes another"
)
@pytest.mark.parametrize("unreadable", ["src/c.py", ".git/index"])
def test_files_that_may_not_be_read_do_not_hide_the_others(repo, open_to_all, new_repo, unreadable):
    theirs = new_repo(open_to_all / "theirs")
    theirs.commit(b_py="b = 1\n", src__c_py="c = 1\n")
    theirs.write("b.py", "b = 2\n")
    theirs.write("src/c.py", "c = 2\n")
    subprocess.run(["chown", "-R", "65534:65534", theirs.path], check=True)
    (theirs.path / unreadable).chmod(0)
    os.chown(theirs.path / unreadable, 0, 0)
    out = subprocess.check_output(
        [sys.executable, "-c", AS_ANOTHER_USER, theirs.path, repo.path], text=True, timeout=60,
        env={**os.environ, "HOME": str(open_to_all)},
    )  # fmt: skip
    expected = {
        "src/c.py": [("src/c.py", "not readable")],
        ".git/index": [("what was staged", staging.NO_INDEX)],
    }
    assert out == f"{expected[unreadable]} True\n"


def test_an_untracked_virtual_environment_is_named_and_not_copied(repo):
    repo.write(".venv/pyvenv.cfg", "home = /usr\n")
    repo.write(".venv/lib/python3/site-packages/x.py")
    repo.write("train.py", "t = 1\n")
    state = snapshot(repo.path)
    assert [(item.what, item.needed) for item in state.not_captured] == [(".venv", False)]
    assert state.files_changed == 1


def test_what_programs_remake_goes_before_code_of_the_user_is_cut(repo, monkeypatch):
    monkeypatch.setattr(staging, "MAX_UNTRACKED", 2)
    for name in ("__pycache__/a.py", ".ipynb_checkpoints/n.py", "node_modules/m.json", "z/z.py"):
        repo.write(name)
    repo.write("train.py", "t = 1\n")
    patch = snapshot(repo.path).patch
    assert b"b/train.py" in patch
    assert b"b/z/z.py" in patch


def test_what_a_killed_process_left_is_deleted_and_nothing_else(repo, tmp_path, monkeypatch):
    temporary = tmp_path / "tmp"
    left, fresh, link = (temporary / f"runfolio-git-{name}" for name in ("left", "fresh", "link"))
    for folder in (left, fresh, temporary / "runfolio-other"):
        folder.mkdir(parents=True)
    (left / "HEAD").write_text("")
    link.symlink_to(repo.path, target_is_directory=True)
    for folder in (left, temporary / "runfolio-other", repo.path):
        os.utime(folder, (0, 0))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    repo.write("new.py")
    snapshot(repo.path)
    there = {path.name for path in temporary.iterdir()}
    assert there == {fresh.name, link.name, "runfolio-other"}
    assert (repo.path / "new.py").exists()
