"""Lightning's logger: what Lightning asks of every logger, and what is in the run afterwards."""

from __future__ import annotations

import contextlib
import math
import pickle
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runfolio
from runfolio.errors import UsageError
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.manifest import read_record
from runfolio.format.series import read_series
from runfolio.model.run import RunRecord, Status
from runfolio.store.store import Store

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:.*[lL]ightning.*:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.isinstance.treespec:FutureWarning"),
    # JAX, where other tests of the process have loaded it, warns of every fork.
    pytest.mark.filterwarnings("ignore:os.fork.. was called:RuntimeWarning"),
]


@pytest.fixture(autouse=True)
def pl(store_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The package, the same numbers in each test."""
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "false")
    monkeypatch.chdir(tmp_path)
    import lightning.pytorch as pl
    import torch

    torch.manual_seed(0)
    return pl


def logger(**more: Any) -> Any:
    from runfolio.integrations.lightning import RunfolioLogger

    return RunfolioLogger(**more)


def model(**more: Any) -> Any:
    from tests.peers.lightning_digits import Digits

    return Digits(**more)


def trainer(pl: Any, one: Any, **more: Any) -> Any:
    quiet = {"enable_progress_bar": False, "enable_model_summary": False}
    more = {"max_epochs": 2, "log_every_n_steps": 5, "enable_checkpointing": False, **more}
    return pl.Trainer(logger=one, accelerator="cpu", **quiet, **more)


def only(store_path: Path) -> RunRecord:
    (record,) = Store(store_path).records()
    return record


# What Lightning asks of every logger


def test_fit_and_test_give_the_metrics_at_their_steps(pl) -> None:
    given = []

    from runfolio.integrations.lightning import RunfolioLogger

    class Told(RunfolioLogger):
        def log_metrics(self, metrics, step=None):
            super().log_metrics(metrics, step)
            given.append((step, sorted(metrics)))

    one = trainer(pl, Told(), max_epochs=1, limit_train_batches=1, log_every_n_steps=1)
    digits = model()
    one.fit(digits)
    one.test(digits, verbose=False)
    assert given == [
        (0, ["epoch", "train/loss"]),
        (0, ["epoch", "val/accuracy", "val/loss"]),
        (1, ["epoch", "test/accuracy"]),
    ]


def test_a_trainer_is_pickled_with_its_logger(pl) -> None:
    one = logger(project="digits")
    one.log_metrics({"a": 1})
    one.save()
    again = pickle.loads(pickle.dumps(trainer(pl, one))).logger
    again.log_metrics({"acc": 1.0})
    run = one.experiment
    assert (again.name, again.version, again.save_dir) == (one.name, one.version, one.save_dir)
    assert again.experiment is run
    run.finish()
    assert {"a", "acc"} <= set(read_series(run.path))


def test_no_run_is_opened_before_the_first_use(pl) -> None:
    one = logger()
    trainer(pl, one)
    assert (runfolio.run, one.version, one.name) == (None, None, None)
    assert one.experiment is runfolio.run


def test_a_tuner_gives_the_logger_back_and_nothing_of_it_is_logged(pl, store_path: Path) -> None:
    one, digits = logger(), model()
    tuned = trainer(pl, one, max_epochs=1)
    pl.tuner.Tuner(tuned).lr_find(digits, num_training=4, update_attr=False)
    assert tuned.logger is digits.logger is one
    runfolio.finish()
    assert [dict(record.metrics) for record in Store(store_path).records()] in ([], [{}])


def test_checkpoints_lie_where_lightning_puts_them_by_project_and_run(pl, tmp_path: Path) -> None:
    with runfolio.init(project="digits") as run:
        one = trainer(pl, logger(), max_epochs=1, enable_checkpointing=True)
        one.fit(model())
    assert Path(one.checkpoint_callback.dirpath) == tmp_path / "digits" / run.id / "checkpoints"


def test_under_its_older_name_it_is_a_logger_of_that(tmp_path: Path, store_path: Path) -> None:
    pytest.importorskip("pytorch_lightning")
    program = (
        "import pytorch_lightning as pl\n"
        "from pytorch_lightning.demos.boring_classes import BoringModel\n"
        "from runfolio.integrations.lightning import RunfolioLogger\n"
        "class Model(BoringModel):\n"
        "    def training_step(self, batch, index):\n"
        "        found = super().training_step(batch, index)\n"
        "        self.log('loss', found['loss'])\n"
        "        return found\n"
        "pl.Trainer(max_epochs=1, limit_train_batches=2, logger=RunfolioLogger(), log_every_n_steps=1,\n"
        "           accelerator='cpu', enable_checkpointing=False).fit(Model())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr.decode()
    assert only(store_path).metrics["loss"].n == 2


def test_ranks_above_the_first_have_an_experiment_that_does_nothing(pl, monkeypatch) -> None:
    from lightning.pytorch.loggers.logger import DummyExperiment
    from lightning.pytorch.utilities import rank_zero_only

    monkeypatch.setattr(rank_zero_only, "rank", 1)
    one = logger()
    one.log_metrics({"a": 1}, 0)
    one.log_hyperparams({"b": 2})
    one.finalize("success")
    assert isinstance(one.experiment, DummyExperiment)
    assert one.experiment.something(foo="bar") is None
    assert runfolio.run is None


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["ddp_spawn", "ddp_fork"])
def test_processes_of_a_distributed_training_log_into_the_one_run(
    pl, strategy: str, store_path: Path
) -> None:
    from tests.peers.lightning_digits import RanksAreTold

    told = {"strategy": strategy, "devices": 2, "callbacks": [RanksAreTold()]}
    with contextlib.nullcontext() if strategy == "ddp_spawn" else runfolio.init():
        one = trainer(pl, logger(), max_epochs=1, **told)
        one.fit(model())
        one.logger.log_metrics({"after": 1})
    runfolio.finish()
    record = only(store_path)
    assert record.status is Status.FINISHED
    assert read_series(record.path)["after"].value.tolist() == [1]
    assert read_series(record.path)["val/loss"].step.tolist() == [4]  # five batches for each of two


@pytest.mark.slow
def test_a_forked_training_without_an_open_run_ends_its_own(pl, store_path: Path) -> None:
    trainer(pl, logger(), max_epochs=1, strategy="ddp_fork", devices=2).fit(model())
    assert only(store_path).status is Status.FINISHED


def test_several_loggers_of_a_trainer_share_the_run(pl, store_path: Path) -> None:
    both = [logger(), logger(prefix="again")]
    trainer(pl, both, max_epochs=1).fit(model())
    runfolio.finish()
    series = read_series(only(store_path).path)
    assert series["again/val/loss"].value.tolist() == series["val/loss"].value.tolist()


def test_two_loggers_of_one_run_log_each_row_once(pl) -> None:
    with runfolio.init() as run:
        trainer(pl, [logger(), logger()], max_epochs=1).fit(model())
    record, series = read_record(run.path), read_series(run.path)
    assert record.metrics["train/loss"].n == len(series["train/loss"].value) == 2


def test_the_trainer_has_a_folder_for_what_lightning_writes_itself(pl, tmp_path: Path) -> None:
    with runfolio.init(project="digits") as run:
        one = trainer(pl, logger(), default_root_dir=tmp_path / "root")
        assert Path(one.log_dir) == tmp_path / "root"
        assert one.logger.experiment is run
    assert Path(one.log_dir) == tmp_path / "root" / "digits" / run.id


def test_an_init_after_a_training_opens_a_run_of_its_own(pl, store_path: Path) -> None:
    trainer(pl, logger(name="trained"), max_epochs=1).fit(model())
    with runfolio.init(name="next") as run:
        trainer(pl, logger(run=run), max_epochs=1).fit(model(width=8))
        run.log({"after": 1})
    first, second = Store(store_path).records()
    assert {first.name: first.config["width"], second.name: second.config["width"]} == {
        "trained": 16,
        "next": 8,
    }
    assert (first.status, second.status) == (Status.FINISHED, Status.FINISHED)


def test_a_run_of_an_earlier_training_can_be_given_to_another_logger(pl, store_path: Path) -> None:
    one = logger()
    trainer(pl, one, max_epochs=1).fit(model())
    assert runfolio.init(id=one.version) is one.experiment
    trainer(pl, logger(run=one.experiment, prefix="more"), max_epochs=1).fit(model())
    runfolio.finish()
    assert {"val/loss", "more/val/loss"} <= set(only(store_path).metrics)


@pytest.mark.parametrize("kind", [dict, Namespace])
def test_hyperparameters_of_any_kind_are_settings(pl, kind) -> None:
    with runfolio.init(config={"lr": "mine"}) as run:
        one = logger()
        one.log_hyperparams(kind(flag=np.bool_(1), single=np.float32(6.0), layer=dict, lr=1))
        one.log_hyperparams({1: {"inner": Path("x")}})
        one.log_hyperparams(None)
    config, source = read_record(run.path).config, read_record(run.path).config_source
    assert (config["flag"], config["single"], config["lr"]) == (True, 6.0, "mine")
    assert source["single"] == "lightning"
    assert config["1"] == {"inner": "x"}


# What is in the run


def test_a_training_is_in_the_open_run(pl) -> None:
    with runfolio.init() as run:
        digits = model(width=16)
        trainer(pl, logger()).fit(digits)
        assert run.status is Status.RUNNING
    record, series = read_record(run.path), read_series(run.path)
    assert record.config["width"] == 16
    assert record.summary["model/parameters"] == 64 * 16 + 16 + 16 * 10 + 10
    assert series["train/loss"].step.tolist() == [4, 9, 14, 19]
    assert series["epoch"].value.tolist() == [0, 0, 1, 1]
    assert record.counts["duplicate"] == 0
    assert series["val/accuracy"].value[-1] > 0.3


def test_a_run_of_its_own_takes_the_test_too_and_ends_with_the_next_training(
    pl, store_path: Path
) -> None:
    for width in (8, 16):
        one, digits = trainer(pl, logger(name=f"width {width}"), max_epochs=1), model(width=width)
        one.fit(digits)
        one.test(digits, verbose=False)
    runfolio.finish()
    records = sorted(Store(store_path).records(), key=lambda record: record.name)
    assert [record.name for record in records] == ["width 16", "width 8"]
    assert all(record.metrics["test/accuracy"].n == 1 for record in records)
    assert [record.config["width"] for record in records] == [16, 8]


def test_a_training_that_fails_ends_its_own_run_as_failed(pl, store_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        trainer(pl, logger()).fit(model(fails_at=3))
    assert only(store_path).status is Status.FAILED


def test_checkpoints_are_versions_and_go_as_the_model_checkpoint_says(pl) -> None:
    keep = pl.callbacks.ModelCheckpoint(
        monitor="val/loss", save_top_k=1, save_last=True, filename="{epoch}"
    )
    with runfolio.init() as run:
        one = trainer(
            pl, logger(log_model=True), max_epochs=3, enable_checkpointing=True, callbacks=[keep]
        )
        one.fit(model())
        kept = run.use_model(f"model-{run.id}:best")
    versions = ArtifactVersions(run.path.parent, f"model-{run.id}")
    (number,) = set(versions.numbers()) - versions.standing().dropped.keys()
    stayed = versions.read(number)
    assert Path(kept).read_bytes() == Path(keep.best_model_path).read_bytes()
    assert stayed.metadata["monitor"] == "val/loss"
    assert stayed.metadata["score"] == pytest.approx(float(keep.best_model_score))
    assert set(versions.aliases()) == {"best", "last", "latest"}


def test_all_checkpoints_stay_where_that_was_asked_for(pl) -> None:
    keep = pl.callbacks.ModelCheckpoint(monitor="val/loss", save_top_k=1, filename="{epoch}")
    with runfolio.init() as run:
        one = logger(log_model="all")
        trainer(pl, one, max_epochs=3, enable_checkpointing=True, callbacks=[keep]).fit(model())
        versions = run.logged_artifacts()
    assert [artifact.metadata["original_filename"] for artifact in versions] == [
        f"epoch={epoch}.ckpt" for epoch in range(3)
    ]


def test_a_training_that_resumes_goes_on_at_its_step(pl, tmp_path: Path) -> None:
    digits, path = model(), tmp_path / "at.ckpt"
    first = trainer(pl, logger(), max_epochs=1)
    first.fit(digits)
    first.save_checkpoint(path)
    run = first.logger.experiment
    run.finish()
    more = trainer(pl, logger(id=run.id, resume="must"), max_epochs=2)
    more.fit(digits, ckpt_path=path)
    runfolio.finish()
    assert read_series(run.path)["train/loss"].step.tolist() == [4, 9, 14, 19]


def test_a_loss_that_turns_nan_is_logged_as_it_is(pl) -> None:
    with runfolio.init() as run:
        trainer(pl, logger()).fit(model(lr=1e30))
    values = read_series(run.path)["train/loss"].value.tolist()
    assert len(values) == 4
    assert math.isnan(values[-1])


def test_a_model_without_parameters_has_none(pl) -> None:
    import torch

    with runfolio.init() as run:
        logger().log_graph(torch.nn.Identity())
    assert read_record(run.path).summary["model/parameters"] == 0


@pytest.mark.parametrize("words", [{"log_model": "best"}, {"run": "abc"}])
def test_what_cannot_be_meant_is_refused(pl, words: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="expected"):
        logger(**words)
