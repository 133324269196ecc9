"""Works on a study as a job of a cluster does: where the server is gone it waits, and goes on."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import Any, Final

import optuna
import sqlalchemy

import runfolio
from runfolio.integrations.optuna import RunfolioCallback

__all__ = ["GRACE_S", "STEPS", "Enough", "storage", "work"]

STEPS: Final = 5
GRACE_S: Final = 6
"""A trial whose heart did not beat for so long is taken for lost."""

callback = RunfolioCallback(project="pool")


def storage(url: str) -> Any:
    """Return a storage that notices trials whose process is gone, and has them tried again."""
    word = "heartbeat_stale_trial_callback"  # of Optuna 4.9 and later
    try:
        retry = optuna.storages.RetryHeartbeatStaleTrialCallback()
    except AttributeError:
        word, retry = "failed_trial_callback", optuna.storages.RetryFailedTrialCallback()
    more: dict[str, Any] = {word: retry, "heartbeat_interval": 1, "grace_period": GRACE_S}
    return optuna.storages.RDBStorage(url, **more)


def _held(trial: Any, folder: Path) -> None:
    """Stay in the midst of a trial, if the process is to be killed there."""
    if (folder / f"hold-{os.getpid()}").exists():
        time.sleep(1)  # what was logged by now is on the disk
        (folder / f"held-{os.getpid()}").write_text(f"{trial.number} {runfolio.run.id}")
        time.sleep(300)


@callback.track
def objective(trial: Any) -> float:
    """Descend a parabola; some trials are pruned, and some fail."""
    x = trial.suggest_float("x", -5, 5)
    for step in range(STEPS):
        value = x * x + STEPS - step
        runfolio.log({"loss": value})
        trial.report(value, step)
        if step == 2:
            _held(trial, Path(os.environ["POOL_FOLDER"]))
        if trial.should_prune():
            raise optuna.TrialPruned
        time.sleep(0.05)
    if trial.number % 9 == 4:
        raise ZeroDivisionError
    return x * x


class Enough:
    """Ends a process's work once as many trials have come to their end as the folder says."""

    STATES = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED)

    def __init__(self, folder: Path) -> None:
        self.said = folder / "enough"

    def says(self, trials: int) -> None:
        """Say how many are enough; before that, there never are."""
        new = self.said.with_suffix(".new")
        new.write_text(str(trials))
        new.replace(self.said)

    def ended(self, study: Any) -> int:
        """Return how many there are."""
        return len(study.get_trials(deepcopy=False, states=self.STATES))

    def are_there(self, study: Any) -> bool:
        """Return whether there are enough."""
        return self.said.exists() and self.ended(study) >= int(self.said.read_text())

    def __call__(self, study: Any, trial: Any) -> None:
        del trial
        if self.are_there(study):
            study.stop()


def work(url: str, name: str) -> None:
    """Take trials of the study until there are enough."""
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    enough = Enough(Path(os.environ["POOL_FOLDER"]))
    slips = (UnboundLocalError, AssertionError)  # Optuna's own, where the server is gone
    lost = (optuna.exceptions.StorageInternalError, sqlalchemy.exc.DBAPIError, *slips)
    while True:
        with contextlib.suppress(lost):
            study = optuna.load_study(study_name=name, storage=storage(url))
            if not enough.are_there(study):
                study.optimize(objective, callbacks=[callback, enough], catch=(ZeroDivisionError,))
            return
        time.sleep(0.2)
