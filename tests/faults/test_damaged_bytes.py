"""Bytes that are not as they were written: cut, zeroed, of another file, or one bit of them.

Whoever reads gets the same values as before, or fewer, and then it is said. A different value
without a word is what must not be.
"""

from __future__ import annotations

import json
import random
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from tests.faults.oracle import FULL, Verdicts
from tests.faults.short_life import KEY, live, values_found

from runfolio.errors import RunfolioError
from runfolio.format.check import check_run
from runfolio.format.disk import Disk
from runfolio.format.edits import write_edit
from runfolio.format.events import read_events
from runfolio.format.lines import read_lines
from runfolio.format.manifest import read_record
from runfolio.format.series import read_points, read_series
from runfolio.record import closing


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a table, events, a seal, and edits of which the last came after the end."""
    store = tmp_path_factory.mktemp("finished") / "folio"
    store.mkdir()
    folder = live(store, Disk()).folder
    write_edit(folder, "add", "tags", "afterwards")
    return folder


@pytest.fixture(scope="module")
def unconverted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with its live file, all of it synced and summed."""
    store = tmp_path_factory.mktemp("live") / "folio"
    store.mkdir()
    with mock.patch.object(closing, "_convert", return_value=False):
        return live(store, Disk()).folder


def what_is_read(folder: Path) -> dict[str, Any]:
    """Return all that a reader of the folder gets; of what is refused, that it was."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        record = read_record(folder)
        found: dict[str, Any] = {
            "config": dict(record.config), "tags": record.tags, "name": record.name,
            "notes": record.notes, "status": str(record.status), "counts": dict(record.counts),
            "metrics": record.metrics, "events": [json.dumps(one) for one in read_events(folder)],
        }  # fmt: skip
        try:
            points = read_points(folder)
        except RunfolioError as error:
            points, found["refused"] = {}, str(error)
    found["points"] = [
        (key, *row)
        for key, pieces in points.items()
        for piece in pieces
        for row in zip(piece.step.tolist(), piece.time_ms.tolist(), piece.value.tolist(),
                       strict=True)
    ]  # fmt: skip
    found["told"] = {*record.problems, *(str(one.message) for one in told)}
    found["told"] |= {f"{one.file}: {one.fault}" for one in check_run(folder)}
    return found


def check_that_a_change_is_reported(folder: Path, before: dict[str, Any]) -> bool:
    """Assert that whatever a reader gets now that it did not get before is reported.

    Returns
    -------
    bool
        Whether anything was different.
    """
    now = what_is_read(folder)
    different = [key for key in now if key != "told" and now[key] != before.get(key)]
    assert not different or now["told"] - before["told"], f"{different}, and nobody says so"
    return bool(different)


def places(size: int, name: str) -> list[tuple[int, int]]:
    """Return offsets and bits to flip: all offsets, or some of them."""
    choice = random.Random(name)
    offsets = range(size) if FULL else sorted(choice.sample(range(size), min(size, 40)))
    return [(offset, choice.randrange(8)) for offset in offsets]


FILES = ["metrics.jsonl", "metrics.sums", "metrics.parquet", "events.jsonl", "events.sums",
         "run.json", "seal.json", "heartbeat", "edits"]  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_one_bit_flipped_is_never_another_value_without_a_report(
    finished: Path, unconverted: Path, tmp_path: Path, verdicts: Verdicts, name: str
) -> None:
    folder = unconverted if name.startswith("metrics.") and name != "metrics.parquet" else finished
    shutil.copytree(folder, tmp_path / "life")
    path = tmp_path / "life" / name
    path = max(path.iterdir()) if path.is_dir() else path
    good, before, differed = path.read_bytes(), what_is_read(tmp_path / "life"), 0
    tried = places(len(good), name)
    for offset, bit in tried:
        bad = bytearray(good)
        bad[offset] ^= 1 << bit
        path.write_bytes(bad)
        differed += check_that_a_change_is_reported(tmp_path / "life", before)
    verdicts.add(f"F38 bit flipped in {name}", fired=len(tried))
    assert differed or name in ("seal.json", "heartbeat", "metrics.sums", "events.sums")


def test_a_live_file_cut_at_any_byte_yields_its_whole_lines(
    unconverted: Path, tmp_path: Path, verdicts: Verdicts
) -> None:
    shutil.copytree(unconverted, tmp_path / "life")
    path = tmp_path / "life" / "metrics.jsonl"
    good = path.read_bytes()
    values = [json.loads(line)["values"][KEY] for line in good.splitlines()]
    for size in range(0, len(good) + 1, 1 if FULL else 13):
        path.write_bytes(good[:size])
        whole = good[:size].count(b"\n")
        assert values_found(tmp_path / "life") == values[:whole]
        assert [line for _, line in read_lines(path)] == good[:size].splitlines()[:whole]
    verdicts.add("F36 cut at every byte", fired=len(good) + 1 if FULL else len(good) // 13)


def holes(size: int) -> Iterator[tuple[int, int]]:
    """Yield stretches in the middle of a file: within a line, over several, at the ends."""
    for start in range(0, size, 1 + size // (64 if FULL else 12)):
        for length in (1, 100, size // 3):
            yield start, min(length, size - start)


@pytest.mark.parametrize("filling", ["zeros", "another file's data"])
def test_a_stretch_of_zeros_or_of_another_file_hides_only_what_it_covers(
    unconverted: Path, tmp_path: Path, verdicts: Verdicts, filling: str
) -> None:
    shutil.copytree(unconverted, tmp_path / "life")
    path, stranger = tmp_path / "life" / "metrics.jsonl", b'{"step":1,"values":{"x":"y"}}\n' * 99
    good, fired = path.read_bytes(), 0
    values = [json.loads(line)["values"][KEY] for line in good.splitlines()]
    ends = [offset + len(line) for offset, line in read_lines(path)]
    for start, length in holes(len(good)):
        other = bytes(length) if filling == "zeros" else stranger[:length]
        bad = good[:start] + other + good[start + length :]
        path.write_bytes(bad)
        found = values_found(tmp_path / "life")
        begins = [0, *(end + 1 for end in ends)]
        untouched = [value for value, begin, end in zip(values, begins, ends, strict=False)
                     if end < start or begin > start + length]  # fmt: skip
        assert set(untouched) <= set(found) <= set(values)
        assert bad == good or [one for one in check_run(path.parent) if one.severity == "fault"]
        fired += bad != good
    verdicts.add(f"F37 {filling} in the middle", fired=fired)


def test_a_series_with_damage_is_read_with_a_warning_or_a_count(
    unconverted: Path, tmp_path: Path
) -> None:
    shutil.copytree(unconverted, tmp_path / "life")
    path = tmp_path / "life" / "metrics.jsonl"
    path.write_bytes(path.read_bytes().replace(b"}}\n", b"}}}\n", 1))
    assert read_series(tmp_path / "life")[KEY].logged == len(values_found(tmp_path / "life")) == 13
    assert any("no row of points" in one.fault for one in check_run(tmp_path / "life"))
