"""Versions get numbers of their own, aliases move, and nothing read from a store leads out of it."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest

from runfolio.errors import CorruptRecord, UsageError
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.codec import with_crc
from runfolio.model.artifact import Entry
from runfolio.testing import Fault, FaultyFiles

OUTSIDE = [
    "", "../a", "a/../../b", "/etc/passwd", "\\\\host\\share", "..\\a", "a\\..\\..\\b", "C:/a", "c:a",
    "%2e%2e/a", "a/%2e%2e%2fb", "%252e%252e/a", "%2Fetc/passwd", "a\0b", "a\nb", "./a", "a//b", "a/",
    "ä" * 128, "a/" * 500 + "b", "\udcff",
]  # fmt: skip


@pytest.fixture
def digits(tmp_path: Path) -> ArtifactVersions:
    return ArtifactVersions(tmp_path, "digits")


def entry(path: str = "a.csv", digit: str = "a") -> Entry:
    return Entry(path, digit * 64, 3)


def make(digits: ArtifactVersions, digit: str) -> int:
    return digits.make([entry(digit=digit)], type="dataset")[0].number


def test_another_content_is_the_next_version_and_the_same_is_none(digits: ArtifactVersions) -> None:
    first, new = digits.make([entry("b"), entry("a")], type="model", metadata={"rows": 3})
    again, newer = digits.make([entry("a"), entry("b")], type="model")
    other, newest = digits.make([entry("a")], type="model", run_id="r1", ttl_days=2.5)
    assert (first.number, again, other.number) == (0, first, 1)
    assert (new, newer, newest) == (True, False, True)
    assert (digits.read(0), digits.read(1)) == (first, other)


def test_aliases_are_what_their_moves_add_up_to(digits: ArtifactVersions) -> None:
    for digit in "abc":
        make(digits, digit)
    digits.move("best", 2)
    digits.move("best", 0, run_id="r1")
    digits.move("old", 1)
    digits.move("old", None)
    assert digits.aliases() == {"best": 0, "latest": 2}
    assert [digits.resolve(text) for text in ("latest", "best", "v1")] == [2, 0, 1]
    assert [move.version for move in digits.log.read()[0]] == [2, 0, 1, None]


@pytest.mark.parametrize("wanted", ["bst", "v7", "../x"])
def test_an_alias_that_points_nowhere_is_told(digits: ArtifactVersions, wanted: str) -> None:
    with pytest.raises(UsageError, match="There is no artifact 'digits'"):
        digits.resolve(wanted)
    make(digits, "a")
    digits.move("best", 0)
    with pytest.raises(UsageError, match=r"has no version"):
        digits.resolve(wanted)


@pytest.mark.parametrize("alias", ["latest", "v3", "", "a/b", "a:b", "x" * 200, "a\n", " a"])
def test_some_aliases_cannot_be_given(digits: ArtifactVersions, alias: str) -> None:
    make(digits, "a")
    with pytest.raises(UsageError, match="cannot be given as an alias"):
        digits.move(alias, 0)
    with pytest.raises(UsageError, match="no version v5"):
        digits.move("best", 5)


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_name_inside_leads_out_of_it_neither_written_nor_read(
    digits: ArtifactVersions, path: str
) -> None:
    with pytest.raises(UsageError, match="no name inside an artifact"):
        digits.make([entry(path)], type="model")
    make(digits, "a")
    edit(digits, entries=[{"path": path, "blake3": "a" * 64, "size": 3}])
    with pytest.raises(CorruptRecord, match=r"no name inside|is not JSON"):
        digits.read(0)


def edit(digits: ArtifactVersions, **changes: object) -> None:
    path = digits.folder / "v0.json"
    body = {k: v for k, v in json.loads(path.read_text()).items() if k != "crc32"} | changes
    try:
        path.write_bytes(with_crc(body))
    except (TypeError, UnicodeEncodeError, ValueError):
        path.write_text(json.dumps(body))


@pytest.mark.parametrize("pair", [("A.csv", "a.csv"), ("é", "e\u0301"), ("a", "a/b"), ("ß", "SS")])
def test_two_names_that_are_one_somewhere_are_refused(
    digits: ArtifactVersions, pair: tuple[str, str]
) -> None:
    with pytest.raises(UsageError, match="rename one of them"):
        digits.make([entry(path) for path in pair], type="model")


@pytest.mark.parametrize(
    "change",
    [{"digest": "b" * 64}, {"name": "other"}, {"number": 3}, {"metadata": 3}, {"entries": 3},
     {"entries": [{"path": "a", "blake3": "../../x", "size": 3}]}, {"entries": [3]},
     {"entries": [{"path": "a", "blake3": "a" * 64, "size": -1}]}],
)  # fmt: skip
def test_a_version_that_was_forged_is_named(
    digits: ArtifactVersions, change: dict[str, object]
) -> None:
    make(digits, "a")
    edit(digits, **change)
    with pytest.raises(CorruptRecord, match=r"digits/v0\.json"):
        digits.read(0)
    assert make(digits, "b") == 1


def test_a_version_edited_by_hand_is_named(digits: ArtifactVersions) -> None:
    make(digits, "a")
    path = digits.folder / "v0.json"
    path.write_text(path.read_text().replace("dataset", "datamat"))
    with pytest.raises(CorruptRecord, match="edited by hand"):
        digits.read(0)
    path.write_text("[]")
    with pytest.raises(CorruptRecord, match="it is no mapping, but a list"):
        digits.read(0)


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "CON", "x" * 200, "a:b"])
def test_no_name_of_one_leads_out_of_the_store(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be an artifact's name"):
        ArtifactVersions(tmp_path, name)


def test_processes_that_make_versions_at_once_get_a_number_each(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from runfolio.format.artifact_versions import ArtifactVersions\n"
        "from runfolio.model.artifact import Entry\n"
        "digits = ArtifactVersions(Path('.'), 'digits')\n"
        "for n in range(15):\n"
        "    one, new = digits.make([Entry('a', f'{sys.argv[1]}{n:02d}'.rjust(64, '0'), 1)], type='t')\n"
        "    assert new; digits.move('by' + sys.argv[1], one.number)\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", program, who], cwd=tmp_path) for who in "12"]
    assert [one.wait() for one in both] == [0, 0]
    digits = ArtifactVersions(tmp_path, "digits")
    assert digits.numbers() == list(range(30))
    assert len({digits.read(number).digest for number in range(30)}) == 30
    assert len(digits.log.read()[0]) == 30


@pytest.mark.parametrize(
    "faults",
    [[Fault("write_new", errno.ENOSPC)], [Fault("link", errno.ENOSPC)],
     [Fault("link", errno.EPERM), Fault("write_new", errno.ENOSPC, at=2, done=True)]],
)  # fmt: skip
def test_a_disk_that_refuses_leaves_no_half_version(tmp_path: Path, faults: list[Fault]) -> None:
    digits = ArtifactVersions(tmp_path, "digits", FaultyFiles(*faults))
    with pytest.raises(OSError, match="No space left"):
        make(digits, "a")
    assert digits.numbers() == []
    assert not list(tmp_path.rglob("*.tmp"))


def test_nothing_is_written_or_read_through_a_link(tmp_path: Path) -> None:
    make(ArtifactVersions(tmp_path / "other", "digits"), "a")
    (tmp_path / ".artifacts").mkdir()
    (tmp_path / ".artifacts" / "digits").symlink_to(tmp_path / "other" / ".artifacts" / "digits")
    digits = ArtifactVersions(tmp_path, "digits")
    assert digits.numbers() == []
    with pytest.raises(CorruptRecord, match="digits is a link"):
        make(digits, "b")


def test_without_second_names_a_version_is_made_all_the_same(tmp_path: Path) -> None:
    digits = ArtifactVersions(tmp_path, "digits", FaultyFiles(Fault("link", errno.EPERM)))
    assert make(digits, "a") == 0
    assert digits.read(0).entries == (entry(),)


def test_a_name_that_differs_by_case_alone_is_refused_everywhere(tmp_path: Path) -> None:
    make(ArtifactVersions(tmp_path, "Digits"), "a")
    with pytest.raises(UsageError, match="There is an artifact 'Digits', and 'digits' is the same"):
        make(ArtifactVersions(tmp_path, "digits"), "a")
    assert make(ArtifactVersions(tmp_path, "Digits"), "b") == 1
