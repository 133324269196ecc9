"""Artifacts that are logged: contents, versions, the run's folder, events, aliases."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

import runfolio as wandb
from runfolio.errors import NoActiveRun, RunfolioWarning, UsageError
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.check_artifacts import ArtifactCheck
from runfolio.format.disk import Disk
from runfolio.format.events import read_events
from runfolio.format.manifest import read_manifest
from runfolio.format.seal import read_seal
from runfolio.model.media import media_items
from runfolio.record.api import init
from runfolio.record.run import Run
from runfolio.store.gc_contents import sweep_contents


@pytest.fixture
def run() -> Run:
    for name in ("model.pt", "data/a.csv", "data/deep/b.csv"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(name)
    return init()


def held(run: Run) -> dict[str, str]:
    folder = run.path / "artifacts"
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".json"
    }


def told(run: Run) -> list[dict[str, Any]]:
    run.life.writer.flush()
    return list(read_events(run.path, ("artifact",)))


def test_files_folders_and_what_is_written_become_one_version(run: Run) -> None:
    artifact = wandb.Artifact("digits", type="dataset", metadata={"rows": 3}, description="small")
    artifact.add_file("model.pt", name="weights/best.pt")
    artifact.add_dir("data")
    with artifact.new_file("notes/readme.txt") as file:
        file.write("made here")
    assert artifact.is_draft()
    assert run.log_artifact(artifact, aliases=["best"]).wait() is artifact
    assert (artifact.version, artifact.name, artifact.state) == ("v0", "digits:v0", "COMMITTED")
    assert held(run) == {
        "digits/v0/weights/best.pt": "model.pt", "digits/v0/a.csv": "data/a.csv",
        "digits/v0/deep/b.csv": "data/deep/b.csv", "digits/v0/notes/readme.txt": "made here",
    }  # fmt: skip


def test_its_files_in_the_run_are_second_names_of_the_stores_and_read_only(run: Run) -> None:
    artifact = run.log_artifact("model.pt", name="net")
    (entry,) = artifact.files()
    file = run.path / "artifacts/net/v0/model.pt"
    blob = run.path.parent / ".blobs" / entry.digest[:2] / entry.digest
    assert file.samefile(blob)
    assert file.stat().st_mode & 0o222 == 0
    assert (run.path / "artifacts/net/v0.json").read_bytes() == (run.path.parent / ".artifacts/net/v0.json").read_bytes()  # fmt: skip


def test_the_run_tells_of_it_in_its_events_and_in_short_in_its_manifest(run: Run) -> None:
    artifact = run.log_artifact("model.pt", name="net", type="model", aliases="best")
    (event,) = told(run)
    del event["time"]
    assert event == {
        "kind": "artifact", "op": "made", "name": "net", "version": 0, "type": "model",
        "digest": artifact.digest, "aliases": ["best", "latest"], "files": 1, "bytes": 8, "new": True,
        "as": None,
    }  # fmt: skip
    run.finish()
    assert read_manifest(run.path)["artifacts"] == {"made": [["net", 0, "model"]]}
    assert read_manifest(run.path)["complete"]["artifacts"] == "whole"
    assert not any(name.startswith("artifacts/") for name in read_seal(run.path))


def test_the_same_content_is_the_same_version_and_another_one_the_next(run: Run) -> None:
    numbers = []
    for text in ("a", "a", "b", "a"):
        Path("model.pt").write_text(text)
        numbers.append(run.log_artifact("model.pt", name="net").version)
    assert numbers == ["v0", "v0", "v1", "v2"]
    assert [event["new"] for event in told(run)] == [True, False, True, True]


def test_other_metadata_make_no_version_which_is_said_once(run: Run) -> None:
    for rows in (1, 2, 3):
        artifact = wandb.Artifact("net", type="model", metadata={"rows": rows})
        artifact.add_file("model.pt")
        if rows == 2:
            with pytest.warns(
                RunfolioWarning, match="metadata that were given now are not recorded"
            ):
                run.log_artifact(artifact)
        else:
            run.log_artifact(artifact)
        assert (artifact.version, artifact.metadata) == ("v0", {"rows": 1})


def test_an_alias_goes_to_the_version_that_was_logged_last_with_it(run: Run) -> None:
    for text, aliases in (("a", ["best", "first"]), ("b", ["best", "latest"]), ("c", None)):
        Path("model.pt").write_text(text)
        artifact = run.log_artifact("model.pt", name="net", aliases=aliases)
    assert artifact.versions.aliases() == {"first": 0, "best": 1, "latest": 2}


@pytest.mark.parametrize("alias", ["v3", "a/b", "a:b", ""])
def test_an_alias_that_nobody_gives_is_refused_before_anything_is_made(
    run: Run, alias: str
) -> None:
    with pytest.raises(UsageError, match="cannot be given as an alias"):
        run.log_artifact("model.pt", name="net", aliases=["best", alias])
    assert held(run) == {}


def test_a_path_alone_is_named_after_the_run_and_the_file(run: Run) -> None:
    assert run.log_artifact("model.pt").name == f"run-{run.id}-model.pt:v0"
    assert run.log_artifact("data", type="dataset").name == f"run-{run.id}-data:v0"
    run.log_model(Path("model.pt"), "net")
    assert [one.type for one in run.logged_artifacts()] == ["unspecified", "dataset", "model"]


def test_the_record_stays_as_it_was_when_the_script_writes_on(run: Run) -> None:
    artifact = wandb.Artifact("net", type="model")
    for epoch in (1, 2):
        Path("model.pt").write_text(f"epoch {epoch}")
        artifact.add_file("model.pt", f"{epoch}.pt")
    Path("model.pt").unlink()
    run.log_artifact(artifact)
    assert held(run) == {"net/v0/1.pt": "epoch 1", "net/v0/2.pt": "epoch 2"}


def test_a_file_given_away_is_moved_into_the_record(run: Run) -> None:
    number = Path("model.pt").stat().st_ino
    run.log_artifact("model.pt", name="net", move=True)
    assert not Path("model.pt").exists()
    assert (run.path / "artifacts/net/v0/model.pt").stat().st_ino == number


def test_two_contents_of_one_name_are_refused_unless_it_is_meant(run: Run) -> None:
    artifact = wandb.Artifact("net", type="model")
    artifact.add_file("model.pt", "a")
    artifact.add_file("model.pt", "a")
    with pytest.raises(UsageError, match="added with another content"):
        artifact.add_file("data/a.csv", "a")
    artifact.add_file("data/a.csv", "a", overwrite=True)
    run.log_artifact(artifact)
    assert held(run) == {"net/v0/a": "data/a.csv"}


def test_what_was_logged_stays_and_a_new_draft_of_it_can_be_changed(run: Run) -> None:
    artifact = run.log_artifact("data", name="net")
    with pytest.raises(UsageError, match="was logged and stays"):
        artifact.add_file("model.pt")
    draft = artifact.new_draft()
    draft.remove("deep")
    draft.add_file("model.pt")
    run.log_artifact(draft)
    assert (draft.version, sorted(draft.manifest.entries)) == ("v1", ["a.csv", "model.pt"])


def test_an_incremental_one_holds_what_the_version_before_held(run: Run) -> None:
    run.log_artifact("data", name="net", type="dataset")
    artifact = wandb.Artifact("net", type="dataset", incremental=True)
    artifact.add_file("model.pt", "a.csv")
    run.log_artifact(artifact)
    assert {path: entry.size for path, entry in artifact.manifest.entries.items()} == {"a.csv": 8, "deep/b.csv": 15}  # fmt: skip


def test_another_type_under_a_name_is_refused(run: Run) -> None:
    run.log_artifact("model.pt", name="net", type="model")
    with pytest.raises(UsageError, match="has the type 'model'"):
        run.log_artifact("data", name="net", type="dataset")


def test_a_name_that_no_folder_can_have_is_mapped_and_said_once(run: Run) -> None:
    with pytest.warns(RunfolioWarning, match="is called 'my_best_net'"):
        artifact = run.log_artifact("model.pt", name="my best:net")
    assert (artifact.name, artifact.type) == ("my_best_net:v0", "unspecified")
    assert wandb.Artifact("my best:net").name == "my_best_net"  # in silence


def test_a_table_inside_is_logged_at_the_step_that_is_open(run: Run) -> None:
    run.log({"loss": 1})
    artifact = wandb.Artifact("guesses", type="result")
    table = wandb.Table(columns=["a"], data=[[1]])
    assert artifact.add(table, "rows").path == "rows.table.json"
    artifact.add_file("model.pt")
    run.log_artifact(artifact)
    run.log({"loss": 2})
    assert artifact.get("rows") is table
    run.finish()
    items = [item for event in read_events(run.path) for item in media_items(event)]
    assert [(item.key, item.step) for item in items] == [("guesses/rows", 1)]


def test_without_a_run_nothing_is_logged(run: Run) -> None:
    run.finish()
    for call in (lambda: wandb.log_artifact("model.pt"), wandb.Artifact("a").save):
        with pytest.raises(NoActiveRun):
            call()
    with pytest.raises(NoActiveRun):
        run.log_artifact("model.pt")


def test_a_disabled_run_keeps_nothing(store: Path) -> None:
    Path("model.pt").write_text("x")
    run = init(mode="disabled")
    artifact = run.log_artifact("model.pt", name="net").wait()
    assert (artifact.name, artifact.version) == ("net:v0", "v0")
    assert not store.exists()


def test_what_is_swept_while_its_version_is_made_is_kept_anew_from_the_run(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a machine that slept for hours between the content and the version."""
    blobs = run.path.parent / ".blobs"
    make = ArtifactVersions.make

    def sweep_and_make(*given: Any, **more: Any) -> Any:
        shutil.rmtree(blobs)
        return make(*given, **more)

    monkeypatch.setattr(ArtifactVersions, "make", sweep_and_make)
    Path("given.pt").write_text("given away")
    artifact = wandb.Artifact("digits", type="dataset")
    artifact.add_file("given.pt", move=True)
    artifact.add_dir("data")
    run.log_artifact(artifact)
    assert Path(artifact.download("here"), "given.pt").read_text() == "given away"
    assert not ArtifactCheck(run.path.parent).of_store()


