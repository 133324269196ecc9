"""Appended files: whole lines, sums, parts, and disks that refuse."""

from __future__ import annotations

import contextlib
import errno
from pathlib import Path

import orjson
import pytest

from runfolio.format.layout import PartName
from runfolio.format.lines import LineWriter, live_parts, read_lines
from runfolio.format.sums import damaged_stretches, read_sums, verified_bytes
from runfolio.testing import Fault, FaultyFiles

FULL, BROKEN = errno.ENOSPC, errno.EIO


def writer_on(folder: Path, files: FaultyFiles, roll_bytes: int = 1 << 20) -> LineWriter:
    return LineWriter(folder, PartName("metrics"), files, roll_bytes=roll_bytes)


def line(n: int) -> bytes:
    return b'{"n":%d}\n' % n


def read_back(folder: Path) -> list[int]:
    parts = live_parts(folder, "metrics")
    return [
        orjson.loads(text)["n"]
        for part in parts
        for _, text in read_lines(part.path, limit=part.limit)
    ]


def append_retrying(writer: LineWriter, count: int, *, sync_every: int = 3) -> None:
    """Append lines as the writer thread does: an error is told and the next call goes on."""
    for n in range(count):
        try:
            writer.append(line(n))
            if n % sync_every == 2:
                writer.sync()
        except OSError:
            pass
    with contextlib.suppress(OSError):
        writer.close()


def test_lines_come_back_in_order(run_dir: Path) -> None:
    append_retrying(writer_on(run_dir, FaultyFiles()), 100)
    assert read_back(run_dir) == list(range(100))


def test_every_sync_leaves_a_sum_that_matches(run_dir: Path) -> None:
    append_retrying(writer_on(run_dir, FaultyFiles()), 9)
    (part,) = live_parts(run_dir, "metrics")
    assert [end for end, _ in read_sums(run_dir / "metrics.sums")] == [24, 48, 72]
    assert verified_bytes(part) == 72
    assert list(damaged_stretches(part)) == []


def test_a_flipped_byte_is_named_by_its_stretch(run_dir: Path) -> None:
    append_retrying(writer_on(run_dir, FaultyFiles()), 9)
    path = run_dir / "metrics.jsonl"
    path.write_bytes(path.read_bytes().replace(b'{"n":4}', b'{"n":5}'))
    (part,) = live_parts(run_dir, "metrics")
    assert list(damaged_stretches(part)) == [(24, 48)]


def test_a_part_rolls_at_its_size_and_on_a_whole_line(run_dir: Path) -> None:
    append_retrying(writer_on(run_dir, FaultyFiles(), roll_bytes=20), 10)
    names = [part.path.name for part in live_parts(run_dir, "metrics")]
    assert names[:3] == ["metrics.jsonl", "metrics.p2.jsonl", "metrics.p3.jsonl"]
    assert all((run_dir / name).read_bytes().endswith(b"\n") for name in names)
    assert read_back(run_dir) == list(range(10))


@pytest.mark.parametrize("call", ["write", "fsync", "create"])
@pytest.mark.parametrize("error", [BROKEN, FULL, errno.ESTALE])
def test_an_error_at_any_call_loses_and_doubles_nothing(
    tmp_path: Path, call: str, error: int
) -> None:
    for at in range(1, 60):
        folder = tmp_path / str(at)
        folder.mkdir()
        files = FaultyFiles(Fault(call, error, at=at, taken=3))
        append_retrying(writer_on(folder, files, roll_bytes=60), 20)
        assert read_back(folder) == list(range(20)), f"{call} {at}"
        if not files.fired:
            return
    pytest.fail("the sweep never came to its end")


@pytest.mark.parametrize("second", ["write", "fsync", "create", "unlink"])
def test_two_errors_in_a_row_lose_and_double_nothing(tmp_path: Path, second: str) -> None:
    for at in range(1, 40):
        folder = tmp_path / f"{second}{at}"
        folder.mkdir()
        files = FaultyFiles(Fault("fsync", BROKEN, at=2), Fault(second, BROKEN, at=at, taken=4))
        append_retrying(writer_on(folder, files), 14)
        assert read_back(folder) == list(range(14)), f"{second} {at}"


