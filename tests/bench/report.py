"""What every measurement shares: a store that is thrown away, the machine, a page of figures."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

__all__ = ["machine", "publish", "table", "throwaway_store"]


@contextlib.contextmanager
def throwaway_store(room: Path | None = None) -> Iterator[Path]:
    """Give a folder whose ``folio`` takes the runs of this process and its children."""
    with tempfile.TemporaryDirectory(dir=room) as folder:
        os.environ |= {
            "RUNFOLIO_DIR": str(Path(folder) / "folio"),
            "RUNFOLIO_SILENT": "true",
            "RUNFOLIO_CAPTURE": "false",
        }
        yield Path(folder)


def machine() -> dict[str, Any]:
    """Return what the figures were taken on."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load_before": round(load, 2),
    }


def table(heads: str, rows: Mapping[str, str | tuple[str, ...]]) -> list[str]:
    """Return a table in Markdown, its first column text, the others figures."""
    n = heads.count("|")
    cells = {name: (row,) if isinstance(row, str) else row for name, row in rows.items()}
    return [
        "",
        f"| {heads} |",
        "|---" + "|--:" * n + "|",
        *(f"| {name} | " + " | ".join(row) + " |" for name, row in cells.items()),
    ]


def publish(
    name: str,
    about: str | None,
    measure: Callable[[argparse.Namespace], dict[str, Any]],
    as_lines: Callable[[dict[str, Any]], list[str]],
    **sizes: int,
) -> None:
    """Measure, print the page, and write it with its figures where ``--out`` says.

    Parameters
    ----------
    sizes : int
        Numbers that the command line may change, ``--rounds`` and the like.
    """
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--out", type=Path, help=f"folder for {name}.json and {name}.md")
    parser.add_argument("--room", type=Path, help="folder to write the runs in")
    for size, usual in sizes.items():
        parser.add_argument(f"--{size}", type=int, default=usual, help=f"{usual:,} by default")
    options = parser.parse_args()
    with throwaway_store(options.room):
        result = {"machine": machine(), **measure(options)}
    where = result["machine"]
    title = (about or name).splitlines()[0].rstrip(".")
    on = f"Python {where['python']}, {where['cores']} cores, {where['system']}; load {where['load_before']}."
    page = "\n".join([f"# {title}", "", on, *as_lines(result)]) + "\n"
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        document = json.dumps(result, indent=2) + "\n"
        (options.out / f"{name}.json").write_text(document, encoding="utf-8")
        (options.out / f"{name}.md").write_text(page, encoding="utf-8")
    print(page)
