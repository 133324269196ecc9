"""Secrets planted wherever a run takes text from: none of them is found in its folder."""

from __future__ import annotations

import json
import os
import random
import string
import subprocess
import sys
from pathlib import Path

import pytest

import runfolio
from runfolio.errors import RunfolioWarning
from runfolio.format.manifest import read_record
from runfolio.record.api import init


def drawn(seed: int) -> str:
    """Return a value that looks like a key; put together here, so that none stands in the file."""
    draw = random.Random(seed)
    return "k7" + "".join(draw.choice(string.ascii_letters + string.digits) for _ in range(22))


PLACES = ("tracked", "untracked", "config", "nested", "argument", "variable", "remote", "printed",
          "note", "tag", "text", "alert", "learned", "summary", "reason")  # fmt: skip
SECRETS = {place: drawn(number) for number, place in enumerate(PLACES)}

SCRIPT = """
import os, sys, runfolio
s = dict(pair.split("=") for pair in os.environ["PLANTED"].split(" "))
run = runfolio.init(
    name="planted", notes="the api_key=" + s["note"], tags=["token=" + s["tag"]],
    config={"api_key": s["config"], "db": {"password": s["nested"]}, "lr": 0.1},
)
assert run.config["api_key"] == s["config"]
runfolio.log({"loss": 1.0, "said": "Authorization: Bearer " + s["text"]})
runfolio.alert("low", "password: " + s["alert"])
runfolio.log({"told": "api_key='" + s["learned"] + "'"})
runfolio.log({"told": "it was " + s["learned"]})
run.summary["best"] = "token=" + s["summary"]
print("token=" + s["printed"])
raise SystemExit("token=" + s["reason"])
"""


def git(folder: Path, *words: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=folder, check=True
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of a program in a repository, secrets in every place."""
    root = tmp_path_factory.mktemp("planted") / "project"
    root.mkdir()
    (root / "train.py").write_text(SCRIPT)
    (root / "settings.py").write_text("x = 1\n")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    git(root, "remote", "add", "origin", f"https://bob:{SECRETS['remote']}@host/a/b.git")
    (root / "settings.py").write_text(f"x = 1\napi_key = '{SECRETS['tracked']}'\n")
    (root / "fresh.py").write_text(f"token = '{SECRETS['untracked']}'\n")
    env = {name: value for name, value in os.environ.items() if not name.startswith("RUNFOLIO_")}
    env |= {
        "RUNFOLIO_DIR": str(root.parent / "folio"),
        "PLANTED": " ".join(f"{place}={value}" for place, value in SECRETS.items()),
        "OMP_SECRET": SECRETS["variable"],
    }
    subprocess.run(
        [sys.executable, "-m", "runfolio", "run", sys.executable, "train.py",
         "--api-key", SECRETS["argument"]],
        cwd=root, env=env, capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    (run,) = (path.parent for path in (root.parent / "folio").glob("*/run.json"))
    return run


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_from_there_is_in_no_file_of_the_run(folder: Path, place: str) -> None:
    secret = SECRETS[place].encode()

    holding = [
        path.name for path in folder.rglob("*") if path.is_file() and secret in path.read_bytes()
    ]

    assert holding == []


def test_marks_stand_in_their_places_and_are_counted(folder: Path) -> None:
    record = read_record(folder)

    assert record.config["api_key"] == "[redacted:api_key]"
    assert record.config["lr"] == 0.1
    assert record.counts["redacted"] >= 5
    assert b"api_key = '[redacted:api_key]'" in (folder / "code/uncommitted.patch").read_bytes()
    assert b"token=[redacted:token]" in (folder / "output.log").read_bytes()


def test_the_place_is_told_once_and_never_the_value(store: Path) -> None:
    secret = drawn(99)
    with pytest.warns(RunfolioWarning, match="stands in config.api_key") as caught:
        init(config={"api_key": secret, "lr": 1}).finish()

    told = [str(one.message) for one in caught]
    assert len(told) == 1
    assert secret not in told[0]
    assert "allow_secrets" in told[0]


def test_a_run_without_secrets_says_nothing_of_them(store: Path) -> None:
    with init(config={"optimizer": "adamw", "max_tokens": 128}) as run:
        run.log({"loss": 0.5, "said": "all is well"})

    body = json.loads((run.path / "run.json").read_text())
    assert "redacted" not in body["counts"]


def test_an_edit_by_somebody_else_keeps_no_secret(store: Path) -> None:
    secret = drawn(7)
    with init() as run:
        run.log({"loss": 0.5})
    with pytest.warns(RunfolioWarning, match="stands in the notes"):
        runfolio.note(run.id, f"use token={secret}")

    assert all(secret not in path.read_text() for path in (run.path / "edits").iterdir())
