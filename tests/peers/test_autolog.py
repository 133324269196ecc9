"""Keras, Lightning, Transformers and Accelerate log by themselves, and never beside one of ours."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sklearn.datasets import load_digits

import runfolio
from runfolio.format.manifest import read_record
from runfolio.format.series import read_series
from runfolio.model.run import Status
from runfolio.store.store import Store

pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:tensorboardX"),
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:.*no validation loop"),
    pytest.mark.filterwarnings("ignore:.*[lL]ightning.*:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.isinstance.treespec:FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*pin_memory:UserWarning"),
    pytest.mark.filterwarnings("ignore:os.fork.. was called:RuntimeWarning"),
]


@pytest.fixture(autouse=True)
def _plain(store_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "false")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)
    os.environ.setdefault("KERAS_BACKEND", "torch")
    yield
    runfolio.autolog(on=False)


# Keras ---------------------------------------------------------------------------------------


def keras_model() -> Any:
    import keras

    model = keras.Sequential([keras.layers.Dense(16, activation="relu"), keras.layers.Dense(10)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    return model


def keras_fit(model: Any, **more: Any) -> Any:
    x, y = load_digits(return_X_y=True)
    return model.fit(x[:320], y[:320], epochs=2, validation_split=0.2, verbose=0, **more)


def test_keras_logs_by_itself_until_it_is_off() -> None:
    import keras

    before = {kind: vars(kind).get("fit") for kind in keras.Model.__mro__}
    keras_model()
    model = keras_model()
    runfolio.autolog()
    with runfolio.init() as run:
        told = keras_fit(model, callbacks=[keras.callbacks.TerminateOnNaN()])
        runfolio.autolog(on=False)
        keras_fit(model)
    record, series = read_record(run.path), read_series(run.path)
    assert series["val/accuracy"].value.tolist() == pytest.approx(told.history["val_accuracy"])
    assert (record.config["epochs"], record.config_source["epochs"]) == (2, "keras")
    # Not the number that Keras counts the optimizers of a session by.
    assert (keras_model().optimizer.name == "adam", record.config["optimizer"]) == (False, "adam")
    assert record.summary["model/parameters"] == model.count_params()
    assert {kind: vars(kind).get("fit") for kind in keras.Model.__mro__} == before


def test_keras_logs_beside_a_list_of_its_own() -> None:
    import keras

    model, epochs = keras_model(), []
    counting = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, _: epochs.append(epoch))
    runfolio.autolog("keras")
    with runfolio.init() as run:
        keras_fit(
            model,
            callbacks=keras.callbacks.CallbackList(
                [counting], add_history=True, model=model, epochs=2
            ),
        )
    assert epochs == [0, 1]
    assert read_record(run.path).metrics["train/loss"].n == 2


@pytest.mark.parametrize("form", ["one", "list", "list of its own"])
def test_keras_says_nothing_twice_beside_the_callback(form: str) -> None:
    import keras

    from runfolio.integrations.keras import RunfolioCallback

    model, one = keras_model(), RunfolioCallback()
    given: Any = {
        "one": one,
        "list": [one],
        "list of its own": keras.callbacks.CallbackList(
            [one], add_history=True, model=model, epochs=2
        ),
    }[form]
    runfolio.autolog("keras")
    with runfolio.init() as run:
        keras_fit(model, callbacks=given)
    assert read_record(run.path).metrics["train/loss"].n == 2


def test_keras_models_of_ones_own_class_log_too_and_errors_pass_through() -> None:
    import keras

    class Mine(keras.Sequential):  # type: ignore[misc]
        def fit(self, *given: Any, **more: Any) -> Any:
            return super().fit(*given, **more)

    class Failing(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            raise KeyboardInterrupt

    runfolio.autolog("keras")
    model = Mine([keras.layers.Dense(10)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    with runfolio.init() as run:
        with pytest.raises(KeyboardInterrupt):
            keras_fit(model, callbacks=[Failing()])
        keras_fit(model)
    assert read_record(run.path).metrics["train/loss"].n == 2


# Lightning -----------------------------------------------------------------------------------


def lightning_trainer(**more: Any) -> Any:
    import lightning.pytorch as pl

    quiet = {"enable_progress_bar": False, "enable_model_summary": False, "accelerator": "cpu"}
    return pl.Trainer(max_epochs=1, log_every_n_steps=2, **quiet, **more)


def lightning_model() -> Any:
    from tests.peers.lightning_digits import Digits

    return Digits()


def test_lightning_logs_by_itself_beside_the_programs_own_logger(tmp_path: Path) -> None:
    from lightning.pytorch.loggers import CSVLogger

    own = CSVLogger(tmp_path, name="csv")
    runfolio.autolog()
    trainer = lightning_trainer(logger=own)
    with runfolio.init() as run:
        trainer.fit(lightning_model())
        trainer.test(trainer.lightning_module, verbose=False)
        assert trainer.loggers == [own]
    record = read_record(run.path)
    assert {"train/loss", "test/accuracy"} <= set(record.metrics)
    assert "lightning" in record.config_source.values()
    assert Path(own.log_dir, "metrics.csv").is_file()
    assert trainer.checkpoint_callback.best_model_path.startswith(str(tmp_path / "csv"))


def test_lightning_logs_by_itself_under_its_older_name(store_path: Path, tmp_path: Path) -> None:
    pytest.importorskip("pytorch_lightning")
    program = (
        "import runfolio; runfolio.autolog()\n"
        "import pytorch_lightning as pl\n"
        "from pytorch_lightning.demos.boring_classes import BoringModel\n"
        "class Model(BoringModel):\n"
        "    def training_step(self, batch, index):\n"
        "        found = super().training_step(batch, index)\n"
        "        self.log('loss', found['loss'])\n"
        "        return found\n"
        "with runfolio.init():\n"
        "    pl.Trainer(max_epochs=1, limit_train_batches=2, log_every_n_steps=1, accelerator='cpu',\n"
        "               enable_checkpointing=False,\n"
        "               logger=pl.loggers.TensorBoardLogger('tb')).fit(Model())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr.decode()
    (record,) = Store(store_path).records()
    assert record.metrics["loss"].n == 2


def test_lightnings_tensorboard_logger_is_not_mirrored_beside_it(tmp_path: Path) -> None:
    from lightning.pytorch.loggers import TensorBoardLogger

    class Writes(type(lightning_model())):  # type: ignore[misc]
        def on_train_start(self) -> None:
            self.logger.experiment.add_scalar("by/hand", 1.0, 0)

    runfolio.autolog()
    with runfolio.init() as run:
        lightning_trainer(logger=TensorBoardLogger(tmp_path)).fit(Writes())
    series = read_series(run.path)
    assert len(set(series["train/loss"].step)) == len(series["train/loss"].step)
    assert read_record(run.path).metrics["train/loss"].n == len(series["train/loss"].step)
    assert series["by/hand"].value.tolist() == [1.0]
    assert list(tmp_path.rglob("events*"))


@pytest.mark.parametrize("how", ["ours", "none", "dev run"])
def test_lightning_is_left_as_it_is_where_it_logs_to_us_or_nowhere(how: str) -> None:
    from runfolio.integrations.lightning import RunfolioLogger

    more: dict[str, Any] = {
        "ours": {"logger": RunfolioLogger()},
        "none": {"logger": False},
        "dev run": {"fast_dev_run": True},
    }[how]
    runfolio.autolog("lightning")
    trainer = lightning_trainer(enable_checkpointing=False, **more)
    before = list(trainer.loggers)
    with runfolio.init() as run:
        trainer.fit(lightning_model())
    metrics = read_record(run.path).metrics
    assert trainer.loggers == before
    if how == "ours":
        assert len(set(read_series(run.path)["train/loss"].step)) == metrics["train/loss"].n
    else:
        assert metrics == {}


def test_lightning_is_as_it_was_after_an_error_and_when_it_is_off() -> None:
    import lightning.pytorch as pl

    class Failing(type(lightning_model())):  # type: ignore[misc]
        def on_train_start(self) -> None:
            raise ValueError("mine")

    before = [vars(pl.Trainer)[name] for name in ("fit", "validate", "test")]
    runfolio.autolog()
    assert pickle.loads(pickle.dumps(pl.Trainer.fit)) is pl.Trainer.fit
    trainer = lightning_trainer()
    loggers = list(trainer.loggers)
    with runfolio.init(), pytest.raises(ValueError, match="mine"):
        trainer.fit(Failing())
    assert trainer.loggers == loggers
    runfolio.autolog(on=False)
    assert [vars(pl.Trainer)[name] for name in ("fit", "validate", "test")] == before


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["ddp_spawn", "ddp_fork"])
def test_lightnings_processes_log_into_the_one_run(strategy: str, store_path: Path) -> None:
    from lightning.pytorch.loggers import CSVLogger

    own = CSVLogger(".")
    runfolio.autolog()
    with runfolio.init() as run:
        lightning_trainer(logger=own, strategy=strategy, devices=2).fit(lightning_model())
        run.log({"after": 1})
    (record,) = Store(store_path).records()
    assert record.status is Status.FINISHED
    assert read_series(run.path)["val/loss"].step.tolist() == [4]  # five batches for each of two
    assert record.metrics["after"].n == 1


# Transformers --------------------------------------------------------------------------------


def transformers_trainer(*callbacks: Any, **more: Any) -> Any:
    from tests.peers.test_transformers import trainer

    transformers = sys.modules["transformers"]
    transformers.set_seed(0)
    return trainer(transformers, list(callbacks), num_train_epochs=1, **more)


def test_transformers_log_by_themselves_until_it_is_off() -> None:
    import transformers

    before = [vars(transformers.Trainer)[name] for name in ("train", "evaluate", "predict")]
    runfolio.autolog()
    one = transformers_trainer()
    callbacks = list(one.callback_handler.callbacks)
    with runfolio.init() as first:
        one.train()
        one.evaluate()
        assert one.callback_handler.callbacks == callbacks
    with runfolio.init() as second:
        one.evaluate()
        runfolio.autolog(on=False)
        one.evaluate()
    told = [row["loss"] for row in one.state.log_history if "loss" in row]
    assert read_series(first.path)["train/loss"].value.tolist() == pytest.approx(told)
    assert read_record(first.path).metrics["eval/loss"].n >= 1
    assert read_record(first.path).config_source["learning_rate"] == "transformers"
    assert read_record(second.path).metrics["eval/loss"].n == 1
    assert [vars(transformers.Trainer)[name] for name in ("train", "evaluate", "predict")] == before
    assert "_runfolio" not in vars(one.state)


def test_transformers_say_nothing_twice() -> None:
    import transformers  # noqa: F401

    from runfolio.integrations.transformers import RunfolioCallback

    runfolio.autolog()
    one = transformers_trainer(RunfolioCallback(), report_to="tensorboard")
    two = transformers_trainer(report_to="tensorboard")
    with runfolio.init() as explicit:
        one.train()
    with runfolio.init() as by_itself:
        two.train()
    for run in (explicit, by_itself):
        series, metrics = read_series(run.path), read_record(run.path).metrics
        assert metrics["train/loss"].n == len(set(series["train/loss"].step)) == 2
        assert metrics["eval/loss"].n == 1
    one.train()  # into a run of its own, and nothing is told of none that is open
    assert runfolio.run is not None
    runfolio.finish()


def test_an_error_in_a_training_of_transformers_leaves_the_trainer_as_it_was() -> None:
    import transformers

    class Failing(transformers.TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, *_: Any, **__: Any) -> None:
            raise ValueError("mine")

    runfolio.autolog("transformers")
    one = transformers_trainer(Failing())
    callbacks = list(one.callback_handler.callbacks)
    with runfolio.init(), pytest.raises(ValueError, match="mine"):
        one.train()
    assert one.callback_handler.callbacks == callbacks


# Accelerate ----------------------------------------------------------------------------------


def accelerator(*log_with: Any, **more: Any) -> Any:
    import accelerate

    accelerate.PartialState._reset_state()
    accelerate.state.AcceleratorState._reset_state()
    return accelerate.Accelerator(log_with=list(log_with) or None, cpu=True, **more)


def test_accelerate_logs_by_itself_until_it_is_off(tmp_path: Path) -> None:
    import accelerate

    before = vars(accelerate.Accelerator)["init_trackers"]
    runfolio.autolog()
    one = accelerator("tensorboard", project_dir=tmp_path)
    with runfolio.init() as run:
        one.init_trackers("digits", config={"lr": 0.1})
        one.log({"train/loss": 1.0}, step=3)
        runfolio.autolog(on=False)
        one.log({"train/loss": 2.0}, step=4)
        one.end_training()
        assert run.status.value == "running"
    record = read_record(run.path)
    assert (record.metrics["train/loss"].n, record.metrics["train/loss"].last_step) == (1, 3)
    assert (record.config["lr"], record.config_source["lr"]) == (0.1, "accelerate")
    assert [tracker.name for tracker in one.trackers] == ["tensorboard"]
    assert vars(accelerate.Accelerator)["init_trackers"] is before


def test_accelerate_says_nothing_twice_and_nothing_when_the_run_has_ended() -> None:
    from runfolio.integrations.accelerate import RunfolioTracker

    runfolio.autolog("accelerate")
    explicit = accelerator(RunfolioTracker())
    with runfolio.init() as first:
        explicit.init_trackers("digits")
        explicit.log({"loss": 1.0}, step=0)
    one = accelerator()
    with runfolio.init() as second:
        one.init_trackers("digits")
        one.log({"loss": 1.0}, step=0)
    one.log({"loss": 2.0}, step=1)
    assert one.trackers == []
    assert [read_record(run.path).metrics["loss"].n for run in (first, second)] == [1, 1]


# Nothing open --------------------------------------------------------------------------------


def test_without_a_run_none_is_opened(store_path: Path) -> None:
    import transformers  # noqa: F401

    runfolio.autolog()
    with pytest.warns(runfolio.RunfolioWarning, match="no run is open"):
        keras_fit(keras_model())
    lightning_trainer(enable_checkpointing=False).fit(lightning_model())
    transformers_trainer().train()
    one = accelerator()
    one.init_trackers("digits", config={"lr": 1})
    one.log({"loss": 1.0})
    assert Store(store_path).records() == []
