"""A real JupyterLab and a real browser, as the browser tests and a benchmark start them."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = [
    "FLAGS",
    "KERNEL",
    "free_port",
    "run_all_cells",
    "running_lab",
    "settle_in",
    "wait_for_kernel",
]

EXTENSION = Path(__file__).parents[1] / "js" / "share" / "jupyter"
"""Where the build leaves the extension of JupyterLab: an installed one is of an earlier build."""

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

# As the kernel calls itself: under another name Lab starts a second one while the first comes up.
KERNEL = {
    "kernelspec": {
        "name": "python3",
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
    }
}


def settle_in(home: Path) -> dict[str, str]:
    """Make folders for a JupyterLab of one's own; return the variables that say where they are."""
    # All cells are drawn, those out of sight too; no question about news covers them.
    for name, text in (
        ("notebook-extension/tracker", '{"windowingMode": "none"}'),
        ("apputils-extension/notification", '{"fetchNews": "false", "checkForUpdates": false}'),
    ):
        path = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    found = {
        name: str(home / name)
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "HOME")
    }
    for folder in found.values():
        Path(folder).mkdir()
    return found | {
        "JUPYTER_PATH": str(EXTENSION),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }


@contextlib.contextmanager
def running_lab(folder: Path, log: Path) -> Iterator[str]:
    """Run JupyterLab over a folder, in the environment of this process; give its address."""
    port = free_port()
    with log.open("wb") as written:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
             f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
             "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}",
             "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
             "--LabApp.extension_manager=readonly"],
            stdout=written, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}/"
        _wait_for(address + "api", log)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:  # it waits for a kernel that was just starting
            server.kill()
            server.wait()


def wait_for_kernel(page: Any, address: str) -> None:
    """Wait until the page is connected to one idle kernel: what is asked earlier gets lost."""
    quiet = 0
    deadline = time.monotonic() + 60
    while quiet < 4 and time.monotonic() < deadline:
        page.wait_for_timeout(500)  # not time.sleep: the page's requests are served in here
        try:
            with urllib.request.urlopen(address + "api/kernels", timeout=10) as answer:
                kernels = json.load(answer)
        except urllib.error.HTTPError:  # a kernel that is just coming up is listed or is not
            kernels = []
        ready = [k for k in kernels if k["connections"] and k["execution_state"] == "idle"]
        quiet = quiet + 1 if len(kernels) == len(ready) == 1 else 0


def run_all_cells(page: Any) -> None:
    """Choose *Run All Cells* of the menu."""
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).first.click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def free_port() -> int:
    """Return a port that nobody listens to."""
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
