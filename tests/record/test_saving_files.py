"""Files saved into a run stay as they were, keep their paths, and never leave the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from runfolio.errors import NoActiveRun, RunfolioWarning, UsageError
from runfolio.format.events import read_events
from runfolio.record.api import init, save
from runfolio.record.run import Run


@pytest.fixture
def run() -> Run:
    for name in ("model.pt", "out/a.txt", "out/deep/b.txt"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(name)
    return init()


def held(run: Run) -> list[str]:
    files = run.path / "files"
    return sorted(p.relative_to(files).as_posix() for p in files.rglob("*") if p.is_file())


def test_a_saved_file_keeps_its_path(run: Run) -> None:
    (kept,) = run.save("model.pt")
    assert Path(kept).read_text() == "model.pt"
    run.save("out/deep/b.txt")
    assert held(run) == ["model.pt", "out/deep/b.txt"]


@pytest.mark.parametrize(
    ("pattern", "base", "expected"),
    [
        ("out/*.txt", None, ["out/a.txt"]),
        ("out/**", None, ["out/a.txt", "out/deep/b.txt"]),
        ("out/deep/b.txt", "out", ["deep/b.txt"]),
        ("out", None, ["out/a.txt", "out/deep/b.txt"]),
    ],
)
def test_patterns_folders_and_bases(
    run: Run, pattern: str, base: str | None, expected: list[str]
) -> None:
    run.save(pattern, base_path=base)
    assert held(run) == expected


def test_a_source_overwritten_later_leaves_the_record(run: Run) -> None:
    (kept,) = run.save("model.pt", policy="now")
    Path("model.pt").write_text("overwritten")
    run.finish()
    assert Path(kept).read_text() == "model.pt"


def test_a_live_file_is_looked_at_again_at_the_end(run: Run) -> None:
    (kept,) = run.save("model.pt")
    Path("model.pt").write_text("the last epoch")
    run.finish()
    assert Path(kept).read_text() == "the last epoch"


def test_a_source_that_vanished_leaves_the_copy(run: Run) -> None:
    (kept,) = run.save("model.pt")
    Path("model.pt").unlink()
    run.finish()
    assert Path(kept).read_text() == "model.pt"


def test_end_copies_only_at_the_end(run: Run) -> None:
    assert run.save("late.txt", policy="end") == []
    Path("late.txt").write_text("late")
    run.finish()
    assert held(run) == ["late.txt"]


def test_a_pattern_without_a_match_says_so_and_is_looked_for_at_the_end(run: Run) -> None:
    with pytest.warns(RunfolioWarning, match="matches no file yet"):
        run.save("later/*.pt")
    Path("later").mkdir()
    Path("later/x.pt").write_text("x")
    run.finish()
    assert held(run) == ["later/x.pt"]


@pytest.mark.parametrize("pattern", ["../outside.pt", "../../outside.pt", "out/../../outside.pt"])
def test_a_path_upwards_stays_inside_the_run(run: Run, tmp_path: Path, pattern: str) -> None:
    (tmp_path / "outside.pt").write_text("x")
    (tmp_path.parent / "outside.pt").write_text("x")
    run.save(pattern)
    assert held(run) == ["outside.pt"]
    assert not (run.path / "outside.pt").exists()


def test_a_file_from_elsewhere_is_kept_by_its_name(run: Run, tmp_path: Path) -> None:
    (tmp_path / "other.pt").write_text("x")
    run.save(str(tmp_path / "other.pt"))
    assert held(run) == ["other.pt"]


def test_a_file_outside_its_base_is_refused(run: Run) -> None:
    with pytest.raises(UsageError, match="does not lie below"):
        run.save("model.pt", base_path="out")


def test_an_unknown_policy_is_refused(run: Run) -> None:
    with pytest.raises(UsageError, match="expected one of live, now, end"):
        run.save("model.pt", policy="soon")


def test_what_lies_in_the_run_already_is_left_there(run: Run) -> None:
    target = Path(run.dir) / "made.txt"
    target.parent.mkdir(exist_ok=True)
    target.write_text("made there")
    assert run.save(str(target)) == [str(target)]


def test_each_saved_file_is_an_event(run: Run) -> None:
    run.save("model.pt")
    run.finish()
    events = [event["path"] for event in read_events(run.path) if event["kind"] == "saved"]
    assert events == ["files/model.pt"]


def test_without_a_run_there_is_nothing_to_save_to() -> None:
    with pytest.raises(NoActiveRun, match="no run is open"):
        save("model.pt")


def test_files_of_one_name_from_different_folders_are_all_kept(tmp_path: Path) -> None:
    run = init()
    for name in ("a/x.pt", "b/x.pt", "c/b/x.pt"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(name)
        run.save(tmp_path / name)
    (tmp_path / "a/x.pt").write_text("newer")
    run.save(tmp_path / "a/x.pt")
    run.finish()
    files = run.path / "files"
    assert {p.relative_to(files).as_posix(): p.read_text() for p in files.rglob("*.pt")} == {
        "x.pt": "newer", "b/x.pt": "b/x.pt", "c/b/x.pt": "c/b/x.pt",
    }  # fmt: skip


def test_folders_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    run = init()
    for name in ("one", "two"):
        (tmp_path / name / "model").mkdir(parents=True)
        (tmp_path / name / "model/w.bin").write_text(name)
        run.save(tmp_path / name / "model", policy="now")
    files = run.path / "files"
    assert (files / "model/w.bin").read_text() == "one"
    assert (files / "two/model/w.bin").read_text() == "two"
