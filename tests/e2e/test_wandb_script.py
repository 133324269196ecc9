"""An ordinary script written for Weights & Biases, with nothing but its import changed."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from runfolio.format.check import check_run
from runfolio.format.manifest import read_record
from runfolio.format.series import read_series

WRITTEN_FOR_WANDB = """
import argparse
import math
import os

import numpy as np
import wandb

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--lr", type=float, default=1e-2)
args = parser.parse_args()

wandb.login()
wandb.init(
    project="mnist", entity="the-lab", name="cnn-small", group="ablation", job_type="train",
    tags=["baseline", "cnn"], notes="first try", config=vars(args), save_code=True,
    settings={"start_method": "thread"},
)
wandb.config.update({"arch": {"width": 32, "depth": 2}})
config = wandb.config

step, best = 0, 0.0
for epoch in range(config.epochs):
    for batch in range(20):
        loss = np.float32(math.exp(-step * config.lr))
        accuracy = None
        if batch == 19:
            accuracy = 1 - float(loss) / 2
        wandb.log({"train/loss": loss, "epoch": epoch, "val/accuracy": accuracy}, step=step)
        step += 1
    if accuracy > best:
        best = accuracy
        np.save("best.npy", np.full(8, best))
        wandb.save("best.npy")
    wandb.log({"epoch_time": 0.1, "lr": config["lr"]}, step=step, commit=False)

wandb.run.summary["best_accuracy"] = best
np.save(os.path.join(wandb.run.dir, "last.npy"), np.zeros(8))
if wandb.run is not None:
    print(wandb.run.name, wandb.run.id, wandb.run.url)
wandb.finish()
assert wandb.run is None
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the script with its import changed, and return the run's folder."""
    folder = tmp_path_factory.mktemp("wandb")
    source = WRITTEN_FOR_WANDB.replace("import wandb", "import runfolio as wandb")
    (folder / "train.py").write_text(source, encoding="utf-8")
    env = {k: v for k, v in os.environ.items() if not k.startswith(("RUNFOLIO_", "WANDB_"))}
    done = subprocess.run(
        [sys.executable, "-W", "error", "train.py", "--lr", "0.05"], cwd=folder, env=env,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("cnn-small ")
    (manifest,) = folder.glob("folio/*/run.json")
    return manifest.parent


def test_it_is_finished_and_called_as_asked(run: Path) -> None:
    record = read_record(run)

    assert record.status.value == "finished"
    assert (record.name, record.project, record.group) == ("cnn-small", "mnist", "ablation")
    assert (record.tags, record.notes) == (("baseline", "cnn"), "first try")


def test_its_settings_are_kept(run: Path) -> None:
    expected = {"epochs": 3, "lr": 0.05, "arch": {"width": 32, "depth": 2}}

    assert read_record(run).config == expected


def test_every_point_is_there_and_none_is_written(run: Path) -> None:
    series = read_series(run)

    assert list(series["train/loss"].step) == list(range(60))
    assert series["train/loss"].value[10] == pytest.approx(math.exp(-0.5))
    assert list(series["val/accuracy"].step) == [19, 39, 59]
    assert list(series["lr"].step) == [20, 40, 60]


def test_its_summary_and_files_are_kept(run: Path) -> None:
    manifest = json.loads((run / "run.json").read_text(encoding="utf-8"))
    accuracy = read_series(run)["val/accuracy"].value[-1]

    assert manifest["summary"]["best_accuracy"] == accuracy
    assert {path.name for path in (run / "files").iterdir()} == {"best.npy", "last.npy"}


def test_no_point_counts_as_late_or_twice(run: Path) -> None:
    counts = json.loads((run / "run.json").read_text(encoding="utf-8"))["counts"]

    assert counts == {"points": 129, "late": 0, "duplicate": 0, "nonfinite": 0, "refused": 0}


def test_nothing_is_wrong_with_the_folder(run: Path) -> None:
    assert check_run(run) == []
    assert not (run / "metrics.jsonl").exists()
