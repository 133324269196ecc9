"""Room of checkpoints that a policy drops comes back at once, and nothing that anybody else wants goes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import blake3
import pytest

import runfolio as wandb
from runfolio.format import letting_go
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.blobs import BlobStore
from runfolio.model.artifact import Entry
from runfolio.record.api import init
from runfolio.record.artifacts import uses
from runfolio.record.run import Run

LAST = wandb.Keep(last=1)


def contents(run: Run) -> list[str]:
    return sorted(path.read_text() for path in (run.path.parent / ".blobs").glob("*/*"))


def left(run: Run) -> list[str]:
    return [path.name for path in (run.path.parent / ".blobs").glob(".*")]


def log(run: Run, text: str, keep: wandb.Keep | None = LAST, name: str = "ckpt") -> wandb.Artifact:
    Path("ckpt.pt").write_text(text)
    return run.log_artifact("ckpt.pt", name=name, keep=keep)


def digest(text: str) -> str:
    return blake3.blake3(text.encode()).hexdigest()


def test_the_room_of_what_a_policy_drops_is_free_at_once() -> None:
    run = init()
    for text in "abc":
        log(run, text)
        assert contents(run) == [text]
    assert left(run) == []
    assert [one.name for one in (run.path / "artifacts/ckpt").iterdir() if one.is_dir()] == ["v2"]


def test_of_a_folder_what_the_next_version_holds_too_stays() -> None:
    run = init()
    Path("ckpt").mkdir()
    for n in range(12):  # more than are synced one by one
        Path(f"ckpt/same{n}").write_text(f"same {n}")
    for text in ("first", "second"):
        Path("ckpt/weights").write_text(text)
        run.log_artifact("ckpt", name="ckpt", keep=LAST)
    assert contents(run) == sorted(["second", *(f"same {n}" for n in range(12))])


def test_the_best_stay_until_a_better_one_comes() -> None:
    run = init()
    policy = wandb.Keep(best=1, by="loss", goal="min", last=1)
    for loss in (3.0, 1.0, 2.0, 4.0, 0.5):
        run.log({"loss": loss})
        log(run, str(loss), policy)
    assert contents(run) == ["0.5"]


def test_what_another_artifact_held_before_stays() -> None:
    run = init()
    log(run, "a", None, "other")
    log(run, "a")
    log(run, "b")
    assert contents(run) == ["a", "b"]


def test_what_another_artifact_holds_since_stays() -> None:
    run = init()
    log(run, "a")
    log(run, "a", None, "other")
    log(run, "b")
    assert contents(run) == ["a", "b"]


def test_what_a_version_adds_to_is_held_by_both() -> None:
    run = init()
    log(run, "a")
    more = wandb.Artifact("ckpt", type="file", incremental=True)
    with more.new_file("notes") as file:
        file.write("n")
    more._type = run.use_artifact("ckpt:v0").type
    run.log_artifact(more, keep=LAST)
    assert contents(run) == ["a", "n"]


def test_a_version_that_another_run_used_stays() -> None:
    run = init()
    log(run, "a")
    program = "import runfolio; run = runfolio.init(); run.use_artifact('ckpt:v0'); run.finish()"
    subprocess.run([sys.executable, "-c", program], check=True)
    log(run, "b")
    assert contents(run) == ["a", "b"]
    assert (run.path / "artifacts/ckpt/v0").is_dir()


def test_what_was_asked_for_stays_though_no_run_says_so_yet() -> None:
    """Another run's manifest is written a moment after it has said that it uses a version."""
    run = init()
    log(run, "a")
    os.utime(BlobStore(run.path.parent).path_of(digest("a")))  # as it asks
    log(run, "b")
    assert contents(run) == ["a", "b"]


