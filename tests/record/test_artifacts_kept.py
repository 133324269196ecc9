"""Artifacts have no versions yet: their files are kept in the run, whole and inside of it."""

from __future__ import annotations

from pathlib import Path

import pytest

import runfolio as wandb
from runfolio.errors import NoActiveRun, RunfolioWarning, UsageError
from runfolio.format.events import read_events
from runfolio.model.media import media_items
from runfolio.record.api import init
from runfolio.record.run import Run

quiet = pytest.mark.filterwarnings("ignore:artifacts have no versions yet")


@pytest.fixture
def run() -> Run:
    for name in ("model.pt", "data/a.csv", "data/deep/b.csv"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(name)
    return init()


def held(run: Run) -> dict[str, str]:
    folder = run.path / "files" / "artifacts"
    return {
        p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()
    }


def test_its_files_are_kept_and_that_there_are_no_versions_is_said_once(run: Run) -> None:
    artifact = wandb.Artifact("digits", type="dataset", metadata={"rows": 3})
    artifact.add_file("model.pt", name="weights/best.pt")
    artifact.add_dir("data")
    with artifact.new_file("notes/readme.txt") as file:
        file.write("made here")
    with pytest.warns(RunfolioWarning, match="no versions yet"):
        assert run.log_artifact(artifact, aliases=["best"]).wait() is artifact
    wandb.log_artifact(artifact)  # in silence: a warning is an error here
    assert held(run) == {
        "digits/weights/best.pt": "model.pt", "digits/a.csv": "data/a.csv",
        "digits/deep/b.csv": "data/deep/b.csv", "digits/notes/readme.txt": "made here",
    }  # fmt: skip


@quiet
def test_a_file_or_a_folder_is_logged_without_an_artifact_made_of_it(run: Run) -> None:
    run.log_artifact("model.pt", name="net", type="model")
    run.log_artifact("data", type="dataset")
    run.log_model("model.pt")
    assert sorted(held(run)) == [
        "data/a.csv",
        "data/deep/b.csv",
        "model.pt/model.pt",
        "net/model.pt",
    ]


@quiet
def test_the_record_stays_as_it_was_when_the_script_writes_on(run: Run) -> None:
    kept = run.log_artifact("model.pt", name="net")
    Path("model.pt").write_text("the next epoch")
    assert held(run) == {"net/model.pt": "model.pt"}
    assert Path(kept.download(), "model.pt").read_text() == "model.pt"


@quiet
def test_one_logged_anew_takes_the_place_of_the_one_before(run: Run) -> None:
    run.log_artifact("model.pt", name="net")
    Path("model.pt").write_text("the next epoch")
    run.log_artifact("model.pt", name="net")
    assert held(run) == {"net/model.pt": "the next epoch"}


@quiet
def test_a_table_inside_is_logged_at_the_step_that_is_open(run: Run) -> None:
    run.log({"loss": 1})
    artifact = wandb.Artifact("guesses", type="result")
    table = artifact.add(wandb.Table(columns=["a"], data=[[1]]), "rows")
    run.log_artifact(artifact)
    run.log({"loss": 2})
    assert artifact.get("rows") is table
    run.finish()
    items = [item for event in read_events(run.path) for item in media_items(event)]
    assert [(item.key, item.step) for item in items] == [("guesses/rows", 1)]


@pytest.mark.parametrize("name", ["../out.pt", "/tmp/out.pt", "a/../../out.pt", "..\\out.pt", "C:/out.pt", ""])  # fmt: skip
def test_no_name_inside_leads_out_of_it(run: Run, name: str) -> None:
    artifact = wandb.Artifact("net", type="model")
    if name:
        with pytest.raises(UsageError, match="no name inside an artifact"):
            artifact.add_file("model.pt", name=name)
    with pytest.raises(UsageError, match="no name inside"), artifact.new_file(name):
        pass


@quiet
@pytest.mark.parametrize("name", ["../../out", "/etc", "a/b", "..", "."])
def test_no_name_of_one_leads_out_of_the_run(run: Run, name: str) -> None:
    run.log_artifact("model.pt", name=name)
    (kept,) = held(run)
    assert kept.count("/") == 1
    assert not Path("../out").exists()


@quiet
def test_what_is_not_there_cannot_be_added(run: Run) -> None:
    artifact = wandb.Artifact("net", type="model")
    with pytest.raises(UsageError, match=r"no file 'gone\.pt'"):
        artifact.add_file("gone.pt")
    with pytest.raises(UsageError, match="no folder 'gone'"):
        artifact.add_dir("gone")
    with pytest.raises(UsageError, match="no versions yet"):
        artifact.download()


@quiet
def test_a_file_gone_before_it_is_logged_costs_a_warning_and_no_training(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLIO_STRICT", "0")
    artifact = wandb.Artifact("net", type="model")
    artifact.add_file("model.pt")
    artifact.add_file("data/a.csv")
    Path("model.pt").unlink()
    with pytest.warns(RunfolioWarning, match=r"keeping 'model.pt' of the artifact 'net' failed"):
        run.log_artifact(artifact)
    assert held(run) == {"net/a.csv": "data/a.csv"}


@quiet
def test_without_a_run_nothing_is_logged(run: Run) -> None:
    run.finish()
    for call in (lambda: wandb.log_artifact("model.pt"), wandb.Artifact("a").save):
        with pytest.raises(NoActiveRun):
            call()
    with pytest.raises(NoActiveRun):
        run.log_artifact("model.pt")


@quiet
def test_a_disabled_run_keeps_nothing() -> None:
    Path("model.pt").write_text("x")
    run = init(mode="disabled")
    assert run.log_artifact("model.pt", name="net").name == "net"
    assert not Path("artifacts").exists()
