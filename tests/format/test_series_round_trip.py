"""Whatever was logged is read back bit by bit, live and finished alike."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.format.conftest import row

from runfolio.format.codec import nonfinite_name
from runfolio.format.disk import Disk
from runfolio.format.finished import convert_part, unconverted
from runfolio.format.layout import PartName
from runfolio.format.lines import LineWriter
from runfolio.format.series import read_series, series_keys

Row = tuple[float, int, dict[str, float]]

STEPS = st.one_of(
    st.integers(0, 5),
    st.integers(-(2**52), 2**52),
    st.floats(-1e9, 1e9).filter(lambda step: step % 1 != 0),
)
KEYS = st.one_of(
    st.sampled_from(["loss", "a.b", "../x", "é", '{"step":', 'q"\\\n', "'; drop", "\u2028"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)
ROWS = st.lists(
    st.tuples(STEPS, st.integers(0, 2**41), st.dictionaries(KEYS, st.floats(), max_size=3)),
    max_size=25,
)


def as_line(step: float, time_ms: int, values: dict[str, float]) -> bytes:
    body: dict[str, object] = {"step": step, "time": time_ms, "values": values}
    strange = {key: name for key, value in values.items() if (name := nonfinite_name(value))}
    return orjson.dumps(body | ({"nonfinite": strange} if strange else {})) + b"\n"


def write(folder: Path, rows: list[Row], roll_bytes: int = 1 << 20, segment: int = 1) -> None:
    writer = LineWriter(folder, PartName("metrics", segment=segment), Disk(), roll_bytes=roll_bytes)
    for values in rows:
        writer.append(as_line(*values))
    writer.close()


def bits(value: float) -> bytes:
    # Any NaN is the same NaN: JSON keeps no payload.
    return b"nan" if value != value else struct.pack("d", value)  # noqa: PLR0124


def expected(rows: list[Row]) -> dict[str, list[tuple[float, int, bytes]]]:
    points: dict[str, dict[float, tuple[float, int, bytes]]] = {}
    for step, time_ms, values in rows:
        for key, value in values.items():
            points.setdefault(key, {})[step] = (float(step), time_ms, bits(value))
    return {key: [found[step] for step in sorted(found)] for key, found in points.items()}


def read(folder: Path) -> dict[str, list[tuple[float, int, bytes]]]:
    return {
        key: [
            (float(step), time_ms, bits(value))
            for step, time_ms, value in zip(
                series.step.tolist(), series.time_ms.tolist(), series.value.tolist(), strict=True
            )
        ]
        for key, series in read_series(folder).items()
    }


def convert_all(folder: Path) -> None:
    first: dict[int, int] = {}
    for part in unconverted(folder, "metrics"):
        start = first.get(part.name.segment, 0)
        first[part.name.segment] = start + convert_part(part, Disk(), first_row=start)


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(ROWS)
def test_live_and_finished_read_the_same_points(rows: list[Row]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, rows, roll_bytes=200)
        assert read(folder) == expected(rows)
        convert_all(folder)
        assert not list(folder.glob("*.jsonl"))
        assert read(folder) == expected(rows)


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(st.lists(ROWS, min_size=2, max_size=3), st.integers(0, 7))
def test_segments_follow_each_other_whichever_are_converted(
    segments: list[list[Row]], converted: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, rows in enumerate(segments, start=1):
            write(folder, rows, segment=number)
        for place, part in enumerate(unconverted(folder, "metrics")):
            if converted & 1 << place:
                convert_part(part, Disk())
        assert read(folder) == expected([row for rows in segments for row in rows])


def test_parts_keep_the_order_of_equal_steps_when_only_the_first_is_converted(
    run_dir: Path,
) -> None:
    rows: list[Row] = [(0, 1, {"b": 1.0}), (0, 1, {"b": 2.0}), (0, 1, {"a": 1.0, "b": 3.0})]
    write(run_dir, [*rows, (0, 2, {"a": 9.0}), (0, 2, {"b": 8.0})], roll_bytes=120)
    convert_part(unconverted(run_dir, "metrics")[0], Disk())
    assert read_series(run_dir)["a"].value.tolist() == [9.0]
    assert read_series(run_dir)["b"].value.tolist() == [8.0]


def test_of_equal_steps_the_last_counts_and_all_are_told(run_dir: Path) -> None:
    write(run_dir, [(1, 1, {"a": 1.0}), (1, 2, {"a": 2.0}), (0, 3, {"a": 0.5})])
    series = read_series(run_dir)["a"]
    assert (series.step.tolist(), series.value.tolist()) == ([0, 1], [0.5, 2.0])
    assert series.logged == 3


def test_only_the_wanted_keys_are_read(run_dir: Path) -> None:
    write(run_dir, [(n, n, {f"k{n % 3}": float(n)}) for n in range(30)])
    live = read_series(run_dir, ["k1"])
    convert_all(run_dir)
    finished = read_series(run_dir, ["k1", "absent"])
    assert list(live) == list(finished) == ["k1"]
    assert finished["k1"].step.tolist() == list(range(1, 30, 3))
    assert series_keys(run_dir) == ["k0", "k1", "k2"]


def test_ranks_of_one_segment_are_merged(write_rows: Callable[..., Path], run_dir: Path) -> None:
    write_rows([row(0, a=1.0)])
    write_rows([row(1, a=2.0), row(0, b=5.0)], rank=1)
    found = read_series(run_dir)
    assert found["a"].value.tolist() == [1.0, 2.0]
    assert found["b"].value.tolist() == [5.0]


@pytest.mark.parametrize("rows", [[], [(0, 0, {})]])
def test_a_run_without_points_has_no_metrics(run_dir: Path, rows: list[Row]) -> None:
    write(run_dir, rows)
    convert_all(run_dir)
    assert read_series(run_dir) == {}
