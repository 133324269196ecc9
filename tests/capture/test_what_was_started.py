"""The command or notebook behind a run, and its place among several processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipapp
from pathlib import Path

import pytest

from runfolio.capture import ranks, script
from runfolio.capture.notebook import identity

TELL = "import json; from runfolio.capture import script; print(json.dumps([script.command(), script.script(), (script.source(script.main_file()) or '')[:6]]))"


def told(*arguments, cwd):
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


@pytest.fixture
def project(tmp_path):
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "pkg").mkdir()
    for name in ("train.py", "pkg/__init__.py", "pkg/__main__.py", "pkg/mod.py"):
        (tmp_path / name).write_text(TELL if "init" not in name else "")
    return tmp_path


def test_a_script_is_told_relative_to_the_project(project):
    command, name, source = told("../train.py", "--lr", "3", "--api-key", "s", cwd=project / "pkg")
    assert command == ["python", "train.py", "--lr", "3", "--api-key", "[redacted:api-key]"]
    assert (name, source) == ("train.py", "import")


def test_a_module_is_told_by_its_name(project):
    assert told("-m", "pkg.mod", "x", cwd=project)[0] == ["python", "-m", "pkg.mod", "x"]
    assert told("-m", "pkg", cwd=project)[:2] == [["python", "-m", "pkg"], None]


def test_a_folder_and_an_archive_are_told_by_their_names(project):
    zipapp.create_archive(project / "pkg", project / "app.pyz")
    assert told("app.pyz", "x", cwd=project)[0] == ["python", "app.pyz", "x"]
    assert told("../pkg", cwd=project / "pkg")[0] == ["python", "pkg"]
    assert told("pkg/__main__.py", cwd=project)[0] == ["python", "pkg/__main__.py"]


def test_code_on_the_command_line_is_told(project):
    assert told("-c", TELL, "x", cwd=project)[0] == ["python", "-c", TELL, "x"]


def test_a_script_outside_a_project_is_told_by_its_name_only(project, tmp_path_factory):
    lone = tmp_path_factory.mktemp("lone") / "t.py"
    lone.write_text(TELL)
    if script.settings.project_root(lone.parent) is None:
        assert told(str(lone), cwd=project)[:2] == [["python", "t.py"], None]


def test_an_argument_that_is_no_text_still_fits_into_json(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["x.py", os.fsdecode(b"caf\xe9"), "y" * 10_000])
    first, second = script.command()[-2:]
    assert first == "caf\\xe9"
    assert len(second) < 5000


def test_a_notebook_of_jupyter_is_known_by_its_session(project):
    (project / "nb").mkdir()
    known = identity(
        {}, {"JPY_SESSION_NAME": str(project / "nb" / "n.ipynb")}, ["-f", "/run/kernel-1a-2b.json"]
    )
    assert known == {
        "path": "nb/n.ipynb", "file": str(project / "nb" / "n.ipynb"),
        "kernel_id": "1a-2b", "front_end": "Jupyter",
    }  # fmt: skip


def test_a_kernel_without_a_server_is_known_by_its_temporary_file():
    argv = ["/lib/ipykernel_launcher.py", "-f", "/tmp/tmp7vhx.json"]
    assert identity({}, {}, argv)["kernel_id"] == "tmp7vhx"
    assert identity({}, {}, ["train.py", *argv[1:]])["kernel_id"] is None


def test_a_notebook_of_vs_code_is_known_by_a_variable_of_the_user(project):
    file = str(project / "n.ipynb")
    known = identity({"__vsc_ipynb_file__": file, "JPY_SESSION_NAME": 3}, {})
    assert (known["path"], known["front_end"]) == ("n.ipynb", "VS Code")


@pytest.mark.parametrize("name", ["", "console-1", "\0.ipynb"])
def test_what_is_no_notebook_has_no_path(name):
    assert identity({}, {"JPY_SESSION_NAME": name}, [])["path"] is None


def test_a_plain_process_is_no_notebook():
    assert identity({}, {}, []) == {
        "path": None,
        "file": None,
        "kernel_id": None,
        "front_end": None,
    }


@pytest.mark.parametrize(
    "pid",
    ["", "x", "0", "-1", str(2**80), str(os.getpid())],
    ids=["none", "word", "zero", "negative", "huge", "own"],
)
def test_a_server_that_is_gone_or_unknown_is_survived(pid):
    assert identity({}, {"JPY_PARENT_PID": pid, "JPY_SESSION_NAME": "n.ipynb"}, [])["front_end"]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, (0, 0, 1)),
        ({"RANK": "3", "LOCAL_RANK": "1", "WORLD_SIZE": "8"}, (3, 1, 8)),
        ({"SLURM_PROCID": "2", "SLURM_LOCALID": "0", "SLURM_NTASKS": "4"}, (2, 0, 4)),
        ({"SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "1", "SLURM_NTASKS": "4"}, (0, 0, 1)),
        ({"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"}, (1, 0, 2)),
        ({"RANK": "1", "WORLD_SIZE": "2", "SLURM_PROCID": "0", "SLURM_NTASKS": "4"}, (1, 0, 2)),
        ({"RANK": "x", "WORLD_SIZE": "2"}, (0, 0, 1)),
        ({"RANK": "5", "WORLD_SIZE": "2"}, (0, 0, 1)),
        ({"RANK": "-1", "WORLD_SIZE": "²"}, (0, 0, 1)),
        ({"RANK": "1"}, (0, 0, 1)),
    ],
)
def test_the_rank_is_that_of_the_launcher(variables, expected):
    assert (
        ranks.rank(variables),
        ranks.local_rank(variables),
        ranks.world_size(variables),
    ) == expected


def test_capture_needs_none_of_the_heavy_packages():
    names = sorted(
        path.stem for path in Path(script.__file__).parent.glob("*.py") if path.stem != "__init__"
    )
    code = (
        f"import sys\nfor n in {names!r}: __import__('runfolio.capture.' + n)\n"
        "print([m for m in ('git', 'numpy', 'pandas', 'IPython', 'pynvml', 'psutil') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
