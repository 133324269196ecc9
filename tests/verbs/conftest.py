"""Small stores of real runs: ended here, open here, or being written by another process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runfolio.record.api import init
from runfolio.record.run import Run


@pytest.fixture(autouse=True)
def _light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Record no code and environment: half a second a run, and no verb looks at them here."""
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "false")


@pytest.fixture
def make_run(store_path: Path) -> Callable[..., Path]:
    """Return a function that records a whole run and returns its folder."""
    del store_path

    def make(name: str | None, *, config: Any = None, points: int = 3, **keywords: Any) -> Path:
        run = init("digits", name=name, config=config, **keywords)
        for step in range(points):
            run.log({"train/loss": 1 / (step + 1), "val/acc": step / points}, step=step)
        run.finish(quiet=True)
        return run.path

    return make


@pytest.fixture
def open_run(store_path: Path) -> Iterator[Run]:
    """Return a run that is open in this process."""
    del store_path
    run = init("digits", name="alpha", config={"lr": 1e-3})
    run.log({"train/loss": 0.5})
    yield run
    run.finish(quiet=True)


_ELSEWHERE = """
import sys
from runfolio.record.api import init
run = init("digits", name="elsewhere")
run.log({"loss": 1.0})
print(run.path, flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def elsewhere(store_path: Path) -> Iterator[Path]:
    """Return the folder of a run that another process is writing."""
    del store_path
    writer = subprocess.Popen([sys.executable, "-c", _ELSEWHERE], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)  # fmt: skip
    assert writer.stdout is not None
    yield Path(writer.stdout.readline().strip())
    writer.kill()
    writer.communicate()
