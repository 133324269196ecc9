"""Commit, branch and remote, read from the repository's files without git."""

from __future__ import annotations

import pytest

from runfolio.capture.git import quick
from runfolio.capture.snapshot import snapshot


def agree(path):
    """Return the quick facts after making sure that git says the same."""
    fast, slow = quick(path), snapshot(path)
    assert (fast.root, fast.sha, fast.branch, fast.remote) == (
        slow.root, slow.sha, slow.branch, slow.remote,
    )  # fmt: skip
    return fast


def test_they_need_no_git(repo, monkeypatch):
    sha = repo.git("rev-parse", "HEAD")
    monkeypatch.setenv("PATH", "")
    state = quick(repo.path / "src")
    assert (state.root, state.sha, state.branch) == (str(repo.path), sha, "main")


def test_they_agree_with_git_on_a_branch_with_a_slash(repo):
    repo.git("checkout", "-q", "-b", "feature/x")
    assert agree(repo.path).branch == "feature/x"


def test_they_agree_with_git_on_a_detached_head(repo):
    repo.git("checkout", "-q", "--detach")
    assert agree(repo.path).branch is None


def test_they_agree_with_git_when_references_are_packed(repo):
    repo.git("pack-refs", "--all")
    assert agree(repo.path).sha


def test_they_agree_with_git_in_a_worktree(repo):
    repo.git("remote", "add", "origin", "https://example.org/o/r.git")
    repo.git("worktree", "add", "-q", "../tree", "-b", "side")
    state = agree(repo.path.parent / "tree")
    assert (state.branch, state.remote) == ("side", "https://example.org/o/r.git")


def test_they_agree_with_git_in_a_submodule(repo, new_repo):
    new_repo(repo.path.parent / "inner").commit(i_py="i = 1\n")
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../inner", "sub")
    assert agree(repo.path / "sub").sha


def test_they_agree_with_git_before_the_first_commit(tmp_path, new_repo):
    assert agree(new_repo(tmp_path / "new").path).sha is None


def test_the_last_address_of_origin_counts(repo):
    repo.git("remote", "add", "other", "https://example.org/other")
    repo.git("remote", "add", "origin", "https://user:pass@example.org/one")
    assert agree(repo.path).remote == "https://example.org/one"


def test_outside_a_repository_there_is_nothing(tmp_path):
    assert quick(tmp_path) is None


@pytest.mark.parametrize(
    "head", ["", "ref: ../../etc/passwd", "ref: refs/heads/../../../x", "\0", "ref:", "g" * 40]
)
def test_a_damaged_head_is_no_commit(repo, head):
    (repo.path / ".git" / "HEAD").write_text(head)
    assert quick(repo.path).sha is None
