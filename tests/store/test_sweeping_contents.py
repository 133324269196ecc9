"""What no version names goes, what one names stays, whoever saves, promotes or is killed meanwhile."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.store.made_artifacts import make_version

from runfolio.format import codec
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.blobs import BlobStore
from runfolio.model.artifact import ArtifactVersion
from runfolio.store import gc_contents
from runfolio.store.deed import Deed
from runfolio.store.gc import put_in_order
from runfolio.store.gc_contents import sweep_contents
from runfolio.testing import FixedClock

LONG_AGO = time.time() - 90 * 86_400


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "folio").mkdir()
    return tmp_path / "folio"


@pytest.fixture
def run(store: Path) -> Path:
    folder = store / "20261123T042559-7f3a9c"
    folder.mkdir()
    return folder


def contents(store: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in (store / ".blobs").glob("*/*"))


def age(store: Path) -> None:
    for path in (store / ".blobs").rglob("*"):
        os.utime(path, (LONG_AGO, LONG_AGO))


def told(deeds: list[Deed]) -> list[tuple[str, str]]:
    return [(deed.what, deed.file) for deed in deeds]


def sweep(store: Path, *, dry_run: bool = False) -> list[Deed]:
    return list(sweep_contents(store, dry_run=dry_run))


def blob(store: Path, version: ArtifactVersion) -> Path:
    return BlobStore(store).path_of(version.entries[0].blake3)


def test_what_a_version_names_stays_and_the_rest_goes(store: Path) -> None:
    make_version(store, "digits", {"a": b"kept"})
    make_version(store, "other", {"a": b"gone" * 10})
    (store / ".artifacts" / "other" / "v0.json").unlink()
    age(store)
    (would,) = sweep(store, dry_run=True)
    assert contents(store) == [b"gone" * 10, b"kept"]
    assert sweep(store) == [would]
    assert (would.file, would.freed, would.why) == (".blobs", 40, "1 content that no version names")
    assert contents(store) == [b"kept"]
    assert sweep(store) == []


def test_what_was_kept_or_asked_for_lately_stays(store: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"on its way")
    BlobStore(store).add(tmp_path / "file")
    assert sweep(store) == []
    age(store)
    BlobStore(store).add(tmp_path / "file")
    assert sweep(store) == []
    assert contents(store) == [b"on its way"]


def test_a_dropped_version_goes_from_the_run_and_the_contents(store: Path, run: Path) -> None:
    first = make_version(store, "digits", {"a": b"first", "both": b"same"}, run=run)
    make_version(store, "digits", {"a": b"second", "both": b"same"}, run=run)
    ArtifactVersions(store, "digits").drop(first.number, "not among the best")
    mine = run / "artifacts" / "digits" / "v0" / "mine.txt"
    mine.write_text("somebody's own")
    age(store)
    would, done = sweep(store, dry_run=True), sweep(store)
    assert would == done
    assert told(done) == [("removed", "artifacts/digits/v0"), ("removed", ".blobs")]
    assert sum(deed.freed for deed in done) == len(b"first")
    assert contents(store) == [b"same", b"second"]
    assert [path.name for path in mine.parent.iterdir()] == ["mine.txt"]
    assert len(list((run / "artifacts" / "digits" / "v1").iterdir())) == 2


def test_a_dropped_version_goes_from_every_run_that_holds_it(store: Path, run: Path) -> None:
    other = store / "20261124T042559-7f3a9d"
    (other / "rank1").mkdir(parents=True)
    for where in (run, other, other / "rank1"):
        make_version(store, "digits", {"a": b"first"}, run=where)
    make_version(store, "zeta", {"a": b"other"}, run=other)
    ArtifactVersions(store, "digits").drop(0, "old")
    age(store)
    would, done = sweep(store, dry_run=True), sweep(store)
    assert would == done
    assert sum(deed.freed for deed in done) == len(b"first")
    assert [path.name for path in store.rglob("artifacts/*/v0/a")] == ["a"]


def test_a_content_that_a_run_still_holds_frees_nothing_and_says_so(store: Path, run: Path) -> None:
    make_version(store, "digits", {"a": b"first"}, run=run)
    (store / ".artifacts" / "digits" / "v0.json").unlink()
    age(store)
    would, done = sweep(store, dry_run=True), sweep(store)
    assert would == done
    assert (done[0].freed, "frees nothing" in done[0].why) == (0, True)
    assert (run / "artifacts" / "digits" / "v0" / "a").read_bytes() == b"first"


def test_a_hard_link_planted_in_a_run_loses_that_name_alone(
    store: Path, run: Path, tmp_path: Path
) -> None:
    version = make_version(store, "digits", {"a": b"first"}, run=run)
    (tmp_path / "precious").write_bytes(b"first")
    (tmp_path / "precious").chmod(0o640)
    copy = run / "artifacts" / "digits" / "v0" / "a"
    copy.unlink()
    os.link(tmp_path / "precious", copy)
    ArtifactVersions(store, "digits").drop(version.number, "old")
    sweep(store)
    assert not copy.exists()
    assert (tmp_path / "precious").read_bytes() == b"first"
    assert (tmp_path / "precious").stat().st_mode & 0o777 == 0o640


def test_a_version_nobody_can_read_keeps_all_contents(store: Path) -> None:
    make_version(store, "digits", {"a": b"kept"})
    make_version(store, "other", {"a": b"nobody's"})
    (store / ".artifacts" / "other" / "v0.json").write_text("{}")
    age(store)
    (deed,) = sweep(store)
    assert (deed.what, deed.file) == ("kept", ".artifacts/other/v0.json")
    assert "so no content is removed" in deed.why
    assert contents(store) == [b"kept", b"nobody's"]


@pytest.mark.parametrize("name", [".blobs", ".artifacts"])
def test_no_link_is_followed(store: Path, tmp_path: Path, name: str) -> None:
    make_version(tmp_path / "elsewhere", "digits", {"a": b"not ours"})
    (tmp_path / "elsewhere" / ".artifacts" / "digits" / "v0.json").unlink()
    age(tmp_path / "elsewhere")
    (store / name).symlink_to(tmp_path / "elsewhere" / name)
    list(put_in_order(store))
    assert contents(tmp_path / "elsewhere") == [b"not ours"]


def test_a_version_whose_time_is_over_is_dropped(store: Path, run: Path) -> None:
    version = make_version(store, "digits", {"a": b"first"}, run=run, ttl_days=0.0)
    make_version(store, "digits", {"a": b"second"}, run=run, ttl_days=30.0)
    age(store)
    would, done = sweep(store, dry_run=True), sweep(store)
    assert told(would) == told(done)
    assert told(done)[0] == ("dropped", ".artifacts/digits/v0.json")
    assert contents(store) == [b"second"]
    (entry,) = ArtifactVersions(store, "digits").log.read()[0]
    assert (entry.op, entry.version, entry.why) == (
        "drop", version.number, "it was wanted for 0 minutes")  # fmt: skip


@pytest.mark.parametrize(
    ("days", "told"),
    [(30.0, "30 days"), (1.0, "1 day"), (0.125, "3 hours"), (1 / 96, "15 minutes")],
)
def test_a_version_may_be_wanted_for_hours(store: Path, days: float, told: str) -> None:
    clock = FixedClock(1_000_000_000_000)
    entries = make_version(store, "other", {"a": b"a"}).entries
    ArtifactVersions(store, "digits", clock=clock).make(entries, type="model", ttl_days=days)
    sweep(store)
    (entry,) = ArtifactVersions(store, "digits").log.read()[0]
    assert entry.why == f"it was wanted for {told}"


def test_its_days_count_from_when_it_was_logged_last(store: Path) -> None:
    clock = FixedClock(round(LONG_AGO * 1000))
    make_version(store, "digits", {"a": b"first"}, ttl_days=30.0)
    written = store / ".artifacts" / "digits" / "v0.json"
    body = codec.loads(written.read_bytes(), "v0.json")
    written.write_bytes(codec.with_crc(body | {"created_at": "2020-01-01T00:00:00.000000Z"}))
    ArtifactVersions(store, "digits").keep(0, "it was logged again")
    age(store)
    assert sweep(store) == []
    ArtifactVersions(store, "digits", clock=clock).log.add("keep", version=0)
    assert told(sweep(store))[0] == ("dropped", ".artifacts/digits/v0.json")


@pytest.mark.parametrize("word", ["alias", "stage", "use"])
def test_a_time_that_is_over_does_not_count_for_what_has_a_name_or_was_used(
    store: Path, run: Path, word: str
) -> None:
    make_version(store, "digits", {"a": b"first"}, ttl_days=0.0)
    versions = ArtifactVersions(store, "digits")
    if word == "alias":
        versions.move("best", 0)
    elif word == "stage":
        versions.stage("production", 0)
    else:
        (run / "run.json").write_text(
            '{"format": 1, "artifacts": {"used": [["digits", 0, "model"]]}}'
        )
    age(store)
    assert sweep(store) == []


def test_what_a_killed_sweep_moved_aside_comes_back(store: Path) -> None:
    kept = make_version(store, "digits", {"a": b"kept"})
    other = make_version(store, "other", {"a": b"gone"})
    (store / ".artifacts" / "other" / "v0.json").unlink()
    for version in (kept, other):
        name = f".gone.{version.entries[0].blake3}.999999999-abcdef"
        blob(store, version).rename(store / ".blobs" / name)
    assert told(sweep(store))[0][0] == "returned"
    assert contents(store) == [b"kept"]
    # The other one may be in the hands of another machine: it waits for an hour.
    assert len(list((store / ".blobs").glob(".gone.*"))) == 1


def test_a_sweep_that_is_killed_anywhere_loses_nothing(store: Path) -> None:
    for n in range(6):
        make_version(store, "digits", {"a": b"kept %d" % n})
        make_version(store, "other", {"a": b"gone %d" % n})
    for path in (store / ".artifacts" / "other").glob("v*.json"):
        path.unlink()
    age(store)
    program = (
        "import os, sys; from pathlib import Path\n"
        "from runfolio.store.gc_contents import sweep_contents\n"
        "left = int(sys.argv[1])\n"
        "def hook(event, args):\n"
        "    global left\n"
        "    if event in ('os.rename', 'os.remove', 'os.link'):\n"
        "        left -= 1\n"
        "        if left < 0: os._exit(9)\n"
        "sys.addaudithook(hook)\n"
        "list(sweep_contents(Path('folio')))\n"
    )
    for calls in range(0, 13, 3):
        subprocess.run([sys.executable, "-c", program, str(calls)], cwd=store.parent, check=False)
        versions = ArtifactVersions(store, "digits")
        assert all(blob(store, versions.read(number)).is_file() for number in versions.numbers())


def test_sweeps_that_race_savers_leave_every_version_whole(store: Path) -> None:
    """With no time of grace at all: what a saver asked for is seen, or missed by it and kept again."""
    saver = (
        "import sys; from pathlib import Path\n"
        "from runfolio.format.artifact_versions import ArtifactVersions\n"
        "from runfolio.format.blobs import BlobStore\n"
        "from runfolio.model.artifact import Entry\n"
        "blobs, file = BlobStore(Path('folio')), Path(sys.argv[1])\n"
        "for n in range(80):\n"
        "    file.write_text(sys.argv[1] + str(n))\n"
        "    kept = blobs.add(file)\n"
        "    ArtifactVersions(Path('folio'), sys.argv[1]).make(\n"
        "        [Entry('a', kept.blake3, kept.size)], type='t', description=str(n))\n"
        "    while not blobs.holds(kept.blake3, kept.size): blobs.add(file)\n"
    )
    sweeper = (
        "import sys, time; from pathlib import Path\n"
        "from runfolio.store import gc_contents\n"
        "gc_contents.YOUNG_S = -1.0\n"
        "while True: print([d for d in gc_contents.sweep_contents(Path('folio'))], flush=True)\n"
    )
    sweeping = subprocess.Popen(
        [sys.executable, "-c", sweeper], cwd=store.parent, stdout=subprocess.PIPE
    )
    try:
        assert sweeping.stdout is not None
        sweeping.stdout.readline()
        savers = [
            subprocess.Popen([sys.executable, "-c", saver, name], cwd=store.parent) for name in "ab"
        ]
        assert [one.wait() for one in savers] == [0, 0]
    finally:
        sweeping.kill()
        sweeping.communicate()
    sweep(store)  # brings back what the kill left aside
    for name in "ab":
        versions = ArtifactVersions(store, name)
        assert len(versions.numbers()) == 80
        for number in versions.numbers():
            assert blob(store, versions.read(number)).is_file()


def test_a_version_made_while_its_content_is_aside_brings_it_back(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = make_version(store, "digits", {"a": b"wanted again"})
    written = store / ".artifacts" / "digits" / "v0.json"
    body = written.read_bytes()
    written.unlink()
    age(store)
    read = gc_contents._wanted
    turns = iter([lambda: None, lambda: written.write_bytes(body)])

    def wanted(*given: object) -> object:
        next(turns)()
        return read(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(gc_contents, "_wanted", wanted)
    assert sweep(store) == []
    assert blob(store, version).read_bytes() == b"wanted again"


def test_what_was_left_on_its_way_goes(store: Path) -> None:
    make_version(store, "digits", {"a": b"kept"})
    left = [store / ".blobs" / ".new.999999999-abcdef.tmp",
            store / ".artifacts" / "digits" / ".v1.json.999999999-abcdef.tmp"]  # fmt: skip
    for path in left:
        path.write_bytes(b"half")
        os.utime(path, (LONG_AGO, LONG_AGO))
    mine = store / ".blobs" / f".new.{os.getpid()}-abcdef.tmp"
    mine.write_bytes(b"half")
    os.utime(mine, (LONG_AGO, LONG_AGO))
    done = list(put_in_order(store))
    assert [deed.file for deed in done] == [path.relative_to(store).as_posix() for path in left]
    assert mine.exists()
    assert not any(path.exists() for path in left)


def test_without_second_names_what_was_moved_aside_comes_back(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = make_version(store, "digits", {"a": b"kept"})
    aside = f".gone.{kept.entries[0].blake3}.999999999-abcdef"
    blob(store, kept).rename(store / ".blobs" / aside)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no second names here")

    monkeypatch.setattr(os, "link", refuse)
    assert told(sweep(store)) == [("returned", f".blobs/{aside}")]
    assert contents(store) == [b"kept"]


def test_a_draft_that_waits_for_its_end_stays_for_a_day(store: Path) -> None:
    make_version(store, "digits", {"a": b"kept"})
    left = store / ".blobs" / ".new.999999999-abcdef.tmp"
    left.write_bytes(b"from another machine")
    os.utime(left, (time.time() - 7200, time.time() - 7200))
    assert list(put_in_order(store)) == []


def test_half_folders_of_runs_go_and_what_versions_hold_stays_whatever_it_is_called(
    store: Path, run: Path
) -> None:
    make_version(store, "digits", {".cache.tmp": b"the user's own", "a/.b.tmp": b"too"}, run=run)
    half = run / "artifacts" / "digits" / ".v1.999999999-abcdef.tmp"
    half.mkdir()
    (half / "a").write_bytes(b"half")
    for path in run.rglob("*"):
        os.utime(path, (LONG_AGO, LONG_AGO))
    (deed,) = list(put_in_order(store))
    assert (deed.what, deed.file, deed.freed) == (
        "removed", "artifacts/digits/.v1.999999999-abcdef.tmp", 4)  # fmt: skip
    assert (run / "artifacts" / "digits" / "v0" / ".cache.tmp").read_bytes() == b"the user's own"
    assert (run / "artifacts" / "digits" / "v0" / "a" / ".b.tmp").read_bytes() == b"too"
