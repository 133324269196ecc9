"""Jupyter finds the extension by itself; ``ui`` is a server with it alone."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tests.server.served import TOKEN, _free_port, _wait_for

import runfolio
from runfolio.errors import MissingDependency, UsageError
from runfolio.server import ui as module
from runfolio.verbs.table import dispatch

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "src" / "runfolio" / "server" / "jupyter_server_config.json"


def test_the_wheel_puts_the_config_where_jupyter_looks_for_it() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]
    shared = build["build"]["targets"]["wheel"]["shared-data"]

    placed = shared[CONFIG.relative_to(ROOT).as_posix()]

    assert placed == "etc/jupyter/jupyter_server_config.d/runfolio.json"


def test_jupyter_lists_the_extension_as_enabled_and_ok(tmp_path: Path) -> None:
    there = tmp_path / "jupyter_server_config.d"
    there.mkdir()
    (there / "runfolio.json").write_bytes(CONFIG.read_bytes())

    done = subprocess.run(
        [sys.executable, "-m", "jupyter", "server", "extension", "list"],
        capture_output=True, text=True, check=False, timeout=100,
        env=os.environ | {"JUPYTER_CONFIG_DIR": str(tmp_path)},
    )  # fmt: skip

    told = re.sub(r"\x1b\[\d+m", "", done.stdout + done.stderr)
    assert re.search(
        r"runfolio enabled\n\s+- Validating runfolio\.\.\.\n(.*\n)?\s+runfolio \S* ?OK", told
    )


def test_the_package_names_its_extension_only_when_asked() -> None:
    found = runfolio._jupyter_server_extension_points()

    assert [(one["module"], one["app"].name) for one in found] == [
        ("runfolio.server.app", "runfolio")
    ]
    code = "import sys, runfolio; print([m for m in sys.modules if m.split('.')[0] in ('tornado', 'jupyter_server')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_ui_serves_the_page_with_jupyters_token(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    port, log = _free_port(), tmp_path / "log"
    places = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    command = [sys.executable, "-m", "runfolio", "ui", str(tmp_path / "home"), "--no-browser",
               "--allow-root", f"--port={port}", f"--IdentityProvider.token={TOKEN}"]  # fmt: skip
    with log.open("wb") as written:
        process = subprocess.Popen(command, stdout=written, stderr=written, env=os.environ | places)
    try:
        _wait_for(port, process, log)
    finally:
        process.terminate()
        process.wait(20)

    told = log.read_text(encoding="utf-8")
    assert f"http://localhost:{port}/runfolio?token=" in told
    assert "jupyterlab |" not in told
    assert process.returncode == 0


def test_one_interrupt_in_a_terminal_ends_ui(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()  # without a terminal Jupyter's server asks nobody
    port, log = _free_port(), tmp_path / "log"
    places = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "runfolio", "ui", str(tmp_path), "--no-browser", "--allow-root",
             f"--port={port}"], stdin=theirs, stdout=written, stderr=written,
            env=os.environ | places,
        )  # fmt: skip
    try:
        _wait_for(port, process, log)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    finally:
        process.kill()
        os.close(ours)
        os.close(theirs)

    assert "y/[n]" not in log.read_text(encoding="utf-8")


def test_ui_names_the_line_that_installs_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jupyter_server.extension.application", None)

    with pytest.raises(MissingDependency, match=r"pip install .*'runfolio\[ui\]'"):
        module.ui(ROOT)


def test_ui_in_a_notebook_says_where_the_panel_is() -> None:
    import asyncio

    async def in_a_loop() -> None:
        module.ui()

    with pytest.raises(UsageError, match="side bar"):
        asyncio.run(in_a_loop())


def test_ui_of_a_folder_that_is_not_there_says_so() -> None:
    answer = dispatch(["ui", "/nowhere-at-all"])

    assert (answer.exit_code, "is no folder" in str(answer)) == (2, True)


def test_the_config_enables_the_package() -> None:
    told = json.loads(CONFIG.read_text(encoding="utf-8"))

    assert told == {"ServerApp": {"jpserver_extensions": {"runfolio": True}}}
