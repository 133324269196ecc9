"""Artifacts that are used: by name, fetched with verification and resume; policies; bad input."""

from __future__ import annotations

import copy
import os
from pathlib import Path

import pytest

import runfolio as wandb
from runfolio.errors import ConfigFrozen, CorruptRecord, RunfolioWarning, UsageError
from runfolio.format.artifact_log import ArtifactLog
from runfolio.format.manifest import read_manifest
from runfolio.record.api import init


@pytest.fixture
def made() -> None:
    for name in ("model.pt", "data/a.csv", "data/deep/b.csv"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(name)
    with init(id="first") as run:
        run.log_artifact("data", name="digits", type="dataset", aliases=["clean"])
        run.log_artifact("model.pt", name="net", type="model")


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(
    "name", ["digits", "digits:v0", "digits:clean", "lab/project/digits:latest"]
)
def test_a_version_is_used_by_its_name_and_told_in_the_run(name: str) -> None:
    with init(id="second") as run:
        folder = Path(run.use_artifact(name, type="dataset").download())
    assert folder == Path.cwd() / "artifacts/digits:v0"
    assert (folder / "deep/b.csv").read_text() == "data/deep/b.csv"
    assert read_manifest(run.path)["artifacts"] == {"used": [["digits", 0, "dataset"]]}


@pytest.mark.usefixtures("made")
def test_an_artifact_stays_the_same_setting_however_often_it_is_set() -> None:
    with init(id="second") as run:
        run.config.data = run.use_artifact("digits")
        run.config.update({"data": run.config["data"]})
        run.config["data"] = run.use_artifact("digits:clean")
        run.config.data = "digits:v0"
        with pytest.raises(ConfigFrozen, match="is 'digits:v0' and was set to 'net:v0'"):
            run.config.data = run.use_artifact("net")
        assert run.config.as_dict() == {"data": "digits:v0"}
    assert read_manifest(run.path)["config"] == {"data": "digits:v0"}


@pytest.mark.usefixtures("made")
def test_what_is_there_is_left_and_what_is_not_is_put_right() -> None:
    artifact = init().use_artifact("digits")
    folder = Path(artifact.download("here"))
    number = (folder / "deep/b.csv").stat().st_ino
    (folder / "a.csv").write_text("edited")
    with pytest.raises(UsageError, match=r"is not what digits:v0 holds"):
        artifact.verify("here")
    artifact.download("here")
    artifact.verify("here")
    assert (folder / "deep/b.csv").stat().st_ino == number


@pytest.mark.usefixtures("made")
def test_a_content_that_was_changed_in_the_store_is_never_handed_out(store: Path) -> None:
    run = init()
    artifact = run.use_artifact("net")
    digest = artifact.files()[0].digest
    blob = store / ".blobs" / digest[:2] / digest
    blob.chmod(0o644)
    blob.write_text("MODEL.pt")
    with pytest.raises(CorruptRecord, match="is not what was kept"):
        artifact.download()
    assert not Path("artifacts/net:v0/model.pt").exists()


@pytest.mark.usefixtures("made")
def test_who_made_and_who_used_a_version_is_known() -> None:
    with init(id="second") as run:
        run.use_artifact("net")
        assert run.use_model("net") == str(Path.cwd() / "artifacts/net:v0/model.pt")
    artifact = init().use_artifact("net")
    assert artifact.logged_by().id == "first"
    assert [record.id for record in artifact.used_by()] == ["second"]


@pytest.mark.usefixtures("made")
def test_a_program_walks_from_a_version_to_its_runs_and_from_these_to_what_they_made() -> None:
    with init(id="second", project="p") as run:
        run.use_artifact("digits")
        run.log_artifact({"n": 1}, name="scores")
    artifact = wandb.Api().artifact("scores:latest")
    made_by = artifact.logged_by()
    assert (made_by.state, made_by.project, made_by.entity) == ("finished", "p", "")
    assert [one.name for one in made_by.used_artifacts()] == ["digits:v0"]
    assert [one.name for one in made_by.logged_artifacts()] == ["scores:v0"]
    (user,) = wandb.Api().artifact("digits").used_by()
    assert [one.name for one in user.logged_artifacts()] == ["scores:v0"]
    assert copy.copy(user).id == "second"
    with pytest.raises(AttributeError, match="histry"):
        user.histry  # noqa: B018


@pytest.mark.usefixtures("made")
def test_an_address_of_an_entry_is_taken_up_by_another_artifact() -> None:
    with init() as run:
        url = run.use_artifact("digits").get_entry("deep/b.csv").ref_url()
        mixed = wandb.Artifact("mixed", type="dataset")
        mixed.add_reference(url)
        mixed.add_reference(url, name="again.csv")
        folder = Path(run.log_artifact(mixed).download())
        for odd in (url + "x", url.replace("digits", "nothing")):
            with pytest.raises(UsageError, match=r"holds no|There is no artifact"):
                wandb.Artifact("odd", type="dataset").add_reference(odd)
    assert {p.name: p.read_text() for p in folder.rglob("*.csv")} == {
        "b.csv": "data/deep/b.csv", "again.csv": "data/deep/b.csv",
    }  # fmt: skip


@pytest.mark.usefixtures("made")
def test_the_entries_of_a_version_are_listed_once_and_those_of_a_draft_each_time() -> None:
    artifact = init().use_artifact("digits")
    assert artifact.manifest is artifact.manifest
    draft = artifact.new_draft()
    assert len(draft.manifest) == 2
    draft.remove("a.csv")
    assert len(draft.manifest) == 1
    assert len(wandb.log_artifact(draft).manifest) == 1


def test_of_many_versions_what_was_said_of_them_is_read_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with init() as run:
        for n in range(5):
            run.log_artifact({"n": n}, name="many", type="model", aliases=[f"epoch_{n}"])
    read, reads = ArtifactLog.read, list[int]()
    monkeypatch.setattr(ArtifactLog, "read", lambda self: (reads.append(1), read(self))[1])
    found = wandb.Api().artifacts("model", "many")
    assert [one.aliases[0] for one in found] == [f"epoch_{n}" for n in (4, 3, 2, 1, 0)]
    assert len(reads) < len(found)


def test_who_used_very_many_is_known_of_the_first_one_too() -> None:
    with init(id="maker") as run:
        first, *_ = [run.log_artifact({"n": n}, name="many") for n in range(51)]
    with init(id="user") as run:
        for n in range(51):
            run.use_artifact(f"many:v{n}")
    assert [record.id for record in first.used_by()] == ["user"]


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("digist", 'Did you mean "digits"'),
        ("digits:claen", 'Did you mean "clean"'),
        ("digits:v7", "no version 'v7'"),
        ("", "names no artifact"),
        ("digits:", "names no artifact"),
    ],
)
def test_what_is_not_there_says_what_may_be_meant(name: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        init().use_artifact(name)


@pytest.mark.usefixtures("made")
def test_a_collection_holds_the_same_under_a_name_and_aliases_of_its_own() -> None:
    run = init()
    linked = run.link_artifact(run.use_artifact("net"), "registry/zoo", aliases=["staging"])
    assert (linked.name, linked.aliases) == ("zoo:v0", ["staging", "latest"])
    assert run.use_artifact("registry/zoo:staging").digest == run.use_artifact("net").digest


def test_only_the_best_and_the_last_checkpoints_stay() -> None:
    run = init()
    policy = wandb.Keep(best=1, by="loss", goal="min", last=1)
    for loss in (3.0, 1.0, 2.0, 4.0, 5.0):
        run.log({"loss": loss})
        Path("ckpt.pt").write_text(str(loss))
        run.log_artifact(
            "ckpt.pt", name="ckpt", keep=policy, aliases=["mine"] if loss == 2 else None
        )
    versions = run.path / "artifacts/ckpt"
    assert sorted(p.name for p in versions.iterdir() if p.is_dir()) == ["v1", "v2", "v4"]
    with pytest.raises(UsageError, match="the policy of its run keeps"):
        run.use_artifact("ckpt:v0")


def test_a_policy_drops_nothing_while_there_are_fewer() -> None:
    run = init()
    for text in ("a", "b"):
        Path("ckpt.pt").write_text(text)
        run.log_artifact("ckpt.pt", name="ckpt", keep=wandb.Keep(last=3))
    assert [one.version for one in run.logged_artifacts()] == ["v0", "v1"]
    assert run.use_artifact("ckpt:v0").file_count == 1


@pytest.mark.parametrize(
    "given",
    [{"last": 0}, {"best": 2}, {"best": -1, "by": "x"}, {"best": 1, "by": "x", "goal": "up"}],
)
def test_a_policy_that_means_nothing_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="Keep"):
        wandb.Keep(**given)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="which way is 'loss' better"):
        init().log_artifact({"a": 1}, name="x", keep=wandb.Keep(best=1, by="loss"))
    with pytest.raises(UsageError, match="keep is 3; expected"):
        init().log_artifact({"a": 1}, name="x", keep=3)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["../out", "/tmp/out", "a/../../out", "..\\out", "C:/out", "%2e%2e/out", ""])  # fmt: skip
