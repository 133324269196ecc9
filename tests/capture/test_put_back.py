"""Code put back onto a clone: only below it, and without running anything."""

from __future__ import annotations

import json
import shutil

import pytest

from runfolio.capture.plumbing import GitFailed
from runfolio.capture.snapshot import snapshot
from runfolio.errors import CorruptRecord
from runfolio.replay.workspace import put_back


@pytest.fixture
def changed(repo):
    """A repository with a change, an untracked file and one that is gone."""
    repo.write("a.py", "a = 2\n")
    repo.write("new/n.py", "n = 1\n")
    (repo.path / "src" / "b.py").unlink()
    return repo


def test_folders_that_are_empty_afterwards_go(changed, cloned, recorded, tmp_path):
    state = snapshot(changed.path)
    clone = cloned(state, tmp_path / "clone")
    put_back(recorded(state, tmp_path / "run"), clone.path)
    assert not (clone.path / "src").exists()
    assert clone.git("status", "--porcelain") == "M  a.py\nA  new/n.py\nD  src/b.py"


def test_programs_that_the_clone_names_do_not_run(changed, cloned, recorded, tmp_path):
    state = snapshot(changed.path)
    clone = cloned(state, tmp_path / "clone")
    program = tmp_path / "evil.sh"
    program.write_text(f"#!/bin/sh\necho ran >> {tmp_path}/ran\ncat\n")
    program.chmod(0o755)
    clone.write(".git/info/attributes", "* filter=x\n")
    for name in ("core.fsmonitor", "filter.x.clean", "filter.x.smudge", "filter.x.process"):
        clone.git("config", name, str(program))
    for name in ("post-index-change", "post-checkout", "reference-transaction"):
        (clone.path / ".git" / "hooks" / name).symlink_to(program)
    assert put_back(recorded(state, tmp_path / "run"), clone.path).is_whole
    assert not (tmp_path / "ran").exists()


def test_settings_of_the_clone_change_no_byte(changed, cloned, recorded, tmp_path):
    changed.write("crlf.txt", "one\r\ntwo\n")
    state = snapshot(changed.path)
    clone = cloned(state, tmp_path / "clone")
    clone.git("config", "core.autocrlf", "true")
    clone.write(".git/info/attributes", "* text eol=crlf\n")
    put_back(recorded(state, tmp_path / "run"), clone.path)
    assert (clone.path / "crlf.txt").read_bytes() == b"one\r\ntwo\n"
    assert (clone.path / "a.py").read_bytes() == b"a = 2\n"


def test_a_clone_at_another_commit_is_refused_or_not_whole(changed, cloned, recorded, tmp_path):
    state = snapshot(changed.path)
    clone = cloned(state, tmp_path / "clone")
    clone.commit(a_py="a = 77\n")
    with pytest.raises(GitFailed, match="patch"):
        put_back(recorded(state, tmp_path / "run"), clone.path)


def test_where_a_secret_was_taken_out_the_tree_is_not_whole(repo, cloned, recorded, tmp_path):
    repo.write("a.py", f"token = '{'ghp_' + 'a1B2' * 9}'\n")
    state = snapshot(repo.path)
    clone = cloned(state, tmp_path / "clone")
    assert not put_back(recorded(state, tmp_path / "run"), clone.path).is_whole
    assert "redacted" in (clone.path / "a.py").read_text()


@pytest.mark.parametrize("name", ["../out.py", "/tmp/out.py", ".git/hooks/pre-commit", "a/../../x"])
def test_a_record_that_names_files_elsewhere_is_refused(repo, recorded, tmp_path, name):
    run = recorded(snapshot(repo.path), tmp_path / "run")
    entry = {"root": "project", "path": name, "file": "modules/x.py", "entry": ""}
    (run / "code" / "modules").mkdir()
    (run / "code" / "modules" / "x.py").write_text("x = 1\n")
    (run / "code" / "modules.json").write_text(json.dumps({"modules": [entry]}))
    with pytest.raises(CorruptRecord, match="outside"):
        put_back(run, repo.path)


def test_a_link_on_the_way_leads_nowhere(repo, recorded, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    run = recorded(snapshot(repo.path), tmp_path / "run")
    (repo.path / "way").symlink_to(outside)
    entry = {"root": "project", "path": "way/x.py", "file": "modules/x.py", "entry": ""}
    (run / "code" / "modules").mkdir()
    (run / "code" / "modules" / "x.py").write_text("x = 1\n")
    (run / "code" / "modules.json").write_text(json.dumps({"modules": [entry]}))
    put_back(run, repo.path)
    assert list(outside.iterdir()) == []
    assert (repo.path / "way" / "x.py").is_file()


def test_a_run_without_any_code_changes_nothing(repo, fingerprint, tmp_path):
    (tmp_path / "run").mkdir()
    before = fingerprint(repo.path)
    put_back(tmp_path / "run", repo.path)
    assert fingerprint(repo.path) == before
    shutil.rmtree(repo.path / ".git")
    assert put_back(tmp_path / "run", repo.path).tree is None
