"""``gc`` takes edits in, sweeps what nobody needs, and empties the trash when asked."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from runfolio.format.check import check_run
from runfolio.format.claim import claim
from runfolio.format.disk import Disk
from runfolio.format.edits import read_edits, write_edit
from runfolio.format.folding import fold, foldable, spent_edits
from runfolio.format.manifest import read_manifest, read_record, write_manifest
from runfolio.format.seal import write_seal
from runfolio.store import trash
from runfolio.store.gc import Deed, put_in_order
from runfolio.store.usage import usage

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "folio"
    folder.mkdir()
    return folder


@pytest.fixture
def run(store: Path) -> Path:
    """An ended run with two edits by others: a tag and a note."""
    (source,) = (path for path in (GOLDEN / "finished").iterdir() if path.is_dir())
    return shutil.copytree(source, store / "ended" / source.name).rename(store / source.name)


def deeds(store: Path, **options: object) -> list[tuple[str, str]]:
    return [(deed.what, deed.file) for deed in put_in_order(store, **options)]  # type: ignore[arg-type]


def aged(path: Path, seconds: float) -> Path:
    then = time.time() - seconds
    os.utime(path, (then, then), follow_symlinks=False)
    return path


def test_edits_of_an_ended_run_go_into_its_manifest_and_later_their_files_go(run: Path) -> None:
    before = read_record(run)
    assert [edit.op for edit in fold(run, Disk())] == ["add", "set"]
    body = read_manifest(run)
    assert (body["tags"][-1], body["notes"]) == ("kept", "the one to beat")
    assert read_record(run) == before
    assert spent_edits(run) == []  # a process that resumes the run now still finds them
    aged(run / "run.json", 4000)
    assert len(spent_edits(run)) == 2
    assert [what for what, _ in deeds(run.parent)].count("removed") == 2
    assert read_record(run) == before
    assert read_edits(run) == ([], [])


def test_an_edit_that_is_copied_back_does_not_count_again(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run / "edits", tmp_path / "laptop")
    fold(run, Disk())
    write_edit(run, "remove", "tags", "kept")
    aged(run / "run.json", 4000)
    deeds(run.parent)
    shutil.copytree(tmp_path / "laptop", run / "edits", dirs_exist_ok=True)
    assert "kept" not in read_record(run).tags


def test_words_stop_and_verdicts_stay_where_they_are(run: Path) -> None:
    fold(run, Disk())
    write_edit(run, "words", "Why", "to see")
    write_edit(run, "verdict", "", {"same": True})
    assert foldable(run) == []
    aged(run / "run.json", 4000)
    deeds(run.parent)
    assert [edit.op for edit in read_edits(run)[0]] == ["words", "verdict"]


@pytest.mark.parametrize(
    "why", ["running", "edited by hand", "newer format", "several writers", "no manifest"]
)
def test_where_it_is_not_safe_edits_stay(run: Path, why: str) -> None:
    body = read_manifest(run)
    if why == "edited by hand":
        (run / "run.json").write_text((run / "run.json").read_text().replace("baseline", "forged"))
    elif why == "several writers":
        shutil.copy(run / "run.json", run / "run.rank1.json")
    elif why == "no manifest":
        (run / "run.json").unlink()
    else:
        change = {"status": "running"} if why == "running" else {"format": 2}
        write_manifest(run, body | change, Disk())
    assert (foldable(run), spent_edits(run)) == ([], [])


def test_what_processes_left_behind_is_swept(run: Path) -> None:
    old = aged_file(run / ".run.json.999999-abc123.tmp", 4000)
    deep = aged_file(run / "code" / ".x.tmp", 4000)
    young = aged_file(run / ".y.abc123.tmp", 10)
    ours = aged_file(run / f".z.{os.getpid()}-abc123.tmp", 4000)
    top = aged_file(run.parent / "..runfolio.999999-abc123.tmp", 4000)
    assert [what for what, _ in deeds(run.parent, dry_run=True)].count("removed") == 3
    assert old.exists()
    deeds(run.parent)
    assert [path.exists() for path in (old, deep, young, ours, top)] == [False] * 2 + [True] * 2 + [False]  # fmt: skip


def aged_file(path: Path, seconds: float) -> Path:
    path.write_bytes(b"x")
    return aged(path, seconds)


def test_stale_claims_and_sums_of_tables_go(run: Path) -> None:
    (run / "convert.metrics.jsonl.claim").write_text('{"time": 5}')
    (run / "metrics.sums").write_bytes(b'{"end":1,"crc32":"0"}\n')
    mine = claim(run, "convert.other.jsonl", Disk())
    assert mine is not None
    removed = [file for what, file in deeds(run.parent) if what == "removed"]
    assert sorted(removed) == ["convert.metrics.jsonl.claim", "metrics.sums"]
    assert mine.path.exists()


def test_a_run_in_order_is_left_as_it_is(run: Path) -> None:
    fold(run, Disk())
    aged(run / "run.json", 4000)
    deeds(run.parent)
    before = {path: path.stat() for path in run.rglob("*")}
    assert deeds(run.parent) == []
    assert {path: path.stat() for path in run.rglob("*")} == before
    write_seal(run, Disk())
    assert check_run(run) == []


def test_the_trash_is_emptied_only_when_asked_and_only_of_what_is_old(run: Path) -> None:
    store, outside = run.parent, run.parent.parent / "outside"
    outside.mkdir()
    (outside / "kept").write_text("x")
    (run / "link").symlink_to(outside)
    lying = trash.put(store, run.name)
    assert deeds(store) == []
    assert deeds(store, trash_older_than_s=3600) == []
    assert deeds(store, trash_older_than_s=0, dry_run=True) == [("emptied", ".trash")]
    assert lying.is_dir()
    (deed,) = put_in_order(store, trash_older_than_s=0)
    assert (deed.what, deed.run_id, deed.freed > 1000) == ("emptied", run.name, True)
    assert not lying.exists()
    assert (outside / "kept").exists()


def test_what_cannot_be_removed_is_named(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    aged_file(run / ".old.tmp", 4000)

    def refuse(_: Disk, path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Disk, "unlink", refuse)
    kept = [deed for deed in put_in_order(run.parent) if deed.what == "kept"]
    assert kept == [Deed("kept", run.name, ".old.tmp", why="Permission denied")]


def test_usage_tells_what_the_bytes_are_for(run: Path) -> None:
    (run / "rank1" / "media").mkdir(parents=True)
    (run / "rank1" / "media" / "a.png").write_bytes(bytes(1000))
    (run / "output.log").write_bytes(bytes(50))
    (run / "own notes.txt").write_bytes(bytes(7))
    os.link(run / "rank1" / "media" / "a.png", run / "files" / "same")
    found = usage(run)
    assert found["metrics"] == (run / "metrics.parquet").stat().st_size
    assert (found["output"], found["other"]) == (50, 7)
    assert found.get("media", 0) in (0, 1000)  # one of the two names of that file counts
    total = sum(path.stat().st_size for path in run.rglob("*") if path.is_file())
    assert sum(found.values()) == total - 1000
