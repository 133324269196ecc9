"""What a run printed, by line numbers: any part of it, and where a text stands."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.query import printed
from runfolio.query.output import matching_lines, output_lines
from runfolio.query.printed import PrintedLog


def log_of(folder: Path, **files: bytes) -> PrintedLog:
    for name, data in files.items():
        (folder / f"{name.replace('_', '.')}.log").write_bytes(data)
    log = PrintedLog(folder)
    log.look()
    return log


def test_any_part_of_many_lines_is_had_by_its_numbers(tmp_path: Path) -> None:
    log = log_of(tmp_path, output=b"".join(b"line %d\n" % n for n in range(5000)))

    assert log.n == 5000
    assert log.read(0, 2) == ["line 0", "line 1"]
    assert log.read(510, 515) == [f"line {n}" for n in range(510, 515)]
    assert log.read(4998, 9999) == ["line 4998", "line 4999"]


def test_files_of_a_run_follow_each_other_and_other_ranks_stay_apart(tmp_path: Path) -> None:
    log = log_of(tmp_path, output=b"a\nb\n", output_s2=b"c\nd", output_rank1=b"other\n")

    assert log.read(0, 10) == ["a", "b", "c", "d"]
    assert log.read(1, 3) == ["b", "c"]
    assert log.find("C").lines == [2]


def test_what_is_printed_meanwhile_is_seen_and_a_smaller_file_is_read_anew(tmp_path: Path) -> None:
    log = log_of(tmp_path, output=b"a\nhal")
    assert log.read(0, 9) == ["a", "hal"]

    (tmp_path / "output.log").write_bytes(b"a\nhalf\nb\n")
    assert (log.look(), log.read(0, 9)) == (3, ["a", "half", "b"])

    (tmp_path / "output.log").write_bytes(b"new\n")
    assert (log.look(), log.read(0, 9)) == (1, ["new"])


def test_what_a_progress_bar_wrote_over_is_not_found(tmp_path: Path) -> None:
    log = log_of(tmp_path, output=b"loss 1\rloss 2\nx\n\x1b[31mLo\x1b[0mss 3\n")

    assert log.read(0, 9) == ["loss 2", "x", "Loss 3"]
    assert log.find("loss").lines == [0, 2]
    assert log.find("loss 1").n == 0


def test_an_escape_that_never_ends_takes_its_line_alone(tmp_path: Path) -> None:
    log = log_of(tmp_path, output=b"a\x1b]0;title\nb\nc\n")

    assert log.read(0, 9) == ["a", "b", "c"]
    assert log.find("c").lines == [2]


@given(
    st.lists(st.text(st.sampled_from("ab\r\x1b[31mß "), max_size=12), max_size=40),
    st.text("abß", min_size=1, max_size=2),
    st.sampled_from([16, 64, 1 << 20]),
)
def test_it_finds_the_lines_that_reading_all_finds(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], text: str, block: int
) -> None:
    folder = tmp_path_factory.mktemp("run")
    (folder / "output.log").write_text("\n".join(lines), encoding="utf-8", newline="")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(printed, "_BLOCK", block)
        log = PrintedLog(folder)
        log.look()
        found = log.find(text).lines

    assert found == [number - 1 for number, _ in matching_lines(output_lines(folder), text)]


def test_a_search_ends_when_nobody_waits_for_it(tmp_path: Path) -> None:
    log = log_of(tmp_path, output=b"a\n" * 10)

    assert not log.find("a", lambda: True).whole


def test_a_line_without_end_is_read_in_bounds(tmp_path: Path) -> None:
    log = log_of(tmp_path, output=b"x" * (3 << 20) + b"end\nlast\n")

    first, last = log.read(0, 9)

    assert (len(first), last) == (2000, "last")


def test_links_and_devices_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret\n")
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "output.log").symlink_to(secret)
    os.mkfifo(folder / "output.s2.log")

    assert log_of(folder).n == 0
