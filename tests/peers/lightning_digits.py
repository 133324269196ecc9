"""A small network for scikit-learn's digits, and a callback, where spawned processes find them."""

from __future__ import annotations

from typing import Any

import lightning.pytorch as pl
import torch
from lightning.pytorch.loggers.logger import DummyExperiment
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

__all__ = ["Digits", "RanksAreTold"]


class Digits(pl.LightningModule):
    """Two layers; ten batches an epoch."""

    def __init__(self, width: int = 16, lr: float = 0.01, fails_at: int = -1) -> None:
        super().__init__()
        self.save_hyperparameters()
        layers = torch.nn
        self.net = layers.Sequential(
            layers.Linear(64, width), layers.ReLU(), layers.Linear(width, 10)
        )

    def _step(self, batch: Any, name: str) -> Any:
        x, y = batch
        out = self.net(x)
        loss = torch.nn.functional.cross_entropy(out, y)
        if name != "train":
            self.log(f"{name}/accuracy", (out.argmax(1) == y).float().mean(), sync_dist=True)
        if name != "test":
            self.log(f"{name}/loss", loss, sync_dist=name == "val")
        return loss

    def training_step(self, batch: Any, index: int) -> Any:
        """Learn."""
        if index == self.hparams["fails_at"]:
            raise ZeroDivisionError
        return self._step(batch, "train")

    def validation_step(self, batch: Any) -> None:
        """Look how good it is."""
        self._step(batch, "val")

    def test_step(self, batch: Any) -> None:
        """Look how good it is in the end."""
        self._step(batch, "test")

    def configure_optimizers(self) -> Any:
        """Adam."""
        return torch.optim.Adam(self.parameters(), self.hparams["lr"])

    def train_dataloader(self) -> Any:
        """The first 640 digits."""
        return _digits(0, 640)

    def val_dataloader(self) -> Any:
        """The next ones."""
        return _digits(640, 960)

    test_dataloader = val_dataloader


class RanksAreTold(pl.Callback):
    """Checks in each process which experiment its logger has."""

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, index: int) -> None:
        """Only the first rank has the run."""
        is_dummy = isinstance(pl_module.logger.experiment, DummyExperiment)
        assert is_dummy is not trainer.is_global_zero


def _digits(first: int, last: int) -> Any:
    x, y = load_digits(return_X_y=True)
    data = TensorDataset(
        torch.tensor(x[first:last], dtype=torch.float32), torch.tensor(y[first:last])
    )
    return DataLoader(data, batch_size=64)
