"""A reader that stays open while the run's files grow and are exchanged."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.store.conftest import Maker, lines

from runfolio.errors import CorruptRecord, RunfolioWarning
from runfolio.format import lines as format_lines
from runfolio.format.codec import dumps
from runfolio.format.disk import Disk
from runfolio.format.finished import convert_part
from runfolio.format.lines import live_parts
from runfolio.format.series import read_series
from runfolio.store.reader import RunReader


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def convert(folder: Path) -> None:
    for part in live_parts(folder, "metrics"):
        convert_part(part, Disk())


@pytest.fixture
def run(make_run: Maker) -> Path:
    return make_run("a")


def test_only_appended_bytes_are_read(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = run / "metrics.jsonl"
    append(log, lines(*({"loss": float(n)} for n in range(100))))
    reader = RunReader(run)
    reader.series()
    starts: list[int] = []
    original = format_lines.read_blocks

    def noted(path: Path, start: int = 0, limit: int | None = None) -> object:
        starts.append(start)
        return original(path, start, limit)

    monkeypatch.setattr("runfolio.store.tail.read_blocks", noted)
    size = log.stat().st_size
    reader.series()
    append(log, lines({"loss": 5.0}, first_step=100))

    assert len(reader.series()["loss"]) == 101
    assert starts == [size]


def test_new_points_keys_and_late_steps_arrive(run: Path) -> None:
    reader = RunReader(run)
    assert (reader.series(), reader.keys()) == ({}, [])

    append(run / "metrics.jsonl", lines({"a": 1.0}, {"a": 2.0}))
    assert reader.series()["a"].value.tolist() == [1.0, 2.0]

    append(run / "metrics.jsonl", lines({"a": 9.0, "b": 0.5}))
    found = reader.series()
    assert found["a"].value.tolist() == [9.0, 2.0]
    assert found["a"].logged == 3
    assert (list(found), reader.keys()) == (["a", "b"], ["a", "b"])


def test_a_line_that_is_still_being_written_comes_when_it_is_whole(run: Path) -> None:
    log = run / "metrics.jsonl"
    whole = lines({"a": 1.0}, {"a": 2.0})
    reader = RunReader(run)
    for end in range(len(whole) + 1):
        log.write_bytes(whole[:end]) if end == 0 else append(log, whole[end - 1 : end])
        found = reader.series()
        assert len(found.get("a", ())) == whole[:end].count(b"\n")


def test_fractional_steps_and_what_is_not_finite_are_kept(run: Path) -> None:
    row = {"step": 0.5, "time": 1, "values": {"a": None}, "nonfinite": {"a": "Infinity"}}
    append(run / "metrics.jsonl", lines({"a": 1.0}) + dumps(row) + b"\n")
    series = RunReader(run).series()["a"]
    assert series.step.tolist() == [0, 0.5]
    assert np.isposinf(series.value[1])


def test_nothing_changes_when_the_table_takes_the_place_of_the_log(run: Path) -> None:
    append(run / "metrics.jsonl", lines(*({"a": float(n), "b": 1.0} for n in range(50))))
    reader = RunReader(run)
    before = reader.series()

    convert(run)

    assert not (run / "metrics.jsonl").exists()
    for after in (reader.series(), RunReader(run).series()):
        for key, series in before.items():
            assert after[key].step.tolist() == series.step.tolist()
            assert after[key].value.tolist() == series.value.tolist()
            assert after[key].time_ms.tolist() == series.time_ms.tolist()


def test_while_both_are_there_no_point_counts_twice(run: Path, tmp_path: Path) -> None:
    log = run / "metrics.jsonl"
    append(log, lines(*({"a": float(n)} for n in range(50))))
    reader = RunReader(run)
    reader.series()
    os.link(log, tmp_path / "kept")

    convert(run)
    os.link(tmp_path / "kept", log)

    assert reader.series()["a"].logged == 50
    assert RunReader(run).series()["a"].logged == 50


def test_a_table_that_cannot_be_read_counts_only_without_its_log(run: Path) -> None:
    append(run / "metrics.jsonl", lines({"a": 1.0}))
    (run / "metrics.parquet").write_bytes(b"PAR1 nothing")
    reader = RunReader(run)
    assert reader.series()["a"].value.tolist() == [1.0]

    (run / "metrics.jsonl").unlink()
    with pytest.raises(CorruptRecord, match=r"metrics\.parquet"):
        reader.series()


@pytest.mark.parametrize(
    "columns",
    [{"x": [1]}, {"key": [1], "step": [1]}, {"key": [None]}, {"key": ["a"], "value": ["high"]}],
)
def test_a_table_of_other_columns_is_refused(run: Path, columns: dict[str, list[object]]) -> None:
    pq.write_table(pa.table(columns), run / "metrics.parquet")
    with pytest.raises(CorruptRecord, match=r"metrics\.parquet"):
        RunReader(run).series()


def test_damage_in_one_row_group_leaves_the_others(run: Path) -> None:
    append(run / "metrics.jsonl", lines(*({"a": float(n), "b": 1.0} for n in range(20))))
    convert(run)
    path = run / "metrics.parquet"
    pq.write_table(pq.read_table(path), path, row_group_size=20, write_page_checksum=True)
    damaged = bytearray(path.read_bytes())
    damaged[pq.ParquetFile(path).metadata.row_group(1).column(0).dictionary_page_offset + 40] ^= 1
    path.write_bytes(damaged)

    with pytest.warns(RunfolioWarning, match="row group 1 is damaged"):
        found = RunReader(run).series()
    assert {key: len(series) for key, series in found.items()} == {"a": 20}


def test_one_metric_of_a_finished_run_is_read_alone(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(run / "metrics.jsonl", lines(*({"a": 1.0, "b": 2.0, "c": 3.0} for _ in range(9))))
    convert(run)
    reader = RunReader(run)
    assert reader.keys() == ["a", "b", "c"]
    assert list(reader.series(["b", "none"])) == ["b"]

    (run / "metrics.parquet").write_bytes(b"")
    os.utime(run / "metrics.parquet", ns=(0, 0))
    with pytest.raises(CorruptRecord):
        reader.series(["c"])


def test_parts_and_segments_follow_each_other(run: Path) -> None:
    reader = RunReader(run)
    append(run / "metrics.jsonl", lines({"a": 1.0}, {"a": 2.0}))
    reader.series()
    append(run / "metrics.p2.jsonl", lines({"a": 3.0}, first_step=2))
    append(run / "metrics.s2.jsonl", lines({"a": 20.0}, first_step=1))
    convert_part(live_parts(run, "metrics")[0], Disk())

    assert reader.series()["a"].value.tolist() == [1.0, 20.0, 3.0]
    assert read_series(run)["a"].value.tolist() == [1.0, 20.0, 3.0]


def test_a_part_that_repeats_unsynced_lines_takes_their_place(run: Path) -> None:
    first = lines({"a": 1.0}, {"a": 2.0})
    append(run / "metrics.jsonl", first + lines({"a": 3.0}, first_step=2))
    reader = RunReader(run)
    assert reader.series()["a"].logged == 3

    append(run / "metrics.p2.sums", dumps({"after": ["metrics.jsonl", len(first)]}) + b"\n")
    append(run / "metrics.p2.jsonl", lines({"a": 3.0}, {"a": 4.0}, first_step=2))

    assert reader.series()["a"].value.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert reader.series()["a"].logged == 4


def test_a_file_that_was_replaced_is_read_from_its_beginning(run: Path) -> None:
    log = run / "metrics.jsonl"
    append(log, lines({"a": 1.0}, {"a": 2.0}))
    reader = RunReader(run)
    reader.series()

    (run / "new").write_bytes(lines({"a": 7.0}, {"a": 8.0}))
    (run / "new").replace(log)

    assert reader.series()["a"].value.tolist() == [7.0, 8.0]


def test_events_and_cells_come_as_they_happen(run: Path) -> None:
    log = run / "events.jsonl"
    reader = RunReader(run)
    cell = {"kind": "cell", "hash": "h", "order": 1, "status": "running", "source": "x = 1"}
    append(log, dumps(cell) + b"\nnot json\n")
    assert [(c.source, c.status) for c in reader.cells()] == [("x = 1", "running")]

    append(log, dumps(cell | {"status": "ok", "source": None}) + b"\n[]\n")

    assert [(c.source, c.status) for c in reader.cells()] == [("x = 1", "ok")]
    assert len(reader.events()) == 2


def test_the_record_is_read_again_when_it_changed(run: Path, make_run: Maker) -> None:
    reader = RunReader(run)
    first = reader.record
    assert reader.record is first

    (make_run("b", "other") / "run.json").replace(run / "run.json")
    assert reader.record.name == "b"
