"""Stores of many realistic runs: 20 settings, 30 metrics, manifests of about 9 kB (6 kB without the
blanks that indent them).

::

    python tests/bench/stores.py FOLIO --runs 10000 --curves 200

From Python: ``write_store(Path("folio"), 10_000, curves=200)``. The same numbers give the same
runs, whatever machine makes them.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from runfolio import settings
from runfolio.format import codec
from runfolio.format.disk import Disk
from runfolio.format.finished import convert_part
from runfolio.format.layout import PartName
from runfolio.format.lines import Part

__all__ = ["METRICS", "add_run", "write_store"]

METRICS: Final = (
    *(f"{part}/{name}" for part in ("train", "val") for name in (
        "loss", "acc", "f1", "precision", "recall", "auroc", "top5_acc", "perplexity", "ece")),
    "test/acc", "test/loss", "lr", "epoch", "grad/norm", "grad/clipped", "throughput/samples_s",
    "time/step_ms", "time/data_ms", "memory/peak_bytes", "weights/norm", "ema/decay",
)  # fmt: skip
"""The names of the 30 metrics of every run."""

FIRST_MS: Final = 1_783_000_000_000
_STATUSES: Final = ("finished",) * 17 + ("failed", "interrupted", "stopped")
_STEPS: Final = 5_000


def write_store(folio: Path, runs: int, *, curves: int = 0, points: int = 100) -> Path:
    """Make a store and return its folder.

    Parameters
    ----------
    folio : Path
        The folder of the store; it need not exist.
    curves : int
        How many of the newest runs hold their series, too: `points` steps of each metric.
    """
    settings.make_store(folio)
    for n in range(runs):
        folder = add_run(folio, n)
        if n >= runs - curves:
            _add_curves(folder, n, points)
    return folio


def add_run(folio: Path, n: int) -> Path:
    """Write the n-th run and return its folder; written without fsync, as nobody would miss it."""
    created_ms = FIRST_MS + n * 97_000
    draw = random.Random(n)
    run_id = f"{codec.rfc3339(created_ms)[:19].translate({45: None, 58: None})}-{n:06x}"
    folder = folio / run_id
    folder.mkdir()
    (folder / "run.json").write_bytes(codec.with_crc(_document(draw, n, run_id, created_ms)))
    (folder / "heartbeat").write_text(str(created_ms + 60_000))
    return folder


def _document(draw: random.Random, n: int, run_id: str, created_ms: int) -> dict[str, Any]:
    config = _config(draw)
    took_s = round(draw.lognormvariate(6, 1), 3)
    status = draw.choice(_STATUSES)
    return {
        "format": 1,
        "id": run_id,
        "name": f"{config['model']['name']}-{draw.choice(('base', 'wide', 'deep', 'aug'))}-{n}",
        "project": "imagenet-small",
        "group": f"group-{n // 50}",
        "job_type": "train",
        "tags": draw.sample(("baseline", "paper", "ablation", "wip", "rerun"), n % 3),
        "notes": "" if n % 10 else "longer warm-up, see the notes of last week",
        "command": ["python", "train.py", f"--lr={config['lr']}"],
        "notebook": None, "kernel_id": None, "parent": None, "rerun_of": None,
        "sweep": f"sweep-{n // 200}" if n % 2 else None,
        "status": status,
        "reason": "ValueError: loss is NaN" if status == "failed" else "",
        "signal": "SIGINT" if status == "interrupted" else None,
        "exit_code": 1 if status == "failed" else 0,
        "created_at": codec.rfc3339(created_ms),
        "ended_at": codec.rfc3339(created_ms + round(took_s * 1000)),
        "duration_s": took_s,
        "host": f"node-{n % 8:02d}",
        "boot_id": "6f1c9a52-6a0e-4b7e-9d53-1f2f7a3d9c11",
        "pid_namespace": "pid:[4026531836]",
        "user": draw.choice(("ann", "ben", "eve")),
        "pid": 4000 + n, "pid_started_at": str(98_000 + n),
        "config": config,
        "config_source": dict.fromkeys(codec.flatten(config), "argument"),
        "metrics": _metrics(draw, config["lr"]),
        "defined": [],
        "summary": {"best_epoch": draw.randrange(50)},
        "counts": {"points": len(METRICS) * _STEPS, "late": 0, "duplicate": 0, "nonfinite": 0,
                   "refused": 0},
        "metrics_upto": {"metrics.jsonl": 4_000_000},
        "segment": 1,
        "complete": dict.fromkeys(("code", "config", "environment", "seeds", "metrics"), "whole"),
        "git": {"sha": f"{n // 25:040x}", "branch": draw.choice(("main", "augment", "lr")),
                "remote": None, "dirty": n % 4 == 0, "files_changed": n % 4},
        "seeds": {"numpy": config["seed"], "random": config["seed"]},
        "data": [{"name": "train", "uri": "data/train", "hash": f"{n // 1000:064x}",
                  "rows": 50_000, "bytes": 150_000_000}],
        "cost": {}, "software": {"python": "3.11.7", "platform": "Linux", "packages": {
            "torch": "2.9.1", "numpy": "2.3.5", "timm": "1.0.22"}},
        "applied": [],
    }  # fmt: skip


def _config(draw: random.Random) -> dict[str, Any]:
    return {
        "lr": round(10 ** draw.uniform(-5, -1), 7),
        "batch_size": draw.choice((32, 64, 128, 256)),
        "epochs": draw.choice((10, 50, 90)),
        "optimizer": draw.choice(("adam", "adamw", "sgd", "lion")),
        "weight_decay": draw.choice((0.0, 1e-4, 1e-2)),
        "dropout": draw.choice((0.0, 0.1, 0.3, 0.5)),
        "schedule": draw.choice(("cosine", "linear", "step", None)),
        "warmup_steps": draw.choice((0, 500, 2000)),
        "seed": draw.randrange(5),
        "mixed_precision": draw.random() < 0.8,
        "clip_grad": draw.choice((None, 1.0, 5.0)),
        "label_smoothing": draw.choice((0.0, 0.1)),
        "model": {
            "name": draw.choice(("resnet18", "resnet50", "vit-s", "convnext-t")),
            "depth": draw.choice((2, 4, 8)),
            "width": draw.choice((64, 128, 256)),
            "activation": "gelu",
        },
        "data": {"name": "imagenet-small", "size": 224, "workers": 8, "augment": draw.choice(
            (["flip"], ["flip", "crop"], ["flip", "crop", "mixup"]))},
    }  # fmt: skip


def _metrics(draw: random.Random, lr: float) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for key in METRICS:
        low, high = sorted((round(draw.random(), 4), round(draw.random() * 3, 4)))
        down = key.endswith(("loss", "perplexity", "ece"))
        found[key] = {
            "n": _STEPS,
            "last": lr if key == "lr" else low if down else high,
            "min": low, "max": high,
            "last_step": _STEPS - 1, "min_step": draw.randrange(_STEPS),
            "max_step": draw.randrange(_STEPS),
            "mean": round((low + high) / 2, 4),
        }  # fmt: skip
    found["val/acc"]["goal"] = "maximize"
    return found


def _add_curves(folder: Path, n: int, points: int) -> None:
    """Write series that end where the manifest says, finished as a run writes them."""
    draw = random.Random(-1 - n)
    told: Mapping[str, Mapping[str, Any]] = codec.loads(
        (folder / "run.json").read_bytes(), "run.json"
    )["metrics"]
    start_ms = FIRST_MS + n * 97_000
    every = max(1, _STEPS // points)
    lines = []
    for at in range(points):
        near = 1 - math.exp(-5 * (at + 1) / points)
        values = {
            key: figure["last"] * near
            + (1 - near) * (1.5 - figure["last"]) * (1 + draw.gauss(0, 0.05))
            for key, figure in told.items()
        }
        lines.append(
            codec.dumps({"step": at * every, "time": start_ms + at * 500, "values": values})
        )
    live = folder / "metrics.jsonl"
    live.write_bytes(b"\n".join(lines) + b"\n")
    convert_part(Part(PartName("metrics"), live), Disk())


def main() -> None:
    """Make the store that the command line asks for, and tell how long it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folio", type=Path, help="the folder of the store")
    parser.add_argument("--runs", type=int, default=10_000, help="10,000 by default")
    parser.add_argument("--curves", type=int, default=0, help="newest runs that hold series, too")
    options = parser.parse_args()
    start = time.perf_counter()
    write_store(options.folio, options.runs, curves=options.curves)
    size = sum(path.stat().st_size for path in options.folio.glob("*/run.json"))
    print(f"{options.runs:,} runs in {time.perf_counter() - start:.1f} s, "
          f"{size / max(1, options.runs) / 1e3:.1f} kB a manifest")  # fmt: skip


if __name__ == "__main__":
    main()
