"""``run.log_artifact`` with a process that is gone at any call, two that log at once, and disks that refuse."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import blake3
import pytest
from tests.faults.artifact_lives import FILES, GIVEN, Lives
from tests.faults.disks import SmallDisk
from tests.faults.oracle import FULL

import runfolio
from runfolio.errors import RunfolioWarning, UsageError
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.check_artifacts import ArtifactCheck
from runfolio.format.events import read_events
from runfolio.format.manifest import read_manifest
from runfolio.store.gc import put_in_order
from runfolio.store.loaded_artifact import load_artifact

ALL = FILES | {"given": GIVEN}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Path]:
    """A store in memory where there is one, and nobody else in it: it is put in order."""
    memory = Path("/dev/shm")
    beside = memory if os.access(memory, os.W_OK) else tmp_path
    with tempfile.TemporaryDirectory(dir=beside, prefix="runfolio-") as folder:
        yield Path(folder)


def given(folder: Path) -> Path:
    """Write what is logged; return the folder that holds it."""
    for name, content in FILES.items():
        path = folder / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    (folder / "given").write_text(GIVEN)
    return folder


def faults(store: Path) -> list[str]:
    """Return what `check` names of artifacts, in the store and in every run."""
    check = ArtifactCheck(store)
    found = check.of_store()
    for run in sorted(store.iterdir()):
        found += check.of_run(run) if (run / "run.json").is_file() else []
    return [f"{one.file}: {one.fault}" for one in found if one.severity != "note"]


def is_somewhere(store: Path, folder: Path) -> bool:
    """Return whether the file that was given away is where it was, or in the store."""
    digest = blake3.blake3(GIVEN.encode()).hexdigest()
    return (folder / "given").exists() or (store / ".blobs" / digest[:2] / digest).exists()


def is_whole(store: Path) -> bool:
    """Return whether the version that is called the best holds what was logged."""
    loaded = load_artifact("net:best", store)
    texts = [name for name in ALL if name.endswith(".txt")]
    return loaded.files == sorted(ALL) and all(loaded.load(one) == ALL[one] for one in texts)


def sweep(store: Path) -> None:
    """Put the store in order as if a day had passed."""
    for path in [*store.glob(".blobs/**/*"), *store.glob("killed-*/artifacts/**/*")]:
        os.utime(path, (1, 1))
    assert [deed for deed in put_in_order(store) if deed.what == "kept"] == []
    assert list(store.glob(".blobs/.*")) == []
    assert list(store.glob("killed-*/artifacts/*/.*")) == []


def test_a_process_killed_at_any_call_of_logging_leaves_a_whole_version_or_none(
    store: Path, tmp_path: Path
) -> None:
    at, status, made = 1, 9, 0
    with Lives(store) as lives:
        while status:
            folder = given(tmp_path / str(at))
            status = lives.live(folder, f"killed-{at}", at)
            assert status in (0, 9)
            assert faults(store) == []
            assert is_somewhere(store, folder)
            assert all((folder / "files" / n).read_text() == text for n, text in FILES.items())
            made += status == 9 and bool(ArtifactVersions(store, "net").numbers())
            if FULL or at % 8 == 0:
                # The next one finds nothing in its way, whatever was left.
                assert lives.live(given(folder), f"killed-{at}-next", 0) == 0
                assert is_whole(store)
                sweep(store)
                assert is_whole(store)
                assert faults(store) == []
            for left in [*store.glob(".[ab]*"), *store.glob("killed-*")]:
                shutil.rmtree(left)
            at += 1
    assert at > 120
    assert made > 20


TWO = """
import sys
import runfolio
run = runfolio.init(id=sys.argv[1])
for n in range(15):
    artifact = runfolio.Artifact("net", type="model")
    with artifact.new_file("w.txt") as file:
        file.write(f"{sys.argv[1]} {n}")
    print(run.log_artifact(artifact, aliases=[sys.argv[1]]).version, flush=True)
