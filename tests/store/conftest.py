"""Stores of their own, run directories written by hand, and runs that are really recorded."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from runfolio.format.codec import dumps, rfc3339
from runfolio.format.disk import Disk
from runfolio.format.manifest import write_manifest
from runfolio.record import session as sessions

Maker = Callable[..., Path]


def set_up_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make this process record into a store below `tmp_path` that does not exist yet."""
    for name in list(os.environ):
        if name.startswith(("RUNFOLIO_", "WANDB_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("RUNFOLIO_DIR", str(tmp_path / "folio"))
    monkeypatch.setenv("RUNFOLIO_STRICT", "1")
    monkeypatch.setenv("RUNFOLIO_SILENT", "true")
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "false")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(sessions.session, "observers", [])
    monkeypatch.chdir(tmp_path)
    sessions.reset_for_tests()
    return tmp_path / "folio"


@pytest.fixture
def folio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a store that does not exist yet; runs are recorded into it."""
    yield set_up_store(tmp_path, monkeypatch)
    sessions.reset_for_tests()


@pytest.fixture
def make_run(folio: Path) -> Maker:
    """Return a function that writes a finished run by hand, each a minute later than the last."""
    count = itertools.count()

    def make(name: str = "run", run_id: str | None = None, **fields: Any) -> Path:
        n = next(count)
        folder = folio / (run_id or f"20261122T21{n:02d}00-{n:06x}")
        folder.mkdir(parents=True)
        document = {
            "format": 1,
            "id": folder.name,
            "name": name,
            "status": "finished",
            "created_at": rfc3339(1_795_383_000_000 + n * 60_000),
            "duration_s": 1.0,
        }
        write_manifest(folder, document | fields, Disk())
        return folder

    return make


def lines(*rows: Mapping[str, float], first_step: int = 0) -> bytes:
    """Return live lines of these values at rising steps."""
    return b"".join(
        dumps({"step": step, "time": 1_795_383_000_000 + step, "values": row}) + b"\n"
        for step, row in enumerate(rows, start=first_step)
    )
