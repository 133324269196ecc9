"""A table that was only logged, asked for as W&B names it: ``run-<id>-<key>``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import runfolio as wandb
from runfolio.errors import UsageError
from runfolio.format.check import check_run
from runfolio.record.api import init


def table(*names: str) -> wandb.Table:
    image = wandb.Image(np.zeros((3, 2, 3), "uint8"))
    return wandb.Table(columns=["name", "image"], data=[[name, image] for name in names])


@pytest.fixture
def logged() -> str:
    with init(id="2026-run") as run:
        run.log({"eval/guesses": table("a")})
        run.log({"eval/guesses": table("a", "b"), "loss": 1.0})
    return run.id


def test_a_run_that_goes_on_finds_its_own_tables_each_time() -> None:
    run = init(id="2026-run")
    for n, names in enumerate(("a", "ab", "ab", "a")):
        run.log({"guesses": table(*names)})
        artifact = run.use_artifact("run-2026-run-guesses:latest")
        assert [row[0] for row in artifact.get("guesses").data] == list(names)
        assert artifact.version == f"v{min(n, 1) + (n == 3)}"
    for name in ("run-2026-run-guesses:v0", "run-2026-run-guesses:v2"):
        assert len(run.use_artifact(name).get("guesses").data) == 1


def test_each_table_of_the_key_is_a_version_and_its_images_come_with_it(logged: str) -> None:
    run = init()
    artifact = run.use_artifact(f"lab/demo/run-{logged}-evalguesses:latest", type="run_table")
    assert (artifact.version, artifact.metadata) == ("v1", {"step": 1})
    found = artifact.get("evalguesses")
    assert [row[0] for row in found.data] == ["a", "b"]
    assert (found.data[0][1].width, found.data[0][1].height) == (2, 3)
    assert artifact.logged_by().id == logged
    first = wandb.Api().artifact(f"run-{logged}-evalguesses:v0")
    assert [row[0] for row in first["evalguesses"].data] == ["a"]


def test_asking_again_makes_nothing_new(logged: str, store: Path) -> None:
    run = init()
    for _ in range(2):
        run.use_artifact(f"run-{logged}-evalguesses")
    versions = sorted((store / f".artifacts/run-{logged}-evalguesses").glob("v*"))
    assert [path.name for path in versions] == ["v0.json", "v1.json"]
    assert [one for one in check_run(store / logged) if one.severity == "fault"] == []


@pytest.mark.parametrize(
    "name", ["run-2026-run-loss", "run-2026-run-", "run-gone-evalguesses", "run-"]
)
def test_what_no_run_logged_as_a_table_is_not_there(logged: str, name: str, store: Path) -> None:
    with pytest.raises(UsageError, match="There is no artifact"):
        init().use_artifact(name)
    assert not (store / ".artifacts").exists()
