"""A store of ten thousand runs behind Jupyter's server, as a page asks for it.

A first server reads all manifests and leaves the index; the figures are those of the next one. Each is the least of some rounds, from the request to the last byte of its answer. The
reference is what it takes to read and parse the manifests of all runs, one by one, in this process.
CPU is that of the server: with a page that shows a table of all runs while nothing changes, and
with no page at all.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import psutil
from report import publish, table

sys.path.append(str(Path(__file__).parents[2]))

from tests.bench.stores import write_store
from tests.server.served import Page, Server, serving


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Return all figures."""
    room = Path(os.environ["RUNFOLIO_DIR"]).parent
    root = room / "root"
    folio = write_store(root / "folio", options.runs, curves=min(options.runs, 20))
    began = time.perf_counter()
    for path in folio.glob("*/run.json"):
        orjson.loads(path.read_bytes())
    found: dict[str, Any] = {"runs": options.runs, "parse_s": time.perf_counter() - began}
    os.environ["RUNFOLIO_INDEX"] = str(room / "index")
    del os.environ["RUNFOLIO_DIR"]
    with serving(root, room / "home") as server:
        store = server.store
        found["first_s"] = _least(lambda: server.get(f"stores/{store}/runs?limit=100"), 1)
        time.sleep(4)  # the index is written behind the answer
    with serving(root, room / "again") as server:
        found |= _asked(server, options.rounds)
        found |= _idle(server, options.seconds)
    return found


def _asked(server: Server, rounds: int) -> dict[str, float]:
    store = server.store
    second = _least(lambda: server.get(f"stores/{store}/runs?limit=100"), 1)
    run = server.get(f"stores/{store}/runs?limit=1")["runs"][0]["id"]
    page = Page(server)
    view = page.open("runs")

    def rows() -> None:
        facts = page.ask(view, "facts", query="")
        page.ask(view, "rows", at=facts["at"], first=0, end=60, columns=["metrics.val/acc"])

    ways: dict[str, Callable[[], object]] = {
        "list_s": lambda: server.get(f"stores/{store}/runs?limit=100"),
        "query_s": lambda: server.get(f"stores/{store}/runs?limit=100&query=lr%3C1e-3"),
        "rows_s": rows,
        "entry_s": lambda: server.get(f"stores/{store}/runs/{run}/entry"),
        "journal_s": lambda: server.get(f"stores/{store}/journal?limit=100"),
        "stores_s": lambda: server.get("stores"),
    }
    found = {"second_s": second} | {name: _least(way, rounds) for name, way in ways.items()}
    page.close()
    return found


def _least(ask: Callable[[], object], rounds: int) -> float:
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        ask()
        took.append(time.perf_counter() - began)
    return min(took)


def _idle(server: Server, seconds: int) -> dict[str, float]:
    page = Page(server)
    view = page.open("runs")
    page.ask(view, "facts", query="")
    with_page = _cpu(server, seconds)
    page.close()
    time.sleep(32)  # a page that went may come back within half a minute
    return {"page_cpu": with_page, "none_cpu": _cpu(server, seconds)}


def _cpu(server: Server, seconds: int) -> float:
    """Return which share of one core the server takes."""
    time.sleep(2)
    process = psutil.Process(server.pid)
    before, began = sum(process.cpu_times()[:2]), time.perf_counter()
    time.sleep(seconds)
    return (sum(process.cpu_times()[:2]) - before) / (time.perf_counter() - began)


def as_lines(found: dict[str, Any]) -> list[str]:
    """Return the figures as tables."""
    names = {
        "parse_s": "parse all manifests (reference)", "first_s": "the first list ever",
        "second_s": "the first list of the next server",
        "list_s": "the newest 100", "query_s": "100 that a query selects",
        "rows_s": "a table's facts and first rows, over the stream", "entry_s": "a journal entry",
        "journal_s": "the journal of 100 runs", "stores_s": "the list of stores",
    }  # fmt: skip
    times = {
        words: (f"{1000 * found[name]:.0f}", f"{found[name] / found['parse_s']:.2f}")
        for name, words in names.items()
    }
    idle = {
        "a page shows a table, nothing changes": f"{100 * found['page_cpu']:.2f}",
        "no page": f"{100 * found['none_cpu']:.2f}",
    }
    return [
        *table(f"{found['runs']:,} runs | ms | of the reference", times),
        *table("the server, idle | % of a core", idle),
    ]


if __name__ == "__main__":
    publish("served", __doc__, measure, as_lines, runs=10_000, rounds=5, seconds=10)
