"""The runs panel in a real page, over a real Jupyter server, and runs of other processes."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.jupyter import free_port

__all__ = ["PanelPage", "Served", "record_into", "serving", "training"]

_TRAIN = """
import sys, time, runfolio
from pathlib import Path
with runfolio.init(name=sys.argv[1], config={"lr": 0.01}) as run:
    step = 0
    while not Path(sys.argv[2]).exists():
        run.log({"val/acc": 1 - 1 / (step + 2), "train/loss": 1 / (step + 1)})
        step += 1
        time.sleep(0.02)
"""


def record_into(store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have this process, and those it starts, record into a store; return it."""
    store.parent.mkdir()
    settings = [("DIR", str(store)), ("SILENT", "1"), ("CAPTURE", "0"), ("SYSTEM", "0")]
    for name, value in settings:
        monkeypatch.setenv(f"RUNFOLIO_{name}", value)
    return store


class Served:
    """A server of ``runfolio ui`` over a folder, which can be stopped and started again."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.folder = folder
        self.address = ""
        self._log = log
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        self.address = f"http://127.0.0.1:{self._port}/"
        with self._log.open("ab") as written:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "runfolio", "ui", str(self.folder), "--no-browser",
                 "--allow-root", f"--ServerApp.port={self._port}", "--ServerApp.port_retries=0",
                 "--IdentityProvider.token="],
                stdout=written, stderr=subprocess.STDOUT,
            )  # fmt: skip
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"{self.address}api", timeout=5),
            ):
                return
            time.sleep(0.2)
        raise AssertionError(self._log.read_text(encoding="utf-8"))

    def stop(self) -> None:
        """End the server at once, as a restart or a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextlib.contextmanager
def serving(folder: Path, log: Path) -> Iterator[Served]:
    """Serve a folder as a page."""
    served = Served(folder, log)
    served.start()
    try:
        yield served
    finally:
        served.stop()


@contextlib.contextmanager
def training(store: Path, name: str, end: Path) -> Iterator[Path]:
    """Train in a process of its own until a file is there; it is made in the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", _TRAIN, name, str(end)],
        env=os.environ | {"RUNFOLIO_DIR": str(store), "RUNFOLIO_SILENT": "1"},
    )
    try:
        yield end
    finally:
        end.touch()
        process.wait(timeout=30)


class PanelPage:
    """The panel of a page, wherever it stands."""

    def __init__(self, opened: Any) -> None:
        self.opened = opened
        self.page = opened.page
        self.page.on("console", self._console)

    def run(self, name: str) -> Any:
        """Return the row of a run."""
        return self.page.locator(".run").filter(has=self.page.locator(f".name:text-is('{name}')"))

    def names(self) -> list[str]:
        """Return the names in sight, from the top."""
        rows: list[str] = self.page.locator(".run:visible").evaluate_all(
            "rows => rows.sort((a, b) => a.dataset.place - b.dataset.place)"
            ".map(row => row.querySelector('.name').textContent)"
        )
        return rows

    def filter(self, query: str) -> None:
        """Write a filter."""
        self.page.locator(".filter").fill(query)
        self.page.locator(".filter").press("Enter")

    def expect(self, words: str, timeout: float = 20_000) -> None:
        """Wait until words stand somewhere in the page."""
        self.page.get_by_text(words).first.wait_for(timeout=timeout)

    def until(self, script: str, *given: Any, timeout: float = 20_000) -> None:
        """Wait until a script of the page says so."""
        self.page.wait_for_function(script, arg=list(given), timeout=timeout)

    @property
    def trouble(self) -> list[str]:
        """Everything a page should not do: errors, requests elsewhere, scripts that ran."""
        ran = self.page.evaluate("window.__pwn === undefined ? [] : ['a script ran']")
        return [*self.opened.errors, *self.opened.asked, *ran]

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.opened.errors.append(f"{message.text} {message.location.get('url', '')}")
