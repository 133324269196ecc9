"""How a run that did not say its end stands: running, crashed or silent."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.format.conftest import row

from runfolio.format.disk import Disk
from runfolio.format.layout import RunPaths
from runfolio.format.lease import (
    claim_segment,
    judge,
    last_heartbeat_ms,
    started_at,
    this_process,
)
from runfolio.format.manifest import read_record
from runfolio.model.run import Status

NOW = 1_795_383_045_123
ELSEWHERE = {"host": "elsewhere", "boot_id": "b", "pid_namespace": "n", "pid": 7}


def mine(**other: Any) -> dict[str, Any]:
    return {**this_process(), **other}


def test_a_living_process_is_running_whatever_its_heartbeat() -> None:
    assert judge(mine(), None) == (Status.RUNNING, "")
    assert judge(mine(), 0, NOW) == (Status.RUNNING, "")


def test_a_process_that_is_gone_has_crashed() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    manifest = mine(pid=child.pid, pid_started_at=started_at(child.pid))
    assert judge(manifest, NOW, NOW)[0] is Status.RUNNING
    child.communicate()
    assert judge(manifest, NOW, NOW) == (Status.CRASHED, "process gone")


def test_a_zombie_has_crashed() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert started_at(pid) is None
    os.waitpid(pid, 0)


def test_a_pid_that_another_process_has_now_has_crashed() -> None:
    assert judge(mine(pid_started_at="1"), NOW, NOW)[0] is Status.CRASHED
    assert judge(mine(pid=1), NOW, NOW)[0] is Status.CRASHED


@pytest.mark.parametrize(("age_s", "status"), [(0, "running"), (299, "running"), (301, "silent")])
def test_a_run_elsewhere_is_judged_by_its_heartbeat(age_s: int, status: str) -> None:
    assert judge(ELSEWHERE, NOW - age_s * 1000, NOW)[0] == status


def test_a_run_in_another_container_is_never_called_crashed() -> None:
    manifest = mine(pid_namespace="pid:[1]", pid_started_at="1")
    assert judge(manifest, NOW, NOW)[0] is Status.RUNNING
    assert judge(manifest, NOW - 10**6, NOW)[0] is Status.SILENT


def test_after_a_restart_of_the_machine_a_run_has_crashed() -> None:
    assert judge(mine(boot_id="before"), NOW - 10**6, NOW) == (Status.CRASHED, "machine restarted")


def test_another_machine_of_the_same_name_that_still_beats_is_running() -> None:
    assert judge(mine(boot_id="other"), NOW - 2000, NOW)[0] is Status.RUNNING


@pytest.mark.parametrize("ahead_s", [3700, 73 * 365 * 86400])
def test_a_heartbeat_from_the_future_is_no_sign_of_life(ahead_s: int) -> None:
    status, note = judge(ELSEWHERE, NOW + ahead_s * 1000, NOW)
    assert status is Status.SILENT
    assert "clock" in note


def test_a_clock_a_little_ahead_is_no_reason_for_doubt() -> None:
    assert judge(ELSEWHERE, NOW + 60_000, NOW)[0] is Status.RUNNING


def test_without_any_heartbeat_a_run_elsewhere_is_silent() -> None:
    assert judge(ELSEWHERE, None, NOW)[0] is Status.SILENT


@pytest.mark.parametrize("field", ["host", "boot_id", "pid_namespace", "pid", "pid_started_at"])
@pytest.mark.parametrize("value", [None, 7, [1], {"a": 1}, True, "x" * 1000, -1])
def test_a_hostile_identity_is_judged_all_the_same(field: str, value: object) -> None:
    assert judge(mine(**{field: value}), NOW, NOW)[0] in set(Status)


def test_two_that_resume_at_once_get_a_segment_each(run_dir: Path) -> None:
    segments = [claim_segment(run_dir, Disk())[0] for _ in range(3)]
    assert segments == [1, 2, 3]
    assert claim_segment(run_dir, Disk(), rank=2)[0] == 1
    names = [path.name for _, path in RunPaths(run_dir).parts("heartbeat", "")]
    assert names == ["heartbeat", "heartbeat.s2", "heartbeat.s3", "heartbeat.rank2"]


def test_the_newest_heartbeat_of_any_writer_counts(run_dir: Path) -> None:
    for time_ms in (NOW, NOW + 9, NOW + 5):
        claim_segment(run_dir, Disk())[1].beat(time_ms)
    (run_dir / "heartbeat.s9").write_bytes(b"rubbish")
    assert last_heartbeat_ms(run_dir) == NOW + 9


def test_a_beat_is_written_over_the_last_one(run_dir: Path) -> None:
    _, heartbeat = claim_segment(run_dir, Disk())
    heartbeat.beat(NOW)
    heartbeat.beat(NOW + 2000)
    assert (run_dir / "heartbeat").read_bytes() == b"%d\n" % (NOW + 2000)


def test_a_beat_after_the_end_is_written_nowhere(run_dir: Path, tmp_path: Path) -> None:
    _, heartbeat = claim_segment(run_dir, Disk())
    heartbeat.beat(NOW)
    heartbeat.close()
    weights = tmp_path / "weights"
    taken = [weights.with_suffix(f".{n}").open("wb") for n in range(3)]  # its number among them
    heartbeat.beat(NOW + 2000)
    heartbeat.close()
    for file in taken:
        file.close()
    assert [Path(file.name).read_bytes() for file in taken] == [b""] * 3
    assert (run_dir / "heartbeat").read_bytes() == b"%d\n" % NOW


def test_a_crashed_run_is_summed_up_from_its_log(
    write_run: Callable[..., Path], write_rows: Callable[..., Path]
) -> None:
    rows = [row(n, NOW + n, loss=float(n)) for n in range(5)]
    write_rows(rows)
    seen = {"loss": {"n": 2, "last": 1.0, "last_step": 1, "min": -3.0, "max": 1.0}}
    run = write_run(**mine(pid_started_at="1"), status="running", metrics=seen,
                    metrics_upto={"metrics.jsonl": len(rows[0] + rows[1])})  # fmt: skip
    record = read_record(run)
    assert (record.status, record.note) == (Status.CRASHED, "process gone")
    found = record.metrics["loss"]
    assert (found.n, found.last, found.min, found.max) == (5, 4.0, -3.0, 4.0)


def test_times_from_the_future_do_not_stretch_a_crashed_run(
    write_run: Callable[..., Path], write_rows: Callable[..., Path], run_dir: Path
) -> None:
    write_rows([row(0, 2**61, a=1.0)])
    (run_dir / "heartbeat").write_bytes(b"4070908800000\n")  # 2099
    record = read_record(write_run(**mine(pid_started_at="1"), status="running"))
    assert record.ended_at is None
    assert not record.duration_s
