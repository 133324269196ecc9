"""Repositories within repositories, and files that a repository only points to."""

from __future__ import annotations

import hashlib
import os

import pytest

from runfolio.capture.snapshot import snapshot
from runfolio.replay.workspace import put_back, put_back_submodule, submodules


@pytest.fixture
def outer(repo, new_repo):
    """A repository with a submodule ``sub``, which has a submodule ``deep``."""
    for name in ("deep", "sub"):
        new_repo(repo.path.parent / name).commit(i_py=f"i = '{name}'\n")
    allowed = ("-c", "protocol.file.allow=always", "submodule", "--quiet")
    inner = new_repo(repo.path.parent / "sub")
    inner.git(*allowed, "add", "../deep", "deep")
    inner.commit()
    repo.git(*allowed, "add", "../sub", "sub")
    repo.git(*allowed, "update", "--init", "--recursive")
    repo.commit()
    return repo


def test_submodules_are_named_with_their_commits(outer):
    state = snapshot(outer.path)
    assert not state.dirty
    assert state.not_captured == ()
    assert [one.path for one in state.submodules] == ["sub", "sub/deep"]
    for one in state.submodules:
        assert one.state.sha == one.recorded == outer.git("-C", one.path, "rev-parse", "HEAD")
        assert not one.state.dirty


def test_changes_of_submodules_come_back(outer, recorded, cloned, tmp_path):
    outer.write("sub/i.py", "i = 2\n")
    outer.write("sub/deep/new.py", "new = 1\n")
    state = snapshot(outer.path)
    run = recorded(state, tmp_path / "run")
    assert [one["dirty"] for one in submodules(run)] == [True, True]
    for one, inner in zip(submodules(run), state.submodules, strict=True):
        clone = cloned(inner.state, tmp_path / "clones" / one["path"].replace("/", "-"))
        assert put_back_submodule(run, one, clone.path).is_whole
    assert (tmp_path / "clones" / "sub" / "i.py").read_text() == "i = 2\n"
    assert (tmp_path / "clones" / "sub-deep" / "new.py").read_text() == "new = 1\n"


def test_what_submodules_leave_out_is_named_with_their_paths(outer):
    with (outer.path / "sub" / "deep" / "huge.bin").open("wb") as file:
        file.truncate(10 << 30)
    assert [item.what for item in snapshot(outer.path).not_captured] == ["sub/deep/huge.bin"]


def test_how_long_the_path_of_a_submodule_is_does_not_count(repo, new_repo):
    allowed = ("-c", "protocol.file.allow=always", "submodule", "--quiet")
    for name in ("inner", "middle"):
        new_repo(repo.path.parent / name).commit(i_py="i = 1\n")
    middle = new_repo(repo.path.parent / "middle")
    middle.git(*allowed, "add", "../inner", "vendor/libs/inner")
    middle.commit()
    repo.git(*allowed, "add", "../middle", "third/party/libs/middle")
    repo.git(*allowed, "update", "--init", "--recursive")
    repo.write("third/party/libs/middle/vendor/libs/inner/i.py", "i = 2\n")
    assert [one.state.dirty for one in snapshot(repo.path).submodules] == [False, True]


def test_files_in_the_place_of_a_submodule_that_is_not_there_are_told(outer):
    outer.git("submodule", "--quiet", "deinit", "-f", "sub")
    assert snapshot(outer.path).not_captured == ()
    outer.write("sub/x.py")
    assert [item.what for item in snapshot(outer.path).not_captured] == ["sub"]


def test_of_a_folder_that_became_a_link_nothing_is_missing(repo):
    (repo.path / "src").rename(repo.path.parent / "moved")
    (repo.path / "src").symlink_to("../moved")
    state = snapshot(repo.path)
    assert (state.files_changed, state.not_captured) == (2, ())


def test_a_repository_that_is_no_submodule_is_kept_as_far_as_it_can_be(repo, new_repo):
    vendor = new_repo(repo.path / "vendor")
    vendor.commit(v_py="v = 1\n")
    vendor.write("v.py", "v = 2\n")
    state = snapshot(repo.path)
    assert [one.recorded for one in state.submodules] == [None]
    assert b"+v = 2" in state.submodules[0].state.patch
    assert [item.what for item in state.not_captured] == ["vendor"]


def pointer(content):
    oid = hashlib.sha256(content).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n"


@pytest.fixture
def weights(repo):
    """A file that Git LFS keeps: 12 MB in the work tree, a pointer in the commit."""
    content = b"weights!" * (3 << 19)
    repo.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n")
    repo.write("w.bin", pointer(content))
    repo.commit()
    return repo.write("w.bin", content)


def test_a_file_of_git_lfs_whose_date_changed_is_no_change(repo, weights):
    state = snapshot(repo.path)
    assert state.lfs
    assert not state.dirty
    assert state.not_captured == ()


def test_a_file_of_git_lfs_that_changed_is_one(repo, weights):
    weights.write_bytes(b"other")
    state = snapshot(repo.path)
    assert state.files_changed == 1
    assert b"w.bin" in state.patch


def test_a_large_file_of_git_lfs_that_changed_is_named_with_its_hash(repo, weights):
    weights.write_bytes(b"weights?" * (3 << 19))
    (left,) = snapshot(repo.path).not_captured
    assert (left.what, left.bytes) == ("w.bin", 12 << 20)
    assert len(left.hash) == 32


def test_a_file_whose_old_content_is_out_of_reach_comes_back(repo, recorded, cloned, tmp_path):
    repo.write("link", "a file\n")
    sha = repo.commit()
    whole = cloned(snapshot(repo.path), tmp_path / "clone")
    for name in ("a.py", "link"):
        # As in a partial clone: the commit is there, what it holds is not.
        lost = repo.git("rev-parse", f"HEAD:{name}")
        (repo.path / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    repo.write("a.py", "a = 2\n").chmod(0o755)
    (repo.path / "link").unlink()
    (repo.path / "link").symlink_to("a.py")
    run = recorded(snapshot(repo.path), tmp_path / "run")
    assert whole.git("rev-parse", "HEAD") == sha
    assert put_back(run, whole.path).is_whole
    assert os.access(whole.path / "a.py", os.X_OK)
    assert (whole.path / "link").readlink().name == "a.py"


@pytest.mark.parametrize(
    ("begin", "word"),
    [
        (["merge", "side"], "merge"),
        (["rebase", "side"], "rebase"),
        (["cherry-pick", "side"], "cherry-pick"),
        (["bisect", "start"], "bisect"),
    ],
)
def test_what_was_going_on_is_told(repo, begin, word):
    repo.git("checkout", "-q", "-b", "side")
    repo.commit(a_py="a = 'side'\n")
    repo.git("checkout", "-q", "main")
    repo.commit(a_py="a = 'main'\n")
    assert snapshot(repo.path).operation is None
    repo.git(*begin, check=False)
    assert snapshot(repo.path).operation == word
