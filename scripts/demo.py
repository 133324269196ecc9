"""Train digits four times and look at the runs: once by a script, three times in a notebook.

Everything lands in demo/, or the folder that is named: the store, the executed notebook with its
journal cells, the notebook as one HTML page that needs no network, and the journal.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from traitlets.config import Config

ROOT = Path(__file__).resolve().parents[1]

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:"


def execute(source: Path, target: Path) -> None:
    """Execute a notebook in a kernel of its own and write it with its outputs."""
    notebook = nbformat.read(source, as_version=4)
    total = len(notebook.cells)

    def tell(cell: nbformat.NotebookNode, cell_index: int) -> None:
        if cell.cell_type == "code":
            first = cell.source.partition("\n")[0]
            print(f"  cell {cell_index + 1:2} of {total}  {first[:70]}", flush=True)

    with tempfile.TemporaryDirectory(prefix="kernel-") as sockets:
        NotebookClient(
            notebook,
            timeout=600,
            kernel_name="python3",
            resources={"metadata": {"path": str(source.parent)}},
            on_cell_execute=lambda cell, cell_index: (
                tell(cell, cell_index) if cell.cell_type == "code" else None
            ),
            # Not over TCP: somebody else may take a port between its choice and the kernel's start.
            config=Config({"KernelManager": {"transport": "ipc", "ip": f"{sockets}/kernel"}}),
        ).execute()
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


def short(path: Path) -> str:
    """Return a path as a person in the project's folder would write it."""
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def size(path: Path) -> str:
    """Return a file's size in words."""
    return f"{path.stat().st_size / 1e3:,.0f} kB"


def make(folder: Path) -> None:
    """Make the demo in a folder; what an earlier one left there goes first."""
    started = time.monotonic()
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "folio" / ".runfolio").is_file():
        raise SystemExit(f"demo: {short(folder)}/ holds something else; name another folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["RUNFOLIO_DIR"] = str(folder / "folio")
    os.environ["RUNFOLIO_PROJECT"] = "digits"
    # The matrices are small: more threads only wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    notebook, page, journal = (
        folder / name for name in ("quickstart.ipynb", "quickstart.html", "JOURNAL.md")
    )

    print("demo: one run by a script\n\n$ python examples/train.py", flush=True)
    subprocess.run([sys.executable, "examples/train.py"], check=True, cwd=ROOT)

    print("\ndemo: three runs in notebooks/quickstart.ipynb", flush=True)
    execute(ROOT / "notebooks" / "quickstart.ipynb", notebook)

    runfolio("journal", "insert", short(notebook))
    runfolio("journal", "export", short(journal))
    runfolio("runs", "sort:-val/acc")
    write_page(notebook, page)

    print(f"\ndemo: done in {time.monotonic() - started:.0f} s. It lies in {short(folder)}/:")
    print(
        f"  quickstart.html    the executed notebook as a page, {size(page)}; open it in a browser"
    )
    print(f"  quickstart.ipynb   the executed notebook with its journal cells, {size(notebook)}")
    print(f"  JOURNAL.md         the journal of all runs, {size(journal)}")
    print("  folio/             the runs: one plain folder each")
    print(f"\nGo on: RUNFOLIO_DIR={short(folder)}/folio .venv/bin/runfolio show @best:val/acc")
    print("       .venv/bin/jupyter lab notebooks/quickstart.ipynb")


def main() -> None:
    """Read the command line and make the demo."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=ROOT / "demo", metavar="FOLDER")
    make(parser.parse_args().into.resolve())


if __name__ == "__main__":
    main()
