"""A notebook with one widget of ours, open in a page of a real JupyterLab."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from tests.jupyter import KERNEL, run_all_cells, wait_for_kernel

__all__ = ["CompareNotebook", "TableNotebook", "WidgetNotebook", "quietly_in"]


def quietly_in(folio: Path) -> dict[str, str]:
    """Return the settings of kernels that record into a store only what they are told to."""
    told = {"DIR": str(folio), "SILENT": "1", "CAPTURE": "0", "SYSTEM": "0"}
    return {f"RUNFOLIO_{name}": value for name, value in told.items()}


class WidgetNotebook:
    """A notebook whose cells were run.

    Parameters
    ----------
    opened : Page
        An empty page; what it should not do is noted from now on.
    watch : str, optional
        Evaluated in the page before the cells are run.
    """

    CARD = ""

    def __init__(
        self, opened: Any, address: str, path: Path, cells: tuple[str, ...],
        place: str = "lab/tree", watch: str = "() => {}",
    ) -> None:  # fmt: skip
        self.opened, self.page, self.folder = opened, opened.page, path.parent
        made = new_notebook(cells=[new_code_cell(cell) for cell in cells], metadata=KERNEL)
        nbformat.write(made, path)
        self.page.on("console", self._console)
        self.page.goto(f"{address}{place}/{path.name}")
        wait_for_kernel(self.page, address)
        self.page.evaluate(watch)
        run_all_cells(self.page)

    def find(self, selector: str, **options: Any) -> Any:
        return self.page.locator(f"{self.CARD} {selector}", **options)

    @property
    def trouble(self) -> list[str]:
        """Everything a page should not do: errors, requests, scripts that ran."""
        ran = self.page.evaluate("window.__pwn === undefined ? [] : ['a script ran']")
        # Notebook 7.6 says this of its own settings, whatever is opened in it.
        errors = [one for one in self.opened.errors if "reading 'schema'" not in one]
        return [*errors, *self.opened.asked, *ran]

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self.opened.errors.append(message.text)


class TableNotebook(WidgetNotebook):
    """A notebook with one runs table."""

    CARD = ".card.table"

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.row(0).wait_for(timeout=90_000)

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


class CompareNotebook(WidgetNotebook):
    """A notebook with one comparison; it is ready when nothing is read any more."""

    CARD = ".card.compare"

    def __init__(self, *given: Any, **more: Any) -> None:
        # Keeps what was drawn last of each metric: where its axis begins and ends, and whether exactly.
        super().__init__(*given, **more, watch="""() => {
          window.drawn = {};
          new PerformanceObserver((list) => {
            for (const { name, detail } of list.getEntries())
              if (name === "runfolio:compare") window.drawn[detail.key] = detail;
          }).observe({ entryTypes: ["measure"] });
        }""")  # fmt: skip
        self.find(".brush-axis").first.wait_for(timeout=60_000)
        self.page.wait_for_function("Object.keys(drawn).length > 1", timeout=60_000)
        self.exact()

    def exact(self) -> None:
        self.page.wait_for_timeout(300)
        self.page.wait_for_function(
            "Object.values(drawn).every((one) => one.exact)", timeout=60_000
        )

    def ranges(self) -> list[list[float]]:
        return [one["range"] for one in self.page.evaluate("Object.values(drawn)")]

    def drag(self, node: Any, begin: tuple[float, float], end: tuple[float, float]) -> None:
        """Drag over an element, from and to shares of its width and height."""
        box = node.bounding_box()
        for place, (x, y) in enumerate((begin, end)):
            spot = box["x"] + x * box["width"], box["y"] + y * box["height"]
            self.page.mouse.move(*spot, steps=1 + 7 * place)
            self.page.mouse.up() if place else self.page.mouse.down()

    def say(self, code: str) -> str:
        """Run the last cell of the notebook; return what it printed."""
        cell = self.page.locator(".jp-Notebook .jp-CodeCell").last
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(code)
        self.page.keyboard.press("Control+Enter")
        return str(cell.locator(".jp-OutputArea-output pre").inner_text(timeout=90_000)).strip()
