"""``check`` names what is wrong, where, and mends nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.format.conftest import flipped, row

from runfolio.errors import CorruptRecord
from runfolio.format.check import check_run
from runfolio.format.disk import Disk
from runfolio.format.finished import convert_part, unconverted
from runfolio.format.layout import PartName
from runfolio.format.lines import LineWriter
from runfolio.format.seal import write_seal
from runfolio.format.series import read_series

VALUES = [0.5, -1.25, 3.0, 1e-9]


@pytest.fixture
def run(write_run: Callable[..., Path], write_rows: Callable[..., Path], run_dir: Path) -> Path:
    write_rows(row(n, a=value) for n, value in enumerate(VALUES))
    events = LineWriter(run_dir, PartName("events"), Disk())
    events.append(b'{"time":1,"kind":"status","status":"finished"}\n')
    events.close()
    return write_run()


def faults(folder: Path) -> list[tuple[str, int | None]]:
    return [(found.file, found.offset) for found in check_run(folder) if found.severity == "fault"]


def test_a_sound_run_has_no_findings(run: Path) -> None:
    assert check_run(run) == []
    for part in unconverted(run, "metrics"):
        convert_part(part, Disk())
    write_seal(run, Disk())
    assert check_run(run) == []


def test_every_flipped_bit_of_the_log_is_named(run: Path) -> None:
    path = run / "metrics.jsonl"
    for offset in range(path.stat().st_size):
        with flipped(path, offset, bit=offset % 8):
            assert ("metrics.jsonl", 0) in faults(run), offset


def test_every_flipped_bit_of_the_table_is_named_or_harmless(run: Path) -> None:
    for part in unconverted(run, "metrics"):
        convert_part(part, Disk())
    write_seal(run, Disk())
    path = run / "metrics.parquet"
    for offset in range(0, path.stat().st_size, 7):
        with flipped(path, offset, bit=offset % 8):
            assert any(name == "metrics.parquet" for name, _ in faults(run)), offset


@pytest.mark.filterwarnings("ignore::runfolio.errors.RunfolioWarning")
def test_a_flipped_bit_in_a_page_never_reads_as_another_value(run: Path) -> None:
    import pyarrow.parquet as pq

    for part in unconverted(run, "metrics"):
        convert_part(part, Disk())
    path = run / "metrics.parquet"
    page = pq.ParquetFile(path).metadata.row_group(0).column(3)
    end = page.data_page_offset + page.total_compressed_size
    for offset in range(end - 24, end):
        with flipped(path, offset):
            try:
                found = read_series(run)
            except CorruptRecord:
                continue
            assert found == {}, offset


def test_a_damaged_event_is_named(run: Path) -> None:
    with flipped(run / "events.jsonl", 0, bit=2):
        assert faults(run) == [("events.jsonl", 0), ("events.jsonl", 0)]


def test_bytes_after_the_last_sum_are_unverified_which_is_no_fault(run: Path) -> None:
    with (run / "metrics.jsonl").open("ab") as file:
        file.write(row(9, a=1.0) + b'{"step":10')
    found = check_run(run)
    assert {finding.severity for finding in found} == {"note"}
    assert "unverified" in found[0].fault
    assert "no whole line" in found[1].fault


def test_a_log_shorter_than_was_synced_is_named(run: Path) -> None:
    path = run / "metrics.jsonl"
    path.write_bytes(path.read_bytes()[:-10])
    assert any("bytes were synced" in finding.fault for finding in check_run(run))


def test_a_row_that_is_none_is_named_with_its_offset(run: Path) -> None:
    path = run / "metrics.jsonl"
    size = path.stat().st_size
    with path.open("ab") as file:
        file.write(b'{"a":1}\n' + row(9, a=1.0).replace(b"1.0", b'"x"'))
    assert faults(run) == [("metrics.jsonl", size), ("metrics.jsonl", size + 8)]


def test_a_missing_file_and_a_hand_edit_are_named(run: Path) -> None:
    (run / "seeds.json").write_text("{}")
    write_seal(run, Disk())
    (run / "seeds.json").unlink()
    manifest = run / "run.json"
    manifest.write_text(manifest.read_text().replace("first", "forged"))
    assert faults(run) == [("run.json", None), ("seeds.json", None)]


@pytest.mark.parametrize(
    "sums",
    [b"", b"rubbish\n", b'{"end":1e99,"crc32":"0"}\n', b'{"end":-5,"crc32":"0"}\n', b"[]\n", b"7\n",
     b'{"end":40,"crc32":7}\n', b'{"end":9,"crc32":"zz"}\n{"end":1,"crc32":"0"}\n'],
)  # fmt: skip
def test_damaged_sums_never_stop_the_check(run: Path, sums: bytes) -> None:
    (run / "metrics.sums").write_bytes(sums)
    assert all(math.isfinite(finding.offset or 0) for finding in check_run(run))
    assert len(read_series(run)["a"]) == len(VALUES)


def test_a_damaged_seal_is_a_finding(run: Path) -> None:
    (run / "seal.json").write_text("[]")
    assert faults(run) == [("seal.json", None)]
