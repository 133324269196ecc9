"""A disk that is full or broken never ends a training; what it takes later is whole."""

from __future__ import annotations

import errno
import time
from pathlib import Path

import pytest

from runfolio.errors import RunfolioWarning
from runfolio.format.check import check_run
from runfolio.format.manifest import read_record
from runfolio.format.series import read_series
from runfolio.record import writer
from runfolio.record.run import Run
from runfolio.record.session import Session
from runfolio.testing import Fault, FaultyFiles, FixedClock, FixedIds


def open_on(files: FaultyFiles) -> Run:
    return Session(files, FixedClock(tick_ms=1), FixedIds()).open({"project": "p"})


def log_slowly(run: Run, count: int) -> None:
    """Log, and give the writer's thread its turn after each."""
    for n in range(count):
        run.log({"a": n})
        run.life.writer.flush()
        if n % 4 == 3:
            run.life.writer._sync_beside()


@pytest.mark.parametrize(
    "error", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS, errno.ESTALE]
)
@pytest.mark.parametrize("call", ["write", "fsync"])
def test_points_wait_for_a_disk_that_recovers(call: str, error: int) -> None:
    files = FaultyFiles(Fault(call, error, at=2, times=3, name=".jsonl"))
    run = open_on(files)
    with pytest.warns(RunfolioWarning, match="disk does not take"):
        log_slowly(run, 30)
    run.finish()
    assert read_series(run.path)["a"].value.tolist() == list(range(30))
    assert read_record(run.path).counts["refused"] == 0
    assert [found for found in check_run(run.path) if found.severity == "fault"] == []


def test_the_user_is_told_once(recwarn: pytest.WarningsRecorder) -> None:
    run = open_on(FaultyFiles(Fault("write", errno.ENOSPC, at=2, times=20, name=".jsonl")))
    log_slowly(run, 30)
    assert [str(warning.message)[:24] for warning in recwarn] == ["The disk does not take t"]
    run.finish()


def test_beyond_the_bound_points_are_refused_and_counted(
    monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    monkeypatch.setattr(writer, "HELD", 10)
    monkeypatch.setattr(writer, "BUFFERED", 5)
    full = Fault("write", errno.ENOSPC, at=2, times=10**9, name="metrics.jsonl")
    run = open_on(FaultyFiles(full))
    log_slowly(run, 100)
    full.times = 0  # somebody made room
    run.life.writer.flush()
    run.log({"a": -1.0})
    run.finish()
    found, counts = read_series(run.path)["a"], read_record(run.path).counts
    assert found.value[-1] == -1.0
    assert counts["refused"] > 50
    assert counts["points"] + counts["refused"] == 101
    assert found.logged == counts["points"]


def test_of_wide_rows_fewer_are_held(
    monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    monkeypatch.setattr(writer, "HELD", 1000)
    run = open_on(FaultyFiles(Fault("write", errno.ENOSPC, times=10**9, name="metrics.jsonl")))
    for _ in range(40):
        run.log(dict.fromkeys(map(str, range(800)), 1.0))
        run.life.writer.flush()
    assert run.life.writer.unwritten < 20
    assert run.life.writer.refused > 20 * 800
    run.finish()


def test_a_disk_full_for_ever_leaves_what_it_took_and_says_so() -> None:
    run = open_on(
        FaultyFiles(Fault("write", errno.ENOSPC, at=4, times=10**9, name="metrics.jsonl"))
    )
    with pytest.warns(RunfolioWarning):
        log_slowly(run, 50)
    with pytest.warns(RunfolioWarning, match="rows of the run .* they are lost"):
        run.finish()
    assert read_series(run.path)["a"].value.tolist() == [0.0, 1.0, 2.0]


def test_a_manifest_that_cannot_be_replaced_leaves_the_old_one() -> None:
    files, full = FaultyFiles(), Fault("replace", errno.ENOSPC, times=10**9)
    run = open_on(files)
    files.fail(full)
    run.log({"a": 1.0})
    with pytest.raises(OSError, match="No space"):
        run.life.refresh()
    assert read_record(run.path).metrics["a"].n == 1
    full.times = 0
    run.finish()


def test_a_folder_removed_while_running_does_not_stop_the_training(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RUNFOLIO_STRICT", "0")
    run = open_on(FaultyFiles())
    run.log({"a": 1.0})
    run.path.rename(tmp_path / "moved")
    for n in range(100):
        run.log({"a": n})
    with pytest.warns(RunfolioWarning):
        run.finish()
    assert len(read_series(tmp_path / "moved")["a"]) == 101


def test_the_clock_of_the_run_dates_its_points() -> None:
    run = Session(clock=FixedClock(1_795_383_045_123), ids=FixedIds()).open({})
    run.log({"a": 1.0})
    run.log({"a": 2.0}, step=9)
    run.finish()
    assert run.id == "20261122T213045-000001"
    assert read_series(run.path)["a"].time_ms.tolist() == [1_795_383_045_123] * 2


def test_a_writer_thread_that_met_an_error_goes_on(
    monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    monkeypatch.setenv("RUNFOLIO_STRICT", "0")
    run = Session().open({})
    monkeypatch.setattr(run.life.writer, "_flush", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run.life.writer.flush()
    monkeypatch.undo()
    run.log({"a": 1.0})
    time.sleep(0.15)
    assert read_series(run.path)["a"].value.tolist() == [1.0]
    run.finish()
