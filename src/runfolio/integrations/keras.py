"""Keras 3, on any backend: each epoch's metrics, the learning rate, and what was trained."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runfolio._optional import require
from runfolio.errors import UsageError
from runfolio.integrations.keras_settings import settings_of
from runfolio.integrations.target import Target
from runfolio.record.guard import guard
from runfolio.record.run import Run

if TYPE_CHECKING:

    class _Base:
        model: Any
        params: Mapping[str, Any]
else:
    _Base = require(
        "keras.callbacks", feature="runfolio.integrations.keras", install="runfolio[keras]",
        at_least="3.0",
    ).Callback  # fmt: skip

__all__ = ["RunfolioCallback"]


class RunfolioCallback(_Base):
    """Logs a training: ``model.fit(…, callbacks=[RunfolioCallback()])``.

    Metrics are called ``train/loss`` and, of the validation, ``val/loss``; ``model.evaluate`` logs
    ``test/loss``. Each epoch is a step; ``learning_rate`` and ``epoch`` go with it. The optimizer's
    settings are recorded, and how many parameters the model has.

    Parameters
    ----------
    run : Run, optional
        Else the open one, or one of its own that ends with the training.
    log_freq : str or int
        ``"epoch"`` (default); ``"batch"`` or a number: every how many batches metrics are logged
        beside, as ``batch/loss``, each a step of its own.
    log_model : bool
        Keep the trained model in the run.

    Raises
    ------
    UsageError
        `run` is no run, or `log_freq` cannot be meant.
    """

    def __init__(
        self, run: Run | None = None, *, log_freq: str | int = "epoch", log_model: bool = False
    ) -> None:
        super().__init__()
        every = (
            {"epoch": 0, "batch": 1}.get(log_freq, -1) if isinstance(log_freq, str) else log_freq
        )
        if type(every) is not int or every < 0 or (every == 0 and log_freq != "epoch"):
            raise UsageError(
                f"log_freq is {log_freq!r}; expected 'epoch', 'batch' or a number of batches."
            )
        self._target = Target(run)
        self._every = every
        self._log_model = log_model
        self._batches = 0
        self._is_training = False
        self._epoch, self._seen = 0, (-1, -1)

    def on_train_begin(self, logs: Any = None) -> None:
        """Join the run and record what is trained."""
        del logs
        run = self._target.begin("keras")
        self._batches, self._is_training, self._seen = 0, True, (-1, -1)
        with guard("recording the settings of Keras"):
            self._target.note(settings_of(self.model, self.params), "keras")
            if self.model.built:
                run.summary["model/parameters"] = self.model.count_params()

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Log a batch, if it is one to be logged."""
        if self._was(self._epoch, batch):
            return
        self._batches += 1
        if self._every and not self._batches % self._every:
            with guard("logging a batch of Keras"):
                row = {f"batch/{name}": value for name, value in (logs or {}).items()}
                self._target.join().log(row | self._rate("batch/learning_rate"))

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Note which epoch it is."""
        del logs
        self._epoch = epoch

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Log an epoch."""
        if self._was(epoch, -1):
            return
        with guard("logging an epoch of Keras"):
            row: dict[str, Any] = {"epoch": epoch}
            for name, value in (logs or {}).items():
                is_val = name.startswith("val_")
                row[f"val/{name[4:]}" if is_val else f"train/{name}"] = value
            self._target.join().log(row | self._rate("learning_rate"))

    def on_train_end(self, logs: Any = None) -> None:
        """Keep the model if that was asked for, and leave the run."""
        del logs
        if not self._is_training or self._target.is_second:
            return
        self._is_training = False
        run = self._target.join()
        with guard("logging a model of Keras"):
            run.summary["model/parameters"] = self.model.count_params()
            if self._log_model:
                with tempfile.TemporaryDirectory(prefix="runfolio-") as folder:
                    path = Path(folder, "model.keras")
                    self.model.save(path)
                    run.log_model(path, name="keras-model")
        self._target.leave()

    def on_test_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Log an evaluation that is no part of a training."""
        if not self._is_training:
            with guard("logging an evaluation of Keras"):
                row = {f"test/{name}": value for name, value in (logs or {}).items()}
                self._target.join().log(row)
            self._target.leave()

    def _was(self, epoch: int, batch: int) -> bool:
        """Return whether it was logged: by another callback, or by this one, given twice."""
        was, self._seen = self._seen == (epoch, batch), (epoch, batch)
        return was or self._target.is_second

    def _rate(self, name: str) -> dict[str, float]:
        rate = getattr(self.model.optimizer, "learning_rate", None)
        if rate is None:
            return {}
        ops: Any = require("keras", feature="the learning rate", install="runfolio[keras]").ops
        return {name: float(ops.convert_to_numpy(rate))}
