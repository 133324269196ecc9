"""Which names a run may have, and what the names of its files say."""

from __future__ import annotations

from pathlib import Path

import pytest

from runfolio.errors import UsageError
from runfolio.format.codec import rfc3339
from runfolio.format.layout import PartName, RunPaths, check_run_id, is_run_id, run_id_at


@pytest.mark.parametrize(
    "run_id",
    ["a", "7", "20261122T213045-7f3a9c", "A.b_c-d", "x" * 128, "console", "a..b", "nulled"],
)
def test_ids_that_every_file_system_takes(run_id: str) -> None:
    assert check_run_id(run_id) == run_id


@pytest.mark.parametrize(
    "run_id",
    ["", ".", "..", "../x", "a/b", "a\\b", "/a", "C:a", "a:b", "-a", "_a", ".a", "a.", "a ", " a",
     "a\n", "a\0", "CON", "con.txt", "Nul", "lpt1", "COM9.x", "x" * 129, "é", "a?b", "a*", "\u202ea"],
)  # fmt: skip
def test_ids_that_some_file_system_would_misread_are_refused(run_id: str) -> None:
    assert not is_run_id(run_id)
    with pytest.raises(UsageError, match="cannot be a run's id"):
        check_run_id(run_id)


def test_a_new_id_is_its_time_and_a_token() -> None:
    run_id = run_id_at(rfc3339(1_795_383_045_123), "7f3a9c")
    assert run_id == "20261122T213045-7f3a9c"
    assert is_run_id(run_id)


@pytest.mark.parametrize(
    ("name", "filename"),
    [
        (PartName("metrics"), "metrics.jsonl"),
        (PartName("metrics", segment=2, rank=3, part=4), "metrics.s2.rank3.p4.jsonl"),
        (PartName("system", part=2, ext="parquet"), "system.p2.parquet"),
        (PartName("heartbeat", ext=""), "heartbeat"),
        (PartName("heartbeat", segment=2, rank=1, ext=""), "heartbeat.s2.rank1"),
        (PartName("run", rank=3, ext="json"), "run.rank3.json"),
    ],
)
def test_a_file_name_says_kind_segment_rank_and_part(name: PartName, filename: str) -> None:
    assert name.filename == filename
    assert PartName.parse(filename) == name


@pytest.mark.parametrize(
    "filename",
    ["metrics.s1.jsonl", "metrics.s02.jsonl", "metrics.rank0.jsonl", "metrics.p2.s2.jsonl",
     "Metrics.jsonl", ".metrics.jsonl", "metrics.jsonl.tmp", "metrics.s\u0662.jsonl", "a/b.jsonl"],
)  # fmt: skip
def test_other_spellings_of_a_part_are_no_part(filename: str) -> None:
    assert PartName.parse(filename) is None


def test_parts_are_ordered_by_rank_segment_and_part(run_dir: Path) -> None:
    names = ["metrics.jsonl", "metrics.p2.jsonl", "metrics.p10.jsonl", "metrics.s2.jsonl",
             "metrics.rank1.jsonl", "metrics.s2.rank1.jsonl"]  # fmt: skip
    for name in reversed(names):
        (run_dir / name).touch()
    assert [path.name for _, path in RunPaths(run_dir).parts("metrics", "jsonl")] == names


def test_only_regular_files_are_parts(run_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.jsonl").touch()
    (run_dir / "metrics.jsonl").symlink_to(tmp_path / "outside.jsonl")
    (run_dir / "metrics.p2.jsonl").mkdir()
    assert RunPaths(run_dir).parts("metrics", "jsonl") == []