def drop_and_sweep(run: Run, name: str, number: int) -> None:
    ArtifactVersions(run.path.parent, name).drop(number, "not among the best")
    for path in (run.path.parent / ".blobs").glob("*/*"):
        os.utime(path, (0, 0))
    list(sweep_contents(run.path.parent))


def test_a_dropped_version_logged_again_comes_back_beside_what_somebody_left_there(
    run: Run,
) -> None:
    run.log_artifact("data", name="digits")
    (run.path / "artifacts/digits/v0/mine.txt").write_text("mine")
    drop_and_sweep(run, "digits", 0)
    assert held(run) == {"digits/v0/mine.txt": "mine"}
    assert run.log_artifact("data", name="digits").version == "v0"
    assert held(run) == {
        "digits/v0/mine.txt": "mine", "digits/v0/a.csv": "data/a.csv",
        "digits/v0/deep/b.csv": "data/deep/b.csv",
    }  # fmt: skip


def test_an_incremental_one_goes_on_from_the_latest_that_was_not_dropped(run: Run) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        artifact = wandb.Artifact("digits", incremental=name == "c.txt")
        with artifact.new_file(name) as file:
            file.write(name)
        if name == "c.txt":
            drop_and_sweep(run, "digits", 1)
        run.log_artifact(artifact)
    assert sorted(artifact.manifest.entries) == ["a.txt", "c.txt"]


