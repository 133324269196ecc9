"""Parts of one artifact from several processes, and what a run made and used, listed to the end."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

import runfolio as wandb
from runfolio.errors import RunfolioWarning, UsageError
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.record.api import init


def part(name: str, text: str) -> wandb.Artifact:
    Path(name).write_text(text)
    artifact = wandb.Artifact("crawl", type="dataset")
    artifact.add_file(name)
    return artifact


PROCESS = """
    import sys, runfolio
    with runfolio.init(group="g") as run:
        for n in range(3):
            artifact = runfolio.Artifact("crawl", type="result")
            with artifact.new_file(f"{sys.argv[1]}-{n}.txt") as file:
                file.write(sys.argv[1])
            run.upsert_artifact(artifact)
"""


def test_processes_that_add_at_the_same_moment_lose_nothing(store: Path) -> None:
    job = [
        subprocess.Popen([sys.executable, "-c", textwrap.dedent(PROCESS), name]) for name in "abc"
    ]
    assert [process.wait(timeout=60) for process in job] == [0, 0, 0]
    with init(group="g") as run:
        done = run.finish_artifact(wandb.Artifact("crawl", type="result"))
    expected = sorted(f"{name}-{n}.txt" for name in "abc" for n in range(3))
    assert sorted(done.manifest.entries) == expected
    versions = ArtifactVersions(store, "crawl")
    assert sorted(versions.standing().dropped) == versions.numbers()[:-1]


def test_the_later_of_two_parts_counts_and_the_last_one_most() -> None:
    run = init()
    for text in ("one", "two"):
        run.upsert_artifact(part("a.txt", text), distributed_id="x")
        run.upsert_artifact(part(f"{text}.txt", text), distributed_id="x")
    run.upsert_artifact(part("b.txt", "three"), distributed_id="x")
    done = run.finish_artifact(part("b.txt", "four"), distributed_id="x")
    folder = Path(done.download())
    found = {path.name: path.read_text() for path in folder.iterdir()}
    assert found == {"a.txt": "two", "one.txt": "one", "two.txt": "two", "b.txt": "four"}


def test_aliases_of_parts_go_over_and_one_that_is_in_production_stays(store: Path) -> None:
    run = init()
    run.upsert_artifact(part("a.txt", "a"), aliases=["weekly"], distributed_id="x")
    staged = run.upsert_artifact(part("b.txt", "b"), distributed_id="x")
    staged.versions.stage("production", 1)
    done = run.finish_artifact(part("c.txt", "c"), aliases=["done"], distributed_id="x")
    now = ArtifactVersions(store, "crawl").standing()
    assert (now.aliases, sorted(now.dropped)) == ({"weekly": 2, "done": 2}, [0])
    assert done.version == "v2"


def test_parts_of_another_word_are_left_alone() -> None:
    run = init()
    run.upsert_artifact(part("a.txt", "a"), distributed_id="x")
    done = run.finish_artifact(part("b.txt", "b"), distributed_id="y")
    assert list(done.manifest.entries) == ["b.txt"]
    assert run.use_artifact("crawl:v0").file_count == 1


def test_without_a_word_that_all_know_it_is_refused() -> None:
    run = init()
    for call in (run.upsert_artifact, run.finish_artifact):
        with pytest.raises(UsageError, match="give distributed_id="):
            call(part("a.txt", "a"))


def test_a_run_lists_all_it_made_and_used_but_for_what_was_dropped() -> None:
    run = init()
    for n in range(60):
        Path("m.txt").write_text(str(n))
        run.log_artifact("m.txt", name="m")
    run.use_artifact("m:v3")
    run.use_artifact("m:v59")
    run.use_artifact("m:v3").delete()
    assert [one.version for one in run.logged_artifacts()] == [f"v{n}" for n in range(60) if n != 3]
    assert [one.version for one in run.used_artifacts()] == ["v59"]


def test_a_disabled_run_lists_none() -> None:
    run = init(mode="disabled")
    run.finish_artifact(wandb.Artifact("a", "b"), distributed_id="x").save()
    assert run.logged_artifacts() == run.used_artifacts() == []


def test_where_the_disk_refuses_the_whole_its_parts_stay(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setenv("RUNFOLIO_STRICT", "0")
    run = init()
    run.upsert_artifact(part("a.txt", "a"), distributed_id="x")
    with monkeypatch.context() as patched:
        patched.setattr(ArtifactVersions, "make", full)
        with pytest.warns(RunfolioWarning, match="was not kept"):
            done = run.finish_artifact(part("b.txt", "b"), distributed_id="x")
    assert done.is_draft()
    assert not ArtifactVersions(store, "crawl").standing().dropped
    done = run.finish_artifact(part("b.txt", "b"), distributed_id="x")
    assert sorted(done.manifest.entries) == ["a.txt", "b.txt"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_is_told_that_nothing_is_kept(
    script: Callable[..., subprocess.CompletedProcess[str]], store: Path
) -> None:
    done = script(
        """
        import os, runfolio
        with runfolio.init():
            pid = os.fork()
            if pid == 0:
                runfolio.run.log_artifact([1], name="net")
                runfolio.run.log_artifact([2], name="net")
                os._exit(0)
            os.waitpid(pid, 0)
        """
    )
    assert done.stderr.count("in a forked child keeps nothing ('net')") == 1
    assert not ArtifactVersions(store, "net").numbers()