run.finish()
"""


def python(program: str, *given: str, store: Path, under: Sequence[str] = ()) -> list[str]:
    return [*under, "env", f"RUNFOLIO_DIR={store}", "RUNFOLIO_CAPTURE=false", "RUNFOLIO_STRICT=0",
            "RUNFOLIO_SILENT=true", sys.executable, "-c", program, *given]  # fmt: skip


def test_two_processes_that_log_one_name_at_once_get_a_number_each_and_lose_nothing(
    store: Path,
) -> None:
    both = [
        subprocess.Popen(python(TWO, name, store=store), stdout=subprocess.PIPE, text=True)
        for name in ("one", "two")
    ]
    told = [process.communicate(timeout=120)[0].split() for process in both]
    assert sorted(told[0] + told[1]) == sorted(f"v{n}" for n in range(30))
    versions = ArtifactVersions(store, "net")
    for name, numbers in zip(("one", "two"), told, strict=True):
        assert versions.aliases()[name] == int(numbers[-1][1:])
        for n, number in enumerate(numbers):
            assert load_artifact(f"net:{number}", store).load("w.txt") == f"{name} {n}"
            assert (store / name / "artifacts/net" / number / "w.txt").read_text() == f"{name} {n}"
        made = [event["version"] for event in read_events(store / name, ["artifact"])]
        assert [f"v{n}" for n in made] == numbers
    assert faults(store) == []


FORKED = """
import os
import runfolio
run = runfolio.init(id="parent")
draft = runfolio.Artifact("net", type="model")
with draft.new_file("w.txt") as file:
    file.write("the parent's")
child = os.fork()
if child == 0:
    mine = runfolio.Artifact("net", type="model")
    with mine.new_file("w.txt") as file:
        file.write("the child's")
    run.log_artifact(mine)
    run.log_artifact(draft, aliases=["best"])
    raise SystemExit(0)
assert os.waitpid(child, 0)[1] == 0
print(run.log_artifact(draft).version)
run.finish()
"""


def test_a_forked_child_that_logs_keeps_nothing_and_takes_nothing_from_its_parent(
    store: Path,
) -> None:
    done = subprocess.run(
        python(FORKED, store=store), capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout) == (0, "v0\n"), done.stderr
    assert load_artifact("net", store).load() == "the parent's"
    assert ArtifactVersions(store, "net").aliases() == {"latest": 0}
    assert len(list(store.glob(".blobs/*/*"))) == 1
    assert faults(store) == []


# Disks that refuse --------------------------------------------------------------------------------

TRAINS = """
import sys, warnings
import runfolio
warnings.simplefilter("always")
run = runfolio.init(id="victim")
for line in sys.stdin:
    name, path = line.split()
    run.log({"n": 1})
    artifact = run.log_artifact(path, name=name)
    print(artifact.state, flush=True)
run.finish()
print("finished", flush=True)
"""


class Training:
    """A process on a disk that logs what it is told to."""

    def __init__(self, disk: SmallDisk) -> None:
        self._process = subprocess.Popen(
            python(TRAINS, store=disk.inside / "folio", under=disk.under), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def logs(self, name: str, path: Path) -> str:
        """Log a file and return the state that its artifact has then."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{name} {path}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def finishes(self) -> str:
        """Finish, and return what was warned of."""
        out, err = self._process.communicate(timeout=120)
        assert (self._process.returncode, out) == (0, "finished\n"), err
        return err


def test_a_full_disk_costs_the_artifact_and_not_the_training_and_the_next_one_is_kept(
    tmp_path: Path,
) -> None:
    (tmp_path / "large").write_bytes(os.urandom(6_000_000))
    (tmp_path / "small").write_bytes(b"small")
    with SmallDisk("size=4m") as disk:
        store, training = disk.path / "folio", Training(disk)
        assert training.logs("large", tmp_path / "large") == "PENDING"
        assert list(store.glob(".blobs/*")) == []
        assert training.logs("small", tmp_path / "small") == "COMMITTED"
        disk.remount("size=64m")
        assert training.logs("large", tmp_path / "large") == "COMMITTED"
        assert training.finishes().count("is not kept: No space left on device") == 1
        assert faults(store) == []
        assert [event["op"] for event in read_events(store / "victim", ["artifact"])] == [
            "failed", "made", "made"
        ]  # fmt: skip
        assert (
            load_artifact("large", store).download(tmp_path / "to").joinpath("large").read_bytes()
            == (tmp_path / "large").read_bytes()
        )
        manifest = read_manifest(store / "victim")
        assert (manifest["status"], manifest["metrics"]["n"]["n"]) == ("finished", 3)


