"""A server for each module, over a folder with a few runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.server.served import Page, Server, serving

MADE = """
import sys, runfolio
for n in range(int(sys.argv[1])):
    with runfolio.init(name=f"run-{n}", config={"lr": 10.0 ** -n}, tags=["all"]) as run:
        for step in range(20):
            run.log({"loss": 1 / (step + n + 1)})
"""


def make_runs(folder: Path, n: int) -> Path:
    """Record runs by a script that works in a folder; return their store."""
    folder.mkdir(parents=True, exist_ok=True)
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("RUNFOLIO_", "WANDB_"))}
    subprocess.run(
        [sys.executable, "-c", MADE, str(n)], cwd=folder, check=True, timeout=60,
        env=clean | {"RUNFOLIO_SILENT": "true", "RUNFOLIO_UPKEEP": "false"},
    )  # fmt: skip
    return folder / "folio"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the root of a server, with a project of three runs below it."""
    folder = tmp_path_factory.mktemp("root")
    make_runs(folder / "digits", 3)
    return folder


@pytest.fixture(scope="module")
def folio(root: Path) -> Path:
    """Return the store of the project."""
    return root / "digits" / "folio"


@pytest.fixture(scope="module")
def runs(folio: Path) -> list[str]:
    """Return the ids of its runs, in the order in which they were recorded."""
    found = [json.loads(path.read_bytes()) for path in folio.glob("*/run.json")]
    made = [run for run in found if run["name"].startswith("run-")]
    return [run["id"] for run in sorted(made, key=lambda run: run["name"])]


@pytest.fixture(scope="module")
def server(
    root: Path, runs: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Return a server over the root."""
    with serving(root, tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture
def page(server: Server) -> Iterator[Page]:
    """Return a page that is connected."""
    connected = Page(server)
    yield connected
    connected.close()


@pytest.fixture
def new_page(server: Server) -> Iterator[Callable[[], Page]]:
    """Return what connects one more page."""
    pages: list[Page] = []

    def connect() -> Page:
        pages.append(Page(server))
        return pages[-1]

    yield connect
    for one in pages:
        one.close()
