"""Notebooks among the code of two runs: compared by their cells, with and without a repository."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from runfolio.format.manifest import read_record
from runfolio.model.run import RunRecord
from runfolio.record.api import init
from runfolio.replay.trees import CodeDiff, code_diff


def git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=m")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def notebook(*sources: str, output: str = "") -> str:
    outputs = [{"output_type": "stream", "name": "stdout", "text": output}] if output else []
    cells = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "execution_count": None,
         "outputs": outputs, "source": source}
        for n, source in enumerate(sources)
    ]  # fmt: skip
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


@pytest.fixture
def project(store_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "train.ipynb").write_text(notebook("lr = 1", "train(lr)"))
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    monkeypatch.chdir(folder)
    return folder


def run(folder: Path, text: str) -> RunRecord:
    (folder / "train.ipynb").write_text(text)
    with init() as made:
        made.life.snapshot.wait(60)
    return read_record(made.path)


def kinds(found: CodeDiff) -> list[str]:
    (change,) = found.changes
    assert change.cells is not None
    return [cell.kind for cell in change.cells.changes]


def test_a_notebook_is_compared_by_its_cells(project: Path) -> None:
    was = run(project, notebook("lr = 1", "train(lr)"))
    now = run(project, notebook("lr = 2", "train(lr)", "plot()"))
    assert kinds(code_diff(was, now)) == ["edited", "added"]


def test_without_the_repository_those_kept_whole_are_compared_by_cells(
    project: Path, tmp_path: Path
) -> None:
    was, now = (run(project, notebook(f"lr = {n}", "train(lr)")) for n in (2, 3))
    found = code_diff(was, now, near=tmp_path)
    assert kinds(found) == ["edited"]
    assert "there is no repository here" in found.note


def test_other_outputs_are_no_change_of_code(project: Path) -> None:
    was = run(project, notebook("lr = 1", "train(lr)", output="one"))
    assert code_diff(was, run(project, notebook("lr = 1", "train(lr)", output="two"))).changes == ()


def test_a_heading_is_no_comment(project: Path) -> None:
    def headed(title: str) -> str:
        return notebook(f"# {title}").replace('"code"', '"markdown"')

    assert kinds(code_diff(run(project, headed("One")), run(project, headed("Two")))) == ["edited"]


@pytest.mark.parametrize("text", ["{", "[]", '{"cells": 7}', '{"cells": [1, {"source": 3}]}'])
def test_what_is_no_notebook_is_compared_as_it_stands(project: Path, text: str) -> None:
    found = code_diff(run(project, notebook("lr = 1")), run(project, text))
    assert [change.path for change in found.changes] == ["train.ipynb"]


def test_a_notebook_that_the_run_has_lost_is_named_and_not_called_removed(project: Path) -> None:
    was, now = (run(project, notebook(f"lr = {n}")) for n in (2, 3))
    (now.path / "code" / "overlay" / "train.ipynb").unlink()
    found = code_diff(was, now)
    assert found.changes == ()
    assert found.note == f"train.ipynb, which {now.short_id} has lost"


def test_a_run_without_code_makes_no_file_of_the_other_a_new_one(project: Path) -> None:
    was, now = (run(project, notebook(f"lr = {n}")) for n in (2, 3))
    shutil.rmtree(was.path / "code")
    (was.path / "seal.json").unlink()
    found = code_diff(was, now)
    assert found.changes == ()
    assert found.note == f"{was.short_id}: no code was recorded"
