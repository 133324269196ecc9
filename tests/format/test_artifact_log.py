"""Aliases, stages and drops are what the entries of a log add up to, whoever wrote them and when."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest

from runfolio.errors import ArtifactNotFound, CorruptRecord, UsageError
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.codec import with_crc
from runfolio.model.artifact import Entry
from runfolio.model.artifact_history import Checked
from runfolio.testing import Fault, FaultyFiles


class SetClock:
    """A clock that shows what it is told."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000

    def time_ns(self) -> int:
        return self.seconds * 1_000_000_000

    def monotonic(self) -> float:
        return float(self.seconds)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def digits(tmp_path: Path, clock: SetClock) -> ArtifactVersions:
    versions = ArtifactVersions(tmp_path, "digits", clock=clock)
    for digit in "abcd":
        versions.make([Entry("a", digit * 64, 3)], type="model")
    return versions


def entries_of(digits: ArtifactVersions) -> list[Path]:
    return sorted((digits.folder / "log").iterdir())


def forge(path: Path, **changes: object) -> None:
    path.write_bytes(with_crc(json.loads(path.read_text()) | changes))


def test_a_stage_counts_before_an_alias_and_a_number_before_both(digits: ArtifactVersions) -> None:
    digits.move("production", 0)
    digits.stage("production", 2, why="best so far")
    assert digits.resolve("production") == 2
    assert (digits.resolve("v0"), digits.resolve("latest")) == (0, 3)
    with pytest.raises(UsageError, match="is a stage of digits"):
        digits.move("production", 1)
    digits.move("production", None)
    assert digits.resolve("production") == 2


def test_an_entry_is_read_as_it_was_written(digits: ArtifactVersions) -> None:
    rules = (Checked("val/acc >= 0.97", False, "val/acc is 0.91"),)
    digits.stage("production", 1)
    put = digits.stage("production", 2, why="a reason", rules=rules, forced=True, run_id="r1")
    assert digits.log.read() == ([digits.log.read()[0][0], put], [])
    assert (put.was, put.rules, put.forced, put.number) == (1, rules, True, 2)
    assert put.by
    assert put.host


def test_a_clock_set_back_moves_nothing_back(digits: ArtifactVersions, clock: SetClock) -> None:
    digits.stage("production", 1)
    clock.seconds -= 86_400
    digits.stage("production", 2)
    assert digits.resolve("production") == 2


def test_of_two_entries_with_one_number_the_later_counts(digits: ArtifactVersions) -> None:
    digits.stage("production", 1)
    (first,) = entries_of(digits)
    second = first.with_name("000001-zebra-1-aaaaaa.json")
    second.write_bytes(first.read_bytes())
    forge(second, version=3, time="2000-01-01T00:00:00.000000Z")
    assert digits.resolve("production") == 1
    forge(second, time="2999-01-01T00:00:00.000000Z")
    assert digits.resolve("production") == 3


def test_a_dropped_version_stays_listed_and_says_who_dropped_it(digits: ArtifactVersions) -> None:
    digits.move("best", 3)
    digits.drop(3, "not among the best two", run_id="r7")
    assert digits.numbers() == [0, 1, 2, 3]
    assert digits.resolve() == 2
    for wanted in ("v3", "best"):
        with pytest.raises(ArtifactNotFound, match=r"v3 was dropped .* in run r7: not among the"):
            digits.resolve(wanted)
    digits.keep(3)
    assert digits.resolve("best") == digits.resolve() == 3


def test_what_has_a_stage_is_not_dropped(digits: ArtifactVersions) -> None:
    digits.stage("production", 3)
    with pytest.raises(UsageError, match="v3 of digits is production and stays"):
        digits.drop(3, "old")
    digits.log.add("drop", version=3, why="by a process that had not heard of it")
    assert digits.resolve("production") == 3
    digits.stage("production", None)
    with pytest.raises(ArtifactNotFound, match="had not heard of it"):
        digits.resolve("v3")


def test_a_rollback_takes_back_what_came_between(digits: ArtifactVersions) -> None:
    for version in (0, 1, None, 2):
        digits.stage("production", version)
    assert digits.standing().before == {"production": [0, 1, None, 2]}
    digits.stage("production", 1, rollback=True)
    assert digits.standing().before == {"production": [0, 1]}
    assert digits.resolve("production") == 1


