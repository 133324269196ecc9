"""``gc``, ``du`` and ``upgrade`` say what they did, in words and for machines."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from runfolio.errors import UsageError
from runfolio.format.disk import Disk
from runfolio.format.manifest import read_manifest, write_manifest
from runfolio.verbs.du import du
from runfolio.verbs.gc import gc
from runfolio.verbs.table import dispatch
from runfolio.verbs.upgrade import upgrade

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture
def runs(store_path: Path) -> dict[str, Path]:
    """A finished run with edits, a media run, and one that was left live by a process long gone."""
    found = {}
    for name, run_id in (("finished", "ended"), ("media", "pictures"), ("broken-disk", "live")):
        (source,) = (path for path in (GOLDEN / name).iterdir() if path.is_dir())
        folder = shutil.copytree(source, store_path / run_id)
        write_manifest(folder, read_manifest(folder) | {"id": run_id}, Disk())
        found[name] = folder
    return found


def test_gc_says_what_it_did_and_then_that_nothing_is_to_do(runs: dict[str, Path]) -> None:
    planned = dispatch(["gc", "--dry-run"])
    assert "convert  live/metrics.jsonl" in str(planned)
    assert "nothing was changed" in str(planned)
    assert (runs["broken-disk"] / "metrics.jsonl").exists()
    done = dispatch(["gc"])
    assert "converted  live/metrics.parquet: 4 rows" in str(done)
    assert "taken in  ended/edits/" in str(done)
    assert done.exit_code == 0
    assert str(dispatch(["gc"])) == "✓ Nothing to do."


def test_gc_tells_machines_the_same(runs: dict[str, Path]) -> None:
    found = json.loads(str(dispatch(["gc", "--json"])))
    assert {deed["what"] for deed in found["done"]} == {"converted", "folded"}
    assert all(set(deed) == {"what", "run", "file", "freed_bytes", "why"} for deed in found["done"])


def test_what_has_to_stay_is_named_and_the_exit_status_says_so(runs: dict[str, Path]) -> None:
    live = runs["broken-disk"] / "metrics.jsonl"
    live.write_bytes(live.read_bytes().replace(b"2.3", b"2.4", 1))
    view = dispatch(["gc"])
    assert view.exit_code == 1
    assert "✕ left as it is  live/metrics.jsonl: metrics.jsonl: bytes 0 to" in str(view)


def test_gc_convert_does_nothing_else(runs: dict[str, Path]) -> None:
    view = gc(convert=True)
    assert [deed.what for deed in view.deeds] == ["converted", "converted"]
    assert (runs["finished"] / "edits").is_dir()
    assert read_manifest(runs["finished"])["applied"] == []
    with pytest.raises(UsageError, match="does nothing else"):
        gc(convert=True, dry_run=True)


@pytest.mark.parametrize("days", [-1, float("nan")])
def test_days_that_are_none_are_refused(runs: dict[str, Path], days: float) -> None:
    with pytest.raises(UsageError, match="expected a number of days"):
        gc(trash_days=days)


def test_the_trash_goes_only_when_asked(runs: dict[str, Path]) -> None:
    dispatch(["rm", "pictures", "--yes"])
    gc()
    assert len(list(runs["media"].parent.joinpath(".trash").iterdir())) == 1
    assert "deleted from the trash  pictures/.trash" in str(dispatch(["gc", "--trash", "0"]))
    assert list(runs["media"].parent.joinpath(".trash").iterdir()) == []


def test_du_lists_the_largest_run_first(runs: dict[str, Path]) -> None:
    view = du()
    sizes = [sum(kinds.values()) for _, kinds in view.found]
    assert sizes == sorted(sizes, reverse=True)
    assert "3 runs" in str(view)
    data = json.loads(str(dispatch(["du", "pictures", "--json"])))
    (one,) = data["runs"]
    assert (one["id"], one["kinds"]["media"]) == ("pictures", 67 + 12 + 55)


def test_du_of_an_empty_store_and_of_trash(store_path: Path, runs: dict[str, Path]) -> None:
    dispatch(["rm", "pictures", "--yes"])
    assert "in the trash" in str(du())
    shutil.rmtree(store_path)
    assert str(du()).strip() == "0 B  0 runs"


def test_upgrade_names_what_it_leaves(runs: dict[str, Path]) -> None:
    assert str(upgrade()) == "3 runs in format 1 already."
    write_manifest(runs["media"], read_manifest(runs["media"]) | {"format": 7}, Disk())
    view = dispatch(["upgrade"])
    assert view.exit_code == 1
    assert "format 7 is newer than this runfolio, which knows 1" in str(view)
    assert "2 runs in format 1 already, 1 left as it is." in str(view)
    assert json.loads(str(dispatch(["upgrade", "pictures", "--json"])))[0]["was"] == 7


def test_names_from_a_run_cannot_act_on_the_terminal(runs: dict[str, Path]) -> None:
    name = "a\x1b]52;c;eA==\x07b"
    write_manifest(runs["media"], read_manifest(runs["media"]) | {"name": name}, Disk())
    (runs["media"] / ".\x1b[2Jx.tmp").write_bytes(b"x")
    for view in (du(), upgrade(), gc(dry_run=True)):
        assert "\x1b" not in str(view)
        assert "\x1b" not in view.to_json()
