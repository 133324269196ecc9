"""A notebook in JupyterLab and a browser of its own, for what a page shows to be measured in."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[2]))

from tests.jupyter import FLAGS, KERNEL, running_lab, settle_in

__all__ = ["open_lab", "settle", "write_notebook"]


def settle(**settings: str) -> Path:
    """Have Jupyter keep to the folder that is thrown away, and kernels to settings; return it."""
    home = Path(os.environ["RUNFOLIO_DIR"]).parent
    os.environ |= {f"RUNFOLIO_{name}": value for name, value in settings.items()}
    os.environ |= settle_in(home)
    (home / "notebooks").mkdir()
    return home


def write_notebook(name: str, *cells: str) -> Path:
    """Write a notebook of these cells, none of which was run, where JupyterLab finds it."""
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook

    path = Path(os.environ["RUNFOLIO_DIR"]).parent / "notebooks" / name
    made = new_notebook(cells=[new_code_cell(text) for text in cells], metadata=KERNEL)
    nbformat.write(made, path)
    return path


@contextlib.contextmanager
def open_lab(home: Path, width: int = 1180) -> Iterator[tuple[Any, str]]:
    """Start a browser, and JupyterLab over the notebooks; give what opens pages, and the address."""
    from playwright.sync_api import sync_playwright

    program = shutil.which(os.environ.get("RUNFOLIO_CHROMIUM", "chromium"))
    assert program is not None, "no chromium: scripts/browser installs it"
    with (
        running_lab(home / "notebooks", home / "lab.log") as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch_persistent_context(
            home / "profile", executable_path=program, args=FLAGS, headless=True,
            viewport={"width": width, "height": 900},
        )  # fmt: skip
        yield browser, address
        browser.close()
