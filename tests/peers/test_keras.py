"""The callback of Keras logs epochs, learning rates and settings; here on the backend of torch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits
from tests.integrations.conftest import media_of

import runfolio
from runfolio.errors import NoActiveRun, UsageError
from runfolio.format.manifest import read_record
from runfolio.format.series import read_series
from runfolio.store.store import Store

# Keras' own way with numpy.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(autouse=True)
def keras(store_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The package."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "false")
    import keras

    keras.utils.set_random_seed(0)
    return keras


def callback(**more: Any) -> Any:
    from runfolio.integrations.keras import RunfolioCallback

    return RunfolioCallback(**more)


def model_of(keras: Any, rate: Any = 0.01) -> Any:
    model = keras.Sequential([keras.layers.Dense(16, activation="relu"), keras.layers.Dense(10)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss=loss, metrics=["accuracy"])
    return model


def fit(model: Any, one: Any, epochs: int = 2) -> Any:
    x, y = load_digits(return_X_y=True)
    return model.fit(
        x[:640],
        y[:640],
        epochs=epochs,
        batch_size=64,
        validation_split=0.2,
        verbose=0,
        callbacks=[one],
    ).history


def test_epochs_and_settings_are_in_the_open_run(keras) -> None:
    with runfolio.init(config={"epochs": "mine"}) as run:
        history = fit(model_of(keras), callback())
    record, series = read_record(run.path), read_series(run.path)
    assert series["val/accuracy"].value.tolist() == pytest.approx(history["val_accuracy"])
    assert series["train/loss"].step.tolist() == [0, 1]
    assert (record.config["optimizer"], record.config["epochs"]) == ("adam", "mine")
    assert record.config["learning_rate"] == 0.01  # not as single precision has it
    assert record.config_source["beta_1"] == "keras"
    assert record.summary["model/parameters"] == 64 * 16 + 16 + 16 * 10 + 10
    assert record.metrics["learning_rate"].last == pytest.approx(0.01)


def test_batches_are_logged_beside_and_the_rate_is_that_of_the_schedule(keras) -> None:
    schedule = keras.optimizers.schedules.ExponentialDecay(0.01, 8, 0.5)
    with runfolio.init() as run:
        fit(model_of(keras, schedule), callback(log_freq=4))
    series = read_series(run.path)
    assert len(series["batch/loss"]) == 4  # 8 batches an epoch
    assert series["learning_rate"].value.tolist() == pytest.approx([0.005, 0.0025], rel=1e-3)
    assert read_record(run.path).config["learning_rate"]["decay_steps"] == 8


def test_without_a_run_it_opens_one_for_each_training(keras, store_path: Path) -> None:
    one, model = callback(), model_of(keras)
    fit(model, one)
    fit(model, one)
    assert runfolio.run is None
    records = Store(store_path).records()
    assert [record.metrics["train/loss"].n for record in records] == [2, 2]


def test_an_evaluation_by_itself_is_a_test(keras) -> None:
    x, y = load_digits(return_X_y=True)
    model = model_of(keras)
    with runfolio.init() as run:
        fit(model, callback())
        loss, _ = model.evaluate(x, y, verbose=0, callbacks=[callback()])
    assert read_series(run.path)["test/loss"].value.tolist() == pytest.approx([loss])


def test_the_model_is_kept_if_asked_for(keras, tmp_path: Path) -> None:
    with runfolio.init() as run:
        model = model_of(keras)
        fit(model, callback(log_model=True), epochs=1)
    with runfolio.init():
        kept = runfolio.run.use_model("keras-model:latest")
        again = keras.saving.load_model(kept)
    assert run.path.is_dir()
    x, _ = load_digits(return_X_y=True)
    assert np.allclose(again.predict(x[:5], verbose=0), model.predict(x[:5], verbose=0))


def test_a_loss_that_turns_nan_is_logged_as_it_is(keras) -> None:
    with runfolio.init() as run:
        fit(model_of(keras, 1e30), callback(), epochs=3)
    assert read_record(run.path).metrics["train/loss"].n == 3
    assert not np.isfinite(read_series(run.path)["train/loss"].value).all()


def test_what_wandb_calls_it_logs_the_same(keras) -> None:
    import runfolio as wandb

    with wandb.init() as run:
        fit(model_of(keras), wandb.integration.keras.WandbMetricsLogger(log_freq="batch"))
        fit(model_of(keras), wandb.keras.WandbCallback(save_model=False, monitor="val_loss"))
    series = read_series(run.path)
    assert (len(series["batch/loss"]), len(series["train/loss"])) == (16, 4)


def test_wandbs_checkpoints_are_versions(keras, tmp_path: Path) -> None:
    import runfolio as wandb

    pattern = str(tmp_path / "{epoch:02d}-{val_loss:.2f}.keras")
    Path(pattern.format(epoch=9, val_loss=1)).write_bytes(b"of another training")
    with wandb.init() as run:
        model = model_of(keras)
        fit(model, wandb.keras.WandbModelCheckpoint(pattern, save_best_only=True))
        best, first = run.use_model(f"model-{run.id}:best"), len(run.logged_artifacts())
        assert all(
            a.metadata["monitor"] == "val_loss" and a.metadata["original_filename"][:2] < "09"
            for a in run.logged_artifacts()
        )
        weights = wandb.keras.WandbModelCheckpoint(
            tmp_path / "x.weights.h5", save_weights_only=True, save_freq=4
        )
        fit(model, weights, epochs=1)
        assert len(run.logged_artifacts()) == first + 2  # of eight batches
    x, _ = load_digits(return_X_y=True)
    assert keras.saving.load_model(best).predict(x[:2], verbose=0).shape == (2, 10)


def test_wandbs_tables_of_predictions_are_logged(keras) -> None:
    import runfolio as wandb

    x, y = load_digits(return_X_y=True)

    class Tables(wandb.integration.keras.WandbEvalCallback):
        def add_ground_truth(self, logs=None):
            for number in y[:3]:
                self.data_table.add_data(int(number))

        def add_model_predictions(self, epoch, logs=None):
            found = self.model.predict(x[:3], verbose=0).argmax(1)
            for at in self.data_table_ref.get_index():
                self.pred_table.add_data(epoch, self.data_table_ref.data[at][0], int(found[at]))

    with wandb.init() as run:
        fit(model_of(keras), Tables(["true"], ["epoch", "true", "found"]))
    items = media_of(read_record(run.path))
    assert [item.key for item in items] == ["val_data", "eval_data", "eval_data"]


def test_wandbs_callbacks_want_an_open_run(keras) -> None:
    import runfolio as wandb

    for make in (
        lambda: wandb.keras.WandbModelCheckpoint("x.keras"),
        lambda: wandb.keras.WandbEvalCallback([], []),
    ):
        with pytest.raises(NoActiveRun, match="no run is open"):
            make()


@pytest.mark.parametrize("freq", ["step", 0, -3, 1.5])
def test_a_frequency_that_cannot_be_meant_is_refused(freq) -> None:
    with pytest.raises(UsageError, match=r"log_freq is .*expected 'epoch', 'batch'"):
        callback(log_freq=freq)
