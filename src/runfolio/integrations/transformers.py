"""Transformers: what a Trainer logs, its arguments and its checkpoints."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runfolio._optional import require
from runfolio.errors import UsageError
from runfolio.integrations.checkpoints import Checkpoints
from runfolio.integrations.process_target import ProcessTarget
from runfolio.integrations.trainer_settings import settings_of
from runfolio.record.guard import guard

if TYPE_CHECKING:
    from runfolio.record.run import Run

    _Base = object
else:
    _Base = require(
        "transformers", feature="runfolio.integrations.transformers",
        install="runfolio[transformers]", at_least="4.46",
    ).TrainerCallback  # fmt: skip

__all__ = ["RunfolioCallback"]

_ONCE: Final = frozenset(
    {"train_runtime", "train_samples_per_second", "train_steps_per_second", "train_loss", "total_flos"}
)  # fmt: skip


class RunfolioCallback(_Base):
    """Logs a training: ``Trainer(…, callbacks=[RunfolioCallback()])``.

    Metrics are called ``train/loss``, ``eval/loss``, ``test/loss``, at the trainer's steps. Arguments
    that differ from their defaults are recorded as settings, those of the model as ``model.…``. A
    run of its own stays open, so that ``trainer.evaluate`` goes into it, too, until the program
    or the next training ends it.

    Parameters
    ----------
    run : Run, optional
        Else the open one, or one of its own.
    log_model : bool or str
        Versions of the artifact ``model-<run id>``: ``True`` of the trained model,
        ``"checkpoint"`` of the checkpoints that the trainer keeps.
    **init
        For `runfolio.init`, where the run is its own: ``project``, ``tags``.

    Raises
    ------
    UsageError
        `run` is no run, or `log_model` cannot be meant.
    """

    def __init__(
        self, run: Run | None = None, *, log_model: bool | str = False, **init: Any
    ) -> None:
        super().__init__()
        if not isinstance(log_model, bool) and log_model != "checkpoint":
            raise UsageError(f"log_model is {log_model!r}; expected True, False or 'checkpoint'.")
        self._target = ProcessTarget(run, init)
        self._log_model = log_model
        self._checkpoints = Checkpoints(drops=True)

    def on_train_begin(
        self, args: Any, state: Any, control: Any, model: Any = None, **_: Any
    ) -> None:
        """Join the run and record what is trained."""
        del control
        if not self._speaks(state):
            return
        self._target.end_own()
        named = {"name": state.trial_name or args.run_name}
        if state.is_hyper_param_search:
            named["group"] = args.run_name
        run = self._target.begin(
            "transformers", **{key: name for key, name in named.items() if name}
        )
        with guard("recording the settings of Transformers"):
            self._target.note(settings_of(args, model) | (state.trial_params or {}), "transformers")
            counts = [parameter.numel() for parameter in model.parameters()]
            run.summary["model/parameters"] = sum(counts)

    def on_log(
        self, args: Any, state: Any, control: Any, logs: Mapping[str, Any] | None = None, **_: Any
    ) -> None:
        """Log what the trainer logs; totals of the training go to the summary."""
        del args, control
        if self._speaks(state):
            with guard("logging metrics of Transformers"):
                run = self._target.join()
                row = {_name(key): value for key, value in (logs or {}).items() if key not in _ONCE}
                run.log(row, step=state.global_step)
                for key in _ONCE & (logs or {}).keys():
                    run.summary[f"total/{key.removeprefix('train_')}"] = (logs or {})[key]

    def on_predict(
        self, args: Any, state: Any, control: Any, metrics: Mapping[str, Any], **_: Any
    ) -> None:
        """Log a prediction's metrics."""
        self.on_log(args, state, control, metrics)

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Keep the checkpoint, if checkpoints are to be kept."""
        del control
        if self._log_model == "checkpoint" and self._speaks(state):
            with guard("keeping a checkpoint of Transformers"):
                found = Path(args.output_dir).glob("checkpoint-*")
                best = Path(state.best_model_checkpoint or "")
                saved: dict[Path, tuple[list[str], dict[str, Any]]] = {}
                for path in found:
                    aliases = ["best"] if path.resolve() == best.resolve() else []
                    saved[path] = aliases, {"step": int(path.name.rpartition("-")[2])}
                self._checkpoints.take(self._target.join(), args.output_dir, saved)

    def on_train_end(
        self, args: Any, state: Any, control: Any, model: Any = None, **_: Any
    ) -> None:
        """Keep the model if that was asked for."""
        del args, control
        if self._speaks(state):
            run = self._target.join()
            if self._log_model is True:
                with (
                    guard("keeping a model of Transformers"),
                    tempfile.TemporaryDirectory(prefix="runfolio-") as folder,
                ):
                    model.save_pretrained(folder)
                    run.log_model(folder, name=f"model-{run.id}")
            self._target.end_training(failed=False)

    def forget(self, state: Any) -> None:
        """Let another callback of the trainer log what follows: this one was taken away."""
        if vars(state).get("_runfolio") == id(self):
            del vars(state)["_runfolio"]

    def _speaks(self, state: Any) -> bool:
        """Return whether it is the first process, and the first callback of the trainer."""
        first = vars(state).setdefault("_runfolio", id(self))
        return bool(state.is_world_process_zero) and first == id(self)


def _name(key: str) -> str:
    part, _, rest = key.partition("_")
    return f"{part}/{rest}" if part in {"eval", "test"} and rest else f"train/{key}"
