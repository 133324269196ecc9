"""Lightning: a logger of its own kind, with hyperparameters, metrics and checkpoints."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runfolio.errors import UsageError
from runfolio.integrations.checkpoints import Checkpoints
from runfolio.integrations.lightning_package import folder_of_asking, is_first_rank, loggers
from runfolio.integrations.model_checkpoints import saved_by
from runfolio.integrations.process_target import ProcessTarget
from runfolio.record.guard import guard

if TYPE_CHECKING:
    from runfolio.record.run import Run

    _Base = object
    _lightning: Any
else:
    _lightning = loggers()
    _Base = _lightning.Logger

__all__ = ["RunfolioLogger"]


class RunfolioLogger(_Base):
    """Logs what Lightning logs: ``Trainer(logger=RunfolioLogger())``.

    Metrics keep their names and steps. Hyperparameters are recorded as settings, how many
    parameters the model has in the summary. A run that the logger opened stays open, so that
    ``trainer.test`` goes into it, too: until the program, the next logger's training, `init` or
    ``logger.experiment.finish()`` ends it. It fails with the training. Of a distributed training
    the first rank logs.

    Parameters
    ----------
    run : Run, optional
        Else the open one, or one of its own.
    log_model : bool or str
        Keep the checkpoints as versions of the artifact ``model-<run id>``, ``True``: those that
        the ModelCheckpoint keeps, ``"all"``: each.
    prefix : str
        Put before the names of metrics, with a slash.
    **init
        For `runfolio.init`, where the run is its own: ``project``, ``name``, ``id``, ``tags``.

    Raises
    ------
    UsageError
        `run` is no run, or `log_model` cannot be meant.
    """

    def __init__(
        self,
        run: Run | None = None,
        *,
        log_model: bool | str = False,
        prefix: str = "",
        **init: Any,
    ) -> None:
        super().__init__()
        if not isinstance(log_model, bool) and log_model != "all":
            raise UsageError(f"log_model is {log_model!r}; expected True, False or 'all'.")
        self._target = ProcessTarget(run, init)
        self._checkpoints = Checkpoints(drops=log_model != "all") if log_model else None
        self._prefix = f"{prefix}/" if prefix else ""
        self._epoch: Any = None

    @property
    def experiment(self) -> Any:
        """The run; on ranks above 0 what takes every call and does nothing."""
        if not is_first_rank():
            return _lightning.DummyExperiment()
        return self._target.join()

    def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        """Log metrics at a step."""
        if is_first_rank():
            row = {f"{self._prefix}{name}": value for name, value in metrics.items()}
            # It comes with each row, and an epoch ends with two or three of the same step.
            before, self._epoch = self._epoch, (self.version, step, metrics.get("epoch"))
            if step is not None and before == self._epoch:
                row.pop(f"{self._prefix}epoch", None)
            with guard("logging metrics of Lightning"):
                if not self._target.repeats(metrics, (step, self._prefix)):
                    self.experiment.log(row, step=step)

    def log_hyperparams(self, params: Any, metrics: Mapping[str, Any] | None = None) -> None:
        """Record settings, a mapping or a namespace; `metrics` are logged, too."""
        if is_first_rank():
            with guard("recording the hyperparameters of Lightning"):
                values = params if isinstance(params, Mapping) else vars(params) if params else {}
                run = self.experiment
                noted = {str(k): v for k, v in values.items() if k != "_instantiator"}
                run.config.note(noted, "lightning")
                if metrics:
                    run.log(dict(metrics), step=0)

    def log_graph(self, model: Any, input_array: Any = None) -> None:
        """Record how many parameters the model has."""
        del input_array
        if is_first_rank():
            with guard("counting the parameters of a model"):
                counts = [parameter.numel() for parameter in model.parameters()]
                self.experiment.summary["model/parameters"] = sum(counts)

    def after_save_checkpoint(self, checkpoint_callback: Any) -> None:
        """Keep the checkpoint, if checkpoints are to be kept."""
        if self._checkpoints is not None and is_first_rank():
            with guard("keeping a checkpoint of Lightning"):
                who, saved = checkpoint_callback.state_key, saved_by(checkpoint_callback)
                self._checkpoints.take(self.experiment, who, saved)

    def save(self) -> None:
        """Write what was logged so far."""
        if is_first_rank():
            self._target.save()

    def finalize(self, status: str) -> None:
        """End the training: a failed one ends a run that the logger opened."""
        if is_first_rank():
            # Lightning says so while it handles what was raised.
            self._target.end_training(failed=status != "success", error=sys.exception())

    @property
    def name(self) -> str | None:
        """The run's project."""
        return self._target.project

    @property
    def version(self) -> str | None:
        """The run's id."""
        return self._target.id

    @property
    def save_dir(self) -> str | None:
        """Where checkpoints lie: where the Trainer puts them by itself, below project and run."""
        root = folder_of_asking(sys._getframe(1))  # noqa: SLF001 - a logger knows no Trainer
        return None if root is None else str(Path(root, self.name or "", self.version or ""))

    def __getstate__(self) -> dict[str, Any]:
        if is_first_rank():  # what is started now joins the run
            self._target.join()
            self.save()
        empty = self._checkpoints and self._checkpoints.empty()
        return self.__dict__ | {"_checkpoints": empty}