def test_a_content_that_another_process_keeps_at_the_same_moment_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It has it, and has not made its version yet."""
    run = init()
    store = run.path.parent
    Path("theirs").write_text("a")
    log(run, "a")
    program = (
        "from pathlib import Path; from runfolio.format.blobs import BlobStore\n"
        f"print(BlobStore(Path({str(store)!r})).add(Path('theirs')).how)"
    )
    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert said.stdout == b"there\n"
    log(run, "b")
    assert contents(run) == ["a", "b"]


def test_of_two_that_make_a_content_at_the_same_moment_neither_lets_it_go(tmp_path: Path) -> None:
    store = tmp_path / "folio"
    (store / ".artifacts").mkdir(parents=True)
    (tmp_path / "file").write_text("a")
    ours, theirs = BlobStore(store), BlobStore(store)
    staged = [blobs.stage(tmp_path / "file") for blobs in (ours, theirs)]
    ours.place(staged[:1])
    theirs.place(staged[1:])
    assert len(ours.made) == 1
    assert theirs.made == {}
    assert letting_go.let_go(store, ours.made) == 0
    assert BlobStore(store).holds(digest("a"), 1)


@pytest.mark.parametrize("moment", ["version", "asks"])
def test_what_is_wanted_while_it_lies_aside_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    store = tmp_path / "folio"
    (store / ".artifacts").mkdir(parents=True)
    (tmp_path / "file").write_text("a")
    blobs = BlobStore(store)
    kept = blobs.add(tmp_path / "file")
    read = letting_go._named_since

    def meanwhile(*given: object) -> object:
        if moment == "version":
            entry = Entry("a", kept.blake3, kept.size)
            ArtifactVersions(store, "theirs").make([entry], type="model")
        else:
            (aside,) = blobs.root.glob(".gone.*")
            os.utime(aside)
        return read(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(letting_go, "_named_since", meanwhile)
    assert letting_go.let_go(store, blobs.made) == 0
    assert BlobStore(store).holds(kept.blake3, 1)
    assert not list(blobs.root.glob(".gone.*"))


def test_what_is_kept_anew_while_the_old_lies_aside_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "folio"
    (store / ".artifacts").mkdir(parents=True)
    (tmp_path / "file").write_text("a")
    blobs = BlobStore(store)
    blobs.add(tmp_path / "file")
    read = letting_go._named_since

    def meanwhile(*given: object) -> object:
        assert BlobStore(store).add(tmp_path / "file").how != "there"
        return read(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(letting_go, "_named_since", meanwhile)
    assert letting_go.let_go(store, blobs.made) == 1
    assert BlobStore(store).holds(digest("a"), 1)


def test_what_nobody_asked_for_goes(tmp_path: Path) -> None:
    store = tmp_path / "folio"
    (store / ".artifacts").mkdir(parents=True)
    (tmp_path / "file").write_text("a")
    blobs = BlobStore(store)
    blobs.add(tmp_path / "file")
    assert letting_go.let_go(store, blobs.made) == 1
    assert [path for path in blobs.root.rglob("*") if path.is_file()] == []


def test_while_a_version_cannot_be_read_nothing_goes(tmp_path: Path) -> None:
    store = tmp_path / "folio"
    (store / ".artifacts").mkdir(parents=True)
    (tmp_path / "file").write_text("a")
    blobs = BlobStore(store)
    blobs.add(tmp_path / "file")
    (store / ".artifacts/odd").mkdir(parents=True)
    (store / ".artifacts/odd/v0.json").write_text("{}")
    assert letting_go.let_go(store, blobs.made) == 0
    assert BlobStore(store).holds(digest("a"), 1)


def test_two_processes_that_log_the_same_under_policies_lose_no_version() -> None:
    program = (
        "import sys; from pathlib import Path; import runfolio\n"
        "run = runfolio.init()\n"
        "for n in range(25):\n"
        "    Path(sys.argv[1]).write_text(str(n))\n"
        "    run.log_artifact(sys.argv[1], name=sys.argv[1], keep=runfolio.Keep(last=1))\n"
        "print(run.path.parent); run.finish()"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", program, name], stdout=subprocess.PIPE)
        for name in "ab"
    ]
    said = {one.communicate()[0] for one in both}
    assert [one.returncode for one in both] == [0, 0]
    store = Path(said.pop().decode().strip())
    for name in "ab":
        versions = ArtifactVersions(store, name)
        there = [n for n in versions.numbers() if n not in versions.standing().dropped]
        assert there == [24]
        (entry,) = versions.read(24).entries
        assert BlobStore(store).path_of(entry.blake3).read_text() == "24"


def test_a_version_is_read_once_and_runs_that_wrote_nothing_since_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _ in range(3):
        init().finish()
    store = init().path.parent
    wandb.finish()
    for entry in store.iterdir():
        os.utime(entry, (0, 0))
    run, read = init(), list[object]()
    monkeypatch.setattr(uses, "read_manifest", lambda folder: read.append(folder) or {})
    real = ArtifactVersions.read

    def noted(self: ArtifactVersions, number: int) -> object:
        read.append(number)
        return real(self, number)

    for n in range(5):
        log(run, str(n))
    monkeypatch.setattr(ArtifactVersions, "read", noted)
    log(run, "last")
    # The one before to see whether it is the same, the new one, and nothing of other runs.
    assert len(read) <= 3
