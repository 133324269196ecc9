"""Local modules that neither the commit nor the patch holds are copied, and come back."""

from __future__ import annotations

import json
import os
import py_compile
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path
from typing import Any

import pytest

from runfolio.replay.workspace import put_back

GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "core.fsync=none")


def committed(folder: Path, **files: str) -> None:
    for name, text in files.items():
        file = folder / name.replace("__", "/").replace("_py", ".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "c"]):
        subprocess.run([*GIT, *command], cwd=folder, check=True)


def run_of(project: Path, source: str, *more: Path) -> Path:
    """Run a script of a project as a user would and return the folder of its run."""
    (project / "train.py").write_text(textwrap.dedent(source))
    env = {**os.environ, "RUNFOLIO_DIR": str(project.parent / "folio"), "RUNFOLIO_CAPTURE": "true",
           "PYTHONPATH": os.pathsep.join([*map(str, more), os.environ.get("PYTHONPATH", "")])}  # fmt: skip
    subprocess.run([sys.executable, "train.py"], cwd=project, env=env, check=True, timeout=60)
    return next((project.parent / "folio").glob("*/run.json")).parent


def copied(run: Path) -> dict[str, dict[str, Any]]:
    table = json.loads((run / "code" / "modules.json").read_text())
    return {entry["file"]: entry for entry in table["modules"]}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with a module, beside another one that has a package."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / ".gitignore").write_text("generated.py\n")
    committed(tmp_path / "project", tracked_py="a = 1\n")
    (tmp_path / "project" / "generated.py").write_text("b = 1\n")
    (tmp_path / "project" / "untracked.py").write_text("c = 1\n")
    committed(tmp_path / "other", src__pack__init_py="", src__pack__inner_py="d = 1\n")
    (tmp_path / "other/src/pack/__init__.py").write_text("from . import inner\n")
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "late.py").write_text("e = 1\n")
    return tmp_path / "project"


SCRIPT = """
import generated, tracked, untracked, pack, runfolio
run = runfolio.init()
run.life.snapshot.wait(60)
import late
run.log({"loss": 1})
"""


def test_what_git_holds_is_not_copied_and_all_else_is(project: Path, tmp_path: Path) -> None:
    run = run_of(project, SCRIPT, tmp_path / "other" / "src", tmp_path / "plain")
    assert set(copied(run)) == {
        "modules/project/generated.py",
        "modules/other/src/pack/__init__.py",
        "modules/other/src/pack/inner.py",
        "modules/plain/late.py",
    }


def test_of_another_repository_the_commit_is_noted(project: Path, tmp_path: Path) -> None:
    run = run_of(project, SCRIPT, tmp_path / "other" / "src", tmp_path / "plain")
    sha = subprocess.check_output([*GIT, "rev-parse", "HEAD"], cwd=tmp_path / "other", text=True)
    roots = json.loads((run / "code" / "modules.json").read_text())["roots"]
    assert {root["name"]: root.get("sha") for root in roots} == {
        "project": None, "other": sha.strip(), "plain": None,
    }  # fmt: skip


def test_a_script_put_back_imports_all_it_imported(project: Path, tmp_path: Path) -> None:
    run = run_of(project, SCRIPT, tmp_path / "other" / "src", tmp_path / "plain")
    clone = tmp_path / "clone"
    subprocess.run([*GIT, "clone", "-q", str(project), str(clone)], check=True)
    done = put_back(run, clone, modules=tmp_path / "modules")
    assert done.is_whole
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, done.import_from))}
    code = "import generated, tracked, untracked, pack.inner, late; print(pack.inner.__file__)"
    out = subprocess.check_output([sys.executable, "-c", code], cwd=clone, env=env, text=True)
    assert out.startswith(str(tmp_path / "modules"))