def test_a_promotion_from_elsewhere_is_told_and_does_not_count(digits: ArtifactVersions) -> None:
    digits.stage("production", 1)
    digits.log.add("stage", name="production", version=2, foreign=True)
    assert digits.resolve("production") == 1
    assert [entry.foreign for entry in digits.log.read()[0]] == [False, True]


@pytest.mark.parametrize(
    "change",
    [{"version": "2"}, {"version": -1}, {"version": True}, {"op": "own"}, {"time": "soon"}, {"stage": "../x"},
     {"stage": "latest"}, {"stage": 3}, {"rules": [3]}, {"rules": [{"rule": "x"}]}],
)  # fmt: skip
def test_a_forged_entry_is_named_and_does_not_count(
    digits: ArtifactVersions, change: dict[str, object]
) -> None:
    digits.stage("production", 1)
    digits.stage("production", 2)
    (_, second) = entries_of(digits)
    forge(second, **change)
    assert digits.resolve("production") == 1
    (problem,) = digits.log.read()[1]
    assert second.name in problem


def test_an_entry_edited_by_hand_or_cut_short_is_named(digits: ArtifactVersions) -> None:
    digits.stage("production", 1)
    (first,) = entries_of(digits)
    first.write_text(first.read_text().replace('"version": 1', '"version": 2'))
    first.with_name("000002-host-1-aaaaaa.json").write_bytes(b'{"op": ')
    assert "production" not in digits.standing().stages
    assert ["edited by hand" in one for one in digits.log.read()[1]] == [True, False]


def test_an_entry_that_cannot_be_read_keeps_its_number(digits: ArtifactVersions) -> None:
    digits.stage("production", 1)
    (first,) = entries_of(digits)
    first.rename(first.with_name("000041-host-1-aaaaaa.json"))
    assert digits.stage("production", 2).number == 42
    first.with_name(f"{10**12 - 1}-host-1-aaaaaa.json").write_bytes(b"")
    assert digits.stage("production", 3).number == 10**12 - 1
    assert digits.resolve("production") == 3


def test_two_processes_that_promote_at_once_are_both_in_the_history(
    digits: ArtifactVersions, tmp_path: Path
) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from runfolio.format.artifact_versions import ArtifactVersions\n"
        "digits = ArtifactVersions(Path('.'), 'digits')\n"
        "for n in range(15): digits.stage('production', int(sys.argv[1]), why=str(n))\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", program, who], cwd=tmp_path) for who in "12"]
    assert [one.wait() for one in both] == [0, 0]
    entries, problems = digits.log.read()
    assert sorted((entry.version, int(entry.why)) for entry in entries) == [
        (version, n) for version in (1, 2) for n in range(15)
    ]
    assert (problems, digits.resolve("production")) == ([], entries[-1].version)


@pytest.mark.parametrize(
    "fault",
    [Fault("write_new", errno.ENOSPC), Fault("link", errno.ENOSPC), Fault("link", errno.EIO)],
)
def test_a_disk_that_refuses_promotes_nothing_and_leaves_no_half_entry(
    digits: ArtifactVersions, tmp_path: Path, fault: Fault
) -> None:
    digits.stage("production", 1)
    with pytest.raises(OSError, match=r"No space left|Input/output"):
        ArtifactVersions(tmp_path, "digits", FaultyFiles(fault)).stage("production", 2)
    assert digits.resolve("production") == 1
    assert digits.log.read()[1] == []
    assert not list(tmp_path.rglob("*.tmp"))


def test_without_second_names_an_entry_is_written_all_the_same(
    digits: ArtifactVersions, tmp_path: Path
) -> None:
    ArtifactVersions(tmp_path, "digits", FaultyFiles(Fault("link", errno.EPERM))).stage(
        "production", 2
    )
    assert digits.resolve("production") == 2


def test_nothing_is_read_or_written_through_a_link(
    digits: ArtifactVersions, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (digits.folder / "log").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CorruptRecord, match="log is a link"):
        digits.stage("production", 1)
    assert list((tmp_path / "elsewhere").iterdir()) == []
