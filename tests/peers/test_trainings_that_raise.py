"""A training that raises: a run that was opened for it fails with the error, an open one stays."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.peers import test_keras, test_lightning, test_transformers

import runfolio
from runfolio.format.manifest import read_record
from runfolio.model.run import RunRecord, Status
from runfolio.store.store import Store

pytestmark = [
    pytest.mark.filterwarnings("ignore:Detected KeyboardInterrupt:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*pin_memory:UserWarning"),
    *test_lightning.pytestmark,
    test_keras.pytestmark,
]

Fit = Callable[[BaseException | None], None]


@pytest.fixture(autouse=True)
def _plain(store_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "false")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)
    os.environ.setdefault("KERAS_BACKEND", "torch")


def _keras(one: Any, error: BaseException | None) -> None:
    import keras

    class Raises(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            if epoch == 1 and error is not None:
                raise error

    x, y = test_keras.load_digits(return_X_y=True)
    test_keras.model_of(keras).fit(x[:128], y[:128], epochs=2, verbose=0, callbacks=[one, Raises()])


def _transformers(one: Any, error: BaseException | None) -> None:
    import transformers

    class Raises(transformers.TrainerCallback):
        def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.global_step == 5 and error is not None:
                raise error

    test_transformers.trainer(transformers, [one, Raises()], num_train_epochs=1).train()


def _lightning(one: Any, error: BaseException | None) -> None:
    import lightning.pytorch as pl

    class Raises(pl.Callback):
        def on_train_batch_start(self, *_: Any) -> None:
            if _[0].global_step == 6 and error is not None:
                raise error

    test_lightning.trainer(pl, one, max_epochs=1, callbacks=[Raises()]).fit(test_lightning.model())


def fit_with(library: str, one: Any = None) -> Fit:
    """Return what trains with a callback of ours, and raises in the middle of it if told to."""
    make: Any
    make, train = {
        "keras": (test_keras.callback, _keras),
        "lightning": (test_lightning.logger, _lightning),
        "transformers": (test_transformers.callback, _transformers),
    }[library]
    callback = one if one is not None else make()
    return lambda error: train(callback, error)


LIBRARIES = pytest.mark.parametrize("library", ["keras", "lightning", "transformers"])


def records(store_path: Path) -> list[RunRecord]:
    return sorted(Store(store_path).records(), key=lambda record: record.id)


@LIBRARIES
def test_the_next_training_gets_a_run_of_its_own(library: str, store_path: Path) -> None:
    fit = fit_with(library)
    with pytest.raises(ZeroDivisionError):
        fit(ZeroDivisionError("by nothing"))
    fit(None)
    fit_with(library)(None)
    runfolio.finish()
    found = records(store_path)
    assert sorted(record.status for record in found) == ["failed", "finished", "finished"]
    assert all(record.metrics["train/loss"].n for record in found)


@LIBRARIES
def test_the_error_is_in_the_run(library: str, store_path: Path) -> None:
    try:
        fit_with(library)(ZeroDivisionError("by nothing"))
    except ZeroDivisionError:
        runfolio.init(mode="disabled").finish()
    (record,) = records(store_path)
    assert (record.status, record.note) == (Status.FAILED, "ZeroDivisionError: by nothing")


@LIBRARIES
def test_an_interrupt_is_told_apart(library: str, store_path: Path) -> None:
    try:
        fit_with(library)(KeyboardInterrupt())
    except (KeyboardInterrupt, SystemExit):  # a newer Lightning exits, an older one goes on
        runfolio.init(mode="disabled").finish()
    (record,) = records(store_path)
    assert record.status is Status.INTERRUPTED


@LIBRARIES
def test_an_open_run_is_left_to_its_owner(library: str) -> None:
    with runfolio.init() as run:
        with pytest.raises(ZeroDivisionError):
            fit_with(library)(ZeroDivisionError("by nothing"))
        assert run.status is Status.RUNNING
        run.log({"after": 1})
    record = read_record(run.path)
    assert (record.status, record.metrics["after"].n) == (Status.FINISHED, 1)


@pytest.mark.parametrize("is_the_same", [True, False])
def test_epochs_and_batches_are_logged_once_with_two_callbacks_of_keras(
    is_the_same: bool, store_path: Path
) -> None:
    import keras

    one = test_keras.callback(log_freq=1)
    other = one if is_the_same else test_keras.callback(log_freq=1)
    x, y = test_keras.load_digits(return_X_y=True)
    test_keras.model_of(keras).fit(x[:64], y[:64], epochs=2, verbose=0, callbacks=[one, other])
    (record,) = records(store_path)
    assert (record.metrics["train/loss"].n, record.metrics["batch/loss"].n) == (2, 4)


def test_a_program_of_accelerate_that_raises_ends_its_run_as_failed(
    store_path: Path, tmp_path: Path
) -> None:
    program = tmp_path / "train.py"
    program.write_text(
        "from accelerate import Accelerator\n"
        "from runfolio.integrations.accelerate import RunfolioTracker\n"
        "one = Accelerator(log_with=RunfolioTracker(), cpu=True)\n"
        "one.init_trackers('digits', {'lr': 1})\n"
        "one.log({'loss': float('nan')})\n"
        "raise ZeroDivisionError('by nothing')\n"
    )
    done = subprocess.run([sys.executable, program], check=False, capture_output=True)
    (record,) = records(store_path)
    assert done.returncode == 1
    assert (record.status, record.note) == (Status.FAILED, "ZeroDivisionError: by nothing")
    assert record.metrics["loss"].n == 1
