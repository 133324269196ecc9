"""A page that asks the kernel's half of a runs table, as the real one does."""

from __future__ import annotations

import queue
from typing import Any

import numpy as np

from runfolio.query.runs import Runs
from runfolio.store.store import Store
from runfolio.widgets.runs_table import RunsTableWidget

__all__ = ["Table"]


class Table:
    """A table, and a page that asks it."""

    def __init__(self, query: str = "", **options: Any) -> None:
        self.widget = RunsTableWidget(Runs(Store.default(), query), **options)
        self.told: queue.Queue[tuple[dict[str, Any], list[bytes]]] = queue.Queue()
        self.widget.send = lambda content, buffers=None: self.told.put((content, buffers or []))
        self.at = 0

    def ask(self, verb: str, **what: Any) -> tuple[dict[str, Any], list[bytes]]:
        message = {
            "kind": "ask",
            "verb": verb,
            "page": "p",
            "id": 7,
            "what": {"at": self.at, **what},
        }
        self.widget.take(message)
        content, buffers = self.told.get(timeout=10)
        assert (content["verb"], content["page"], content["id"]) == (verb, "p", 7)
        self.at = content.get("at", self.at)
        return content, buffers

    def cells(self, *columns: str, **what: Any) -> dict[str, list[Any]]:
        """Return whole columns, as a page would read them."""
        told, buffers = self.ask("rows", first=0, end=500, columns=list(columns), **what)
        found = {"id": [head[0] for head in told["runs"]]}
        for column in told["columns"]:
            if "buffer" in column:
                values = np.frombuffer(buffers[column["buffer"]]).tolist()
                there = np.frombuffer(buffers[column["buffer"] + 1], np.uint8).tolist()
                found[column["id"]] = [v if t else None for v, t in zip(values, there, strict=True)]
            else:
                found[column["id"]] = column.get("texts", column.get("lists"))
        return found
