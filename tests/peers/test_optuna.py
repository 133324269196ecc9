"""A long study in a real PostgreSQL: processes are killed in mid-trial, the server goes down twice."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import optuna
import pytest
from tests.integrations.studies import STATES, assert_is_recorded, new_study, runs_of, until
from tests.peers.study_pool import GRACE_S, Enough, work
from tests.postgresql import Server

from runfolio.format.series import read_series
from runfolio.model.run import RunRecord

pytestmark = [pytest.mark.xdist_group("postgresql"), pytest.mark.timeout(400)]


@dataclass
class Pool:
    """Spawned processes that work on one study, some of which do not come to their end."""

    url: str
    folder: Path
    workers: dict[int, Any] = field(default_factory=dict)

    def start(self, processes: int) -> None:
        context = multiprocessing.get_context("spawn")
        for _ in range(processes):
            one = context.Process(target=work, args=(self.url, "pool"))
            one.start()
            self.workers[one.pid] = one

    def ended_in_mid_trial(self, number: int) -> tuple[int, str]:
        """Send a signal to a process amid a trial; return which trial it was, and its run."""
        pid, one = next(iter(self.workers.items()))
        (self.folder / f"hold-{pid}").touch()
        held = self.folder / f"held-{pid}"
        until(lambda: held.exists() and held.read_text())
        trial, run_id = held.read_text().split()
        os.kill(pid, number)
        one.join(60)
        assert one.exitcode not in (None, 0)
        del self.workers[pid]
        return int(trial), run_id

    def join(self) -> None:
        for one in self.workers.values():
            one.join(180)
        assert {one.exitcode for one in self.workers.values()} == {0}

    def kill(self) -> None:
        for one in self.workers.values():
            one.kill()
            one.join()


@dataclass
class Told:
    """The study when it was over, and its runs by the numbers of their trials."""

    study: Any
    runs: dict[int, RunRecord]
    killed: list[tuple[int, str]]
    terminated: tuple[int, str]

    def retries_of(self, number: int) -> list[Any]:
        history = [(t, t.system_attrs.get("retry_history") or []) for t in self.study.trials]
        return [trial for trial, before in history if before[-1:] == [number]]


@pytest.fixture
def told(
    postgresql: Server, store_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Told:
    """Have eight processes work on a study to its end, whatever happens to them."""
    monkeypatch.delenv("RUNFOLIO_STRICT")
    monkeypatch.setenv("POOL_FOLDER", str(tmp_path))
    new_study(postgresql.url, "pool")
    enough, pool = Enough(tmp_path), Pool(postgresql.url, tmp_path)
    try:
        pool.start(8)
        killed = []
        for n, mode in ((8, "immediate"), (16, "fast")):
            until(lambda n=n: len(list(store_path.glob("*/run.json"))) > n)
            killed.append(pool.ended_in_mid_trial(signal.SIGKILL))
            postgresql.stop(mode)
            time.sleep(0.5)
            postgresql.start()
        terminated = pool.ended_in_mid_trial(signal.SIGTERM)
        # Only now: on a quick machine there could be enough before the last one is ended.
        enough.says(60)
        pool.start(3)  # in their stead
        pool.join()
        time.sleep(GRACE_S + 2)  # the last ones that were lost are noticed, and tried again
        study = optuna.load_study(study_name="pool", storage=postgresql.url)
        enough.says(enough.ended(study) + 12)
        pool.start(2)
        pool.join()
    finally:
        pool.kill()
    return Told(study, runs_of(store_path, "pool"), killed, terminated)


def reported(record: RunRecord) -> dict[int, float]:
    series = read_series(record.path).get("intermediate/value")
    return dict(zip(series.step.tolist(), series.value.tolist(), strict=True)) if series else {}


def test_a_long_study_outlives_kills_and_two_restarts(told: Told) -> None:
    trials, runs = {trial.number: trial for trial in told.study.trials}, told.runs
    ended = {n for n, trial in trials.items() if trial.state.name in ("COMPLETE", "PRUNED")}
    assert len(ended) >= 72
    # One run of each; only of a trial that the server lost at its very beginning there is none.
    assert ended <= runs.keys() <= trials.keys()
    for number in ended:
        assert_is_recorded(runs[number], trials[number])
    for number, record in runs.items():
        assert reported(record).items() >= trials[number].intermediate_values.items()
        assert record.status in {*STATES.values(), "crashed", "interrupted"}
    # Those that took the places of others may find that little is left.
    assert len({record.pid for record in runs.values()}) >= 8

    # Those that were killed or ended are seen as such, with all that they had told.
    lost = [(*one, "crashed") for one in told.killed] + [(*told.terminated, "interrupted")]
    assert {n for n, record in runs.items() if record.status in ("crashed", "interrupted")} == {
        number for number, _, _ in lost
    }
    for number, run_id, status in lost:
        assert (runs[number].id, runs[number].status) == (run_id, status)
        assert list(reported(runs[number])) == [0, 1, 2]
        assert trials[number].state.name == "FAIL"
        (again,) = told.retries_of(number)
        # It may be the one that still waited when there were trials enough.
        assert again.number not in runs or runs[again.number].rerun_of == run_id

    # A trial that the server's end cut off is tried again, too, and says what it came from.
    noted = {n for n in runs if trials[n].user_attrs.get("runfolio_run_id") == runs[n].id}
    tried = [(n, trial.number) for n in noted for trial in told.retries_of(n)]
    assert len(tried) >= len(lost)
    assert any(later in runs for _, later in tried)
    assert all(runs[later].rerun_of == runs[n].id for n, later in tried if later in runs)
