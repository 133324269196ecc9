"""Keras: what W&B has beside its metrics' callback, checkpoints and a table of predictions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runfolio._optional import require
from runfolio.integrations.checkpoints import Checkpoints
from runfolio.record.guard import guard
from runfolio.record.media.table import Table
from runfolio.record.needed_run import needed_run

if TYPE_CHECKING:

    class _Callback:
        model: Any

    class _Checkpoint:
        monitor: str
        filepath: Any
        save_best_only: bool
        save_freq: Any

        def __init__(self, *given: Any, **more: Any) -> None: ...
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None: ...
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None: ...
else:
    _callbacks = require(
        "keras.callbacks", feature="wandb.keras", install="runfolio[keras]", at_least="3.0"
    )
    _Callback, _Checkpoint = _callbacks.Callback, _callbacks.ModelCheckpoint

__all__ = ["WandbEvalCallback", "WandbModelCheckpoint"]


class WandbModelCheckpoint(_Checkpoint):
    """A ModelCheckpoint whose files are versions of the artifact ``model-<run id>``, too.

    Parameters
    ----------
    filepath, **more
        As `keras.callbacks.ModelCheckpoint` takes them. With ``save_best_only`` the newest has the
        alias ``best``.

    Raises
    ------
    NoActiveRun
        No run is open.
    """

    def __init__(self, filepath: Any, *given: Any, **more: Any) -> None:
        needed_run("WandbModelCheckpoint")
        super().__init__(filepath, *given, **more)
        self._versions = Checkpoints(drops=False)
        self._there = self._times()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Save if Keras does, and keep what was saved."""
        super().on_epoch_end(epoch, logs)
        self._keep()

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Save if Keras does, and keep what was saved."""
        super().on_train_batch_end(batch, logs)
        if self.save_freq != "epoch":
            self._keep()

    def _keep(self) -> None:
        with guard("keeping a checkpoint of Keras"):
            names = ["best"] if self.save_best_only else []
            told = {"monitor": self.monitor} if self.save_best_only else {}
            self._versions.take(
                needed_run("WandbModelCheckpoint"),
                str(self.filepath),
                {
                    path: (names, told | {"original_filename": path.name})
                    for path, time in self._times().items()
                    if self._there.get(path) != time
                },
            )

    def _times(self) -> dict[Path, int]:
        """Return the files that a pattern such as ``{epoch:02d}-{val_loss:.2f}.keras`` may mean."""
        pattern = Path(re.sub(r"\{.*?\}", "*", str(self.filepath)))
        return {path: path.stat().st_mtime_ns for path in pattern.parent.glob(pattern.name)}


class WandbEvalCallback(_Callback):
    """Logs a table of what is to be found and, after each epoch, one of what the model finds.

    Subclasses have ``add_ground_truth(logs)``, which fills ``self.data_table``, and
    ``add_model_predictions(epoch, logs)``, which fills ``self.pred_table``.

    Parameters
    ----------
    data_table_columns, pred_table_columns : list of str
        Names of the columns.
    """

    data_table: Table
    data_table_ref: Table
    pred_table: Table

    def __init__(
        self, data_table_columns: list[str], pred_table_columns: list[str], *_: Any, **__: Any
    ) -> None:
        super().__init__()
        needed_run("WandbEvalCallback")
        self.data_table_columns = data_table_columns
        self.pred_table_columns = pred_table_columns

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        """Have the first table filled, and log it."""
        self.init_data_table(self.data_table_columns)
        self.add_ground_truth(logs)
        self.log_data_table()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Have the second table filled, and log it."""
        self.init_pred_table(self.pred_table_columns)
        self.add_model_predictions(epoch, logs)
        self.log_pred_table()

    def add_ground_truth(self, logs: Mapping[str, float] | None = None) -> None:
        """Fill ``data_table``; for a subclass to say how."""
        raise NotImplementedError(f"{type(self).__name__} has no add_ground_truth().")

    def add_model_predictions(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Fill ``pred_table``; for a subclass to say how."""
        raise NotImplementedError(f"{type(self).__name__} has no add_model_predictions().")

    def init_data_table(self, column_names: list[str]) -> None:
        """Make an empty table of what is to be found."""
        self.data_table = Table(columns=column_names)

    def init_pred_table(self, column_names: list[str]) -> None:
        """Make an empty table of what the model finds."""
        self.pred_table = Table(columns=column_names)

    def log_data_table(self, name: str = "val", type: str = "dataset", table_name: str = "val_data") -> None:  # noqa: A002, ARG002 - W&B's  # fmt: skip
        """Log the first table; ``data_table_ref`` is the same."""
        self.data_table_ref = self.data_table
        needed_run("WandbEvalCallback").log({table_name: self.data_table})

    def log_pred_table(self, type: str = "evaluation", table_name: str = "eval_data", aliases: Any = None) -> None:  # noqa: A002, ARG002 - W&B's  # fmt: skip
        """Log the second table."""
        needed_run("WandbEvalCallback").log({table_name: self.pred_table})
