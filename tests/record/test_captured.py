"""What is captured beside the points: code, environment, seeds; in the background, and sealed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from runfolio.capture import numerics, opened
from runfolio.format import seal
from runfolio.format.disk import Disk
from runfolio.format.manifest import read_record
from runfolio.record.api import init
from runfolio.record.run import Run
from runfolio.record.session import Session


@pytest.fixture(autouse=True)
def capture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "true")


def seeds_of(run: Run) -> dict:
    return json.loads((run.path / "seeds.json").read_text())["set"]


def test_environment_and_software_are_recorded() -> None:
    run = init()
    run.finish()
    record = read_record(run.path)
    assert record.software["packages"] > 5
    assert (run.path / "environment" / "requirements.lock").is_file()
    assert record.complete["environment"] == "whole"
    assert "metrics" in record.complete


def test_what_the_end_of_a_run_looks_at_was_not_read_by_whoever_ended_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toolkit = tmp_path / "version.json"
    toolkit.write_text('{"cuda": {"version": "12.8"}}')
    monkeypatch.setattr(numerics, "_TOOLKITS", (str(toolkit),))
    opened.follow()
    run = init()
    assert run.life.snapshot.wait(30)
    begun = opened.mark()
    run.finish()
    heard = {sighting.path for sighting in opened.heard(begun)}
    opened.unfollow()
    assert str(toolkit) not in heard


def test_seeds_set_while_the_run_goes_on_are_added() -> None:
    run = init()
    run.life.add_seeds({"early": 1})
    assert run.life.snapshot is not None
    assert run.life.snapshot.wait(30)
    run.life.add_seeds({"numpy": 7})
    run.life.settle_states(30)
    assert {"early": 1, "numpy": 7}.items() <= seeds_of(run).items()
    assert list(seal.faults(run.path)) == []
    run.finish()
    run.life.add_seeds({"late": 3})
    assert {"early": 1, "numpy": 7}.items() <= read_record(run.path).seeds.items()
    assert "late" not in seeds_of(run)


class Watching(Disk):
    """Keeps each text that a manifest had."""

    def __init__(self) -> None:
        self.manifests: list[dict] = []

    def replace(self, path: Path, data: bytes) -> None:
        if path.name == "run.json":
            self.manifests.append(json.loads(data))
        super().replace(path, data)


def test_a_run_is_not_judged_before_its_code_is_there() -> None:
    files = Watching()
    run = Session(files=files).open({})
    run.log({"loss": 1.0})
    run.finish()
    ended = [one for one in files.manifests if one["status"] == "finished"]
    assert len(ended) > 1
    assert all(not one["complete"] for one in ended[:-1])
    assert ended[-1]["complete"]["code"] == read_record(run.path).complete["code"]


def test_what_was_captured_is_in_the_manifest_before_the_end() -> None:
    run = init()
    assert run.life.snapshot is not None
    run.life.snapshot.wait(30)
    run.life.refresh()
    assert "python" in read_record(run.path).software


def test_without_capture_there_are_no_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "false")
    run = init()
    run.life.add_seeds({"numpy": 7})
    run.finish()
    assert not (run.path / "seeds.json").exists()


def test_seeds_in_the_text_of_a_script_are_found(store: Path) -> None:
    Path("train.py").write_text(
        "import random, runfolio\nrandom.seed(7)\n"
        "run = runfolio.init(id='r')\nrun.log({'a': 1})\nrun.finish()\n"
    )
    subprocess.run([sys.executable, "train.py"], check=True)
    assert read_record(store / "r").seeds["random"] == 7
    assert read_record(store / "r").complete["seeds"] == "whole"


def test_a_script_outside_version_control_is_kept_itself(store: Path) -> None:
    text = "import runfolio\nrunfolio.init(id='r').finish()\n"
    Path("train.py").write_text(text)
    subprocess.run([sys.executable, "train.py"], check=True)
    assert (store / "r" / "code" / "script" / "train.py").read_text() == text
    assert read_record(store / "r").complete["code"] == "whole"


def test_files_of_a_repository_without_a_commit_are_not_called_missing(store: Path) -> None:
    subprocess.run(["git", "init", "-q", "."], check=True)
    Path("train.py").write_text("import runfolio\nrunfolio.init(id='r').finish()\n")
    subprocess.run([sys.executable, "train.py"], check=True)
    assert "train.py" in (store / "r" / "code" / "uncommitted.patch").read_text()
    assert read_record(store / "r").complete["code"] == "whole"


def committed(text: str) -> None:
    Path("train.py").write_text(text)
    who = ["-c", "user.name=ann", "-c", "user.email=ann@example.org"]
    for command in (["init", "-q", "."], ["add", "train.py"], [*who, "commit", "-qm", "first"]):
        subprocess.run(["git", *command], check=True)


def reasons_of(store: Path) -> set[str]:
    subprocess.run([sys.executable, "train.py"], check=True)
    said = read_record(store / "r").complete["replayable"]
    return set(said.removeprefix("no: ").split("; ")) - {"yes", "no data set was declared"}


def test_a_committed_script_can_be_replayed_but_for_its_data(store: Path) -> None:
    committed("import runfolio\nrunfolio.init(id='r').finish()\n")
    assert reasons_of(store) == set()
    Path("losses.py").write_text("weight = 2\n" * 1_500_000)
    subprocess.run(["rm", "-r", store / "r"], check=True)
    assert reasons_of(store) == {"losses.py was not captured"}


def test_a_record_without_its_secrets_says_that_they_must_be_supplied(store: Path) -> None:
    committed("import runfolio\nrunfolio.init(id='r', config={'db_password': 'x' * 20}).finish()\n")
    assert reasons_of(store) == {"1 secret was taken out and must be supplied"}
