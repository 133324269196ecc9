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
from runfolio.record.redaction import Redaction


def drawn(seed: int) -> str:
    """Return a value that looks like a key; put together here, so that none stands in the file."""
    draw = random.Random(seed)
    return "k7" + "".join(draw.choice(string.ascii_letters + string.digits) for _ in range(22))


PLACES = ("tracked", "untracked", "config", "nested", "argument", "variable", "remote", "printed",
          "note", "tag", "text", "alert", "learned", "summary", "reason", "key", "file", "defined",
          "element")  # fmt: skip
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
run.config["token=" + s["key"]] = 1
run.define_metric("of token=" + s["defined"])
print("<p>token=" + s["element"] + "</p>", sys.argv[2])
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
    (root / f"token={SECRETS['file']}.txt").write_text("x")
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


def test_what_came_with_the_command_line_is_counted_and_known_from_then_on(folder: Path) -> None:
    body = json.loads((folder / "run.json").read_text())

    assert body["command"][-2:] == ["--api-key", "[redacted:api-key]"]
    assert "[redacted:api-key]" in (folder / "output.log").read_text()


def test_a_run_whose_command_line_alone_holds_a_secret_counts_it(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text("import runfolio\nrunfolio.init()\n")
    env = {**os.environ, "RUNFOLIO_DIR": str(tmp_path / "folio"), "RUNFOLIO_CAPTURE": "0"}
    done = subprocess.run(
        [sys.executable, "x.py", f"--token={drawn(5)}"],
        cwd=tmp_path, env=env, capture_output=True, text=True, check=True,
    )  # fmt: skip

    (manifest,) = (tmp_path / "folio").glob("*/run.json")
    assert json.loads(manifest.read_text())["counts"]["redacted"] == 1
    assert "(token) stands in the command line" in done.stderr
    assert drawn(5) not in done.stderr


def test_a_changed_file_whose_name_is_a_secret_is_left_out_of_the_patch(folder: Path) -> None:
    left_out = (folder / "code/not_captured.json").read_text()

    assert "token=[redacted:token]" in left_out
    assert b"settings.py" in (folder / "code/uncommitted.patch").read_bytes()


def test_no_line_of_the_program_is_shown_where_a_secret_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text(
        f"import runfolio\nrunfolio.init(config={{'api_key': '{drawn(6)}'}})\n"
    )
    env = {**os.environ, "RUNFOLIO_DIR": str(tmp_path / "folio"), "RUNFOLIO_CAPTURE": "0"}
    done = subprocess.run(
        [sys.executable, "x.py"], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )

    assert "<x.py>:2: RunfolioWarning: What looks like a secret (api_key)" in done.stderr
    assert drawn(6) not in done.stderr


def test_a_setting_in_a_group_is_told_and_counted_once(store: Path) -> None:
    with pytest.warns(RunfolioWarning) as caught:
        init(config={"db": {"password": drawn(7)}}).finish()

    assert [str(one.message).split(";")[0] for one in caught] == [
        "What looks like a secret (password) stands in config.db.password"
    ]
    (manifest,) = store.glob("*/run.json")
    assert read_record(manifest.parent).counts["redacted"] == 1


@pytest.mark.parametrize("count", [10, 5000])
def test_a_secret_among_the_names_of_settings_is_found_however_many_there_are(
    count: int,
) -> None:
    names = {f"setting{n}": n for n in range(count)}
    with pytest.warns(RunfolioWarning, match="config"), init() as run:
        run.config.update({**names, "token=" + SECRETS["key"]: 1, "last": 2})

    written = run.path.joinpath("run.json").read_text(encoding="utf-8")
    assert SECRETS["key"] not in written
    assert set(json.loads(written)["config"]) >= {*names, "last"}


def test_what_to_do_is_told_with_the_first_secret_only(store: Path) -> None:
    with pytest.warns(RunfolioWarning) as caught:
        init(config={"api_key": drawn(8)}, notes=f"token={drawn(9)}").finish()

    told = [str(one.message) for one in caught]
    assert [("allow_secrets" in one, "replays only" in one) for one in told] == [
        (True, True), (False, False),
    ]  # fmt: skip


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


def test_of_the_uncommitted_changes_the_files_are_told() -> None:
    parts = [
        f"diff --git a/{name} b/{name}\nnew file mode 100644\n--- /dev/null\n+++ b/{name}\n"
        f"@@ -0,0 +1 @@\n+token = '{drawn(number)}'\n"
        for number, name in enumerate(["a.py", "b/c.py", "d.py", "e.py"])
    ]
    redaction = Redaction()
    with pytest.warns(
        RunfolioWarning, match=r"uncommitted changes of a\.py, b/c\.py, d\.py and 1 more; "
    ):
        clean, left_out = redaction.patch("".join(parts).encode())

    assert (clean.count(b"[redacted:token]"), left_out) == (4, [])
    assert (redaction.count, redaction.to_supply) == (4, 4)


def test_why_a_run_ended_is_told_by_that_name() -> None:
    with pytest.warns(RunfolioWarning, match="stands in the reason of its end;"):
        Redaction().event("status", {"status": "failed", "reason": f"token={drawn(5)}"})


@pytest.mark.parametrize("name", ["tok", "LABEL_STUDIO_TOKEN", "salt"])
def test_a_setting_whose_name_says_little_is_judged_as_in_the_source(name: str) -> None:
    secret = drawn(31)
    redaction = Redaction()
    with pytest.warns(RunfolioWarning, match=f"stands in config.{name}"):
        done = redaction.config({name: secret, "sid": "train", "session": "monday"})

    assert done == {name: f"[redacted:{name}]", "sid": "train", "session": "monday"}


@pytest.mark.filterwarnings("ignore:What looks like a secret")
def test_a_setting_that_is_known_for_a_secret_later_is_none_in_the_manifest(store: Path) -> None:
    secret = drawn(32)
    with init(config={"plain": secret, "lr": 0.1}) as run:
        run.log({"said": f"api_key='{secret}'"})
    body = json.loads((run.path / "run.json").read_text())

    assert body["config"] == {"plain": "[redacted:api_key]", "lr": 0.1}
    assert (body["counts"]["redacted"], body["counts"]["to_supply"]) == (2, 1)


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
