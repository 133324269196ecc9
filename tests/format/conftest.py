"""What the tests of the format share: a run directory made of a few lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from runfolio.format.disk import Disk
from runfolio.format.layout import PartName
from runfolio.format.lines import LineWriter
from runfolio.format.manifest import write_manifest

NOW_MS = 1_795_383_045_123


def row(step: float, time_ms: int = NOW_MS, **values: float) -> bytes:
    """Return one live line."""
    return orjson.dumps({"step": step, "time": time_ms, "values": values}) + b"\n"


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    """An empty run directory."""
    folder = tmp_path / "20261122T213045-7f3a9c"
    folder.mkdir()
    return folder


@pytest.fixture
def write_rows(run_dir: Path) -> Callable[..., Path]:
    """Write live rows of one part and sync them."""

    def write(rows: Iterable[bytes], **name: Any) -> Path:
        part = PartName("metrics", **name)
        writer = LineWriter(run_dir, part, Disk())
        for line in rows:
            writer.append(line)
        writer.close()
        return run_dir / part.filename

    return write


@pytest.fixture
def write_run(run_dir: Path) -> Callable[..., Path]:
    """Write a manifest with these fields over a finished run's."""

    def write(**fields: Any) -> Path:
        body = {"format": 1, "id": run_dir.name, "name": "first", "status": "finished",
                "created_at": "2026-11-22T21:30:45.123Z", **fields}  # fmt: skip
        write_manifest(run_dir, body, Disk())
        return run_dir

    return write


@contextmanager
def flipped(path: Path, offset: int, bit: int = 0) -> Iterator[None]:
    """Flip one bit of a file for the length of the block."""
    good = path.read_bytes()
    bad = bytearray(good)
    bad[offset] ^= 1 << bit
    path.write_bytes(bad)
    try:
        yield
    finally:
        path.write_bytes(good)
