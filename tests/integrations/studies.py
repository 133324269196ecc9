"""Studies in a real PostgreSQL, the processes that work on them, and what is recorded of them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna

from runfolio.format.series import read_series
from runfolio.model.run import RunRecord
from runfolio.store.store import Store

WORKERS = Path(__file__).with_name("study_workers.py")
STATES = {"COMPLETE": "finished", "PRUNED": "pruned", "FAIL": "failed"}


def new_study(url: str, name: str) -> Any:
    """Make a study that prunes early."""
    pruner = optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=1)
    return optuna.create_study(study_name=name, storage=url, pruner=pruner)


class Workers:
    """Processes that work on a study, each from its own connection."""

    def __init__(self, url: str, name: str, processes: int, trials: int, step_s: float = 0) -> None:
        # Not strict: a storage that is gone is nothing that an error of ours would be.
        env = {k: v for k, v in os.environ.items() if k != "RUNFOLIO_STRICT"}
        command = [sys.executable, str(WORKERS), url, name, str(processes), str(trials)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=env | {"STUDY_STEP_S": str(step_s)},
        )  # fmt: skip

    def ended(self) -> Counter[str]:
        """Return how each process ended."""
        said, wrong = self.process.communicate(timeout=120)
        assert self.process.returncode == 0, wrong
        return Counter(said.split())


def until(what: Callable[[], Any], seconds: float = 60) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def runs_of(store: Path, group: str) -> dict[int, RunRecord]:
    """Return number of a trial → its run; two of one trial would be found."""
    records = [record for record in Store(store).records() if record.group == group]
    assert {record.job_type for record in records} <= {"trial"}
    found = {int(record.name.removeprefix("trial-")): record for record in records}
    assert len(found) == len(records)
    return found


def assert_is_recorded(record: RunRecord, trial: Any) -> None:
    """See that a run holds all that the study does of its trial."""
    assert record.status == STATES[trial.state.name]
    assert {key: record.config[key] for key in trial.params} == trial.params
    assert trial.user_attrs == {"runfolio_run_id": record.id}
    series = read_series(record.path)
    reported = series["intermediate/value"]
    told = dict(zip(reported.step.tolist(), reported.value.tolist(), strict=True))
    assert told == trial.intermediate_values
    assert series["loss"].value.tolist() == reported.value.tolist()
    if trial.state.name == "COMPLETE":
        assert record.metrics["value"].last == trial.value
