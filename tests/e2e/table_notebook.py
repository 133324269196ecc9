"""A notebook with one runs table, open in a page of a real JupyterLab."""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["TableNotebook"]


class TableNotebook:
    """A notebook with one table, open in a page."""

    def __init__(self, opened: Any, folder: Path) -> None:
        self.opened = opened
        self.page = opened.page
        self.folder = folder

    def find(self, selector: str, **options: Any) -> Any:
        return self.page.locator(f".card.table {selector}", **options)

    def row(self, place: int) -> Any:
        return self.find(f".row[data-row='{place}']")

    def name(self, place: int) -> str:
        return str(self.row(place).locator(".run-name").inner_text(timeout=20_000))

    def wait_for_first(self, name: str) -> None:
        self.row(0).locator(".run-name", has_text=name).wait_for(timeout=20_000)

    def filter(self, query: str) -> None:
        self.find(".filter").fill(query)
        self.find(".filter").press("Enter")

    def footer(self, words: str) -> None:
        self.find("footer").filter(has_text=words).wait_for(timeout=20_000)

    @property
    def trouble(self) -> list[str]:
        ran = self.page.evaluate("window.__pwn === undefined ? [] : ['a script ran']")
        # Notebook 7.6 says this of its own settings, whatever is opened in it.
        errors = [one for one in self.opened.errors if "reading 'schema'" not in one]
        return [*errors, *self.opened.asked, *ran]
