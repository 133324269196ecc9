"""Bugs put in on purpose: the checks that should find them do.

A check that passes on a sound recorder says little as long as nobody saw it fail. Each test here
plants one bug of the kind that has lost data elsewhere, and runs the very check that guards
against it.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.faults.oracle import Child, Told, judge
from tests.faults.short_life import (
    check_that_all_loss_is_told,
    check_that_nothing_is_lost,
    live,
)
from tests.faults.test_broken_disks import (
    LyingFiles,
    WatchedFiles,
    check_that_memory_is_bounded,
    check_that_no_file_is_synced_again,
    check_that_the_live_file_stays,
)
from tests.faults.test_damaged_bytes import check_that_a_change_is_reported, what_is_read
from tests.faults.test_kill import LOOP

from runfolio.format import finished, lines, manifest
from runfolio.format.disk import Disk
from runfolio.format.lines import LineWriter
from runfolio.record.writer import Writer
from runfolio.testing import Fault, FaultyFiles

caught = pytest.raises(AssertionError)


def test_a_writer_that_drops_the_last_line_is_caught(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = LineWriter.append

    def without_the_last(self: LineWriter, text: bytes) -> None:
        append(self, text[: text[:-1].rfind(b"\n") + 1] if b'"step":13' in text else text)

    monkeypatch.setattr(LineWriter, "append", without_the_last)
    with caught:
        check_that_nothing_is_lost(live(store, Disk()))


def test_a_writer_that_forgets_the_rest_of_a_short_write_is_caught(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_once(self: LineWriter) -> None:
        taken = self._files.write(self._fd or 0, self._waiting)
        self._unsynced.append(self._waiting[:taken])
        self._size, self._waiting = self._size + taken, b""

    monkeypatch.setattr(LineWriter, "_drain", write_once)
    short = FaultyFiles(Fault("write", at=2, taken=30, name="metrics.jsonl"))
    with caught:
        check_that_nothing_is_lost(live(store, short))


def test_a_writer_that_drops_what_a_full_disk_refused_is_caught(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drain = LineWriter._drain

    def forgetful(self: LineWriter) -> None:
        try:
            drain(self)
        except OSError:
            self._waiting = b""
            raise

    monkeypatch.setattr(LineWriter, "_drain", forgetful)
    full = FaultyFiles(Fault("write", errno.ENOSPC, at=2, name="metrics.jsonl"))
    with caught:
        check_that_nothing_is_lost(live(store, full))


def test_a_writer_that_tries_a_failed_sync_again_is_caught(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reach = LineWriter.reach

    def stubborn(self: LineWriter, mark: lines.Mark) -> OSError | None:
        return reach(self, mark) and reach(self, mark)

    monkeypatch.setattr(LineWriter, "reach", stubborn)
    files = WatchedFiles(Fault("fsync", errno.EIO, at=1, name=".jsonl"))
    live(store, files)
    with caught:
        check_that_no_file_is_synced_again(files)


def test_a_writer_that_skips_the_sync_is_caught(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LineWriter, "reach", lambda self, mark: None)
    files = WatchedFiles()
    live(store, files)
    with caught:
        check_that_all_is_synced_before_it_is_trusted(files)


def test_a_conversion_that_does_not_wait_for_the_disk_is_caught(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hasty(WatchedFiles):
        def adopt(self, path: Path, target: Path) -> None:
            path.rename(target)

    files = Hasty()
    live(store, files)
    with caught:
        check_that_all_is_synced_before_it_is_trusted(files)


def check_that_all_is_synced_before_it_is_trusted(files: WatchedFiles) -> None:
    """Assert that a sum follows a sync of its file, and the table's sync its live file's end."""
    last_sync: dict[str, int] = {}
    for place, (call, name) in enumerate(files.calls):
        if call in ("fsync", "adopt"):
            last_sync[name] = place
        if call == "write" and name.endswith(".sums"):
            synced = last_sync.pop(name.replace(".sums", ".jsonl"), None)
            assert synced is not None, f"{name} sums what was not synced"
        if call == "unlink" and name.endswith(".jsonl"):
            table = name.replace(".jsonl", ".parquet")
            assert table in last_sync, f"{name} is gone before {table} is on the disk"


def test_the_recorder_itself_syncs_before_it_trusts(store: Path) -> None:
    files = WatchedFiles()
    check_that_nothing_is_lost(live(store, files))
    check_that_all_is_synced_before_it_is_trusted(files)
    assert ("unlink", "metrics.jsonl") in files.calls


def test_a_conversion_that_does_not_read_back_is_caught(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finished, "_compare", lambda *_: None)
    with caught:
        check_that_the_live_file_stays(store, LyingFiles(lambda data: data[:-1]))


def test_a_live_file_that_goes_before_the_table_was_read_back_is_caught(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare = finished._compare

    def late(points: Any, path: Path) -> None:
        path.with_name("metrics.jsonl").unlink()
        compare(points, path)

    monkeypatch.setattr(finished, "_compare", late)
    with caught:
        check_that_the_live_file_stays(store, LyingFiles(lambda data: data[:-1]))


def test_a_reader_that_ignores_where_a_part_took_over_is_caught(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "_after", lambda path: None)
    broken = FaultyFiles(Fault("fsync", errno.EIO, at=2, name="metrics.jsonl"))
    with caught:
        check_that_nothing_is_lost(live(store, broken))


def test_a_buffer_without_a_bound_is_caught(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"DIR": str(store), "SILENT": "1", "CAPTURE": "0", "STRICT": "0"}.items():
        monkeypatch.setenv(f"RUNFOLIO_{name}", value)
    monkeypatch.setattr(Writer, "_hold_or_refuse", lambda self: None)
    full = FaultyFiles(Fault("write", errno.ENOSPC, times=10**9, name="metrics.jsonl"))
    with caught, pytest.warns():
        check_that_memory_is_bounded(full, monkeypatch)


def test_a_recorder_that_keeps_quiet_about_a_loss_is_caught(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runfolio.record.closing._say_what_is_lost", lambda life: None)
    full = FaultyFiles(Fault("write", errno.ENOSPC, at=3, times=10**9))
    with caught:
        check_that_all_loss_is_told(live(store, full))


def test_a_manifest_that_is_written_in_place_is_caught(store: Path) -> None:
    class InPlace(FaultyFiles):
        def replace(self, path: Path, data: bytes) -> None:
            half = self._due("replace", path.name) is not None
            path.write_bytes(data[: len(data) // 2] if half else data)
            if half:
                raise OSError(errno.EIO, "")

    with caught:
        check_that_all_loss_is_told_and_run_json_is_whole(
            live(store, InPlace(Fault("replace", errno.EIO, at=3, times=10**9)))
        )


def check_that_all_loss_is_told_and_run_json_is_whole(diary: Any) -> None:
    """Assert, beside the rest, that the manifest is an old one or a new one."""
    check_that_all_loss_is_told(diary)
    assert manifest.read_record(diary.folder).problems == ()


def test_a_manifest_that_cannot_be_written_any_more_stays_whole(store: Path) -> None:
    broken = FaultyFiles(Fault("replace", errno.EIO, at=3, times=10**9))
    check_that_all_loss_is_told_and_run_json_is_whole(live(store, broken))


def test_a_reader_that_takes_a_line_without_its_sum_for_good_is_caught(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runfolio.record.closing._convert", lambda *_: None)
    folder = live(store, Disk()).folder
    before, path = what_is_read(folder), folder / "metrics.jsonl"
    path.write_bytes(path.read_bytes().replace(b"5.25", b"7.25"))
    assert check_that_a_change_is_reported(folder, before)
    monkeypatch.setattr("runfolio.format.check_logs.damaged_stretches", lambda part: iter(()))
    monkeypatch.setattr("runfolio.format.seal.read_seal", lambda folder: {})
    with caught:
        check_that_a_change_is_reported(folder, before)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Told]]:
    """A run that was killed, and what its process had told; nothing is wrong with it."""
    store = tmp_path_factory.mktemp("killed")
    with Child(LOOP, store, 0.001, "") as child:
        child.wait_for(200)
        told = child.kill()
    assert judge(store / "victim", told).problems == []
    return store / "victim", told


@pytest.mark.parametrize(
    ("spoil", "figures"),
    [(lambda rows: rows[:50] + rows[51:], "lost"), (lambda rows: [*rows, rows[3]], "doubled"),
     (lambda rows: [*rows[:4], rows[4].replace(b"0.", b"1."), *rows[5:]], "invented")],
    ids=["a hole", "a double", "another value"],
)  # fmt: skip
def test_the_oracle_of_the_children_sees_a_point_lost_doubled_or_changed(
    killed: tuple[Path, list[Told]], spoil: Callable[[list[bytes]], list[bytes]], figures: str
) -> None:
    folder, told = killed
    good = (folder / "metrics.jsonl").read_bytes()
    (folder / "metrics.jsonl").write_bytes(b"".join(spoil(good.splitlines(keepends=True))))
    verdict = judge(folder, told)
    (folder / "metrics.jsonl").write_bytes(good)
    assert verdict.counts[figures] == 1
    assert verdict.problems
