"""Lightning: a logger of its own kind, with hyperparameters, metrics and checkpoints."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from runfolio._optional import require
from runfolio.errors import UsageError
from runfolio.integrations.checkpoints import Checkpoints
from runfolio.integrations.target import Target
from runfolio.record.api import attach
from runfolio.record.guard import guard
from runfolio.record.run import Run
from runfolio.record.session import current

if TYPE_CHECKING:
    _Base = object
    _lightning: Any
else:
    _lightning = require(
        "lightning.pytorch.loggers.logger", feature="runfolio.integrations.lightning",
        install="runfolio[lightning]", at_least="2.3",
    )  # fmt: skip
    _Base = _lightning.Logger

__all__ = ["RunfolioLogger"]

_trained: Final[list[Run]] = []
"""The run that a logger opened and has trained in: the next logger ends it, and opens another."""


class RunfolioLogger(_Base):
    """Logs what Lightning logs: ``Trainer(logger=RunfolioLogger())``.

    Metrics keep their names and steps. Hyperparameters are recorded as settings, how many
    parameters the model has in the summary. A run that the logger opened stays open, so that
    ``trainer.test`` goes into it, too: until the program or the next logger's training ends it, or
    ``logger.experiment.finish()``. It fails with the training. Of a distributed training the
    first rank logs.

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
        self._target = Target(run)
        self._attached: Run | None = None
        self._checkpoints = Checkpoints(drops=log_model != "all") if log_model else None
        self._prefix = f"{prefix}/" if prefix else ""
        self._init = init
        self._project: str | None = init.get("project")
        self._id: str | None = init.get("id")
        self._attach_to: str | None = None
        self._process = os.getpid()
        if run is not None:
            self._project, self._id = run.project, run.id

    @property
    def experiment(self) -> Any:
        """The run; on ranks above 0 what takes every call and does nothing."""
        if not _is_first_rank():
            return _lightning.DummyExperiment()
        run = self._target.run
        if run is None or run.life.ended or run.life.disowned:
            run = self._joined(run)
            self._project, self._id, self._attach_to = run.project, run.id, run.id
        return run

    def _joined(self, before: Run | None) -> Run:
        open_run, is_elsewhere = current(), before is None or before.life.disowned
        if (
            open_run is not None and open_run.life.disowned
        ):  # that of the process it was forked from
            open_run, self._attach_to = None, open_run.id
        if open_run is not None and open_run in _trained and open_run.id != self._attach_to:
            open_run.finish()
        elif open_run is None and is_elsewhere and self._attach_to is not None:
            # This process was started by the one that has the run, or read a logger of it.
            with contextlib.suppress(UsageError):
                self._attached = attach(self._attach_to, rank=0, dir=self._init.get("dir"))
                self._target = Target(self._attached)
        return self._target.join(**self._init)

    def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        """Log metrics at a step."""
        if _is_first_rank():
            row = {f"{self._prefix}{name}": value for name, value in metrics.items()}
            with guard("logging metrics of Lightning"):
                self.experiment.log(row, step=step)

    def log_hyperparams(self, params: Any, metrics: Mapping[str, Any] | None = None) -> None:
        """Record settings, a mapping or a namespace; `metrics` are logged, too."""
        if _is_first_rank():
            with guard("recording the hyperparameters of Lightning"):
                values = params if isinstance(params, Mapping) else vars(params) if params else {}
                run = self.experiment
                run.config.note({str(key): value for key, value in values.items()}, "lightning")
                if metrics:
                    run.log(dict(metrics), step=0)

    def log_graph(self, model: Any, input_array: Any = None) -> None:
        """Record how many parameters the model has."""
        del input_array
        if _is_first_rank():
            with guard("counting the parameters of a model"):
                counts = [parameter.numel() for parameter in model.parameters()]
                self.experiment.summary["model/parameters"] = sum(counts)

    def after_save_checkpoint(self, checkpoint_callback: Any) -> None:
        """Keep the checkpoint, if checkpoints are to be kept."""
        if self._checkpoints is not None and _is_first_rank():
            with guard("keeping a checkpoint of Lightning"):
                self._checkpoints.take(self.experiment, checkpoint_callback)

    def save(self) -> None:
        """Write what was logged so far."""
        run = self._target.run
        if run is not None and not run.life.ended and _is_first_rank():
            run.life.writer.flush()

    def finalize(self, status: str) -> None:
        """End the training: a failed one ends a run that the logger opened."""
        run = self._target.run
        if run is None or run.life.ended or not _is_first_rank():
            return
        self.save()
        if self._attached is not None:  # a process of its own: the run goes on in the one before
            run.finish()
            self._target, self._attached = Target(), None
        elif self._target.is_own:
            _trained[:] = [run]
            if status != "success" or self._process != os.getpid():
                run.finish(exit_code=int(status != "success"))

    @property
    def name(self) -> str | None:
        """The run's project."""
        return self._project

    @property
    def version(self) -> str | None:
        """The run's id."""
        return self._id

    @property
    def save_dir(self) -> str | None:
        """Where checkpoints lie: where the Trainer puts them by itself."""
        return None

    def __getstate__(self) -> dict[str, Any]:
        if _is_first_rank():
            run = self.experiment
            self.save()
            if self._target.is_own:
                _trained[:] = [run]
        state = self.__dict__ | {"_attached": None, "_target": None}
        return state | {"_checkpoints": self._checkpoints and self._checkpoints.empty()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _target=Target(), _process=os.getpid())


def _is_first_rank() -> bool:
    rank = require(
        "lightning.pytorch.utilities", feature="the logger", install="runfolio[lightning]"
    ).rank_zero_only.rank
    return int(rank or 0) == 0