def test_a_store_that_can_only_be_read_costs_the_artifact_and_gives_out_what_it_holds(
    tmp_path: Path,
) -> None:
    (tmp_path / "first").write_bytes(b"first")
    (tmp_path / "second").write_bytes(b"second")
    with SmallDisk("size=16m") as disk:
        store, training = disk.path / "folio", Training(disk)
        assert training.logs("net", tmp_path / "first") == "COMMITTED"
        for folder in (".blobs", ".artifacts"):
            inside = str(disk.inside / "folio" / folder)
            for options in (["--bind"], ["-o", "remount,bind,ro"]):
                subprocess.run([*disk.under, "mount", *options, inside, inside], check=True)
        assert training.logs("net", tmp_path / "first") == "PENDING"
        assert training.logs("net", tmp_path / "second") == "PENDING"
        fetched = load_artifact("net", store).download(tmp_path / "to")
        assert (fetched / "first").read_bytes() == b"first"
        assert "Read-only file system" in training.finishes()
        assert faults(store) == []
        assert read_manifest(store / "victim")["status"] == "finished"


def test_without_second_names_all_of_it_goes_as_elsewhere(
    store_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no second names here")

    monkeypatch.setattr(os, "link", refuse)
    folder = given(tmp_path / "given")
    run = runfolio.init(id="killed-1")
    artifact = runfolio.Artifact("net", type="model")
    artifact.add_dir(str(folder / "files"))
    artifact.add_file(str(folder / "given"), move=True)
    run.log_artifact(artifact, aliases=["best"])
    run.log_artifact(artifact)
    artifact.link("registry/zoo")
    run.finish()
    assert is_whole(store_path)
    assert not (folder / "given").exists()
    sweep(store_path)
    assert is_whole(store_path)
    assert faults(store_path) == []
    held = store_path / "killed-1/artifacts/net/v0/a.txt"
    assert (held.read_text(), held.stat().st_mode & 0o222) == (FILES["a.txt"], 0)


def test_names_that_are_one_on_some_system_or_too_long_for_one_are_left_out_and_told(
    store_path: Path, tmp_path: Path
) -> None:
    folder, long, deep = tmp_path / "given", "x" * 255, "/".join(["d" * 60] * 12)
    (folder / deep).mkdir(parents=True)
    (folder / deep / "a").write_text("below many folders")
    for name in ("Weights", "weights", "straße", "STRASSE", long, "back\\slash"):
        (folder / name).write_text(name)
    run = runfolio.init()
    with pytest.warns(RunfolioWarning, match="is left out") as told:
        artifact = run.log_artifact(str(folder), name="net")
    kept = sorted(artifact.manifest.entries)
    assert len(kept) == 4
    assert {one.casefold() for one in kept} == {"weights", "strasse", long, f"{deep}/a"}
    assert "is the same name on some systems" in str(told[0].message)
    assert "its name cannot be kept on every system" in str(told[0].message)
    (event,) = list(read_events(run.path, ["artifact"]))
    assert event["n_missing"] == 3
    for _ in range(2):
        to = Path(artifact.download("to"))
        found = sorted(path.relative_to(to).as_posix() for path in to.rglob("*") if path.is_file())
        assert found == kept
    with pytest.raises(UsageError, match="a part of 256 bytes"):
        runfolio.Artifact("other").add_file(str(folder / long), name="x" * 256)
    with pytest.raises(UsageError, match="is the same name on some systems"):
        run.log_artifact(str(folder / "Weights"), name="NET")
    assert faults(store_path) == []
