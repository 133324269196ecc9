"""The store and the project's journal are no code."""

from __future__ import annotations

import pytest

from runfolio.capture.snapshot import snapshot


@pytest.mark.parametrize("given", ["JOURNAL.md", "absolute"])
def test_an_untracked_journal_is_not_dirty(repo, given):
    file = repo.write("JOURNAL.md", "# Journal\n")
    state = snapshot(repo.path, ignore=[str(file) if given == "absolute" else given])
    assert not state.dirty


def test_a_committed_journal_that_was_remade_is_not_dirty(repo):
    repo.commit(JOURNAL_md="old\n")
    repo.write("JOURNAL.md", "new\n")
    repo.write("a.py", "a = 2\n")
    state = snapshot(repo.path, ignore=["JOURNAL.md"])
    assert state.files_changed == 1
    assert b"JOURNAL" not in state.patch


@pytest.mark.parametrize("how", ["add", "rm"])
def test_a_staged_journal_is_not_dirty_either(repo, how):
    repo.commit(JOURNAL_md="old\n")
    repo.write("JOURNAL.md", "new\n")
    repo.git(*(["add"] if how == "add" else ["rm", "-q", "-f"]), "JOURNAL.md")
    state = snapshot(repo.path, ignore=["JOURNAL.md"])
    assert not state.dirty
    assert state.tree == repo.git("rev-parse", "HEAD^{tree}")


def test_a_store_without_gitignore_is_left_out(repo):
    repo.write("folio/run/run.json", "{}")
    state = snapshot(repo.path, ignore=[str(repo.path / "folio")])
    assert not state.dirty


def test_a_store_reached_by_a_link_is_left_out(repo, tmp_path):
    repo.write("folio/run.json", "{}")
    (tmp_path / "link").symlink_to(repo.path)
    state = snapshot(repo.path, ignore=[str(tmp_path / "link" / "folio")])
    assert not state.dirty


def test_a_name_that_only_begins_alike_is_code(repo):
    repo.write("folio.py", "x = 1\n")
    assert snapshot(repo.path, ignore=["folio"]).dirty


def test_paths_outside_the_repository_are_harmless(repo):
    repo.write("new.py")
    assert snapshot(repo.path, ignore=["/", "..", ".", "/elsewhere/folio"]).dirty


def test_what_the_user_tells_git_to_ignore_everywhere_is_ignored(repo, own_home):
    config = own_home / ".gitconfig"
    config.write_text("[core]\n\texcludesFile = ~/ignored\n")
    (own_home / "ignored").write_text("*.tmp\n")
    try:
        repo.write("x.tmp")
        assert not snapshot(repo.path).dirty
    finally:
        config.unlink()
