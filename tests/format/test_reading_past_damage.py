"""A torn or damaged line hides itself at most, and is counted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.format.conftest import row

from runfolio.format.codec import MAX_BYTES
from runfolio.format.lines import read_lines
from runfolio.format.series import parse_lines, read_series

ROWS = [row(0, a=1.5), row(1, a=2.5), row(2.5, **{"π/ü": -0.0}), row(3, a=1e300, b=7)]


def parsed_steps(data: bytes) -> tuple[list[float], int]:
    parsed = parse_lines(data.split(b"\n")[:-1])
    return parsed.steps.tolist(), parsed.damaged


def test_a_file_cut_at_every_byte_keeps_every_whole_line(
    run_dir: Path, write_rows: Callable[..., Path]
) -> None:
    path = write_rows(ROWS)
    whole = path.read_bytes()
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        lines = [line + b"\n" for _, line in read_lines(path)]
        assert lines == ROWS[: whole[:length].count(b"\n")]


def test_a_reader_goes_on_where_it_stopped(write_rows: Callable[..., Path]) -> None:
    path = write_rows(ROWS)
    offsets = [offset for offset, _ in read_lines(path)]
    for place, offset in enumerate(offsets):
        assert [line + b"\n" for _, line in read_lines(path, offset)] == ROWS[place:]


def test_bytes_from_the_limit_on_are_not_read(write_rows: Callable[..., Path]) -> None:
    path = write_rows(ROWS)
    limit = len(ROWS[0] + ROWS[1])
    assert len(list(read_lines(path, limit=limit))) == 2
    assert len(list(read_lines(path, limit=limit - 1))) == 1


def test_two_lines_merged_by_a_damaged_newline_are_parted() -> None:
    merged = ROWS[0].rstrip() + b" " + ROWS[1]
    assert parsed_steps(merged + ROWS[3]) == ([0, 1, 3], 0)


def test_a_torn_line_does_not_take_the_next_one_with_it() -> None:
    assert parsed_steps(ROWS[0] + ROWS[1][:9] + ROWS[2] + ROWS[3]) == ([0, 2.5, 3], 1)


def test_a_block_of_zeros_is_counted_and_what_follows_is_kept() -> None:
    assert parsed_steps(ROWS[0] + bytes(64) + ROWS[1] + b"\xff\xfe rubbish\n" + ROWS[3]) == (
        [0, 1, 3],
        1,
    )


@pytest.mark.parametrize(
    "line",
    [
        b"[]", b"null", b"7", b'{"step":null,"time":1,"values":{}}', b'{"step":1,"values":{}}',
        b'{"step":true,"time":1,"values":{}}', b'{"step":1,"time":1.5,"values":{}}',
        b'{"step":1,"time":1,"values":[]}', b'{"step":1,"time":9223372036854775807,"values":{}}',
        b"", b"{" * 2000,
    ],
)  # fmt: skip
def test_what_is_no_row_is_counted_as_damaged(line: bytes) -> None:
    assert parsed_steps(ROWS[0] + line + b"\n" + ROWS[1]) == ([0, 1], 1)


def test_values_that_are_no_numbers_are_counted_as_refused() -> None:
    line = b'{"step":1,"time":1,"values":{"a":"x","b":true,"c":[1],"d":null,"e":2}}'
    parsed = parse_lines([line])
    assert parsed.refused == 3
    assert {key: values.tolist() for key, (_, values) in parsed.columns.items() if len(values)} == {
        "e": [2.0]
    }


def test_a_line_above_the_limit_is_passed_over(run_dir: Path) -> None:
    path = run_dir / "metrics.jsonl"
    path.write_bytes(ROWS[0] + b"x" * (MAX_BYTES + 5) + b"\n" + ROWS[1])
    assert [line + b"\n" for _, line in read_lines(path)] == ROWS[:2]


def test_a_long_line_at_the_end_is_no_line(run_dir: Path) -> None:
    path = run_dir / "metrics.jsonl"
    path.write_bytes(ROWS[0] + b"x" * (2 * MAX_BYTES))
    assert len(list(read_lines(path))) == 1


@pytest.mark.parametrize("step", [2**63, -(2**63), 1e300, -1, 0.1])
def test_any_step_is_kept(write_rows: Callable[..., Path], run_dir: Path, step: float) -> None:
    write_rows([row(step, a=1.0), row(0, a=2.0)])
    series = read_series(run_dir)["a"]
    assert sorted(series.step.tolist()) == sorted([float(step), 0.0])
