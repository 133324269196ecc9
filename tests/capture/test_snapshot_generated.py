"""What programs wrote by themselves is named, not copied; what a person wrote is never lost."""

from __future__ import annotations

import pytest

from runfolio.capture.generated import ENVIRONMENT, HYDRA
from runfolio.capture.snapshot import snapshot

DAY = "outputs/2026-11-23/"
SWEEP = "multirun/2026-11-23/10-00-00/"


def job(repo, folder: str) -> None:
    """Leave in a folder what a job of Hydra leaves there."""
    for name in ("config", "hydra", "overrides"):
        repo.write(f"{folder}/.hydra/{name}.yaml", "a: 1\n")
    repo.write(f"{folder}/train.log")
    repo.write(f"{folder}/result/scores.json", "{}\n")


def left_out(state) -> dict[str, str]:
    assert not any(item.needed for item in state.not_captured)
    return {item.what: item.why for item in state.not_captured}


def test_folders_of_jobs_are_left_out_and_named_once(repo):
    for time in ("09-00-00", "10-00-00", "11-00-00"):
        job(repo, DAY + time)
    repo.write("train.py", "t = 1\n")
    repo.write("conf/config.yaml", "lr: 1\n")

    state = snapshot(repo.path)

    assert left_out(state) == {"outputs": HYDRA}
    assert state.files_changed == 2
    assert b"b/train.py" in state.patch
    assert b"b/conf/config.yaml" in state.patch


def test_a_sweep_is_left_out_with_all_its_jobs(repo):
    for number in range(3):
        job(repo, f"{SWEEP}{number}")
    job(repo, f"{SWEEP}lr=1/batch=2")
    repo.write(f"{SWEEP}multirun.yaml")
    repo.write(f"{SWEEP}optimization_results.yaml")

    state = snapshot(repo.path)

    assert left_out(state) == {"multirun": HYDRA}
    assert not state.patch


def test_beside_other_files_only_the_folders_of_jobs_are_left_out(repo):
    job(repo, DAY + "a")
    job(repo, DAY + "b")
    repo.write("outputs/read.me")
    repo.write("outputs/2026-11-24/.other/hydra.yaml")

    state = snapshot(repo.path)

    assert left_out(state) == {DAY.rstrip("/"): HYDRA}
    assert state.files_changed == 2


def test_a_multirun_file_without_jobs_is_a_file(repo):
    repo.write("conf/multirun.yaml")
    job(repo, DAY + "a")

    assert b"b/conf/multirun.yaml" in snapshot(repo.path).patch


def test_a_folder_with_tracked_files_is_never_left_out(repo):
    job(repo, "src")  # it holds src/b.py
    job(repo, DAY + "a")
    repo.write(DAY + "a/kept.txt")
    repo.git("add", DAY + "a/kept.txt")
    repo.git("commit", "-qm", "kept")
    job(repo, DAY + "b")

    state = snapshot(repo.path)

    assert left_out(state) == {DAY + "b": HYDRA}
    assert b"b/src/train.log" in state.patch
    assert DAY.encode() + b"a/train.log" in state.patch


def test_a_job_that_runs_where_it_stands_loses_nothing(repo):
    job(repo, ".")  # hydra.run.dir=.
    job(repo, "project")
    repo.write("project/conf/config.yaml")
    repo.write("project/lib/model.PY")

    state = snapshot(repo.path)

    assert left_out(state) == {}
    assert state.files_changed == 12


def test_a_job_with_code_in_its_folder_stays_beside_those_without(repo):
    for number in range(3):
        job(repo, f"{SWEEP}{number}")
    repo.write(f"{SWEEP}multirun.yaml")
    repo.write(f"{SWEEP}1/tried.py")

    state = snapshot(repo.path)

    assert left_out(state) == {f"{SWEEP}0": HYDRA, f"{SWEEP}2": HYDRA}
    assert state.files_changed == 7


def test_a_renamed_hydra_folder_is_an_ordinary_one(repo):
    repo.write(DAY + "a/.config/hydra.yaml")

    assert snapshot(repo.path).files_changed == 1


@pytest.mark.parametrize("inner", [".venv", DAY + "a/.venv"])
def test_environments_are_named_with_and_without_jobs(repo, inner):
    job(repo, DAY + "b")
    repo.write(f"{inner}/pyvenv.cfg")
    repo.write(f"{inner}/lib/x.py")

    state = snapshot(repo.path)

    assert left_out(state)[inner] == ENVIRONMENT
    assert HYDRA in left_out(state).values()
    assert not state.patch


def test_a_job_in_a_submodule_is_named_from_the_outermost_folder(repo, tmp_path):
    inner = type(repo)(tmp_path / "inner")
    inner.commit(a_py="a = 1\n")
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.path), "sub")
    repo.git("commit", "-qm", "sub")
    job(repo, "sub/" + DAY + "a")

    assert left_out(snapshot(repo.path)) == {"sub/outputs": HYDRA}
