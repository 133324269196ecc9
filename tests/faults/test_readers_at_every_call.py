"""F40: whoever reads between any two calls by which a run reaches the disk sees it whole, once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.faults.short_life import KEY, STEPS, live

from runfolio.format.check import check_run
from runfolio.format.disk import Disk
from runfolio.format.manifest import read_record
from runfolio.format.series import read_series
from runfolio.model.ports import Files
from runfolio.model.run import Status

CALLS = [name for name in vars(Files) if not name.startswith("_")]


class Watched:
    """A disk beside which a reader looks at the run before and after every single call."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.looks = 0
        self.seen = 0
        self.ending = False
        self.problems: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name not in CALLS:
            raise AttributeError(name)
        call = getattr(Disk(), name)

        def watched(*args: Any) -> Any:
            self.look(f"before {name}")
            try:
                return call(*args)
            finally:
                self.look(f"after {name}")

        return watched

    def look(self, when: str) -> None:
        """Read the run as anybody would; what was there once must stay, once, as it was."""
        if not (self.folder / "run.json").exists():
            return
        self.looks += 1
        series = read_series(self.folder).get(KEY)
        steps = series.step.tolist() if series else []
        record = read_record(self.folder)
        counted = record.metrics[KEY].n if KEY in record.metrics else 0
        if steps != list(range(len(steps))) or len(steps) < self.seen or counted != len(steps):
            self.problems.append(f"{when}: {self.seen} seen, {steps} now, {counted} counted")
        if series and series.value.tolist() != [n + 0.25 for n in steps]:
            self.problems.append(f"{when}: {series.value.tolist()}")
        if record.status not in (Status.RUNNING, Status.FINISHED) or record.problems:
            self.problems.append(f"{when}: {record.status}, {record.problems}")
        if self.ending and any(found.severity == "fault" for found in check_run(self.folder)):
            self.problems.append(f"{when}: {check_run(self.folder)}")
        self.seen = len(steps)


def watch(store: Path) -> Watched:
    """Let one run live and end beside a reader."""
    disk = Watched(store / "life")

    def ends() -> None:
        disk.ending = True

    live(store, disk, before_the_end=ends)
    return disk


def check_that_no_look_finds_less(disk: Watched) -> None:
    """Every look found all points that were there before, once, and nothing else."""
    assert disk.problems == []
    assert disk.seen == STEPS


def test_a_reader_between_any_two_calls_sees_every_point_once(tmp_path: Path, verdicts) -> None:
    disk = watch(tmp_path)
    check_that_no_look_finds_less(disk)
    assert disk.looks > 70
    verdicts.add("F40 reader at every call", acknowledged=STEPS, safe=STEPS, found=disk.seen,
                 lost=0, doubled=0, invented=0, fired=disk.looks)  # fmt: skip


def test_an_end_that_removes_the_lines_before_the_table_is_there_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_early(self: Disk, path: Path, target: Path) -> None:
        target.with_suffix(".jsonl").unlink()
        disk.look("before adopt")
        path.rename(target)
        target.with_suffix(".jsonl").touch()  # for the one who removes it now

    disk = Watched(tmp_path / "life")
    monkeypatch.setattr(Disk, "adopt", too_early)
    live(tmp_path, disk)
    with pytest.raises(AssertionError):
        check_that_no_look_finds_less(disk)