def test_after_a_failed_sync_the_next_part_says_what_it_repeats(run_dir: Path) -> None:
    files = FaultyFiles(Fault("fsync", BROKEN, at=2, name="metrics.jsonl"))
    append_retrying(writer_on(run_dir, files), 9)
    first = (run_dir / "metrics.p2.sums").read_bytes().split(b"\n")[0]
    assert orjson.loads(first) == {"after": ["metrics.jsonl", 24]}
    assert (run_dir / "metrics.jsonl").stat().st_size > 24
    assert live_parts(run_dir, "metrics")[0].limit == 24


def test_a_failed_sync_at_the_end_is_made_good_in_the_next_part(run_dir: Path) -> None:
    writer = writer_on(run_dir, FaultyFiles(Fault("fsync", BROKEN)))
    writer.append(line(0))
    writer.close()
    assert live_parts(run_dir, "metrics")[0].limit == 0
    assert read_back(run_dir) == [0]


def test_a_full_disk_is_tried_again_on_the_same_file(run_dir: Path) -> None:
    files = FaultyFiles(Fault("write", FULL, at=3, times=4, taken=2, name=".jsonl"))
    append_retrying(writer_on(run_dir, files), 12)
    assert [part.path.name for part in live_parts(run_dir, "metrics")] == ["metrics.jsonl"]
    assert read_back(run_dir) == list(range(12))


def test_a_line_that_a_full_disk_cut_survives_the_end_of_its_part(run_dir: Path) -> None:
    files = FaultyFiles(Fault("write", FULL, at=3, taken=4, name=".jsonl"))
    writer = writer_on(run_dir, files)
    for n in (0, 1, 2):
        try:
            writer.append(line(n))
        except OSError:
            writer.sync()  # the torn half of line 2 is on stable storage now
    files.fail(Fault("write", BROKEN))
    with pytest.raises(OSError, match="Input/output"):
        writer.append(line(3))
    writer.close()
    assert read_back(run_dir) == [0, 1, 2, 3]


def test_short_writes_are_gone_on_with(run_dir: Path) -> None:
    append_retrying(writer_on(run_dir, FaultyFiles(Fault("write", times=1000, taken=1))), 5)
    assert read_back(run_dir) == list(range(5))


def test_a_sum_that_was_cut_does_not_spoil_the_next_ones(run_dir: Path) -> None:
    files = FaultyFiles(Fault("write", FULL, at=2, taken=5, name=".sums"))
    append_retrying(writer_on(run_dir, files), 9)
    (part,) = live_parts(run_dir, "metrics")
    assert verified_bytes(part) == 72
    assert list(damaged_stretches(part)) == []


def test_a_part_that_was_never_made_takes_nothing_from_the_one_before(run_dir: Path) -> None:
    append_retrying(writer_on(run_dir, FaultyFiles()), 4)
    (run_dir / "metrics.p2.sums").write_bytes(b'{"after":["metrics.jsonl",8]}\n')
    assert read_back(run_dir) == [0, 1, 2, 3]


def test_a_taken_name_is_passed_over(run_dir: Path) -> None:
    (run_dir / "metrics.jsonl").write_bytes(line(7))
    append_retrying(writer_on(run_dir, FaultyFiles()), 2)
    assert read_back(run_dir) == [7, 0, 1]


def test_an_abandoned_writer_writes_no_more(run_dir: Path) -> None:
    writer = writer_on(run_dir, FaultyFiles())
    writer.append(line(0))
    writer.abandon()
    writer.append(line(1))
    writer.close()
    assert [path.name for path in sorted(run_dir.iterdir())] == ["metrics.jsonl", "metrics.sums"]
    assert read_back(run_dir) == [0]
