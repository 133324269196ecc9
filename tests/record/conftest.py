"""What the tests of the recorder share: a store of their own, and what a run left in it."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runfolio.record import session as sessions
from runfolio.record.session import reset_for_tests


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty store; the current folder is beside it."""
    work = tmp_path / "work"
    work.mkdir()
    for name in list(os.environ):
        if name.startswith(("RUNFOLIO_", "WANDB_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("RUNFOLIO_DIR", str(tmp_path / "folio"))
    monkeypatch.setenv("RUNFOLIO_STRICT", "1")
    monkeypatch.setenv("RUNFOLIO_SILENT", "true")
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "false")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(work)
    monkeypatch.setattr(sessions.session, "observers", [])
    reset_for_tests()
    yield tmp_path / "folio"
    reset_for_tests()


@pytest.fixture
def script(store: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a script in a process of its own, as a user would."""

    def run(source: str, *, check: bool = False) -> subprocess.CompletedProcess[str]:
        env = os.environ | {"RUNFOLIO_STRICT": "0"}
        return subprocess.run(
            [sys.executable, "-c", textwrap.dedent(source)],
            capture_output=True, text=True, check=check, env=env, timeout=60,
        )  # fmt: skip

    return run
