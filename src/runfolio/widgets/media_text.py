"""Tables and printed lines of runs as a page gets them: text, a part at a time."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any, Final

from runfolio.charts.curves import label_text
from runfolio.charts.figures import figure
from runfolio.errors import RunfolioError
from runfolio.model.media import MediaItem
from runfolio.query.media import file_bytes
from runfolio.query.printed import PrintedLog
from runfolio.query.tables import table_rows

__all__ = ["PrintedLogs", "table_page"]

_READ: Final = 128 << 20
_COLUMNS: Final = 40
_CELL: Final = 200
_LINE: Final = 2000
_LOGS: Final = 64


def table_page(folder: Path, item: MediaItem, first: int, end: int) -> dict[str, Any]:
    """Return rows of a logged table as text, with all digits of a number beside its figure.

    Raises
    ------
    RunfolioError
        It is no table, or damaged.
    """
    if item.type != "table" or item.path is None:
        raise RunfolioError("Its event names no table of this run.")
    found = table_rows(file_bytes(folder, item.path, _READ), first, end, _COLUMNS)
    return {
        "first": first,
        "names": [label_text(str(name), 120) for name in found.columns],
        "right": [
            _is_right([row[place] for row in found.rows]) for place in range(len(found.columns))
        ],
        "rows": [[_words(cell) for cell in row] for row in found.rows],
        "exact": [[_exact(cell) for cell in row] for row in found.rows],
        "n": found.n_rows,
        "columns": found.n_columns,
    }


def _is_right(cells: list[Any]) -> bool:
    given = [cell for cell in cells if cell is not None]
    return bool(given) and all(type(cell) in (int, float) for cell in given)


def _words(cell: Any) -> str:
    if cell is None:
        return ""
    if type(cell) is float:
        return figure(cell)
    if isinstance(cell, dict) and isinstance(cell.get("path"), str):
        return label_text(str(cell.get("type") or "file"), 40)
    if isinstance(cell, bytes):
        return f"{len(cell):,} bytes"
    return label_text(str(cell), _CELL)


def _exact(cell: Any) -> str:
    """Return all of a cell, where what is shown of it is less."""
    if type(cell) is float:
        return repr(cell)
    return label_text(str(cell), 4 * _CELL) if isinstance(cell, str) and len(cell) > _CELL else ""


class PrintedLogs:
    """What runs printed; of those looked at last the places of their lines are kept."""

    def __init__(self) -> None:
        self._held: OrderedDict[Path, PrintedLog] = OrderedDict()

    def of(self, folder: Path) -> PrintedLog:
        """Return what a run printed, as it is by now.

        Raises
        ------
        OSError
            It cannot be read.
        """
        log = self._held.pop(folder, None) or PrintedLog(folder)
        log.look()
        self._held[folder] = log
        while len(self._held) > _LOGS:
            self._held.popitem(last=False)
        return log

    def lines(self, folder: Path, first: int, end: int) -> dict[str, Any]:
        """Return lines of a run, and how many there are."""
        log = self.of(folder)
        lines = [label_text(line.expandtabs(4), _LINE) for line in log.read(first, end)]
        return {"n": log.n, "first": first, "lines": lines}
