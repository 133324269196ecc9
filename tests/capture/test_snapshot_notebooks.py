"""Notebooks go beside the patch, without their outputs."""

from __future__ import annotations

import json

import pytest

from runfolio.capture.snapshot import snapshot
from runfolio.capture.stripped import without_outputs


def notebook(source, output="0.97", **metadata):
    cell = {
        "cell_type": "code", "id": "c1", "execution_count": 3, "source": source,
        "metadata": {"execution": {"iopub.status.busy": "2026"}, "tags": ["keep"]},
        "outputs": [{"output_type": "stream", "name": "stdout", "text": output}],
    }  # fmt: skip
    text = {"cells": [cell], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(text, indent=1) + "\n"


@pytest.fixture
def noted(repo):
    repo.write("n.ipynb", notebook("x = 1", "OUTPUT-ONE"))
    repo.commit()
    return repo


def test_a_changed_notebook_is_kept_whole_without_outputs(noted):
    noted.write("n.ipynb", notebook("x = 2", "OUTPUT-TWO"))
    state = snapshot(noted.path)
    assert state.patch == b""
    assert json.loads(state.overlay["n.ipynb"])["cells"][0]["source"] == "x = 2"
    assert b"OUTPUT" not in state.overlay["n.ipynb"]


def test_a_notebook_that_only_ran_again_is_not_dirty(noted):
    noted.write("n.ipynb", notebook("x = 1", "OUTPUT-TWO"))
    state = snapshot(noted.path)
    assert not state.dirty
    assert state.tree == noted.git("rev-parse", "HEAD^{tree}")


def test_staging_a_notebook_changes_nothing_of_that(noted):
    noted.write("n.ipynb", notebook("x = 1", "OUTPUT-TWO"))
    noted.git("add", "n.ipynb")
    assert not snapshot(noted.path).dirty


def test_outputs_of_a_deleted_notebook_are_not_in_the_patch(noted):
    (noted.path / "n.ipynb").unlink()
    state = snapshot(noted.path)
    assert b"deleted file mode" in state.patch
    assert b"OUTPUT" not in state.patch


def test_code_beside_a_notebook_is_in_the_patch(noted, rebuilt, tmp_path):
    noted.write("n.ipynb", notebook("x = 2"))
    noted.write("a.py", "a = 2\n")
    state = snapshot(noted.path)
    assert state.files_changed == 2
    assert b"ipynb" not in state.patch
    assert rebuilt(state, tmp_path / "clone") == state.tree


def test_an_executable_notebook_keeps_its_mode(noted, rebuilt, tmp_path):
    (noted.path / "n.ipynb").chmod(0o755)
    noted.commit()
    noted.write("n.ipynb", notebook("x = 2"))
    state = snapshot(noted.path)
    assert rebuilt(state, tmp_path / "clone") == state.tree


def test_what_is_no_notebook_inside_is_named(noted):
    noted.write("n.ipynb", "<<<<<<< HEAD\n")
    noted.write("new.ipynb", "[1, 2]")
    state = snapshot(noted.path)
    assert [item.what for item in state.not_captured] == ["n.ipynb", "new.ipynb"]
    assert not state.dirty


def test_a_notebook_in_conflict_is_named_and_the_rest_is_kept(noted):
    noted.git("checkout", "-q", "-b", "side")
    noted.write("n.ipynb", notebook("x = 'side'"))
    noted.commit()
    noted.git("checkout", "-q", "main")
    noted.write("n.ipynb", notebook("x = 'main'"))
    noted.commit()
    noted.git("merge", "side", check=False)
    noted.write("a.py", "a = 2\n")
    state = snapshot(noted.path)
    assert [item.what for item in state.not_captured] == ["n.ipynb"]
    assert b"+a = 2" in state.patch


def test_large_outputs_do_not_keep_a_notebook_out(noted):
    noted.write("n.ipynb", notebook("x = 2", "O" * (11 << 20)))
    assert len(snapshot(noted.path).overlay["n.ipynb"]) < 1000


def test_a_link_to_a_notebook_is_a_link(noted, rebuilt, tmp_path):
    (noted.path / "link.ipynb").symlink_to("n.ipynb")
    state = snapshot(noted.path)
    assert not state.overlay
    assert rebuilt(state, tmp_path / "clone") == state.tree


def test_stripping_takes_what_running_wrote_and_nothing_else():
    stripped = json.loads(
        without_outputs(notebook("x", widgets={"w": 1}, kernelspec={"name": "k"}).encode())
    )
    assert stripped["metadata"] == {"kernelspec": {"name": "k"}}
    assert stripped["cells"][0] == {
        "cell_type": "code", "id": "c1", "execution_count": None, "source": "x",
        "metadata": {"tags": ["keep"]}, "outputs": [],
    }  # fmt: skip


def test_stripping_twice_changes_nothing():
    once = without_outputs(notebook("π = 3").encode())
    assert without_outputs(once) == once


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"null", b'{"cells": 3}', b"\xff\xfe", b"[" * 100_000]
)
def test_what_is_no_notebook_is_not_stripped(content):
    assert without_outputs(content) is None


def test_a_notebook_of_format_3_loses_its_outputs_too():
    old = {"worksheets": [{"cells": [{"input": "x", "outputs": [1], "prompt_number": 3}]}]}
    assert json.loads(without_outputs(json.dumps(old).encode()))["worksheets"][0]["cells"] == [
        {"input": "x", "outputs": [], "prompt_number": None}
    ]
