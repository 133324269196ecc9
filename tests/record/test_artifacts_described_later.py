"""What is said of a version after it was logged stands beside it; the version stays as it was made."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

import runfolio as wandb
from runfolio.errors import RunfolioWarning, UsageError
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.check_artifacts import ArtifactCheck
from runfolio.record.api import init
from runfolio.store.loaded_artifact import load_artifact

LOG = ".artifacts/net/log"


@pytest.fixture
def net(store: Path) -> wandb.Artifact:
    Path("model.pt").write_text("weights")
    with init(id="first") as run:
        artifact = wandb.Artifact("net", type="model", description="one", metadata={"acc": 0.5})
        artifact.add_file("model.pt")
        run.log_artifact(artifact, aliases=["candidate"])
    return artifact


def faults(store: Path) -> list[str]:
    return [str(one) for one in ArtifactCheck(store).of_store()]


def test_words_change_beside_a_version_that_stays_byte_for_byte(
    net: wandb.Artifact, store: Path
) -> None:
    files = [store / ".artifacts/net/v0.json", store / "first/artifacts/net/v0.json"]
    before = [file.read_bytes() for file in files]
    net.metadata["acc"] = 0.75
    net.description = "two"
    net.save()
    net.tags = ["small"]
    net.save()
    assert [file.read_bytes() for file in files] == before
    again = load_artifact("net")
    assert (again.metadata, again.description) == ({"acc": 0.75, "artifact_tags": ["small"]}, "two")
    found = wandb.Api().artifact("net")
    assert (found.metadata, found.description, found.tags) == ({"acc": 0.75}, "two", ["small"])
    assert found.digest == again.digest == net.digest
    assert faults(store) == []


def test_who_said_it_and_in_which_run_stands_in_the_history(net: wandb.Artifact) -> None:
    with init(id="second") as run:
        artifact = run.use_artifact("net")
        artifact.metadata = {"acc": 0.9}
        artifact.ttl = timedelta(hours=36)
        artifact.save()
    entry = artifact.versions.log.read()[0][-1]
    assert (entry.op, entry.version, entry.run_id) == ("describe", 0, "second")
    assert entry.said == {"metadata": {"acc": 0.9}, "ttl_days": 1.5}
    assert entry.by
    history = json.loads(wandb.artifacts("net").to_json())["history"]
    assert history[-1]["said"] == {"metadata": {"acc": 0.9}, "ttl_days": 1.5}


def test_saving_what_did_not_change_says_nothing(net: wandb.Artifact, store: Path) -> None:
    before = sorted((store / LOG).iterdir())
    net.save()
    wandb.Api().artifact("net").save()
    assert sorted((store / LOG).iterdir()) == before


def test_an_alias_that_went_to_another_version_meanwhile_is_not_taken_from_it(
    net: wandb.Artifact,
) -> None:
    Path("model.pt").write_text("other weights")
    with init() as run:
        run.log_artifact("model.pt", name="net", type="model", aliases=["candidate"])
    net.aliases.remove("candidate")
    net.save()
    assert net.versions.aliases() == {"candidate": 1, "latest": 1}


def test_a_list_without_latest_takes_nothing_away_from_latest(net: wandb.Artifact) -> None:
    net.aliases = []
    net.save()
    assert net.versions.aliases() == {"latest": 0}


def test_secrets_in_it_are_taken_out_as_in_all_text(net: wandb.Artifact, store: Path) -> None:
    secret = "ghp_" + "a1B2" * 9
    net.description = f"with {secret}"
    net.metadata["note"] = {"api_token": secret}
    with pytest.warns(RunfolioWarning, match="secret"):
        net.save()
    assert "redacted" in str(net.description)
    assert secret not in "".join(path.read_text() for path in (store / LOG).iterdir())


def test_what_is_too_large_to_stand_beside_a_version_is_refused_and_nothing_lost(
    net: wandb.Artifact, store: Path
) -> None:
    before = sorted((store / LOG).iterdir())
    net.metadata["history"] = list(range(100_000))
    with pytest.raises(UsageError, match="is larger than 256 KiB; put it into a file"):
        net.save()
    assert sorted((store / LOG).iterdir()) == before
    assert load_artifact("net").metadata == {"acc": 0.5}


def test_what_was_found_in_its_tables_stays_with_a_data_set(store: Path) -> None:
    pd.DataFrame({"a": [1, 2]}).to_csv("rows.csv", index=False)
    with init() as run:
        artifact = run.log_artifact("rows.csv", name="rows", type="dataset")
    profile = load_artifact("rows").metadata["data_profile"]
    artifact.metadata = {"reviewed": True}
    artifact.save()
    assert load_artifact("rows").metadata == {"reviewed": True, "data_profile": profile}
    assert artifact.metadata == {"reviewed": True}


def test_a_time_to_live_that_is_set_later_is_the_one_that_counts(
    net: wandb.Artifact, store: Path
) -> None:
    net.aliases.clear()
    net.save()
    Path("model.pt").write_text("other weights")
    with init() as run:
        run.log_artifact("model.pt", name="net", type="model")
    net.ttl = timedelta(microseconds=1)
    net.save()
    wandb.gc(dry_run=False)
    assert sorted(ArtifactVersions(store, "net").standing().dropped) == [0]


@pytest.mark.parametrize(
    "said",
    [{"metadata": [1]}, {"description": 3}, {"ttl_days": -1}, {"ttl_days": True}, "words"],
)
def test_an_entry_that_says_nonsense_is_named_and_passed_over(
    net: wandb.Artifact, store: Path, said: object
) -> None:
    net.description = "two"
    net.save()
    (file,) = (path for path in (store / LOG).iterdir() if b'"describe"' in path.read_bytes())
    from runfolio.format.codec import with_crc

    body = json.loads(file.read_bytes()) | {"said": said}
    del body["crc32"]
    file.chmod(0o644)
    file.write_bytes(with_crc(body))
    assert load_artifact("net").description == "one"
    assert any("is not as it was written" in fault for fault in faults(store))


def test_the_same_content_logged_again_has_the_words_that_were_said_last(
    net: wandb.Artifact,
) -> None:
    net.metadata = {"acc": 0.9}
    net.save()
    again = wandb.Artifact("net", type="model", metadata={"acc": 0.9})
    again.add_file("model.pt")
    with init() as run:
        run.log_artifact(again)  # in silence: nothing else is said of it
    assert (again.version, again.metadata, again.description) == ("v0", {"acc": 0.9}, "one")
