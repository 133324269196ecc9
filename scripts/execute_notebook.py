"""Execute a notebook in place, in a kernel of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient


def main(path: Path) -> None:
    """Execute every cell and write the outputs into the file."""
    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()
    nbformat.write(notebook, path)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
