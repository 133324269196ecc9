"""Snapshots of odd repositories: the same tree comes out again, and nothing in them is touched."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from runfolio.capture.snapshot import snapshot
from runfolio.capture.stripped import without_outputs
from runfolio.model.context import GitState
from runfolio.replay.workspace import put_back

SHAPES: dict[str, Callable[[Any], Any]] = {}


class Taken(NamedTuple):
    state: GitState
    names: set[str]
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
def deep_folders_emptied_and_filled(repo: Any) -> None:
    repo.commit(lib__a__b__c_py="c = 1\n", lib__d_py="d = 1\n", one__two__e_py="e = 1\n")
    for name in ("lib/a/b/c.py", "one/two/e.py"):
        (repo.path / name).unlink()
    (repo.path / "one" / "two").rmdir()
    repo.write("one/two", "a file\n")
    repo.write("lib-a/f.py", "f = 1\n")
    repo.write("lib/a.py", "beside a folder of that name\n")


@shape
def link_in_place_of_a_folder(repo: Any) -> None:
    (repo.path / "src").rename(repo.path.parent / "moved")
    (repo.path / "src").symlink_to("../moved")


@shape
def case_of_a_name_changed(repo: Any) -> None:
    repo.git("config", "core.ignorecase", "true")
    (repo.path / "a.py").rename(repo.path / "A.py")


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


@shape
def notebooks_whose_modes_changed(repo: Any) -> None:
    for name in ("only.ipynb", "both.ipynb"):
        repo.write(name, notebook("x = 1"))
    repo.commit()
    repo.write("both.ipynb", notebook("x = 2"))
    for name in ("only.ipynb", "both.ipynb"):
        (repo.path / name).chmod(0o755)
    repo.write("new.ipynb", notebook("x = 3")).chmod(0o755)


@shape
def new_executable(repo: Any) -> None:
    repo.write("run.sh", "#!/bin/sh\n").chmod(0o755)


@shape
def sha256(repo: Any) -> Path:
    other = type(repo)(repo.path.parent / "other", "--object-format=sha256")
    other.commit(a_py="a = 1\n")
    dirty(other)
    other.write("n.ipynb", notebook("x = 1"))
    return other.path


@shape
def shallow(repo: Any) -> Path:
    repo.commit(a_py="a = 5\n")
    repo.git("clone", "-q", "--depth=1", f"file://{repo.path}", "../shallow")
    (repo.path.parent / "shallow" / "a.py").write_text("a = 6\n")
    return repo.path.parent / "shallow"


@shape
def rebase_in_progress(repo: Any) -> None:
    repo.git("checkout", "-q", "-b", "side")
    repo.commit(a_py="a = 'side'\n")
    repo.git("checkout", "-q", "main")
    repo.commit(a_py="a = 'main'\n")
    repo.git("rebase", "side", check=False)
    repo.write("new.py", "new = 1\n")


@shape
def submodule_with_changes(repo: Any) -> None:
    submodule_at_another_commit(repo)
    repo.write("sub/i.py", "i = 3\n")


@shape
def index_missing(repo: Any) -> None:
    dirty(repo)
    (repo.path / ".git" / "index").unlink()


@shape
def index_broken(repo: Any) -> None:
    dirty(repo)
    untracked(repo)
    index = repo.path / ".git" / "index"
    index.write_bytes(index.read_bytes()[:50])


@shape
def index_that_is_noise(repo: Any) -> None:
    dirty(repo)
    repo.write(".git/index", b"\0noise" * 20)


@shape
def hostile(repo: Any) -> None:
    program = repo.path.parent / "evil.sh"
    program.write_text(f'#!/bin/sh\necho "$0 $@" >> {repo.path.parent}/ran\ncat\n')
    program.chmod(0o755)
    repo.write(".gitattributes", "* filter=x diff=x merge=x\n")
    repo.commit()
    for name in (
        "core.fsmonitor", "diff.external", "core.pager", "core.sshCommand", "filter.x.clean",
        "filter.x.smudge", "filter.x.process", "diff.x.command", "diff.x.textconv", "merge.x.driver",
        "uploadpack.packObjectsHook", "core.alternateRefsCommand",
    ):  # fmt: skip
        repo.write(".git/included", (repo.path / ".git" / "config").read_text())
        repo.git("config", "-f", ".git/included", name, str(program))
    repo.git("config", "alias.diff-index", f"!{program}")
    for name in ("post-index-change", "post-checkout", "reference-transaction"):
        (repo.path / ".git" / "hooks" / name).symlink_to(program)
    repo.git("config", "include.path", "included")
    repo.write("a.py", "a = 2\n")
    repo.write("new.py", "new = 1\n")


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
    after = fingerprint(base)
    return Taken(state, code_in(Path(state.root)), before, after)


def test_a_fresh_clone_with_patch_and_overlay_has_the_same_tree(taken, rebuilt, tmp_path):
    assert rebuilt(taken.state, tmp_path / "clone") == (taken.state.tree or rebuilt_nothing(taken))


def test_the_record_put_back_onto_a_fresh_clone_gives_the_same_files(
    taken, cloned, recorded, tmp_path
):
    clone = cloned(taken.state, tmp_path / "clone")
    done = put_back(recorded(taken.state, tmp_path / "run"), clone.path)
    assert done.is_whole
    assert content_of(clone.path, taken.names) == content_of(Path(taken.state.root), taken.names)
    assert taken.state.sparse or files_below(clone.path) == taken.names


def test_nothing_in_the_repository_is_touched(taken):
    assert taken.after == taken.before


def test_dirty_says_whether_there_is_a_difference(taken):
    state = taken.state
    assert state.dirty == bool(state.patch or state.overlay) == bool(state.files_changed)


def code_in(top: Path) -> set[str]:
    """Return the files of a work tree that git does not ignore, repositories within it aside."""
    names = {name for name in files_below(top) if name != ".git"}
    ignored = subprocess.run(
        ["git", "-c", "core.fsmonitor=false", "check-ignore", "--no-index", "-z", "--stdin"],
        cwd=top, input=b"\0".join(os.fsencode(name) for name in names), capture_output=True, check=False,
    )  # fmt: skip
    return names - {os.fsdecode(name) for name in ignored.stdout.split(b"\0")}


def files_below(top: Path) -> set[str]:
    found = set()
    for root, folders, files in os.walk(top):
        folders[:] = [
            name
            for name in folders
            if name != ".git" and not os.path.lexists(Path(root, name, ".git"))
        ]
        links = [name for name in folders if Path(root, name).is_symlink()]
        found |= {str(Path(root, name).relative_to(top)) for name in files + links}
    return found


def content_of(top: Path, names: set[str]) -> dict[str, tuple[bool, bytes | None]]:
    """Return of each file whether it is executable, and its bytes; of a notebook without outputs."""
    found = {}
    for name in names:
        path = top / name
        if path.is_symlink():
            found[name] = (False, os.fsencode(path.readlink()))
        else:
            content = path.read_bytes()
            content = without_outputs(content) if name.endswith(".ipynb") else content
            found[name] = (bool(path.stat().st_mode & stat.S_IXUSR), content)
    return found


def rebuilt_nothing(taken: Taken) -> str:
    assert taken.state.sha is None
    assert not taken.state.dirty
    return "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
