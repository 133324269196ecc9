"""Snapshots of odd repositories: the same tree comes out again, and nothing in them is touched."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from runfolio.capture.snapshot import snapshot
from runfolio.model.context import GitState

SHAPES: dict[str, Callable[[Any], Any]] = {}


class Taken(NamedTuple):
    state: GitState
    before: dict[str, tuple[object, ...]]
    after: dict[str, tuple[object, ...]]


def shape(build: Callable[[Any], Any]) -> Callable[[Any], Any]:
    SHAPES[build.__name__] = build
    return build


@shape
def clean(repo: Any) -> None:
    repo.git("status")


@shape
def dirty(repo: Any) -> None:
    repo.write("a.py", "a = 2\n")


@shape
def staged(repo: Any) -> None:
    repo.write("a.py", "a = 2\n")
    repo.git("add", "a.py")


@shape
def staged_and_changed_again(repo: Any) -> None:
    staged(repo)
    repo.write("a.py", "a = 3\n")


@shape
def untracked(repo: Any) -> None:
    repo.write("new.py", "new = 1\n")
    repo.write("deep/er/new.py", "new = 2\n")


@shape
def ignored_files(repo: Any) -> None:
    repo.write(".gitignore", "*.log\nbuild/\n")
    repo.write("x.log")
    repo.write("build/x")


@shape
def odd_names(repo: Any) -> None:
    for name in (
        "new\nline",
        'quo"te',
        "spa ce",
        "-dash",
        "colon:x",
        "st*r",
        "tab\t",
        "ü.py",
        "back\\slash",
    ):
        repo.write(name, f"{name}\n")
    repo.commit()
    for name in ("new\nline", 'quo"te', "spa ce", "-dash"):
        repo.write(name, "changed\n")
    for name in ("tab\t", "ü.py", "back\\slash"):
        (repo.path / name).unlink()
    repo.write("-u", "untracked\n")
    repo.write("end space ", "untracked\n")


@shape
def names_that_are_no_utf8(repo: Any) -> None:
    repo.write(os.fsdecode(b"caf\xe9.py"), "x = 1\n")
    repo.commit()
    repo.write(os.fsdecode(b"caf\xe9.py"), "x = 2\n")
    repo.write(os.fsdecode(b"\xff\xfe.py"), "y = 1\n")


@shape
def deleted(repo: Any) -> None:
    (repo.path / "a.py").unlink()


@shape
def removed_from_the_index(repo: Any) -> None:
    repo.git("rm", "-q", "--cached", "a.py")


@shape
def renamed(repo: Any) -> None:
    repo.git("mv", "a.py", "z.py")


@shape
def mode_changed(repo: Any) -> None:
    (repo.path / "a.py").chmod(0o755)


@shape
def binary(repo: Any) -> None:
    repo.write("m.bin", bytes(range(256)) * 20)
    repo.commit()
    repo.write("m.bin", bytes(range(255, -1, -1)) * 20)
    repo.write("n.bin", b"\0\1\2")


@shape
def symlinks(repo: Any) -> None:
    (repo.path / "in").symlink_to("a.py")
    (repo.path / "out").symlink_to("/etc/hostname")
    (repo.path / "dangling").symlink_to("nowhere")


@shape
def symlinks_changed_and_gone(repo: Any) -> None:
    symlinks(repo)
    repo.commit()
    (repo.path / "in").unlink()
    (repo.path / "in").symlink_to("src/b.py")
    (repo.path / "out").unlink()
    (repo.path / "a.py").unlink()
    (repo.path / "a.py").symlink_to("src/b.py")


@shape
def folder_in_place_of_a_file(repo: Any) -> None:
    (repo.path / "a.py").unlink()
    repo.write("a.py/inner.py", "inner = 1\n")


@shape
def file_in_place_of_a_folder(repo: Any) -> None:
    (repo.path / "src" / "b.py").unlink()
    (repo.path / "src").rmdir()
    repo.write("src", "a file\n")


@shape
def empty_and_without_last_newline(repo: Any) -> None:
    repo.write("a.py", "")
    repo.write("src/b.py", "no newline")
    repo.write("empty")


@shape
def no_commits(repo: Any) -> None:
    repo.git("update-ref", "-d", "HEAD")


@shape
def no_commits_nothing_added(repo: Any) -> None:
    no_commits(repo)
    (repo.path / ".git" / "index").unlink()


@shape
def detached_head(repo: Any) -> None:
    repo.git("checkout", "-q", "--detach")
    repo.write("a.py", "a = 2\n")


@shape
def worktree(repo: Any) -> Path:
    repo.git("worktree", "add", "-q", "../tree", "-b", "side")
    (repo.path.parent / "tree" / "a.py").write_text("a = 2\n")
    return repo.path.parent / "tree"


@shape
def below_the_top(repo: Any) -> Path:
    dirty(repo)
    untracked(repo)
    return repo.path / "src"


@shape
def submodule_at_another_commit(repo: Any) -> None:
    inner = type(repo)(repo.path.parent / "inner")
    inner.commit(i_py="i = 1\n")
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../inner", "sub")
    repo.commit()
    type(repo)(repo.path / "sub").commit(i_py="i = 2\n")


@shape
def submodule_removed(repo: Any) -> None:
    submodule_at_another_commit(repo)
    repo.git("rm", "-q", "-f", "sub")


@shape
def filter_driver_missing(repo: Any) -> None:
    repo.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n")
    repo.write("w.bin", "version https://example.org/spec\noid sha256:0\nsize 3\n")
    repo.commit()
    repo.git("config", "filter.lfs.clean", "no-such-program %f")
    repo.git("config", "filter.lfs.required", "true")
    repo.write("w.bin", b"\0\1weights")
    repo.write("v.bin", b"\0\2weights")


@shape
def autocrlf_true(repo: Any) -> None:
    repo.git("config", "core.autocrlf", "true")
    repo.write("a.py", "a = 1\r\nb = 2\r\n")
    repo.write("new.py", "a = 1\r\n")


@shape
def text_attributes_and_crlf(repo: Any) -> None:
    repo.write("crlf.txt", "one\r\ntwo\r\n")
    repo.commit()
    repo.write(".gitattributes", "* text=auto\n*.txt ident\n")
    repo.write("crlf.txt", "one\r\ntwo $Id$\r\n")


@shape
def working_tree_encoding(repo: Any) -> None:
    repo.write(".gitattributes", "*.u16 working-tree-encoding=UTF-16\n")
    repo.write("n.u16", "text\n".encode("utf-16"))


@shape
def merge_conflict(repo: Any) -> None:
    repo.git("checkout", "-q", "-b", "side")
    repo.commit(a_py="a = 'side'\n", src__b_py="b = 'side'\n")
    repo.git("checkout", "-q", "main")
    repo.write("a.py", "a = 'main'\n")
    (repo.path / "src" / "b.py").unlink()
    repo.commit()
    repo.git("merge", "side", check=False)


@shape
def index_lock_held(repo: Any) -> None:
    dirty(repo)
    repo.write(".git/index.lock", "")


@shape
def intent_to_add(repo: Any) -> None:
    untracked(repo)
    repo.git("add", "-N", "new.py")


@shape
def assumed_unchanged_and_skipped(repo: Any) -> None:
    repo.git("update-index", "--assume-unchanged", "a.py")
    repo.git("update-index", "--skip-worktree", "src/b.py")
    repo.write("a.py", "a = 2\n")
    repo.write("src/b.py", "b = 2\n")


@shape
def sparse_cone_with_sparse_index(repo: Any) -> None:
    repo.commit(other__c_py="c = 1\n", other__deep__d_py="d = 1\n")
    repo.git("sparse-checkout", "init", "--cone", "--sparse-index")
    repo.git("sparse-checkout", "set", "src")
    repo.write("src/b.py", "b = 2\n")


@shape
def split_index(repo: Any) -> None:
    repo.git("config", "core.splitIndex", "true")
    repo.git("update-index", "--split-index")
    dirty(repo)
    repo.git("add", "a.py")


@shape
def untracked_cache_and_index_v4(repo: Any) -> None:
    repo.git("config", "core.untrackedCache", "true")
    repo.git("update-index", "--index-version", "4", "--untracked-cache")
    untracked(repo)
    repo.git("status")


@shape
def packed(repo: Any) -> None:
    repo.git("gc", "-q")
    dirty(repo)
    untracked(repo)


@shape
def contents_that_are_there_already(repo: Any) -> None:
    # Writing an object that exists would touch its date.
    repo.write("copy.py", "a = 1\n")
    repo.write("more/b.py", "b = 1\n")


@shape
def replaced_objects(repo: Any) -> None:
    first = repo.git("rev-parse", "HEAD")
    second = repo.commit(a_py="a = 5\n")
    repo.git("replace", second, first)
    repo.write("a.py", "a = 6\n")


@shape
def nested_repository(repo: Any) -> None:
    type(repo)(repo.path / "vendor").commit(v_py="v = 1\n")
    untracked(repo)


@shape
def changed_notebook(repo: Any) -> None:
    repo.write("n.ipynb", notebook("x = 1"))
    repo.write("gone.ipynb", notebook("y = 1"))
    repo.commit()
    repo.write("n.ipynb", notebook("x = 2"))
    repo.write("new.ipynb", notebook("z = 1"))
    (repo.path / "gone.ipynb").unlink()


@shape
def staged_notebook(repo: Any) -> None:
    changed_notebook(repo)
    repo.git("add", "-A")


@shape
def path_with_colon_and_quote(repo: Any) -> Path:
    inner = type(repo)(repo.path / 'o:d"d dir')
    inner.commit(a_py="a = 1\n")
    inner.write("a.py", "a = 2\n")
    return inner.path


def notebook(source: str, output: str = "0.97") -> str:
    cell = {
        "cell_type": "code", "id": "c1", "execution_count": 3, "source": source,
        "metadata": {"execution": {"iopub.status.busy": "2026"}, "tags": ["keep"]},
        "outputs": [{"output_type": "stream", "name": "stdout", "text": output}],
    }  # fmt: skip
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture(scope="module", params=SHAPES)
def taken(request: Any, tmp_path_factory: Any, new_repo: Any, fingerprint: Any) -> Taken:
    base = tmp_path_factory.mktemp(request.param)
    repo = new_repo(base / "repo")
    repo.commit(a_py="a = 1\n", src__b_py="b = 1\n")
    cwd = SHAPES[request.param](repo) or repo.path
    before = fingerprint(base)
    state = snapshot(cwd)
    assert state is not None
    return Taken(state, before, fingerprint(base))


def test_a_fresh_clone_with_patch_and_overlay_has_the_same_tree(taken, rebuilt, tmp_path):
    assert rebuilt(taken.state, tmp_path / "clone") == (taken.state.tree or rebuilt_nothing(taken))


def test_nothing_in_the_repository_is_touched(taken):
    assert taken.after == taken.before


def test_dirty_says_whether_there_is_a_difference(taken):
    state = taken.state
    assert state.dirty == bool(state.patch or state.overlay) == bool(state.files_changed)


def rebuilt_nothing(taken: Taken) -> str:
    assert taken.state.sha is None
    assert not taken.state.dirty
    return "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