@pytest.mark.parametrize("swept", [False, True])
def test_one_that_was_logged_and_dropped_is_wanted_again_if_its_content_is_there(
    run: Run, monkeypatch: pytest.MonkeyPatch, swept: bool
) -> None:
    monkeypatch.setenv("RUNFOLIO_STRICT", "0")
    artifact = run.log_artifact("model.pt", name="net")
    artifact.delete()
    if swept:
        drop_and_sweep(run, "net", 0)
        with pytest.warns(RunfolioWarning, match="was not kept .*Log its files again"):
            run.log_artifact(artifact)
        assert [event["op"] for event in told(run)] == ["made", "failed"]
    else:
        run.log_artifact(artifact)
        assert [event["op"] for event in told(run)] == ["made", "made"]
    assert (0 in artifact.versions.standing().dropped) is swept


def test_a_colleagues_content_which_cannot_be_touched_is_there_all_the_same(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.log_artifact("model.pt", name="net")

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    artifact = wandb.Artifact("net", incremental=True)
    artifact.add_file("data/a.csv")
    monkeypatch.setattr(os, "utime", refuse)
    assert sorted(run.log_artifact(artifact).manifest.entries) == ["a.csv", "model.pt"]


def test_a_large_file_that_has_not_changed_is_not_copied_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = tmp_path / "weights.bin"
    weights.write_bytes(os.urandom(3_000_000))
    run = init()
    first = run.log_artifact(str(weights), name="net", type="model")

    def refuse(*_: object) -> int:
        raise OSError(errno.EIO, "copied")

    monkeypatch.setattr(Disk, "make", refuse)
    again = run.log_artifact(str(weights), name="net", type="model")
    assert (again.version, again.digest) == (first.version, first.digest)
    monkeypatch.undo()
    old = weights.stat().st_mtime_ns - 10**10
    weights.write_bytes(os.urandom(3_000_000))
    os.utime(weights, ns=(old, old))
    changed = run.log_artifact(str(weights), name="net", type="model")
    assert changed.version == "v1"
    assert changed.get_entry("weights.bin").path
    assert (
        Path(changed.download(str(tmp_path / "to")), "weights.bin").read_bytes()
        == weights.read_bytes()
    )
