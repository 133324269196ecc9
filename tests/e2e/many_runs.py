"""A store of many runs, whose manifests are written at once and whose points are shared."""

from __future__ import annotations

import math
import os
import random
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from runfolio.format.codec import loads, rfc3339, with_crc
from runfolio.record.api import init
from runfolio.record.media.image import Image

__all__ = ["picture", "write_long_runs", "write_runs"]

_BEGAN = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)


def picture(step: int, pixels: int) -> np.ndarray[Any, Any]:
    """Return waves that move with the step, with a little noise: as large as a photo's file."""
    down, across = np.mgrid[0:pixels, 0:pixels] / pixels
    waves = [np.sin(8 * (across * (k + 1) + down) + step / 5 + k) for k in range(3)]
    noise = np.random.default_rng(step).normal(0, 4, (pixels, pixels, 3))
    size = 110 + 60 * math.sin(step / 9)
    return np.clip(size + 90 * np.stack(waves, 2) + noise, 0, 255).astype(np.uint8)


def write_runs(
    store: Path, n: int, settings: int = 170, metrics: int = 30, images: int = 0, pixels: int = 32
) -> None:
    """Write runs of two dozen points, with so many settings (half of them equal) and metrics.

    Run ``run-0`` is the newest and the worst; each older one is better by one step. With `images`
    each has as many steps with a picture, whose files are shared.
    """
    with init(id="model") as run:
        for step in range(24):
            run.log({"val/acc": 1 - 1 / (step + 2)}, step=step)
        for step in range(images):
            run.log({"val/seen": Image(picture(step, pixels), caption=f"step {step}")}, step=step)
    document = loads((run.path / "run.json").read_bytes(), "run.json")
    figure = random.Random(0).random
    files = list((run.path / "media" / "images").iterdir()) if images else []
    for place in range(n):
        began = _BEGAN - timedelta(minutes=place)
        folder = store / f"{began:%Y%m%dT%H%M%S}-{place:06x}"
        folder.mkdir()
        os.link(run.path / "metrics.parquet", folder / "metrics.parquet")
        if images:
            os.link(run.path / "events.jsonl", folder / "events.jsonl")
            (folder / "media" / "images").mkdir(parents=True)
            for file in files:
                os.link(file, folder / "media" / "images" / file.name)
        opt = {f"p{k:03d}": round(figure(), 4) if k % 2 else 0.5 for k in range(settings - 3)}
        figures = {f"val/m{k:02d}": figure() for k in range(metrics - 1)}
        figures["val/acc"] = place / n
        manifest = document | {
            "id": folder.name, "name": f"run-{place}", "group": f"g{place % 7}",
            "created_at": rfc3339(round(began.timestamp() * 1000)), "duration_s": 5.0 + place,
            "tags": ["baseline"] if place % 50 == 0 else [],
            "config": {"lr": 10.0 ** -(place % 5), "optimizer": "ab"[place % 2], "seed": place,
                       "opt": opt},
            "metrics": {
                key: {"n": 24, "last": value, "min": value, "max": value, "last_step": 23}
                for key, value in figures.items()
            },
        }  # fmt: skip
        (folder / "run.json").write_bytes(with_crc(manifest, indent=False))
    for path in sorted(run.path.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    run.path.rmdir()


def write_long_runs(store: Path, n: int, steps: int, names: Sequence[str] = ()) -> None:
    """Write runs of two metrics and an epoch, whose points three bodies share.

    Parameters
    ----------
    names : sequence of str
        Of the first runs; the others are called after their number.
    """
    bodies = []
    for body in range(min(n, 3)):
        draw = random.Random(body).gauss
        with init(id=f"body-{body}") as run:
            for step in range(steps):
                loss = math.exp(-3 * step / steps) + abs(draw(0, 0.05)) + body / 10
                row = {"train/loss": loss, "train/acc": 1 - loss / 3, "epoch": 10 * step // steps}
                run.log(row, step=step)
        bodies.append(run.path)
    for place in range(n):
        body = bodies[place % len(bodies)]
        document = loads((body / "run.json").read_bytes(), "run.json")
        began = _BEGAN - timedelta(minutes=place)
        folder = store / f"{began:%Y%m%dT%H%M%S}-{place:06x}"
        folder.mkdir()
        os.link(body / "metrics.parquet", folder / "metrics.parquet")
        manifest = document | {
            "id": folder.name, "name": [*names, *(f"run-{at}" for at in range(len(names), n))][place],
            "group": f"g{place % 3}", "created_at": rfc3339(round(began.timestamp() * 1000)),
            "config": {"lr": 10.0 ** -(place % 5), "optimizer": "ab"[place % 2], "seed": place},
        }  # fmt: skip
        (folder / "run.json").write_bytes(with_crc(manifest, indent=False))
    for body in bodies:
        shutil.rmtree(body)
