"""Train digits four times and look at the runs: once by a script, three times in a notebook.

Everything lands in demo/: the store, the executed notebook with its journal cells, the notebook
as one HTML page that needs no network, and the journal.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from traitlets.config import Config

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "demo"

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:"


def execute(source: Path, target: Path) -> None:
    """Execute a notebook in a kernel of its own and write it with its outputs."""
    notebook = nbformat.read(source, as_version=4)
    total = len(notebook.cells)

    def tell(cell: nbformat.NotebookNode, cell_index: int) -> None:
        first = cell.source.partition("\n")[0]
        print(f"  cell {cell_index + 1:2} of {total}  {first[:70]}", flush=True)

    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        resources={"metadata": {"path": str(source.parent)}},
        on_cell_execute=lambda cell, cell_index: (
            tell(cell, cell_index) if cell.cell_type == "code" else None
        ),
    )
    client.execute()
    nbformat.write(notebook, target)


def write_page(source: Path, target: Path) -> None:
    """Write a notebook as one HTML page that runs no script and loads nothing from elsewhere."""
    settings = Config()
    settings.HTMLExporter.embed_images = True
    page, _ = HTMLExporter(config=settings).from_filename(str(source))
    # The template brings loaders of mathematics and diagrams, from servers; our outputs need none.
    page = re.sub(r"<script\b.*?</script>", "", page, flags=re.DOTALL | re.IGNORECASE)
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"/>'
    target.write_text(page.replace("<head>", f"<head>{policy}", 1), encoding="utf-8")


def runfolio(*words: str) -> None:
    """Run the runfolio command as a person would, and show that."""
    print(f"\n$ runfolio {' '.join(words)}", flush=True)
    subprocess.run([sys.executable, "-m", "runfolio", *words], check=True, cwd=ROOT)


def size(path: Path) -> str:
    """Return a file's size in words."""
    return f"{path.stat().st_size / 1e3:,.0f} kB"


def main() -> None:
    """Make demo/ anew."""
    started = time.monotonic()
    shutil.rmtree(DEMO, ignore_errors=True)
    DEMO.mkdir()
    os.environ["RUNFOLIO_DIR"] = str(DEMO / "folio")
    os.environ["RUNFOLIO_PROJECT"] = "digits"

    print("demo: one run by a script\n\n$ python examples/train.py", flush=True)
    subprocess.run([sys.executable, "examples/train.py"], check=True, cwd=ROOT)

    print("\ndemo: three runs in notebooks/quickstart.ipynb", flush=True)
    notebook, page, journal = (
        DEMO / name for name in ("quickstart.ipynb", "quickstart.html", "JOURNAL.md")
    )
    execute(ROOT / "notebooks" / "quickstart.ipynb", notebook)

    runfolio("journal", "insert", str(notebook.relative_to(ROOT)))
    runfolio("journal", "export", str(journal.relative_to(ROOT)))
    runfolio("runs", "sort:-val/acc")
    write_page(notebook, page)

    print(f"\ndemo: done in {time.monotonic() - started:.0f} s. It lies in demo/:")
    print(
        f"  quickstart.html    the executed notebook as a page, {size(page)}; open it in a browser"
    )
    print(f"  quickstart.ipynb   the executed notebook with its journal cells, {size(notebook)}")
    print(f"  JOURNAL.md         the journal of all runs, {size(journal)}")
    print("  folio/             the runs: one plain folder each")
    print("\nGo on: RUNFOLIO_DIR=demo/folio .venv/bin/runfolio show @best:val/acc")
    print("       .venv/bin/jupyter lab notebooks/quickstart.ipynb")


if __name__ == "__main__":
    main()
