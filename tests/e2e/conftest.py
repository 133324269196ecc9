"""The demo, made once; a real browser; a real JupyterLab."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.jupyter import FLAGS, running_lab, settle_in

ROOT = Path(__file__).parents[2]


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
    for name, value in settle_in(tmp_path).items():
        monkeypatch.setenv(name, value)
    with ExitStack() as running:

        def start(folder: Path) -> str:
            return running.enter_context(running_lab(folder, tmp_path / "lab.log"))

        yield start