def test_without_a_repository_script_and_modules_are_kept(tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "losses.py").write_text("scale = 1\n")
    run = run_of(tmp_path / "bare", "import losses, runfolio\nrunfolio.init().log({'a': 1})\n")
    assert set(copied(run)) == {"modules/project/losses.py", "script/train.py"}
    assert (run / "code" / "script" / "train.py").is_file()
    put_back(run, tmp_path / "back")
    assert (tmp_path / "back" / "losses.py").read_text() == "scale = 1\n"
    assert (tmp_path / "back" / "train.py").read_text().startswith("import losses")


def test_a_module_that_was_reloaded_is_kept_in_both_forms(tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "losses.py").write_text("scale = 1\n")
    run = run_of(
        tmp_path / "bare",
        """
        import importlib, pathlib, losses, runfolio
        run = runfolio.init()
        run.life.snapshot.wait(60)
        pathlib.Path("losses.py").write_text("scale = 22\\n")
        importlib.reload(losses)
        run.log({"loss": 1})
        """,
    )
    contents = [(run / "code" / file).read_text() for file in copied(run) if "losses" in file]
    assert contents == ["scale = 1\n", "scale = 22\n"]


def test_archives_and_modules_without_source_are_kept(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "lonely.py").write_text("x = 1\n")
    py_compile.compile(str(bare / "lonely.py"), str(bare / "lonely.pyc"))
    (bare / "lonely.py").unlink()
    with zipfile.ZipFile(bare / "lib.zip", "w") as archive:
        archive.writestr("packed.py", "y = 1\n")
    run = run_of(
        bare,
        "import sys; sys.path.insert(0, 'lib.zip'); import lonely, packed, runfolio\n"
        "runfolio.init().log({'a': 1})",
    )
    put_back(run, tmp_path / "back")
    code = "import sys; sys.path.insert(0, 'lib.zip'); import lonely, packed"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path / "back", check=True)


def test_files_that_were_executed_and_not_imported_are_kept(tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    for name in ("read", "started"):
        (tmp_path / "bare" / f"{name}.py").write_text("x = 1\n")
    run = run_of(
        tmp_path / "bare",
        """
        import runfolio, runpy, subprocess, sys
        run = runfolio.init()
        runpy.run_path("read.py")
        subprocess.run([sys.executable, "started.py"], check=True)
        run.log({"loss": 1})
        """,
    )
    assert {"modules/project/read.py", "modules/project/started.py"} <= set(copied(run))


def test_copies_that_earlier_runs_keep_are_no_code_of_the_next(tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "helper.py").write_text("x = 1\n")
    source = "import helper, runfolio; runfolio.init(dir='.', id='{}').log({{'loss': 1}})\n"
    run_of(tmp_path / "bare", source.format("a") + "runfolio.finish(); runfolio.init(dir='../')")
    run_of(
        tmp_path / "bare",
        source.format("b")
        + """open("folio/a/code/modules/project/helper.py").close()
runfolio.finish(); runfolio.init(dir='../')""",
    )
    assert set(copied(tmp_path / "bare/folio/b")) == {
        "modules/project/helper.py",
        "script/train.py",
    }


def test_a_module_without_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "gone.py").write_text("x = 1\n")
    run = run_of(
        tmp_path / "bare",
        "import gone, os, runfolio; os.unlink('gone.py'); runfolio.init().log({'a': 1})",
    )
    missing = json.loads((run / "code" / "not_captured.json").read_text())
    assert {"what": "module gone", "why": "its file cannot be read"} in missing


def test_a_secret_in_a_module_is_not_copied(tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    token = "ghp_" + "a1B2" * 9
    (tmp_path / "bare" / "keys.py").write_text(f"first = 1\ntoken = '{token}'\n")
    run = run_of(tmp_path / "bare", "import keys, runfolio; runfolio.init().log({'a': 1})")
    entry = copied(run)["modules/project/keys.py"]
    assert entry["redacted"]
    assert token not in (run / "code" / entry["file"]).read_text()
