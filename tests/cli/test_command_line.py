"""The ``runfolio`` command as a process: what it prints where, and what it ends with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def run(*words: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, with a store in `cwd`."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "runfolio", *words],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "RUNFOLIO_DIR": str(cwd / "folio"), **env},
        check=False,
        timeout=60,
    )


def test_help_lists_the_verbs(tmp_path: Path) -> None:
    done = run("--help", cwd=tmp_path)

    assert done.returncode == 0
    assert "doctor" in done.stdout


def test_no_words_mean_help(tmp_path: Path) -> None:
    assert run(cwd=tmp_path).stdout == run("--help", cwd=tmp_path).stdout


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    probe = (
        "import sys; from runfolio.cli.main import main; main(['--help']); main(['nonsense']);"
        "heavy = {'pandas', 'altair', 'pyarrow', 'duckdb', 'numpy', 'IPython', 'git', 'PIL'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )

    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True,
                          check=False, cwd=tmp_path, timeout=60)  # fmt: skip

    assert (done.returncode, done.stderr.count("\n")) == (0, 1)


def test_a_fault_in_metrics_toml_is_one_line_and_the_runs_are_listed(tmp_path: Path) -> None:
    (tmp_path / "metrics.toml").write_text('["val/acc"]\ngaol = "max"\n')
    words = [sys.executable, "-m", "runfolio", "runs"]

    done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, check=False,
                          env={**os.environ, "RUNFOLIO_DIR": "folio"}, timeout=60)  # fmt: skip

    assert done.returncode == 1
    assert "No runs" in done.stdout
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith('runfolio: metrics.toml, ["val/acc"]: there is no field')
    assert 'Did you mean "goal"?' in done.stderr


def test_a_mistake_is_one_line_on_standard_error(tmp_path: Path) -> None:
    done = run("runss", cwd=tmp_path)

    assert done.returncode == 2
    assert done.stdout == ""
    assert (
        done.stderr
        == 'No verb is called "runss". Did you mean "runs"? runfolio --help lists all.\n'
    )


def test_version_is_printed(tmp_path: Path) -> None:
    assert run("--version", cwd=tmp_path).stdout.startswith("runfolio ")


def test_doctor_answers_in_json(tmp_path: Path) -> None:
    done = run("doctor", "--json", cwd=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["sound"] is True


def test_doctor_finds_a_store_that_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "folio").write_text("in the way", encoding="utf-8")

    done = run("doctor", cwd=tmp_path)

    assert done.returncode == 1
    assert "it is no folder" in done.stdout
    assert "RUNFOLIO_DIR says so" in done.stdout


def test_a_pipe_gets_no_colours(tmp_path: Path) -> None:
    assert "\x1b" not in run("doctor", cwd=tmp_path).stdout


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes of that kind")
def test_a_reader_that_stops_early_is_no_mistake(tmp_path: Path) -> None:
    script = f"{sys.executable} -m runfolio doctor --json | true; echo ${{PIPESTATUS[0]}}"

    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False,
                          cwd=tmp_path, timeout=60)  # fmt: skip

    assert (done.stdout, done.stderr) == ("0\n", "")


def test_an_ascii_terminal_gets_escapes_instead_of_an_error(tmp_path: Path) -> None:
    done = run("doctor", cwd=tmp_path, PYTHONIOENCODING="ascii", PYTHONUTF8="0")

    assert done.returncode == 0
    assert "\\u2713 python" in done.stdout
