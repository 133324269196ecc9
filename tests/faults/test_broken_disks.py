"""Disks that err, lie about a file, or take their time: what is safe stays safe, and is told."""

from __future__ import annotations

import errno
import threading
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.faults.oracle import Child, Verdicts, seeds, until
from tests.faults.short_life import KEY, check_that_nothing_is_lost, live, values_found

from runfolio.errors import RunfolioWarning
from runfolio.format.manifest import read_record
from runfolio.model.run import Status
from runfolio.record import writer
from runfolio.record.session import Session
from runfolio.testing import Fault, FaultyFiles


class WatchedFiles(FaultyFiles):
    """Notes each call and the file it was for; `failed` are those that raised."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(*faults)
        self.calls: list[tuple[str, str]] = []
        self.failed: list[int] = []

    def _due(self, call: str, name: str) -> Fault | None:
        fault = super()._due(call, name)
        if fault is not None:
            self.failed.append(len(self.calls))
        self.calls.append((call, name))
        return fault


def check_that_no_file_is_synced_again(files: WatchedFiles) -> None:
    """Assert that a file whose sync failed was neither synced nor written any more."""
    assert files.failed
    for place in files.failed:
        name = files.calls[place][1]
        after = [call for call in files.calls[place + 1 :] if call[1] == name]
        assert {call for call, _ in after} <= {"close", "unlink"}, after


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_file_whose_sync_failed_is_left_for_the_next_part(
    store: Path, verdicts: Verdicts, at: int
) -> None:
    files = WatchedFiles(Fault("fsync", errno.EIO, at=at, name=".jsonl"))
    diary = live(store, files)
    check_that_no_file_is_synced_again(files)
    check_that_nothing_is_lost(diary)
    verdicts.add("F17 EIO of a sync, then success", acknowledged=14, safe=14, found=14)


class SlowFiles(FaultyFiles):
    """A disk whose syncs end only when they are let."""

    def __init__(self) -> None:
        super().__init__()
        self.syncing = threading.Event()
        self.go_on = threading.Event()

    def fsync(self, fd: int) -> None:
        self.syncing.set()
        self.go_on.wait(60)
        super().fsync(fd)


@pytest.fixture
def quiet(store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings of a run in this process."""
    for name, value in {"DIR": str(store), "SILENT": "1", "CAPTURE": "0", "STRICT": "0"}.items():
        monkeypatch.setenv(f"RUNFOLIO_{name}", value)
    return store


def check_that_log_does_not_wait_for_a_sync(files: SlowFiles) -> None:
    """Assert that points are logged and written while a sync hangs."""
    run = Session(files).open({"id": "life"})
    try:
        while not files.syncing.is_set():
            run.log({KEY: 0.0})
        before = len(values_found(run.path))
        for n in range(20_000):
            run.log({KEY: float(n)})
        until(lambda: len(values_found(run.path)) >= before + 20_000, "the points in the file")
        assert not files.go_on.is_set()
    finally:
        files.go_on.set()
        run.finish()


def test_a_sync_that_hangs_holds_up_neither_log_nor_the_points_on_their_way(
    quiet: Path, verdicts: Verdicts
) -> None:
    check_that_log_does_not_wait_for_a_sync(SlowFiles())
    verdicts.add("F18 sync that hangs", acknowledged=20_000, safe=20_000, found=20_000)


