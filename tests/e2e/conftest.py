"""The demo, made once; a real browser; a real JupyterLab."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass(frozen=True)
class Demo:
    """What ``make demo`` left: what it printed, and the folder."""

    printed: str
    folder: Path

    @property
    def store(self) -> Path:
        return self.folder / "folio"

    @property
    def cells(self) -> dict[str, Any]:
        """Return the cells of the executed notebook by their ids."""
        notebook = json.loads((self.folder / "quickstart.ipynb").read_text(encoding="utf-8"))
        return {cell["id"]: cell for cell in notebook["cells"]}


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Make the demo as ``make demo`` does."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    env = {k: v for k, v in os.environ.items() if not k.startswith(("RUNFOLIO_", "WANDB_"))}
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "demo.py", "--into", folder],
        capture_output=True, text=True, check=False, timeout=170,
        env=env | {"RUNFOLIO_STRICT": "1", "IPYTHONDIR": str(folder.parent / "ipython")},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return Demo(done.stdout, folder)


@dataclass
class Page:
    """A page of the browser, and what it asked of others than `allowed`."""

    page: Any
    allowed: tuple[str, ...]
    asked: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.route("**/*", self._route)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _route(self, route: Any) -> None:
        url = route.request.url
        if url.startswith((*self.allowed, "data:", "blob:")):
            route.continue_()
        else:
            self.asked.append(url)
            route.abort()


@pytest.fixture
def open_page(tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Open pages in a browser of its own; only what is allowed is loaded, all else is noted."""
    with chromium(tmp_path / "profile") as open_one:
        yield open_one


@contextmanager
def chromium(profile: Path) -> Iterator[Callable[..., Page]]:
    """Start Debian's Chromium; give what opens pages in it."""
    from playwright.sync_api import sync_playwright

    program = shutil.which(os.environ.get("RUNFOLIO_CHROMIUM", "chromium"))
    if program is None:
        assert not os.environ.get("CI"), "no chromium: scripts/browser installs it"
        pytest.skip("no chromium on the PATH; RUNFOLIO_CHROMIUM may name one")
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=program, args=FLAGS, headless=True,
            viewport={"width": 1100, "height": 900},
        )  # fmt: skip

        def open_one(*allowed: str) -> Page:
            return Page(context.new_page(), allowed)

        yield open_one
        context.close()


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], str]]:
    """Start JupyterLab over a folder, with settings of its own, and return its address."""
    # All cells are drawn, those out of sight too; no question about news covers them.
    for name, text in (
        ("notebook-extension/tracker", '{"windowingMode": "none"}'),
        ("apputils-extension/notification", '{"fetchNews": "false", "checkForUpdates": false}'),
    ):
        path = tmp_path / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "HOME"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("JUPYTERLAB_SETTINGS_DIR", str(tmp_path / "settings"))
    monkeypatch.setenv("JUPYTERLAB_WORKSPACES_DIR", str(tmp_path / "workspaces"))
    servers: list[subprocess.Popen[bytes]] = []

    def start(folder: Path) -> str:
        port = _free_port()
        with (tmp_path / "lab.log").open("wb") as log:
            servers.append(subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
                 f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
                 "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}",
                     "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
                 "--LabApp.extension_manager=readonly"],
                stdout=log, stderr=subprocess.STDOUT,
            ))  # fmt: skip
        address = f"http://127.0.0.1:{port}/"
        _wait_for(address + "api", tmp_path / "lab.log")
        return address

    yield start
    for server in servers:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:  # it waits for a kernel that was just starting
            server.kill()
            server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(address: str, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text(encoding="utf-8"))
