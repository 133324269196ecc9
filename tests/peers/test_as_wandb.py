"""Programs written for W&B's callbacks of other libraries run under ``runfolio run --as-wandb``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from runfolio.model.run import Status
from runfolio.store.store import Store

ROOT = Path(__file__).parents[2]

TRANSFORMERS = """
import transformers
from tests.peers.test_transformers import bert, digits
arguments = transformers.TrainingArguments(
    "out", per_device_train_batch_size=32, report_to="wandb", run_name="named", disable_tqdm=True, use_cpu=True,
    save_strategy="no", max_steps=4, logging_steps=2,
)
train, unseen = digits()
trainer = transformers.Trainer(bert(transformers), arguments, train_dataset=train, eval_dataset=unseen)
trainer.train()
trainer.evaluate()
"""
ACCELERATE = """
from accelerate import Accelerator
one = Accelerator(log_with="wandb", cpu=True)
one.init_trackers("digits", {"lr": 1}, init_kwargs={"wandb": {"name": "named"}})
one.log({"train/loss": 0.5}, step=3)
one.end_training()
"""
LIGHTNING = """
import lightning.pytorch as pl
from lightning.pytorch.loggers import WandbLogger
from tests.peers.lightning_digits import Digits
pl.Trainer(
    max_epochs=1, logger=WandbLogger(name="named", log_model=True), accelerator="cpu", log_every_n_steps=5,
    enable_progress_bar=False, enable_model_summary=False,
).fit(Digits())
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "config"),
    [(TRANSFORMERS, "learning_rate"), (ACCELERATE, "lr"), (LIGHTNING, "width")],
    ids=["transformers", "accelerate", "lightning"],
)
def test_the_librarys_own_callback_for_wandb_logs_here(
    source: str, config: str, store_path: Path, tmp_path: Path
) -> None:
    # Two of them ask pip whether W&B's package is installed before they import it.
    installed = tmp_path / "installed" / "wandb-0.18.0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: wandb\nVersion: 0.18.0\n")
    program = tmp_path / "train.py"
    program.write_text(source)
    command = [sys.executable, "-m", "runfolio", "run", "--as-wandb", sys.executable, "train.py"]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=tmp_path,
        env=os.environ | {
            "PYTHONPATH": os.pathsep.join([str(installed.parent), str(ROOT)]),
            "RUNFOLIO_CAPTURE": "false", "HF_HUB_OFFLINE": "1", "RUNFOLIO_STRICT": "0",
        },
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (record,) = Store(store_path).records()
    assert (record.name, record.status) == ("named", Status.FINISHED)
    assert record.metrics["train/loss"].n
    assert config in record.config
