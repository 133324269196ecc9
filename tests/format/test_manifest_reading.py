"""Whatever a manifest holds, the run is listed and the fault is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from runfolio.errors import RunNotFound
from runfolio.format.codec import MAX_BYTES
from runfolio.format.manifest import read_record
from runfolio.model.run import MetricSummary, Status

FIELDS = {
    "format": 1, "id": "x", "name": "first", "project": "p", "group": "g", "job_type": "train",
    "tags": ["a"], "notes": "n", "status": "finished", "reason": "", "signal": "SIGTERM",
    "exit_code": 0, "created_at": "2026-11-22T21:30:45.123Z",
    "ended_at": "2026-11-22T21:31:45.123Z", "duration_s": 60.0, "host": "h", "user": "u", "pid": 7,
    "command": ["python", "train.py"], "notebook": "a.ipynb", "kernel_id": "k", "parent": "p1",
    "rerun_of": "r1", "sweep": "s1", "config": {"lr": 0.1}, "config_source": {"lr": "argument"},
    "metrics": {"loss": {"n": 2, "last": 0.5}}, "summary": {"best": 1}, "counts": {"points": 2},
    "complete": {"code": "whole"}, "git": {"sha": "abc"}, "seeds": {"numpy": 1},
    "data": [{"name": "d"}], "cost": {"gpu_hours": 1.0}, "software": {"python": "3.11"},
}  # fmt: skip
WRONG = [[1, {"a": None}], {"a": [1]}, "text", 7, 1.5, True, -(2**60), "", "\x1b]52;c;\x07"]


def raw(folder: Path, body: object) -> None:
    (folder / "run.json").write_bytes(orjson.dumps(body))


def test_a_whole_manifest_is_read_field_by_field(
    write_run: Callable[..., Path], run_dir: Path
) -> None:
    record = read_record(write_run(**FIELDS | {"id": run_dir.name}))
    assert record.problems == ()
    assert (record.name, record.tags, record.project) == ("first", ("a",), "p")
    assert record.created_at == datetime(2026, 11, 22, 21, 30, 45, 123000, UTC)
    assert record.metrics == {"loss": MetricSummary(n=2, last=0.5)}
    assert record.command == ("python", "train.py")
    assert record.short_id == "7f3a9c"


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_a_field_of_a_wrong_type_is_named_and_the_run_is_listed(run_dir: Path, field: str) -> None:
    for wrong in WRONG:
        if type(wrong) is type(FIELDS[field]):
            continue
        raw(run_dir, FIELDS | {"id": run_dir.name, field: wrong})
        record = read_record(run_dir)
        assert record.id == run_dir.name
        told = " ".join(record.problems)
        if not (field == "duration_s" and wrong == 7):
            assert {"id": "names the run"}.get(field, field) in told, (field, wrong)


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_a_missing_field_is_no_problem(run_dir: Path, field: str) -> None:
    body = {key: value for key, value in FIELDS.items() if key != field}
    raw(run_dir, {**body, "id": run_dir.name})
    told = [problem for problem in read_record(run_dir).problems if "edited" not in problem]
    assert told == ([] if field != "status" else [told[0]])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"), (b"[]", "expected an object"), (b"\xff\xfe{\0}\0", "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"), (b'{"a":"\\ud800"}', "not JSON"), (b"null", "object"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "deeper than 64"),
        (b"[" * 100_000, "not JSON"), (b'{"id":', "not JSON"),
    ],
)  # fmt: skip
def test_what_is_no_manifest_still_lists_the_run(run_dir: Path, content: bytes, says: str) -> None:
    (run_dir / "run.json").write_bytes(content)
    record = read_record(run_dir)
    assert (record.id, record.status) == (run_dir.name, Status.CRASHED)
    assert says in record.problems[0]


def test_a_manifest_above_the_limit_is_not_read(run_dir: Path) -> None:
    with (run_dir / "run.json").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert "at most 16,777,216 are read" in read_record(run_dir).problems[0]


@pytest.mark.parametrize("kind", ["missing", "folder", "link", "pipe"])
def test_a_manifest_that_is_no_file_is_not_read(run_dir: Path, tmp_path: Path, kind: str) -> None:
    manifest = run_dir / "run.json"
    if kind == "folder":
        manifest.mkdir()
    elif kind == "link":
        (tmp_path / "secret.json").write_text('{"name": "secret"}')
        manifest.symlink_to(tmp_path / "secret.json")
    elif kind == "pipe":
        import os

        os.mkfifo(manifest)
    record = read_record(run_dir)
    assert record.name == run_dir.name
    assert record.problems


def test_a_run_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RunNotFound):
        read_record(tmp_path / "gone")


def test_a_manifest_edited_by_hand_is_noticed(write_run: Callable[..., Path]) -> None:
    manifest = write_run() / "run.json"
    manifest.write_text(manifest.read_text().replace('"first"', '"forged"'))
    record = read_record(manifest.parent)
    assert record.name == "forged"
    assert "edited by hand" in record.problems[0]


def test_every_flipped_bit_of_a_manifest_is_noticed(write_run: Callable[..., Path]) -> None:
    manifest = write_run(config={"lr": 0.125}) / "run.json"
    good = manifest.read_bytes()
    for offset in range(len(good) - 2):
        bad = bytearray(good)
        bad[offset] ^= 1 << offset % 8
        if bad.translate(None, b" \n") != good.translate(None, b" \n"):
            manifest.write_bytes(bad)
            assert read_record(manifest.parent).problems, offset


def test_unknown_keys_are_no_problem(write_run: Callable[..., Path]) -> None:
    assert read_record(write_run(from_the_future={"a": [1]})).problems == ()


@pytest.mark.parametrize("version", [2, 999])
def test_a_newer_format_is_said_and_the_run_is_listed(
    write_run: Callable[..., Path], version: int
) -> None:
    record = read_record(write_run(format=version))
    assert record.name == "first"
    assert f"written in format {version}" in record.problems[0]


@pytest.mark.parametrize(
    "time",
    ["", "yesterday", "-0001-01-01T00:00:00Z", "2026-13-40T00:00:00Z", "2026-11-22",
     "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1000000-01-01T00:00:00Z"],
)  # fmt: skip
def test_a_time_that_is_none_is_named(write_run: Callable[..., Path], time: str) -> None:
    record = read_record(write_run(created_at=time))
    assert record.created_at is None
    assert "created_at is no RFC 3339 time" in record.problems[0]


def test_an_end_before_the_start_is_named(write_run: Callable[..., Path]) -> None:
    record = read_record(write_run(ended_at="2020-01-01T00:00:00Z"))
    assert record.ended_at is None
    assert "ended_at lies before created_at" in record.problems[0]


@pytest.mark.parametrize("duration", [-1.0, 1e308])
def test_a_duration_nobody_could_wait_for_is_named(
    write_run: Callable[..., Path], duration: float
) -> None:
    record = read_record(write_run(duration_s=duration))
    assert record.duration_s is None
    assert "duration_s" in record.problems[0]


def test_a_long_text_is_cut_in_the_message(write_run: Callable[..., Path]) -> None:
    record = read_record(write_run(status="x" * 100_000, id="y" * 100_000, metrics={"k": 1}))
    assert all(len(problem) < 300 for problem in record.problems)


@pytest.mark.parametrize(
    ("field", "big", "aside"),
    [
        ("config", {"words": "x" * 300_000}, "config.json"),
        ("metrics", {f"m{n}": {"n": 1, "last": float(n)} for n in range(1001)}, "summary.json"),
    ],
)
def test_what_is_too_large_lies_beside_the_manifest(
    write_run: Callable[..., Path], field: str, big: dict[str, Any], aside: str
) -> None:
    folder = write_run(**{field: big})
    assert (folder / "run.json").stat().st_size < 2000
    assert len(getattr(read_record(folder), field)) == len(big)
    (folder / aside).unlink()
    record = read_record(folder)
    assert getattr(record, field) == {}
    assert aside in record.problems[0]


def test_a_non_finite_summary_is_kept_by_name(write_run: Callable[..., Path]) -> None:
    metrics = {"loss": {"n": 3, "last": "NaN", "max": "Infinity", "min": "tiny"}}
    found = read_record(write_run(metrics=metrics)).metrics["loss"]
    assert found.last != found.last
    assert (found.max, found.min) == (float("inf"), None)
