"""A store of runs of every kind: golden ones, odd ones, broken and hostile directories."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Final

from runfolio.format.codec import rfc3339
from runfolio.format.disk import Disk
from runfolio.format.manifest import write_manifest

__all__ = ["NAMES", "write_odd_store"]

GOLDEN: Final = Path(__file__).parents[1] / "golden"
FIRST_MS: Final = 1_795_383_000_000
HOSTILE: Final = "\x1b[31m<b>=cmd|' /C calc'!A0\n\u202e"

_CONFIGS: Final[tuple[dict[str, Any], ...]] = (
    {"lr": 0.1, "opt": "adam", "data": "digits", "seeds": {"numpy": 3}},
    {"lr": 1, "opt": "SGD", "model": {"depth": 3, "name": "é 雪"}, "on": True},
    {"lr": "auto", "opt": None, "model": {"depth": "3"}, "on": "yes"},
    {"lr": [1e-3, "x", None], "opt": ["adam", "sgd"], "model": 7, "on": False},
    {"lr": None, "a.b": 1, "a": {"b": 2, "c.d": {"e": 3}}, "back\\slash": 4, "": 5},
    {"lr": 2**64 - 1, "big": 2**63, "LR": -(2**63), "=1+1": "=1+1", HOSTILE: HOSTILE},
    {},
)  # fmt: skip
_METRICS: Final[tuple[dict[str, Any], ...]] = (
    {"loss": {"n": 3, "last": 0.5, "min": 0.25, "max": 2}, "val/acc": {"n": 1, "last": 0.9}},
    {"loss": {"n": 1, "last": "NaN"}, "val/acc": {"n": 2, "last": 0.7, "max": 0.95, "rule": "max"}},
    {"loss": {"n": 1, "last": "-Infinity", "min": 1}, "lr": {"n": 1, "last": 7}},
    {"loss": {"n": 2**60, "last": 2**64 - 1, "min": -(2**63)}, "loss.min": {"n": 1, "last": 8}},
    {},
    {"loss": {"n": 1, "last": None, "hidden": True}, HOSTILE: {"n": 1, "last": 1}},
)
_OTHER: Final[tuple[dict[str, Any], ...]] = (
    {"tags": ["a", "two words", "a"], "git": {"sha": "13e8c94", "branch": "main", "dirty": True}},
    {"status": "failed", "duration_s": 1e-3, "data": [{"name": "digits", "hash": "b3:77"}]},
    {"name": HOSTILE, "notes": HOSTILE, "tags": [HOSTILE], "group": "g", "exit_code": 2**63},
    {"name": "", "created_at": None, "duration_s": None, "summary": {"best": {"x": 1}, "loss": 3}},
    {"status": "interrupted", "created_at": "0001-01-01T00:00:00Z", "seeds": {"numpy": 7}},
)
NAMES: Final = (
    "name", "status", "tags", "created", "took", "lr", "config.lr", "metrics.lr", "opt", "on",
    "model", "model.depth", "model.name", r"a\.b", "a.b", r"a.c\.d.e", r"back\\slash", "big", "LR",
    "=1+1", HOSTILE, "loss", "loss.min", "metrics.loss.max", "val/acc", "data", "config.data",
    "branch", "sha", "dirty", "data.digits", "seeds.numpy", "config.seeds.numpy", "summary.best.x",
    "exit_code", "notes", "nonsense",
)  # fmt: skip
"""What a query over this store may name, and one that nothing is called."""


def write_odd_store(folio: Path) -> Path:
    """Make the store and return its folder."""
    for n, made in enumerate(sorted(GOLDEN.glob("*/*/run.json"))):
        shutil.copytree(made.parent, folio / f"golden-{n}")
    for n in range(14):
        created_ms = FIRST_MS + n // 2 * 60_000
        document = {
            "format": 1, "id": f"20261122T2130{n:02d}-{n:06x}", "name": f"run-{n % 4}",
            "status": "finished", "created_at": rfc3339(created_ms), "duration_s": float(n),
            "config": _CONFIGS[n % len(_CONFIGS)], "metrics": _METRICS[n % len(_METRICS)],
            **_OTHER[n % len(_OTHER)],
        }  # fmt: skip
        folder = folio / str(document["id"])
        folder.mkdir()
        write_manifest(folder, document, Disk())
    _break(folio)
    return folio


def _break(folio: Path) -> None:
    for name, manifest in {
        "no-json": b"{",
        "nothing": None,
        "a name": b"{}",
        "deep": b'{"config":' + b'{"a":' * 200 + b"1" + b"}" * 201,
        "wrong": b'{"id":[1],"status":"finished","tags":{},"config":"x","metrics":{"a":1,"":{"n":'
        b'"x"}},"exit_code":true,"created_at":"yesterday","duration_s":1e300}',
        "huge": b'{"id":"huge","status":"finished","config":{"lr":%s},"metrics":{"loss":{"n":1,'
        b'"last":%s}}}' % (b"9" * 400, b"9" * 400),
    }.items():
        (folio / name).mkdir()
        if manifest is not None:
            (folio / name / "run.json").write_bytes(manifest)
    (folio / "link").symlink_to("/")
