"""A store of many runs: its records and queries with an index, without one, after a change.

Every figure comes from a fresh process, its imports aside; the least of a few rounds. Beside them
in the same rounds: three looks at each run, one more than a sweep takes, all manifests through a bare
JSON parser, and DuckDB over the manifests.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

from report import publish, table
from stores import write_store

QUERIES: Final = ("lr<1e-3 sort:-val/acc limit:20", "status:failed", "")


def _seconds(start: float) -> float:
    return time.perf_counter() - start


def _records(folio: Path) -> dict[str, float]:
    from runfolio.store.index import Index  # noqa: F401 - imports stay aside
    from runfolio.store.store import Store

    start = time.perf_counter()
    found = Store(folio).records()
    return {"s": _seconds(start), "runs": len(found)}


def _query(folio: Path, query: str) -> dict[str, float]:
    from runfolio.query.runs import Runs
    from runfolio.query.table import runs_table
    from runfolio.store.index import Index  # noqa: F401 - imports stay aside
    from runfolio.store.store import Store

    start = time.perf_counter()
    found = Runs(Store(folio), query)
    selected = _seconds(start)
    runs_table(found.records, main=found.sorted_by, sparkline=lambda *_: [])
    return {"s": selected, "with table": _seconds(start), "runs": len(found)}


def _again(folio: Path) -> dict[str, float]:
    from runfolio.format.edits import write_edit
    from runfolio.store.store import Store

    store = Store(folio)
    first = store.records()[0]
    start = time.perf_counter()
    store.records()
    unchanged = _seconds(start)
    write_edit(first.path, "add", "tags", "benchmark")
    start = time.perf_counter()
    store.records()
    return {"unchanged": unchanged, "s": _seconds(start), "runs": 1}


def _sweep(folio: Path) -> dict[str, float]:
    start = time.perf_counter()
    for entry in os.scandir(folio):
        if entry.is_dir(follow_symlinks=False):
            for path in (entry.path, f"{entry.path}/run.json", f"{entry.path}/edits"):
                try:  # noqa: SIM105 - what is measured is the bare look
                    os.lstat(path)
                except FileNotFoundError:
                    pass
    return {"s": _seconds(start), "runs": 1}


def _json(folio: Path) -> dict[str, float]:
    import orjson

    start = time.perf_counter()
    found = [orjson.loads(path.read_bytes()) for path in folio.glob("*/run.json")]
    return {"s": _seconds(start), "runs": len(found)}


def _duckdb(folio: Path) -> dict[str, float]:
    import duckdb

    start = time.perf_counter()
    rows = duckdb.sql(
        "SELECT id FROM read_json($path, columns={id: 'VARCHAR', status: 'VARCHAR', "
        "config: 'JSON', metrics: 'JSON'}) WHERE (config->>'lr')::DOUBLE < 1e-3 "
        "ORDER BY (metrics->'val/acc'->>'last')::DOUBLE DESC LIMIT 20",
        params={"path": str(folio / "*" / "run.json")},
    ).fetchall()
    return {"s": _seconds(start), "runs": len(rows)}


WAYS: Final = {
    "records": _records, "again": _again, "sweep": _sweep, "json": _json, "duckdb": _duckdb,
}  # fmt: skip


def _fresh(folio: Path, way: str, rounds: int, *, index: str) -> dict[str, float]:
    """Return the least figures of some processes, and the most memory of one."""
    found = []
    for _ in range(rounds):
        words = [sys.executable, __file__, "--way", way, str(folio)]
        told = subprocess.run(
            words, check=True, capture_output=True, env={**os.environ, "RUNFOLIO_INDEX": index}
        ).stdout
        found.append(json.loads(told))
    return {key: min(one[key] for one in found) for key in found[0]}


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Return all figures."""
    room = Path(os.environ["RUNFOLIO_DIR"]).parent
    folio, cache = room / "many", str(room / "index")
    start = time.perf_counter()
    write_store(folio, options.runs)
    made = _seconds(start)
    time.sleep(0.1)
    found = {
        "first, which makes the index": _fresh(folio, "records", 1, index=cache),
        "with the index": _fresh(folio, "records", options.rounds, index=cache),
        "without": _fresh(folio, "records", options.rounds, index="off"),
        "stat sweep": _fresh(folio, "sweep", options.rounds, index="off"),
        "manifests by orjson": _fresh(folio, "json", options.rounds, index="off"),
        "DuckDB over the manifests": _fresh(folio, "duckdb", options.rounds, index="off"),
    }
    again = _fresh(folio, "again", 1, index=cache)
    queries = {
        query: _fresh(folio, f"query:{query}", options.rounds, index=cache) for query in QUERIES
    }
    size = sum(path.stat().st_size for path in Path(cache).glob("*")) if Path(cache).exists() else 0
    return {"runs": options.runs, "made_s": made, "records": found, "again": again,
            "queries": queries, "index_bytes": size}  # fmt: skip


def as_lines(result: dict[str, Any]) -> list[str]:
    """Return the figures as tables."""
    floor = result["records"]["stat sweep"]["s"]
    rows = {
        name: (
            f"{one['s'] * 1e3:,.0f}",
            f"{one['s'] / floor:.1f}",
            f"{one['memory_bytes'] / 1e6:,.0f}",
        )
        for name, one in result["records"].items()
    }
    again = result["again"]
    rows["again in one process, nothing changed"] = (
        f"{again['unchanged'] * 1e3:,.0f}", f"{again['unchanged'] / floor:.1f}", "")  # fmt: skip
    rows["again, one edit later"] = (f"{again['s'] * 1e3:,.0f}", f"{again['s'] / floor:.1f}", "")
    asked = {
        f"`{query}`" if query else "(all)": (
            f"{one['runs']:,}", f"{one['s'] * 1e3:,.0f}", f"{one['with table'] * 1e3:,.0f}",
        )
        for query, one in result["queries"].items()
    }  # fmt: skip
    return [
        *table(f"{result['runs']:,} runs | ms | × the stat sweep | MB in all", rows),
        *table("query with the index | runs | ms | ms with the table's cells", asked),
        "",
        f"The index has {result['index_bytes'] / 1e6:.1f} MB. Made in {result['made_s']:.1f} s.",
    ]


def main(way: str, folio: Path) -> None:
    """Measure one way in this process and print it."""
    found = _query(folio, way[6:]) if way.startswith("query:") else WAYS[way](folio)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(found | {"memory_bytes": memory}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--way"]:
        main(sys.argv[2], Path(sys.argv[3]))
    else:
        publish("runs", __doc__, measure, as_lines, runs=10_000, rounds=4)
