"""Which artifacts there are, which version has a stage, who said so, and what was asked first."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.store.made_artifacts import make_version

import runfolio
from runfolio.errors import PromotionRefused, RunfolioWarning, UsageError
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.blobs import BlobStore
from runfolio.format.edits import write_edit
from runfolio.model.artifact import ArtifactVersion, Entry
from runfolio.model.artifact_history import LogEntry
from runfolio.query import promotion
from runfolio.store import artifacts as store_artifacts
from runfolio.store.gc_contents import YOUNG_S
from runfolio.verbs.artifacts import artifacts
from runfolio.verbs.check import check
from runfolio.verbs.du import du
from runfolio.verbs.promote import promote
from runfolio.verbs.table import dispatch
from runfolio.verbs.trash import restore_run, rm

Runs = Callable[..., Path]


@pytest.fixture
def digits(make_run: Runs, store_path: Path) -> ArtifactVersions:
    """Three versions, each of a run of its own; val/acc is 2/3 in the first and 0.9 in the last."""
    for n, points in enumerate((3, 2, 10)):
        run = make_run(f"run{n}", points=points)
        make_version(
            store_path, "digits", {"w.txt": b"weights %d" % n, "b.bin": b"\0%d" % n}, run=run
        )
    return ArtifactVersions(store_path, "digits")


def rules(text: str, stage: str = "production") -> None:
    Path("pyproject.toml").write_text(
        f"[tool.runfolio.promote.{stage}]\n{text}\n", encoding="utf-8"
    )


def run_of(digits: ArtifactVersions, number: int) -> Path:
    return digits.folder.parents[1] / digits.read(number).run_id


def test_a_version_is_promoted_and_loaded_by_its_stage(digits: ArtifactVersions) -> None:
    view = promote("digits:v1", "production", why="the best on the hold-out")
    assert "digits:v1 is production." in str(view)
    assert runfolio.load_artifact("digits:production").number == 1
    (entry,) = digits.log.read()[0]
    assert (entry.why, entry.was) == ("the best on the hold-out", None)
    assert [(one.rule, one.ok) for one in entry.rules] == [("finished", True), ("no_secrets", True)]
    assert "is production already" in str(promote("digits:production", "production"))
    assert len(digits.log.read()[0]) == 1


def test_a_rule_that_is_not_met_refuses_and_tells_each_with_what_was_found(
    digits: ArtifactVersions,
) -> None:
    rules('where = ["val/acc >= 0.8", "status:finished"]')
    with pytest.raises(PromotionRefused) as refused:
        promote("digits:v0", "production")
    told = str(refused.value)
    assert "digits:v0 was not made production: 1 of 4 rules is not met" in told
    assert "✕ val/acc >= 0.8: val/acc is 0.666667" in told
    assert "✓ status:finished: status is finished" in told
    assert digits.log.read()[0] == []
    promote("digits:v2", "production")
    assert digits.resolve("production") == 2


def test_what_is_said_of_a_version_later_stands_in_its_history_and_is_searched_for_secrets(
    digits: ArtifactVersions,
) -> None:
    digits.describe(1, {"description": "reviewed", "ttl_days": 3.0})
    assert "v1: new description, ttl" in str(artifacts("digits"))
    assert "reviewed" in str(artifacts("digits:v1"))
    digits.describe(1, {"metadata": {"note": "ghp_" + "a1B2" * 9}})
    with pytest.raises(PromotionRefused, match="no_secrets"):
        promote("digits:v1", "production")


def test_force_needs_a_reason_and_keeps_what_was_not_met(digits: ArtifactVersions) -> None:
    rules("where = 'val/acc >= 0.8'")
    with pytest.raises(UsageError, match="--force needs a reason"):
        promote("digits:v0", "production", force=True)
    promote("digits:v0", "production", force=True, why="a demonstration")
    (entry,) = digits.log.read()[0]
    assert (entry.forced, entry.rules[0].ok, entry.rules[0].found) == (
        True,
        False,
        "val/acc is 0.666667",
    )
    assert "not met: val/acc >= 0.8: val/acc is 0.666667" in str(artifacts("digits"))


@pytest.mark.parametrize("gone", ["failed", "removed", "none"])
def test_the_artifact_of_a_run_that_failed_or_is_gone_is_promoted_by_force_alone(
    digits: ArtifactVersions, store_path: Path, gone: str
) -> None:
    if gone == "failed":
        run = runfolio.init("digits")
        make_version(store_path, "digits", {"w": b"bad"}, run=run.path)
        run.finish(exit_code=1, quiet=True)
    elif gone == "removed":
        make_version(store_path, "digits", {"w": b"bad"}, run=Path("20261123T042559-7f3a9c"))
    else:
        make_version(store_path, "digits", {"w": b"bad"})
    with pytest.raises(
        PromotionRefused, match=r"✕ finished: (the run is failed|the run that made it|no run)"
    ):
        promote("digits:latest", "production")
    promote("digits:latest", "production", force=True, why="known to be good")
    assert digits.resolve("production") == 3


def test_an_unverified_run_is_told_so_and_a_verified_one_passes(digits: ArtifactVersions) -> None:
    rules("verified = true")
    with pytest.raises(PromotionRefused, match="✕ verified: nobody has repeated the run"):
        promote("digits:v0", "production")
    write_edit(run_of(digits, 0), "verdict", "metrics", {"verdict": "differs"})
    with pytest.raises(PromotionRefused, match="✕ verified: differs, on 20"):
        promote("digits:v0", "production")
    write_edit(run_of(digits, 0), "verdict", "metrics", {"verdict": "verified"})
    promote("digits:v0", "production")
    assert digits.resolve("production") == 0


def test_a_secret_in_a_text_file_is_found(digits: ArtifactVersions, store_path: Path) -> None:
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    run = run_of(digits, 2)
    make_version(
        store_path,
        "digits",
        {"ok.md": b"fine", "deploy/.env": b"\nTOKEN=" + token.encode()},
        run=run,
    )
    with pytest.raises(PromotionRefused, match=r"✕ no_secrets: in deploy/\.env line 2") as refused:
        promote("digits:latest", "staging")
    assert token not in str(refused.value)
    rules("no_secrets = false", "staging")
    with pytest.warns(RunfolioWarning, match="stands in the reason"):
        promote("digits:latest", "staging", why=f"with {token}")
    assert token not in (next((digits.folder / "log").iterdir())).read_text()


@pytest.mark.parametrize(
    ("text", "told"),
    [("wehre = 'x'", "Did you mean \"where\""), ("where = 'val/acc >='", "production"),
     ("where = 3", "expected a query"), ("verified = 'yes'", "expected true or false"),
     ("where = 'sort:-val/acc'", "asks nothing of a run"), ("= broken", "cannot be read")],
)  # fmt: skip
def test_a_slip_in_the_rules_does_not_open_the_gate(
    digits: ArtifactVersions, text: str, told: str
) -> None:
    rules(text)
    with pytest.raises(UsageError, match=told):
        promote("digits:v2", "production")
    assert digits.log.read()[0] == []


def test_a_checkpoint_is_asked_for_its_own_figure_and_not_for_that_of_its_runs_end(
    digits: ArtifactVersions, store_path: Path
) -> None:
    rules('where = ["val/acc >= 0.7", "val/acc.max < 0.95"]')
    with pytest.raises(PromotionRefused, match=r"✕ val/acc >= 0\.7: val/acc is 0\.66"):
        promote("digits:v0", "production")
    for figure, told in ((0.99, ""), (0.5, "is 0.5 in the version's"), ("NaN", "is nan in the")):
        version = make_version(
            store_path, "digits", {"w.txt": str(figure).encode()}, run=run_of(digits, 0),
            metadata={"val/acc": figure},
        )  # fmt: skip
        if told:
            with pytest.raises(PromotionRefused, match=told):
                promote(f"digits:v{version.number}", "production")
        else:
            done = str(promote(f"digits:v{version.number}", "production"))
            assert "✓ val/acc >= 0.7: val/acc is 0.99 in the version's metadata" in done
            assert "✓ val/acc.max < 0.95: val/acc.max is 0.66" in done


def test_a_metric_that_the_run_does_not_have_is_no_fault_of_the_query(
    digits: ArtifactVersions,
) -> None:
    rules("where = 'test/f1 > 0.5'")
    with pytest.raises(PromotionRefused, match=r"✕ test/f1 > 0\.5: .*test/f1"):
        promote("digits:v2", "production")


def test_a_rollback_goes_to_the_one_before_and_no_further(digits: ArtifactVersions) -> None:
    for number in (0, 2, 1):
        promote(f"digits:v{number}", "production")
    digits.drop(2, "not wanted any more")
    assert "digits:v0 is again production in place of v1" in str(
        promote("digits", "production", rollback=True, why="it drifts")
    )
    with pytest.raises(UsageError, match="nothing to go back to"):
        promote("digits", "production", rollback=True)
    promote("digits", "production", clear=True)
    assert "production" not in digits.standing().stages
    promote("digits", "production", rollback=True)
    assert digits.resolve("production") == 0


def test_what_was_in_production_on_a_date_is_told(digits: ArtifactVersions) -> None:
    for number, day in ((0, "2026-10-20"), (2, "2026-11-03"), (None, "2026-11-20")):
        entry = digits.stage("production", number)
        path = next((digits.folder / "log").glob(f"{entry.number:06d}-*"))
        forged = json.loads(path.read_text()) | {"time": f"{day}T12:00:00.000000Z"}
        from runfolio.format.codec import with_crc

        path.write_bytes(with_crc(forged))
    at = lambda time: artifacts("digits", stage="production", at=time).data()["version"]  # noqa: E731
    assert [at(t) for t in ("2026-10-01", "2026-11-01", "2026-11-03", "2026-11-03T11:59Z", "2026-12-01")] == [
        None, 0, 2, 0, None]  # fmt: skip
    with pytest.raises(UsageError, match="is no time"):
        artifacts("digits", stage="production", at="soonish")
    with pytest.raises(UsageError, match="Its stages: production"):
        artifacts("digits", stage="prod")


def test_two_processes_that_promote_at_once_leave_one_in_production_and_both_in_the_history(
    digits: ArtifactVersions,
) -> None:
    program = (
        "import sys, runfolio; print(runfolio.promote(f'digits:v{sys.argv[1]}', 'production'))"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", program, n], stdout=subprocess.PIPE) for n in "12"
    ]
    assert [(one.communicate(), one.returncode)[1] for one in both] == [0, 0]
    entries, problems = digits.log.read()
    assert ({entry.version for entry in entries}, problems) == ({1, 2}, [])
    assert digits.resolve("production") == entries[-1].version


def test_a_version_whose_content_is_gone_is_not_promoted_even_by_force(
    digits: ArtifactVersions,
) -> None:
    digits.drop(1, "old")
    for words in (["promote", "digits:v1", "production", "--force", "--why", "x"],
                  ["artifacts", "digits:v1", "--download", "there"]):  # fmt: skip
        view = dispatch(words)
        assert (view.exit_code, "was dropped" in str(view)) == (1, True)
    for entry in digits.read(2).entries:
        BlobStore(digits.folder.parents[1]).path_of(entry.blake3).unlink()
        (run_of(digits, 2) / "artifacts" / "digits" / "v2" / entry.path).unlink()
    assert "not all of its content is there" in str(
        dispatch(["promote", "digits:v2", "production"])
    )


def test_what_is_promoted_is_asked_for_before_and_after(
    digits: ArtifactVersions, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = digits.folder.parents[1]
    blobs, (entry, *_) = BlobStore(store), digits.read(2).entries
    shutil.rmtree(run_of(digits, 2) / "artifacts")
    given = ArtifactVersions.stage

    def stage(*args: Any, **more: Any) -> LogEntry:
        assert time.time() - blobs.path_of(entry.blake3).stat().st_mtime < YOUNG_S
        done = given(*args, **more)
        blobs.put_aside(blobs.path_of(entry.blake3))  # by a sweep that read before
        return done

    os.utime(blobs.path_of(entry.blake3), (0, 0))
    blobs.put_aside(blobs.path_of(entry.blake3))
    monkeypatch.setattr(ArtifactVersions, "stage", stage)
    assert "is production" in str(promote("digits:v2", "production"))
    assert blobs.holds(entry.blake3, entry.size or 0)


def test_the_words_of_the_command_line_do_the_same(
    digits: ArtifactVersions, tmp_path: Path
) -> None:
    assert dispatch(["promote", "digits:v2", "production", "--why", "good"]).exit_code == 0
    assert dispatch(["promote", "digits", "production"]).exit_code == 2
    assert dispatch(["promote", "digts:v1", "production"]).exit_code == 1
    fetched = dispatch(["artifacts", "digits:production", "--download", str(tmp_path / "to")])
    assert (tmp_path / "to" / "w.txt").read_bytes() == b"weights 2"
    assert "digits:v2: 2 files fetched" in str(fetched)
    told = json.loads(str(dispatch(["artifacts", "--json"])))
    assert told["artifacts"][0]["stages"] == {"production": 2}


def test_the_list_one_artifact_and_a_version_are_tables(digits: ArtifactVersions) -> None:
    assert "No artifacts yet" not in str(artifacts())
    digits.move("best", 0)
    digits.drop(1, "not among the best two")
    promote("digits:v2", "production")
    assert "production v2" in str(artifacts())
    one = artifacts("digits")
    assert "dropped: not among the best two" in str(one)
    assert "production: v2" in str(one)
    assert "<table" in str(one.to_html())
    assert "b.bin" in str(artifacts("digits:best"))


def test_an_empty_store_says_how_to_begin(store_path: Path) -> None:
    view = artifacts()
    assert (view.exit_code, "No artifacts yet" in str(view)) == (1, True)


def test_hostile_names_do_nothing_where_they_are_shown(store_path: Path) -> None:
    bad = "\x1b[31m<script>alert(1)</script>\u202e"
    make_version(store_path, "digits", {"a": b"1"}, type=bad, description=bad, metadata={bad: 1})
    versions = ArtifactVersions(store_path, "digits")
    versions.log.add("stage", name="x <b>", version=0, why=bad, run_id=bad)
    versions.log.add("stage", name="production", version=0, why=bad)
    (store_path / ".artifacts" / "<img src=x>").mkdir()
    for view in (artifacts(), artifacts("digits"), artifacts("digits:v0")):
        assert "<script" not in str(view.to_html())
        assert "<img" not in str(view.to_html())
        assert "\x1b" not in str(view)
        assert "\u202e" not in str(view)


def test_check_names_what_was_edited_by_hand(digits: ArtifactVersions, store_path: Path) -> None:
    assert check().exit_code == 0
    run = run_of(digits, 0)
    kept = run / "artifacts" / "digits" / "v0"
    (kept / "w.txt").unlink()
    (kept / "w.txt").write_bytes(b"mine")
    (kept / "b.bin").unlink()
    (kept / "more.txt").write_text("more")
    (kept / "link").symlink_to("/etc/passwd")
    version = digits.folder / "v1.json"
    version.write_text(version.read_text().replace("model", "modem"))
    told = str(check())
    assert check().exit_code == 1
    for fault in (
        "artifacts/digits/v0/w.txt: it is not as digits:v0 was made",
        "artifacts/digits/v0/b.bin: digits:v0 has it, and it is missing",
        "artifacts/digits/v0/more.txt: digits:v0 has no such file",
        "artifacts/digits/v0/link: digits:v0 has no such file",
        ".artifacts/digits/v1.json: digits/v1.json is not what a version looks like: it was edited by hand",
    ):
        assert fault in told


def test_check_names_contents_entries_and_aliases_that_are_not_as_they_were(
    digits: ArtifactVersions, store_path: Path
) -> None:
    entry = digits.read(0).entries[0]
    blob = BlobStore(store_path).path_of(entry.blake3)
    blob.unlink()
    blob.write_bytes(b"\0x")
    other = BlobStore(store_path).path_of(digits.read(1).entries[1].blake3)
    other.unlink()
    digits.move("best", 2)
    digits.stage("production", 2)
    (digits.folder / "v2.json").unlink()
    (digits.folder / "log" / "000009-host-1-aa.json").write_text("{}")
    told = str(check())
    for fault in (
        f".blobs/{entry.blake3[:2]}/",
        "its content is not that of its name",
        "the content of w.txt is missing in .blobs",
        "the alias 'best' points to v2, which is not there",
        "the stage 'production' points to v2, which is not there",
        ".artifacts/digits/log/000009-host-1-aa.json: is not as it was written",
    ):
        assert fault in told
    with pytest.raises(runfolio.ArtifactNotFound, match="has no version 'production'"):
        runfolio.load_artifact("digits:production")


def test_du_counts_a_content_once_that_lies_in_a_run_too(make_run: Runs, store_path: Path) -> None:
    run = make_run("alpha")
    before = du().data()["runs"][0]["bytes"]
    make_version(store_path, "digits", {"w": b"x" * 100_000}, run=run)
    told = du().data()
    assert told["runs"][0]["bytes"] - before == 100_000
    assert told["again_bytes"] == 100_000
    assert 100_000 < told["contents_bytes"] < 102_000
    assert "told twice" in str(du())


def test_a_version_outlives_its_run_and_says_so(digits: ArtifactVersions) -> None:
    run = run_of(digits, 2).name
    assert artifacts("digits:v2").data()["run_is"] == "there"
    rm(run)
    assert f"made by run {run}, which is in the trash" in str(artifacts("digits:v2"))
    promote("digits:v2", "production")
    assert runfolio.load_artifact("digits:production").download("there").is_dir()
    restore_run(run)
    assert runfolio.load_artifact("digits:production").path.is_relative_to(run_of(digits, 2))


def test_a_run_that_is_deleted_for_good_is_told_to_be_gone(digits: ArtifactVersions) -> None:
    run = run_of(digits, 2)
    shutil.rmtree(run)
    assert f"{run.name[-6:]}, gone" in str(artifacts("digits"))
    assert f"made by run {run.name}, which is gone" in str(artifacts("digits:v2"))
    assert runfolio.load_artifact("digits:v2").download("there").is_dir()
    assert check().exit_code == 0


def test_of_a_version_of_many_files_people_see_a_hundred_and_machines_all(
    store_path: Path,
) -> None:
    make_version(store_path, "many", {f"{n:03d}": b"x" for n in range(150)})
    view = artifacts("many:v0")
    page = view.to_html() or ""
    assert page.count("<tr>") == 101
    for told in (page, str(view), view.to_markdown()):
        assert "150 files" in told
        assert "the first 100 files are shown, --json has all" in told.replace("\\", "")
        assert "099" in told
        assert "149" not in told
    assert len(json.loads(view.to_json())["entries"]) == 150


def test_the_rules_look_through_a_run_only_for_what_the_store_has_not(
    digits: ArtifactVersions, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []

    def copies_of(*given: Any) -> list[Path]:
        looked.append(1)
        return store_artifacts.copies_of(*given)

    monkeypatch.setattr(promotion, "copies_of", copies_of)
    files = {f"{n}.txt": b"%d" % n for n in range(9)}
    make_version(store_path, "digits", files, run=run_of(digits, 0))
    promote("digits:latest", "staging")
    assert not looked


def test_rules_that_have_no_time_left_say_how_many_files_they_did_not_search(
    digits: ArtifactVersions, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: Any) -> None:
        raise AssertionError("a file is read, with no time left to search it")

    monkeypatch.setattr(promotion, "_SECONDS", -1.0)
    monkeypatch.setattr(promotion, "_text", read)
    assert "3 too large, or not searched in time" in str(promote("digits:v1", "staging"))


def test_looking_at_one_version_reads_no_other(
    digits: ArtifactVersions, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = ArtifactVersions.read

    def noted(self: ArtifactVersions, number: int) -> ArtifactVersion:
        assert number == 1
        return read(self, number)

    monkeypatch.setattr(ArtifactVersions, "read", noted)
    assert "digits:v1" in str(artifacts("digits:v1"))
    assert runfolio.load_artifact("digits:v1").aliases == []


def test_the_list_names_the_aliases_of_the_newest_versions_and_counts_the_others(
    digits: ArtifactVersions,
) -> None:
    for n in range(9):
        digits.move(f"epoch_{n}", n // 3)
    view = artifacts()
    told = "epoch_6 v2, epoch_7 v2, epoch_8 v2, epoch_3 v1, epoch_4 v1, epoch_5 v1, and 3 more"
    assert told in str(view)
    assert "epoch_0" not in str(view)
    assert len(json.loads(view.to_json())["artifacts"][0]["aliases"]) == 10


def test_a_data_set_of_pictures_has_no_fault(store_path: Path) -> None:
    make_version(store_path, "pictures", {"a.png": b"\x89PNG"}, type="dataset")
    view = artifacts("pictures:v0")
    for told in (str(view), view.to_html() or "", view.to_markdown()):
        assert "none of its files is read as a table" in told
        assert "✕" not in told


def test_a_data_set_of_addresses_has_no_fault_and_counts_them(store_path: Path) -> None:
    entries = [Entry(f"{n}.jpg", uri=f"s3://b/{n}.jpg") for n in range(9)]
    ArtifactVersions(store_path, "refs").make(entries, type="dataset", run_id="")
    told = str(artifacts("refs:v0"))
    assert "· 9 files are addresses, not fetched" in told
    assert "✕" not in told


def test_a_data_set_whose_content_is_gone_says_so_in_every_form(
    digits: ArtifactVersions, store_path: Path
) -> None:
    version = make_version(store_path, "pictures", {"a.png": b"\x89PNG"}, type="dataset")
    BlobStore(store_path).path_of(version.entries[0].blake3).unlink()
    view = artifacts("pictures:v0")
    for told in (str(view), view.to_html() or "", view.to_markdown()):
        assert "✕ a.png: its content is not in the store" in told.replace("\\", "")


def test_a_promotion_within_a_run_tells_which_run_it_was(
    digits: ArtifactVersions, make_run: Runs
) -> None:
    with runfolio.init("digits") as run:
        promote("digits:v2", "staging")
    (entry,) = digits.log.read()[0]
    assert entry.run_id == run.id


def test_the_artifact_of_a_run_that_goes_on_is_not_promoted(
    digits: ArtifactVersions, store_path: Path
) -> None:
    with runfolio.init("digits") as run:
        make_version(store_path, "digits", {"w": b"half"}, run=run.path)
        with pytest.raises(PromotionRefused, match="✕ finished: the run is running"):
            promote("digits:latest", "production")


def test_the_stages_stand_beside_the_name_where_a_narrow_page_shows_them(
    digits: ArtifactVersions,
) -> None:
    promote("digits:v1", "production")

    page = artifacts().to_html() or ""
    heads = re.findall(r'<th scope="col"[^>]*>([^<]*)', page)

    assert heads[:3] == ["artifact", "stages", "type"]
    assert '<span class="rf-tag">production v1</span>' in page