def test_no_name_inside_leads_out_of_it(name: str) -> None:
    Path("model.pt").write_text("x")
    artifact = wandb.Artifact("net", type="model")
    with pytest.raises(UsageError, match="no name inside an artifact"):
        artifact.add_file("model.pt", name=name)
    with pytest.raises(UsageError, match="no name inside"), artifact.new_file(name):
        pass


def test_links_out_loops_and_devices_in_a_folder_are_told_and_left_out() -> None:
    Path("data/in").mkdir(parents=True)
    Path("data/in/a.csv").write_text("a")
    Path("secret").write_text("out")
    Path("data/linked.csv").symlink_to("in/a.csv")
    Path("data/out").symlink_to(Path("secret").absolute())
    Path("data/in/loop").symlink_to("..")
    os.mkfifo("data/pipe")
    run = init()
    with pytest.warns(RunfolioWarning, match="is left out"):
        artifact = run.log_artifact("data", name="digits")
    assert sorted(artifact.manifest.entries) == ["in/a.csv", "linked.csv"]


def test_a_pipe_and_what_is_not_there_are_refused() -> None:
    os.mkfifo("pipe")
    for path, told in (("pipe", "no file with a content"), ("gone.pt", "no file '.*gone.pt'")):
        with pytest.raises(UsageError, match=told):
            init().log_artifact(path, name="net")


def test_a_reference_to_a_file_is_hashed_and_one_elsewhere_is_recorded_and_not_fetched() -> None:
    Path("x.csv").write_text("x")
    artifact = wandb.Artifact("where", type="dataset")
    artifact.add_reference(Path("x.csv").absolute().as_uri())
    artifact.add_reference("s3://bucket/train/y.csv")
    init().log_artifact(artifact)
    assert artifact.get_path("y.csv").ref_target() == "s3://bucket/train/y.csv"
    with pytest.raises(UsageError, match="nothing is fetched from elsewhere"):
        artifact.download("here")
    assert Path("here/x.csv").read_text() == "x"
    Path("x.csv").write_text("y")
    with pytest.raises(CorruptRecord, match=r"x\.csv \(file:.* is not what it was"):
        artifact.get_entry("x.csv").download("there")
