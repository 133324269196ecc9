"""The live file goes only when its Parquet was read back and is whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.format.conftest import flipped, row

from runfolio.errors import CorruptRecord, RunfolioWarning
from runfolio.format import finished
from runfolio.format.disk import Disk
from runfolio.format.finished import convert_part, unconverted
from runfolio.format.series import read_series
from runfolio.model.series import Points
from runfolio.testing import Fault, FaultyFiles


def convert(folder: Path, files: Disk | FaultyFiles | None = None) -> None:
    for part in unconverted(folder, "metrics"):
        convert_part(part, files or Disk())


@pytest.fixture
def live(write_rows: Callable[..., Path]) -> Path:
    return write_rows(row(n, loss=1 / (n + 1), acc=n / 10) for n in range(10))


def test_the_table_is_long_sorted_and_typed(live: Path, run_dir: Path) -> None:
    convert(run_dir)
    table = pq.read_table(run_dir / "metrics.parquet")
    assert table.column_names == ["key", "step", "time", "value", "seq", "segment", "rank"]
    assert table.schema.field("time").type == pa.timestamp("ms", tz="UTC")
    assert table.schema.field("step").type == pa.int64()
    keys = [str(key) for key in table.column("key").to_pylist()]
    assert keys == ["acc"] * 10 + ["loss"] * 10
    assert table.column("seq").to_pylist() == [*range(10), *range(10)]


def test_one_fractional_step_makes_all_steps_double(
    write_rows: Callable[..., Path], run_dir: Path
) -> None:
    write_rows([row(1, a=1.0), row(1.5, a=2.0)])
    convert(run_dir)
    assert pq.read_schema(run_dir / "metrics.parquet").field("step").type == pa.float64()


def test_nothing_is_left_of_the_live_file(live: Path, run_dir: Path) -> None:
    convert(run_dir)
    assert [path.name for path in run_dir.iterdir()] == ["metrics.parquet"]


@pytest.mark.parametrize("damage", ["byte", "short", "key", "group", "more"])
def test_a_table_that_does_not_read_back_leaves_the_live_file(
    live: Path, run_dir: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.setattr(finished, "ROW_GROUP", 10)
    real = finished._parquet

    def encode(points: dict[str, Points]) -> bytes:
        acc, loss = points["acc"], points["loss"]
        written = {
            "short": {"acc": acc[1:], "loss": loss},
            "key": {"acc": acc, "lost": loss},
            "group": {"acc": acc},
            "more": {"acc": acc, "loss": loss, "more": loss},
        }
        data = bytearray(real(written.get(damage, points)))
        if damage == "byte":
            data[100] ^= 1
        return bytes(data)

    monkeypatch.setattr(finished, "_parquet", encode)
    with pytest.raises((CorruptRecord, OSError)):
        convert(run_dir)
    assert sorted(path.name for path in run_dir.iterdir()) == ["metrics.jsonl", "metrics.sums"]
    assert len(read_series(run_dir)["loss"]) == 10


def test_a_live_file_that_differs_from_its_sums_is_not_converted(live: Path, run_dir: Path) -> None:
    with flipped(live, live.read_bytes().index(b"0.5")):
        with pytest.raises(CorruptRecord, match="not as they were written"):
            convert(run_dir)
        assert live.exists()


def test_a_live_file_that_cannot_be_removed_counts_once(live: Path, run_dir: Path) -> None:
    with pytest.raises(OSError, match="Read-only"):
        convert(run_dir, FaultyFiles(Fault("unlink", 30)))
    assert live.exists()
    assert read_series(run_dir)["loss"].logged == 10


def test_a_damaged_row_group_is_named_and_the_others_are_read(
    live: Path, run_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finished, "ROW_GROUP", 10)
    convert(run_dir)
    path = run_dir / "metrics.parquet"
    values = pq.ParquetFile(path).metadata.row_group(1).column(3)
    end_of_page = values.data_page_offset + values.total_compressed_size
    with (
        flipped(path, end_of_page - 9),
        pytest.warns(RunfolioWarning, match="row group 1 is damaged"),
    ):
        assert list(read_series(run_dir)) == ["acc"]


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("key", [1, 2], "key is int64, expected text"),
        ("step", ["a", "b"], "step is string"),
        ("value", [1, 2], "value is int64, expected double"),
        ("time", [1, 2], "time is int64, expected timestamp"),
        ("value", [1.0, None], "value has empty fields"),
    ],
)
def test_a_table_of_other_columns_is_refused(
    run_dir: Path, column: str, values: list[object], expected: str
) -> None:
    good = {"key": ["a", "a"], "step": [0, 1], "value": [0.0, 1.0], "seq": [0, 1],
            "time": pa.array([0, 1], pa.timestamp("ms", tz="UTC")), "segment": [1, 1],
            "rank": [0, 0]}  # fmt: skip
    pq.write_table(pa.table(good | {column: values}), run_dir / "metrics.parquet")
    with pytest.raises(CorruptRecord, match=expected):
        read_series(run_dir)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"SQLite format 3\0" + bytes(4096)])
def test_what_is_no_parquet_file_is_refused(run_dir: Path, content: bytes) -> None:
    (run_dir / "metrics.parquet").write_bytes(content)
    with pytest.raises(CorruptRecord, match=r"metrics\.parquet cannot be read"):
        read_series(run_dir)


def test_a_table_without_a_column_is_refused(run_dir: Path) -> None:
    pq.write_table(pa.table({"key": ["a"]}), run_dir / "metrics.parquet")
    with pytest.raises(CorruptRecord, match="no column step, time, value"):
        read_series(run_dir)


def test_plain_text_keys_of_another_writer_are_read(run_dir: Path) -> None:
    table = pa.table({"key": ["a", "b", "b"], "step": [0, 0, 1], "value": [1.0, 2.0, 3.0],
                      "time": pa.array([0, 0, 1], pa.timestamp("us", tz="UTC")),
                      "seq": [0, 0, 1], "segment": [1] * 3, "rank": [0] * 3})  # fmt: skip
    pq.write_table(table, run_dir / "metrics.parquet")
    assert read_series(run_dir)["b"].value.tolist() == [2.0, 3.0]