def test_finish_does_not_wait_for_ever_for_a_sync_and_says_what_is_pending(
    quiet: Path, verdicts: Verdicts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runfolio.record.closing.PATIENCE_S", 1.0)
    files = SlowFiles()
    run = Session(files).open({"id": "life"})
    for n in range(100):
        run.log({KEY: float(n)})
    with pytest.warns(RunfolioWarning, match="has not confirmed"):
        run.finish()
    assert not files.go_on.is_set()
    assert values_found(run.path) == [float(n) for n in range(100)]
    assert read_record(run.path).status == "finished"
    files.go_on.set()
    until(lambda: not [t for t in threading.enumerate() if t.name == "runfolio-end"], "the end")
    assert values_found(run.path) == [float(n) for n in range(100)]
    verdicts.add("F18 sync that hangs at the end", acknowledged=100, safe=100, found=100)


def test_a_thread_that_comes_back_from_a_sync_after_the_end_keeps_house_no_more(
    quiet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runfolio.record.closing.PATIENCE_S", 1.0)
    monkeypatch.setattr(writer, "SYNC_S", 0.05)
    files = SlowFiles()
    run = Session(files).open({"id": "life"})
    run.log({KEY: 0.0})
    assert files.syncing.wait(60)
    with pytest.warns(RunfolioWarning, match="has not confirmed"):
        run.finish()
    ticks: list[int] = []
    monkeypatch.setattr(run.life.writer, "_tick", lambda: ticks.append(1))
    files.go_on.set()
    ours = ("runfolio-writer", "runfolio-end")
    until(lambda: not [t for t in threading.enumerate() if t.name in ours], "the end")
    assert not ticks


class HangingFiles(SlowFiles):
    """A disk on which the writes of the thread end only when they are let."""

    def fsync(self, fd: int) -> None:
        FaultyFiles.fsync(self, fd)

    def write(self, fd: int, data: bytes) -> int:
        if threading.current_thread().name == "runfolio-writer":
            self.go_on.wait(60)
        return super().write(fd, data)


def test_a_write_that_hangs_holds_log_up_once_and_for_a_moment(
    quiet: Path, verdicts: Verdicts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "BUFFERED", 500)
    monkeypatch.setattr(writer, "_HANGS_S", 0.1)
    files = HangingFiles()
    run = Session(files).open({"id": "life"})
    letting = threading.Timer(55, files.go_on.set)
    letting.start()
    try:
        for n in range(20_000):
            run.log({KEY: float(n)})
        assert not files.go_on.is_set()
    finally:
        files.go_on.set()
        letting.cancel()
        run.finish()
    assert values_found(run.path) == [float(n) for n in range(20_000)]
    verdicts.add("F18 write that hangs", acknowledged=20_000, safe=20_000, found=20_000)


def test_a_write_that_hangs_does_not_hold_the_end_up_for_ever(
    quiet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runfolio.record.closing.PATIENCE_S", 1.0)
    monkeypatch.setattr(writer, "_HANGS_S", 0.1)
    files = HangingFiles()
    run = Session(files).open({"id": "life"})
    for n in range(100):  # the first writes by itself, the thread the others
        run.log({KEY: float(n)})
    until(lambda: run.life.writer._at_disk, "the thread to be at the disk")
    letting = threading.Timer(60, files.go_on.set)
    letting.start()
    with pytest.warns(RunfolioWarning, match="did not take"):
        run.finish()
    hung = not files.go_on.is_set()
    files.go_on.set()
    letting.cancel()
    assert hung
    assert read_record(run.path).status is Status.FINISHED
    until(lambda: len(values_found(run.path)) == 100, "the disk to take what hung")


class LyingFiles(FaultyFiles):
    """A disk that takes a table and gives another one back."""

    def __init__(self, spoil: Callable[[bytes], bytes]) -> None:
        super().__init__()
        self.spoil = spoil

    def put(self, path: Path, data: bytes) -> None:
        super().put(path, self.spoil(data) if ".parquet" in path.name else data)


SPOILT = {
    "empty": lambda data: b"",
    "cut short": lambda data: data[: len(data) // 2],
    "without its end": lambda data: data[:-1],
    "of zeros": lambda data: bytes(len(data)),
    "of another value": lambda data: data[:60] + bytes([data[60] ^ 1]) + data[61:],
}


def check_that_the_live_file_stays(store: Path, files: LyingFiles) -> None:
    """Assert that a table that does not read back leaves the live file, and that this is told."""
    diary = live(store, files)
    assert (diary.folder / "metrics.jsonl").exists()
    assert not (diary.folder / "metrics.parquet").exists()
    assert [words for words in diary.told if "the live file is kept" in words or "Parquet" in words]
    diary.told.clear()
    check_that_nothing_is_lost(diary)


@pytest.mark.parametrize("how", SPOILT)
def test_a_table_that_the_disk_did_not_keep_leaves_the_live_file(
    store: Path, verdicts: Verdicts, how: str
) -> None:
    check_that_the_live_file_stays(store, LyingFiles(SPOILT[how]))
    verdicts.add("F39 table unreadable after it was written", acknowledged=14, safe=14, found=14)


def check_that_memory_is_bounded(files: FaultyFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    """Assert that a disk that takes nothing costs so many rows of memory and no more."""
    monkeypatch.setattr(writer, "HELD", 1000)
    monkeypatch.setattr(writer, "BUFFERED", 500)
    run = Session(files).open({"id": "life"})
    for n in range(400_000):
        run.log({KEY: float(n)})
    waiting = run.life.writer.unwritten
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run.finish()
    # A caller looks every 40 ms: in a loop that does nothing else that is a hundred thousand rows.
    assert waiting < 250_000, f"{waiting} rows in memory"
    assert run.life.writer.refused + waiting + len(values_found(run.path)) >= 400_000


@pytest.mark.filterwarnings("ignore:The disk does not take")
def test_rows_that_a_full_disk_does_not_take_are_bounded_and_the_rest_is_counted(
    quiet: Path, verdicts: Verdicts, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = FaultyFiles(Fault("write", errno.ENOSPC, times=10**9, name="metrics.jsonl"))
    check_that_memory_is_bounded(full, monkeypatch)
    verdicts.add("F11 memory is bounded", acknowledged=400_000)


TRAIN = """
import sys
from runfolio.record.api import init
from tests.faults.victim import Points
import time
run, points = init(id="victim"), Points()
for _ in range(int(sys.argv[1])):
    points.log(run)
    time.sleep(0.0005)
run.finish()
"""


@pytest.mark.parametrize("seed", seeds(1, 10))
@pytest.mark.parametrize(
    ("what", "inject"),
    [
        ("F17 EIO of the kernel's sync", "fdatasync:error=EIO:when={n}"),
        ("F17 a file system that knows no sync", "fdatasync:error=EINVAL"),
        ("F14 EINTR of the kernel's write", "write:error=EINTR:when=10+{n}"),
        ("F18 slow sync of the kernel", "fdatasync:delay_enter=2000000"),
    ],
)
def test_errors_that_the_kernel_itself_gives_lose_nothing(
    store: Path, verdicts: Verdicts, what: str, inject: str, seed: int
) -> None:
    call, _, how = inject.format(n=seed + 2).partition(":")
    under = ["strace", "-f", "-qqq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
             f"inject={call}:{how}"]  # fmt: skip
    with Child(TRAIN, store, 3_000, under=under, seed=seed) as child:
        told = child.wait(exited=True)
    assert child.process.returncode == 0, child.stderr
    verdicts.judge(what, store / "victim", told, status="finished")
