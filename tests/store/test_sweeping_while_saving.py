"""A sweep stops at each of its steps while a run saves, and a save while a sweep runs: no version lacks a content."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.store.stepped import WAYS, Saver, Stepped

from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.blobs import BlobStore
from runfolio.format.check_artifacts import ArtifactCheck
from runfolio.record.session import reset_for_tests
from runfolio.store import gc_contents

NO_GRACE, AN_HOUR = -1.0, 3600.0
ALWAYS = {"unnamed": "v0", "same": "v0", "expired": "v0", "incremental": "v2"}
"""What is saved whole whenever the sweep comes: its content is at hand, or a version names it."""


@pytest.fixture
def folio(folio: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A store in memory where there is one: hundreds of saves wait for no disk."""
    memory = Path("/dev/shm")
    beside = memory if os.access(memory, os.W_OK) else folio.parent
    with tempfile.TemporaryDirectory(dir=beside, prefix="runfolio-") as folder:
        monkeypatch.setenv("RUNFOLIO_DIR", f"{folder}/folio")
        monkeypatch.chdir(folder)
        yield Path(folder, "folio")
        reset_for_tests()


@pytest.fixture
def stepped(folio: Path) -> Iterator[Stepped]:
    with Stepped(folio) as process:
        yield process


def check(store: Path, way: str, name: str, said: str) -> None:
    """What a program was told is so, and everything that a version names is there."""
    wrong = ArtifactCheck(store).of_store()
    for run in store.glob("2*"):
        wrong += ArtifactCheck(store).of_run(run)
    assert [one for one in wrong if one.severity != "note"] == []
    if way in ALWAYS:
        assert said == f"{name}:{ALWAYS[way]}"
    if said == "gone":
        return
    name, _, number = said.partition(":v")
    versions = ArtifactVersions(store, name)
    assert int(number) not in versions.standing().dropped
    version = versions.read(int(number))
    paths = [entry.path for entry in version.entries]
    assert way != "incremental" or paths == ["first.txt", "third.txt"]
    if not name.endswith("-zoo"):  # a link leaves the files where they are
        assert all(list(store.glob(f"2*/artifacts/{name}/v{number}/{path}")) for path in paths)
    assert BlobStore(store).ask({e.blake3: e.size or 0 for e in version.entries}) == set()


def forget(store: Path, name: str) -> None:
    """Remove what an attempt left, so that the next one has as many steps."""
    for folder in [*store.glob(f".artifacts/{name}*"), *store.glob(f"*/artifacts/{name}*")]:
        shutil.rmtree(folder)
    for folder in store.glob(".blobs/??"):
        shutil.rmtree(folder)


@pytest.mark.parametrize("way", WAYS)
def test_a_run_saves_while_a_sweep_stands_at_any_of_its_steps(
    folio: Path, stepped: Stepped, way: str
) -> None:
    saver, at, told = Saver(), 0, set[str]()
    stops = True
    while stops:
        at += 1
        name = f"n{at}"
        saver.prepare(way, name)
        stops = stepped.starts(at, "sweep", str(folio), NO_GRACE)
        is_aside = bool(list(folio.glob(".blobs/.gone.*")))
        said = saver.save(way, name)
        assert not (is_aside and said == "gone")
        if stops:
            stepped.goes_on()
        told.add(said.partition(":")[2] or said)
        check(folio, way, name, said)
        forget(folio, name)
    assert at > 12
    assert told == {ALWAYS[way]} if way in ALWAYS else {"v0", "gone"}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("grace", [AN_HOUR, NO_GRACE])
def test_a_sweep_runs_while_a_run_stands_at_any_step_of_saving(
    folio: Path, stepped: Stepped, monkeypatch: pytest.MonkeyPatch, way: str, grace: float
) -> None:
    monkeypatch.setattr(gc_contents, "YOUNG_S", grace)
    at, told = 0, set[str]()
    stops = True
    while stops:
        at += 1
        name = f"n{at}"
        stops = stepped.starts(at, "save", way, name)
        list(gc_contents.sweep_contents(folio))
        if stops:
            stepped.goes_on()
        told.add(stepped.told.partition(":")[2] or stepped.told)
        # Without an hour's grace a content may go before anything names it: that is told, then.
        check(folio, way if grace == AN_HOUR else "", name, stepped.told)
        forget(folio, name)
    assert at > 12
    assert told >= {ALWAYS.get(way, "v0")}
