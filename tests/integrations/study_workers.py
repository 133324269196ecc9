"""Works on a study that lies in a storage, in several processes: URL, name, processes, trials of each.

Each process says at its end what ended it, as a line of its own: ``done``, or the name of an error.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import sys
import time
from typing import Any

import optuna

import runfolio
from runfolio.integrations.optuna import RunfolioCallback

STEPS = 4
callback = RunfolioCallback(project="studies")


@callback.track
def objective(trial: Any) -> float:
    x = trial.suggest_float("x", -5, 5)
    for step in range(STEPS):
        runfolio.log({"loss": x * x + STEPS - step})
        trial.report(x * x + STEPS - step, step)
        if trial.should_prune():
            raise optuna.TrialPruned
        time.sleep(float(os.environ.get("STUDY_STEP_S", "0")))
    if trial.number % 7 == 3:
        raise ZeroDivisionError
    return x * x + trial.suggest_int("late", 0, 3)


def work(url: str, name: str, n_trials: int) -> None:
    """Load the study and take trials of it, as any process of a study does."""
    try:
        study = optuna.load_study(study_name=name, storage=url)
        study.optimize(objective, n_trials, callbacks=[callback], catch=(ZeroDivisionError,))
        said = "done"
    except Exception as error:
        said = type(error).__name__
    os.write(1, f"{said}\n".encode())


if __name__ == "__main__":
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    url, name, processes, n_trials = sys.argv[1:]
    # Forked: they have all modules loaded that take long, and nothing of the storage.
    optuna.create_study(storage="sqlite://").optimize(lambda t: t.suggest_float("x", 0, 1), 12)
    for module in (
        "psycopg2",
        "pyarrow.parquet",
        "runfolio.format.finished",
        "runfolio.store.store",
    ):
        importlib.import_module(module)
    context = multiprocessing.get_context("fork")
    workers = [
        context.Process(target=work, args=(url, name, int(n_trials))) for _ in range(int(processes))
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
