"""``run COMMAND`` without git: processes that join keep the local modules they imported."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from runfolio.format.check import check_run
from runfolio.replay.workspace import put_back

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="no process groups here")
IMPORTS = "what the program imports"
JOINS = "import model, runfolio\nrunfolio.init()\nimport late\nrunfolio.log({'loss': 1})\n"
WITHOUT = "import model\nprint(model.a)\n"


def ran(tmp_path: Path, *argv: str, **files: str) -> Path:
    """Run a command in a folder without git, as a user would, and return its run."""
    work = tmp_path / "work"
    work.mkdir()
    for name, text in {"model": "a = 1\n", "late": "b = 2\n", **files}.items():
        (work / f"{name}.py").write_text(textwrap.dedent(text))
    env = {name: value for name, value in os.environ.items() if not name.startswith("RUNFOLIO_")}
    env |= {"RUNFOLIO_DIR": str(tmp_path / "folio"), "RUNFOLIO_SILENT": "true",
            "XDG_DATA_HOME": str(tmp_path / "data"), "GIT_CEILING_DIRECTORIES": str(tmp_path)}  # fmt: skip
    subprocess.run([sys.executable, "-m", "runfolio", "run", *argv], cwd=work, env=env, check=True,
                   timeout=120)  # fmt: skip
    (manifest,) = (tmp_path / "folio").glob("*/run.json")
    return manifest.parent


def kept(run: Path) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = orjson.loads((run / "code/modules.json").read_bytes())[
        "modules"
    ]
    return found


def left_out(run: Path) -> list[str]:
    return [one["what"] for one in orjson.loads((run / "code/not_captured.json").read_bytes())]


def replayable(run: Path) -> str:
    return str(orjson.loads((run / "run.json").read_bytes())["complete"]["replayable"])


def test_a_program_that_joins_tells_what_it_imports(tmp_path: Path) -> None:
    run = ran(tmp_path, sys.executable, "train.py", train=JOINS)
    assert {one["path"] for one in kept(run)} == {"train.py", "model.py", "late.py"}
    assert IMPORTS not in left_out(run)
    assert replayable(run) == "yes"
    assert check_run(run) == []


def test_what_was_imported_is_put_back(tmp_path: Path) -> None:
    run = ran(tmp_path, sys.executable, "train.py", train=JOINS)
    (tmp_path / "again").mkdir()
    put_back(run, tmp_path / "again")
    for name in ("train.py", "model.py", "late.py"):
        assert (tmp_path / "again" / name).read_text() == (tmp_path / "work" / name).read_text()


def test_a_program_that_joins_nothing_stays_unknown(tmp_path: Path) -> None:
    run = ran(tmp_path, sys.executable, "train.py", train=WITHOUT)
    assert IMPORTS in left_out(run)
    assert "what the program imports was not captured" in replayable(run)


def test_a_child_that_joins_does_not_speak_for_its_parent(tmp_path: Path) -> None:
    parent = "import subprocess, sys\nsubprocess.run([sys.executable, 'child.py'], check=True)\n"
    run = ran(tmp_path, sys.executable, "train.py", train=parent, child=JOINS)
    assert {one["path"] for one in kept(run)} == {"child.py", "model.py", "late.py"}
    assert IMPORTS in left_out(run)


def test_many_processes_that_import_the_same_at_once_lose_nothing(tmp_path: Path) -> None:
    parent = """
        import subprocess, sys, model, runfolio
        runfolio.init()
        for n in range(6):
            open(f"own{n}.py", "w").write(f"n = {n}")
        line = [sys.executable, "child.py"]
        children = [subprocess.Popen([*line, str(n)]) for n in range(6)]
        assert [child.wait() for child in children] == [0] * 6
    """
    child = f"{JOINS}import importlib, sys\nimportlib.import_module(f'own{{sys.argv[1]}}')\n"
    run = ran(tmp_path, sys.executable, "train.py", train=parent, child=child)
    paths = [one["path"] for one in kept(run)]
    own = [f"own{n}.py" for n in range(6)]
    assert sorted(paths) == sorted(["train.py", "child.py", "model.py", "late.py", *own])
    for one in kept(run):
        assert (run / "code" / one["file"]).read_text() == (
            tmp_path / "work" / one["path"]
        ).read_text()
    assert replayable(run) == "yes"
    assert check_run(run) == []


def test_a_module_that_was_edited_between_two_processes_is_kept_twice(tmp_path: Path) -> None:
    parent = """
        import subprocess, sys, model, runfolio
        runfolio.init().life.snapshot.wait(60)
        open("model.py", "w").write("a = 100")
        subprocess.run([sys.executable, "child.py"], check=True)
    """
    run = ran(tmp_path, sys.executable, "train.py", train=parent, child=JOINS)
    texts = [(run / "code" / one["file"]).read_text() for one in kept(run)
             if one["path"] == "model.py"]  # fmt: skip
    assert texts == ["a = 1\n", "a = 100"]


def test_a_program_that_was_killed_is_not_said_to_be_whole(tmp_path: Path) -> None:
    killed = "import os, model, runfolio\nrunfolio.init().life.snapshot.wait(60)\nos.kill(os.getpid(), 9)\n"
    line = f"import sys; exec({killed!r})"
    with pytest.raises(subprocess.CalledProcessError):
        ran(tmp_path, sys.executable, "-c", line)
    (manifest,) = (tmp_path / "folio").glob("*/run.json")
    assert [one["path"] for one in kept(manifest.parent)] == ["model.py"]
    assert IMPORTS in left_out(manifest.parent)
