"""The environment that a script's run holds, and what changes of it before the end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from runfolio.format import seal
from runfolio.format.events import read_events
from runfolio.format.manifest import read_record

SCRIPT = """
import os, sys
from pathlib import Path
site = Path("site-packages").absolute()
sys.path.append(str(site))

def install(name, folder=None):
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Name: {name}\\nVersion: 1.0\\n")
    (info / "RECORD").write_text(f"{name}.py,,\\n")
    (site / f"{name}.py").touch()
    if folder:
        (info / "direct_url.json").write_text('{"url": "file://%s", "dir_info": {}}' % folder)

install("early", "/nowhere/early")
import runfolio
run = runfolio.init(id="r")
assert run.life.snapshot.wait(60)
{rest}
run.finish()
"""


@pytest.fixture
def run(store: Path, monkeypatch: pytest.MonkeyPatch):
    """Execute the script with more lines in it, and return the folder of its run."""
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "true")
    monkeypatch.setenv("OMP_PLACES", "https://me:hunter2secret@host/x")

    def execute(rest: str = "") -> Path:
        Path("train.py").write_text(SCRIPT.replace("{rest}", rest))
        subprocess.run([sys.executable, "train.py"], check=True, timeout=120)
        return store / "r"

    return execute


def read(folder: Path, name: str):
    return json.loads((folder / "environment" / name).read_text())


def test_what_was_installed_by_the_end_is_noted(run) -> None:
    folder = run('install("late")')
    (event,) = read_events(folder, ["environment"])
    assert event["added"] == {"late": "1.0"}
    assert "cell" not in event
    assert read(folder, "environment.json")["changes"] == [{"added": {"late": "1.0"}}]
    assert "\nlate==1.0\n" in (folder / "environment" / "requirements.lock").read_text()
    assert list(seal.faults(folder)) == []


def test_without_a_change_there_is_no_event(run) -> None:
    folder = run()
    assert list(read_events(folder, ["environment"])) == []
    assert read(folder, "environment.json")["changes"] == []


def test_what_cannot_be_installed_again_counts_only_if_it_was_imported(run) -> None:
    folder = run("import early")
    assert read(folder, "used.json")["distributions"]["early"] == "1.0"
    assert [item["what"] for item in read(folder, "environment.json")["not_pinned"]] == [
        "early 1.0"
    ]
    assert (
        read_record(folder).complete["environment"] == "partly: early 1.0 cannot be installed again"
    )


def test_what_was_not_imported_is_not_missed(run) -> None:
    assert read_record(run()).complete["environment"] == "whole"


def test_a_password_in_a_recorded_variable_is_not_written(run) -> None:
    text = (run() / "environment" / "environment.json").read_text()
    assert "OMP_PLACES" in text
    assert "hunter2secret" not in text


LATE = """
import threading
from runfolio.capture import distributions
install("late")
held, plain = threading.Event(), distributions.installed
looks = []
def slow(root):
    looks.append(threading.current_thread())
    held.wait(60)
    return plain(root)
distributions.installed = slow
run.finish()
held.set()
looks[0].join(60)
"""


def test_a_last_look_that_is_late_notes_nothing_and_is_missed(run) -> None:
    folder = run(LATE)
    assert [event["kind"] for event in read_events(folder)].count("status") == 1
    assert list(read_events(folder, ["environment"])) == []
    assert read(folder, "environment.json")["changes"] == []
    assert "\nlate==1.0\n" not in (folder / "environment" / "requirements.lock").read_text()
    assert "blake3" in read(folder, "used.json")["distributions"]
    assert read_record(folder).complete["environment"] == (
        "partly: what was installed by the end is not known (the last look took longer than 1 s)"
    )
    assert list(seal.faults(folder)) == []
