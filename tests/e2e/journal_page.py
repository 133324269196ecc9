"""A notebook with journal cells in a real page: what stands in it, and what somebody does there."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.e2e.test_live_card_in_lab import Lab
from tests.jupyter import run_all_cells

from runfolio.format.manifest import created_order, read_record
from runfolio.logbook.words import read_words

LOAD = "import time, runfolio\n%load_ext runfolio"
LONG = """%%track {name}
for step in range({steps}):
    runfolio.log({{"loss": 1 / (step + 1)}})
    time.sleep(0.1)
"""
SHORT = "%%track {name}\nruns = runfolio.log({{'loss': 1.0}})"


class JournalPage:
    """One notebook in one page."""

    def __init__(self, lab: Lab, name: str, cells: tuple[str, ...], place: str = "lab") -> None:
        self.lab, self.name = lab, name
        self.store = lab.folder / "folio"
        self.told: list[str] = []
        if cells:
            lab.write(name, *cells)
        self.opened = lab._open(lab.address, lab.address.replace("http", "ws"))
        lab.pages.append(self.opened)
        self.page = self.opened.page
        self.page.on("console", self._console)
        way = f"lab/workspaces/{name}{len(lab.pages)}/tree" if place == "lab" else "notebooks"
        self.page.goto(f"{lab.address}{way}/{name}.ipynb")
        self.page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
        self.until(lambda: lab.is_connected(name))
        self.page.wait_for_timeout(700)  # what is asked at once gets lost

    def until(self, test: Callable[[], Any], seconds: float = 90) -> Any:
        """Wait until something is so, and return what it is."""
        deadline = time.monotonic() + seconds
        while not (found := test()):
            assert time.monotonic() < deadline, "it did not come to that"
            self.page.wait_for_timeout(100)
        return found

    def run_all(self) -> None:
        run_all_cells(self.page)

    def run_cell(self, at: int) -> None:
        self.select(at)
        self.page.keyboard.press("Control+Enter")

    def select(self, at: int) -> None:
        """Select a cell, in command mode."""
        self.page.locator(".jp-Notebook .jp-Cell").nth(at).locator(".jp-InputPrompt").first.click()

    def journals(self) -> list[str]:
        """Return what the Markdown cells show."""
        return [one.inner_text() for one in self.page.locator(".jp-MarkdownCell").all()]

    def journal(self, text: str) -> Any:
        """Return the Markdown cell that shows a text, once it does."""
        found = self.page.locator(".jp-MarkdownCell", has_text=text).first
        found.wait_for(timeout=90_000)
        return found

    def write(self, cell: Any, text: str) -> None:
        """Write at the end of a Markdown cell."""
        cell.locator(".jp-MarkdownOutput").dblclick()
        self.page.locator(".jp-MarkdownCell .cm-content:visible").click()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Control+Enter")

    def save(self) -> list[Any]:
        """Save the notebook; return its cells as they are in the file."""
        path = self.lab.folder / f"{self.name}.ipynb"
        before = path.stat().st_mtime_ns
        self.page.wait_for_timeout(300)
        for _ in range(8):
            # What is asked for while the notebook is being written gets lost.
            self.page.keyboard.press("Control+s")
            with contextlib.suppress(AssertionError):
                self.until(lambda: path.stat().st_mtime_ns > before, 10)
                break
        assert path.stat().st_mtime_ns > before, "it was not saved"
        cells: list[Any] = self.until(lambda: cells_of(path))
        return cells

    def saved_journals(self) -> list[tuple[str, str]]:
        """Save; return run and text of each journal cell."""
        cells = self.save()
        return [
            (cell["metadata"]["runfolio"]["run_id"], "".join(cell["source"]))
            for cell in cells
            if cell["cell_type"] == "markdown"
        ]

    def runs(self) -> list[Path]:
        """Return the runs, the oldest first."""
        # Their ids do not tell which of one second came first.
        records = [read_record(path.parent) for path in self.store.glob("*/run.json")]
        return [record.path for record in sorted(records, key=created_order)]

    def words(self, run: str, field: str = "Why") -> str:
        return read_words(self.store / run).by_field()[field]

    def trouble(self) -> list[str]:
        """Return what a console should not hold."""
        # Notebook 7 says this of its own, whatever is opened in it.
        theirs = (
            "reading 'schema'", "reading 'last_modified'", "'filebrowser:open-path' not registered",
        )  # fmt: skip
        told = [*self.opened.errors, *self.told, *self.opened.asked]
        return [one for one in told if not any(words in one for words in theirs)]

    def _console(self, message: Any) -> None:
        # anywidget tells of each card that ends.
        ours = "runfolio" in message.text and "[anywidget]" not in message.text
        # A server without runfolio is asked once.
        absent = "404" in message.text and "/runfolio/api/stores" in message.location["url"]
        if (message.type == "error" and not absent) or ours:
            self.told.append(message.text)


def cells_of(path: Path) -> list[Any]:
    """Return the cells in a file; none while it is written."""
    try:
        cells: list[Any] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except ValueError:
        return []
    return cells


def shown_entries(cells: list[Any]) -> int:
    """Return how many entries stand in outputs."""
    return sum("text/markdown" in o.get("data", {}) for c in cells for o in c.get("outputs", []))
