"""The last lines that a run printed, from the files that its processes left."""

from __future__ import annotations

from pathlib import Path

from runfolio.query.output import matching_lines, output_lines, output_tail


def test_the_newest_segment_comes_last_and_other_ranks_stay_apart(tmp_path: Path) -> None:
    for name, text in {
        "output.log": "first\n",
        "output.s2.log": "resumed\n",
        "output.s2.p2.log": "at the end\n",
        "output.rank1.log": "of another rank\n",
    }.items():
        (tmp_path / name).write_text(text)

    assert output_tail(tmp_path, 10) == ["first", "resumed", "at the end"]
    assert output_tail(tmp_path, 1) == ["at the end"]


def test_where_rank_0_printed_nothing_the_next_one_is_shown(tmp_path: Path) -> None:
    (tmp_path / "output.rank1.log").write_text("one\n")
    (tmp_path / "output.rank3.log").write_text("three\n")

    assert output_tail(tmp_path) == ["one"]


def test_colours_are_gone_and_a_bar_is_shown_as_it_stood_last(tmp_path: Path) -> None:
    (tmp_path / "output.log").write_text("\x1b[1mloss\x1b[0m 0.5\n 1%\r 2%")

    assert output_tail(tmp_path) == ["loss 0.5", " 2%"]


def test_a_run_that_printed_nothing_has_no_lines(tmp_path: Path) -> None:
    assert output_tail(tmp_path) == []


def test_all_lines_come_in_order_and_those_that_hold_a_text_with_their_number(
    tmp_path: Path,
) -> None:
    (tmp_path / "output.log").write_text("\x1b[1mLoss\x1b[0m 0.5\n\n 1%\r 2%\n")
    (tmp_path / "output.s2.log").write_text("resumed\nloss 0.4")
    (tmp_path / "output.rank1.log").write_text("loss of another rank\n")
    lines = list(output_lines(tmp_path))

    assert lines == ["Loss 0.5", "", " 2%", "resumed", "loss 0.4"]
    assert list(matching_lines(lines, "LOSS")) == [(1, "Loss 0.5"), (5, "loss 0.4")]


def test_a_log_that_is_a_link_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("of somebody else\n")
    (tmp_path / "output.log").symlink_to(tmp_path / "other")

    assert list(output_lines(tmp_path)) == []
