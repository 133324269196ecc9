"""Bytes a point, live and finished, and how long one long run takes to pandas.

The values are those of a training: curves that fall with noise on them, in the 32 bits of a
framework and in the 64 of Python, a schedule, and a counter.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
from report import publish, table

import runfolio

Columns = dict[str, list[float]]


def curves(steps: int) -> Columns:
    """Return the columns of a training of so many steps."""
    draw, n = np.random.default_rng(7), np.arange(steps)
    loss = 2.3 * np.exp(-n / (steps / 4)) + 0.1 + draw.normal(size=steps) * 0.02
    lr = 1e-3 * 0.5 * (1 + np.cos(np.pi * n / steps))
    return {
        "train/loss": loss.astype(np.float32).astype(float).tolist(),
        "train/acc": (1 - loss / 3).tolist(),
        "lr": lr.tolist(),
        "epoch": (n // 500).tolist(),
    }


def recorded(columns: Columns) -> tuple[Path, int]:
    """Log the columns row by row; return the run's folder and the bytes of its live series."""
    run = runfolio.init()
    keys = list(columns)
    for values in zip(*columns.values(), strict=True):
        run.log(dict(zip(keys, values, strict=True)))
    while run.life.writer.unwritten:
        time.sleep(0.005)
    live = _bytes(run.life.folder)
    run.finish(quiet=True)
    return run.life.folder, live


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("metrics*"))


def sizes(columns: Columns, pace_ms: float) -> dict[str, float]:
    """Return bytes a point of a run whose rows come so many ms apart."""
    start = time.perf_counter()
    folder, live = recorded(columns)
    points = sum(map(len, columns.values()))
    return {
        "points": points,
        "live": live / points,
        "finished": _bytes(folder) / points,
        "seconds": time.perf_counter() - start,
        "pace_ms": pace_ms,
    }


def to_pandas(steps: int, times: int) -> dict[str, float]:
    """Return the least seconds of a run of one metric to a frame, and of its bare Parquet."""
    import pyarrow.parquet as pq

    folder, _ = recorded({"loss": curves(steps)["train/acc"]})
    path = folder / "metrics.parquet"
    ours, bare = [], []
    for _ in range(times):
        start = time.perf_counter()
        frame = runfolio.load(folder.name).history()
        ours.append(time.perf_counter() - start)
        assert len(frame) == steps
        start = time.perf_counter()
        pq.read_table(path, columns=["step", "value"]).to_pandas()
        bare.append(time.perf_counter() - start)
    return {"steps": steps, "ours": min(ours), "parquet": min(bare)}


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Return all figures."""
    everything = curves(options.steps)
    return {
        "bytes a point": {
            "all four": sizes(everything, 0.0),
            **{key: sizes({key: column}, 0.0) for key, column in everything.items()},
        },
        "to pandas": to_pandas(options.long, 5),
    }


def as_lines(result: dict[str, Any]) -> list[str]:
    """Return the figures as tables."""
    lines = table(
        "bytes a point | live | finished",
        {
            name: (f"{found['live']:.1f}", f"{found['finished']:.2f}")
            for name, found in result["bytes a point"].items()
        },
    )
    found = result["to pandas"]
    return lines + table(
        f"{found['steps']:,} steps to pandas | ms | × reading the bare columns",
        {
            "load(run).history()": (
                f"{found['ours'] * 1e3:,.0f}",
                f"{found['ours'] / found['parquet']:.1f}",
            ),
            "pyarrow": (f"{found['parquet'] * 1e3:,.0f}", "1.0"),
        },
    )


if __name__ == "__main__":
    publish("size", __doc__, measure, as_lines, steps=200_000, long=1_000_000)
