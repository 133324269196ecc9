"""A repository's own settings name programs; a snapshot runs none of them."""

from __future__ import annotations

import os

import pytest

from runfolio.capture.snapshot import snapshot


@pytest.fixture
def canary(tmp_path):
    """A program that leaves a file behind when it is run, and the name of that file."""
    sign = tmp_path / "ran"
    program = tmp_path / "evil.sh"
    program.write_text(f'#!/bin/sh\necho "$0 $@" >> {sign}\ncat\n')
    program.chmod(0o755)
    return program, sign


def settings_that_run(repo, program):
    for name in (
        "core.fsmonitor", "diff.external", "core.pager", "core.editor", "core.sshCommand",
        "filter.x.clean", "filter.x.smudge", "filter.x.process", "diff.x.command", "diff.x.textconv",
        "merge.x.driver", "core.askPass", "credential.helper", "gpg.program",
        "core.alternateRefsCommand", "uploadpack.packObjectsHook",
    ):  # fmt: skip
        repo.git("config", name, str(program))
    for alias in ("diff-index", "ls-files", "update-index"):
        repo.git("config", f"alias.{alias}", f"!{program}")
    hooks = repo.path / ".git" / "hooks"
    for name in (
        "post-index-change",
        "pre-commit",
        "post-checkout",
        "reference-transaction",
        "fsmonitor-watchman",
    ):
        hooks.mkdir(exist_ok=True)
        (hooks / name).symlink_to(program)


def change(repo):
    repo.write("a.py", "a = 2\n")
    repo.write("n.bin", "n\n")


def test_filters_hooks_monitors_and_drivers_do_not_run(repo, canary):
    program, sign = canary
    repo.write(".gitattributes", "* filter=x diff=x merge=x\n")
    repo.commit()
    settings_that_run(repo, program)
    change(repo)
    state = snapshot(repo.path)
    assert state is not None
    assert b"+a = 2" in state.patch
    assert not sign.exists()


def test_the_canary_would_have_run_under_plain_git(repo, canary):
    program, sign = canary
    settings_that_run(repo, program)
    repo.git("status", check=False)
    assert sign.exists()


def test_settings_by_include_do_not_run_either(repo, canary):
    program, sign = canary
    included = repo.path.parent / "included"
    included.write_text(f'[core]\n\tfsmonitor = {program}\n[filter "x"]\n\tclean = {program}\n')
    repo.write(".gitattributes", "* filter=x\n")
    repo.commit()
    repo.git("config", "include.path", str(included))
    change(repo)
    assert snapshot(repo.path).dirty
    assert not sign.exists()


def test_settings_of_a_submodule_do_not_run(repo, new_repo, canary):
    program, sign = canary
    new_repo(repo.path.parent / "inner").commit(i_py="i = 1\n")
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../inner", "sub")
    repo.commit()
    for name in ("core.fsmonitor", "filter.x.clean"):
        repo.git("-C", "sub", "config", name, str(program))
    repo.write("sub/.gitattributes", "* filter=x\n")
    repo.write("sub/i.py", "i = 2\n")
    state = snapshot(repo.path)
    assert b"+i = 2" in state.submodules[0].state.patch
    assert not sign.exists()


def test_a_missing_object_is_not_fetched(repo, canary):
    program, sign = canary
    repo.write("a.py", "a = 2\n")
    lost = repo.git("rev-parse", "HEAD:a.py")
    repo.git("config", "core.sshCommand", str(program))
    repo.git("config", "remote.origin.url", "ssh://host.invalid/x")
    repo.git("config", "remote.origin.promisor", "true")
    repo.git("config", "core.repositoryFormatVersion", "1")
    repo.git("config", "extensions.partialClone", "origin")
    (repo.path / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    state = snapshot(repo.path)
    assert dict(state.overlay) == {"a.py": b"a = 2\n"}
    assert not sign.exists()


def test_variables_of_the_caller_are_not_followed(repo, canary, monkeypatch):
    program, sign = canary
    change(repo)
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(program))
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    monkeypatch.setenv("GIT_ALTERNATE_OBJECT_DIRECTORIES", "/nowhere/objects")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(program))
    monkeypatch.setenv("GIT_TRACE", str(repo.path / "trace"))
    state = snapshot(repo.path)
    assert state.root == os.path.realpath(repo.path)
    assert b"+a = 2" in state.patch
    assert not sign.exists()
    assert not (repo.path / "trace").exists()
