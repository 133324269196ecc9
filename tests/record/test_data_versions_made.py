"""Data versions made by real runs: profile, link by hash, lineage, and what a difference finds."""

from __future__ import annotations

from pathlib import Path

import pytest

import runfolio
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.query.artifact_graph import Node
from runfolio.query.artifact_lineage import artifact_lineage
from runfolio.query.data_version_diff import data_version_diff
from runfolio.record.api import init
from runfolio.store.store import Store


@pytest.fixture(autouse=True)
def _light(monkeypatch: pytest.MonkeyPatch, store_path: Path) -> None:
    del store_path
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "false")


def log(name: str, content: str, **more: object) -> str:
    """Make a version of a file in a run of its own, and return the run's id."""
    Path("d.csv").write_text(content)
    with init(name=name) as run:
        run.log_artifact("d.csv", name="digits", type="dataset", **more)
    return run.id


def test_a_data_version_is_kept_with_its_profile(store_path: Path) -> None:
    log("make", "id,x\n1,a\n2,b\n")

    (table,) = ArtifactVersions(store_path, "digits").read(0).metadata["data_profile"]["tables"]

    assert (table["rows"], [column["name"] for column in table["columns"]]) == (2, ["id", "x"])


def test_another_type_has_no_profile(store_path: Path) -> None:
    Path("d.csv").write_text("id\n1\n")
    with init() as run:
        run.log_artifact("d.csv", name="table", type="result")

    assert ArtifactVersions(store_path, "table").read(0).metadata == {}


def test_the_same_content_again_is_no_version_and_no_warning(
    store_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    log("one", "id\n1\n")
    log("two", "id\n1\n")

    assert ArtifactVersions(store_path, "digits").numbers() == [0]
    assert [str(warning.message) for warning in recwarn] == []


def test_the_next_draft_of_a_version_gets_a_profile_of_its_own(store_path: Path) -> None:
    log("one", "id\n1\n")
    Path("more.csv").write_text("id\n1\n2\n")
    with init() as run:
        draft = run.use_artifact("digits:latest").new_draft()
        draft.add_file("more.csv")
        run.log_artifact(draft)

    tables = ArtifactVersions(store_path, "digits").read(1).metadata["data_profile"]["tables"]
    assert {table["name"]: table["rows"] for table in tables} == {"d.csv": 1, "more.csv": 2}


def test_lineage_of_real_runs_goes_through_versions_and_data_used_by_hash(
    store_path: Path,
) -> None:
    maker = log("make", "id\n1\n")
    with init(name="train") as train:
        train.use_artifact("digits:latest")
        Path("net.pt").write_bytes(b"weights")
        train.log_artifact("net.pt", name="net", type="model")
    with init(name="look") as look:
        look.use_data("d.csv")

    found = artifact_lineage(Store(store_path), "digits:v0")

    assert found.makers == [Node("run", maker)]
    assert set(found.users) == {Node("run", train.id), Node("run", look.id)}
    assert Node("version", "net:v0") in found.downstream()


def test_a_run_is_old_once_a_newer_version_is_there(store_path: Path) -> None:
    log("make", "id,x\n1,a\n")
    with init(name="train") as train:
        train.use_artifact("digits:latest")
    log("more", "id,x\n1,a\n2,b\n")

    assert "digits:v0 (old: digits:v1 is newer than v0)" in str(runfolio.show(train.id))
    (table,) = data_version_diff(Store(store_path), "digits:v0", "digits:v1").tables
    assert table.rows is not None
    assert table.rows.added == 1


def test_a_table_in_a_data_set_is_described_by_its_name_and_its_note_is_none(
    store_path: Path,
) -> None:
    for rows in ([[1, "a"], [2, "b"]], [[1, "a"], [2, "c"], [3, "d"]]):
        artifact = runfolio.Artifact("rows", type="dataset")
        artifact.add(runfolio.Table(columns=["id", "b"], data=rows), "labels")
        with init() as run:
            run.log_artifact(artifact)
    (table,) = ArtifactVersions(store_path, "rows").read(1).metadata["data_profile"]["tables"]
    assert (table["name"], table["rows"]) == ("labels.table.parquet", 3)
    (difference,) = data_version_diff(Store(store_path), "rows:v0", "rows:v1").tables
    assert (difference.rows.added, difference.rows.changed) == (1, 1)
