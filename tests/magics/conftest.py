"""Real kernels, driven by nbclient as a notebook that is executed as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from tests.kernels import by_sockets
from traitlets.config import Config

from runfolio.format.cells import executed_cells
from runfolio.format.manifest import read_record
from runfolio.model.context import CellExecution
from runfolio.model.run import RunRecord


class Notebook:
    """A notebook and its kernel; each executed cell keeps its outputs, errors included."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self.nb = nbformat.v4.new_notebook()
        self.client = NotebookClient(
            self.nb,
            allow_errors=True,
            timeout=60,
            kernel_name="python3",
            shutdown_kernel="immediate",
            config=Config({"KernelManager": by_sockets()}),
        )
        self.client.create_kernel_manager()
        self.client.start_new_kernel(cwd=str(store.parent))
        self.client.start_new_kernel_client()

    def run(self, source: str) -> Any:
        """Execute one new cell and return it with its outputs."""
        self.nb.cells.append(nbformat.v4.new_code_cell(source))
        return self.again(len(self.nb.cells) - 1)

    def run_as(self, cell_id: str, source: str) -> None:
        """Execute a cell with its id, as JupyterLab does; nbclient sends none."""
        kc = self.client.kc
        content = {"code": source, "silent": False, "store_history": True}
        message = kc.session.msg("execute_request", content, metadata={"cellId": cell_id})
        kc.shell_channel.send(message)
        self.run("pass")

    def again(self, index: int, source: str | None = None) -> Any:
        """Execute a cell once more, as a person does who changed it."""
        cell = self.nb.cells[index]
        cell.source = source if source is not None else cell.source
        cell.outputs = []
        return self.client.execute_cell(cell, index)

    def runs(self) -> list[RunRecord]:
        """Return the runs of the store, oldest first."""
        folders = sorted(path.parent for path in self.store.glob("*/run.json"))
        records = [read_record(folder) for folder in folders]
        return sorted(records, key=lambda r: r.created_at.timestamp() if r.created_at else 0)

    @property
    def last(self) -> RunRecord:
        """The newest run."""
        return self.runs()[-1]

    def cells(self) -> list[CellExecution]:
        """Return the executions that the newest run holds."""
        return executed_cells(self.last.path)

    def close(self) -> None:
        """Shut the kernel down."""
        if self.client.km is not None:
            run_sync(self.client._async_cleanup_kernel)()


def text_of(cell: Any) -> str:
    """Return all that a cell printed, showed and complained of, as one text."""
    parts = []
    for output in cell.outputs:
        if output.output_type == "stream":
            parts.append(output.text)
        elif output.output_type == "error":
            parts.append(f"{output.ename}: {output.evalue}")
        else:
            parts.append(output.data.get("text/plain", ""))
    return "".join(parts)  # what is printed may come in pieces


def open_notebook(store: Path, *, load: bool = True, silent: bool = True) -> Notebook:
    """Start a kernel whose runs go to `store`; the caller closes it."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RUNFOLIO_DIR", str(store))
        environment.setenv("RUNFOLIO_STRICT", "1")
        environment.setenv("RUNFOLIO_SILENT", "true" if silent else "false")
        environment.setenv("RUNFOLIO_CAPTURE", "false")
        environment.setenv("JPY_SESSION_NAME", str(store.parent / "digits.ipynb"))
        notebook = Notebook(store)
    if load:
        notebook.run("import runfolio\n%load_ext runfolio")
    return notebook


@pytest.fixture
def new_notebook(tmp_path: Path) -> Iterator[Callable[..., Notebook]]:
    """A maker of notebooks, each with a kernel of its own and one store in all."""
    opened: list[Notebook] = []

    def make(**choices: bool) -> Notebook:
        opened.append(open_notebook(tmp_path / "folio", **choices))
        return opened[-1]

    yield make
    for notebook in opened:
        notebook.close()


@pytest.fixture(scope="session")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """One notebook for all tests that need no fresh kernel, with the extension loaded."""
    notebook = open_notebook(tmp_path_factory.mktemp("notebook") / "folio")
    yield notebook
    notebook.close()
