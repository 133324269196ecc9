"""What the tests of media share: a run, what its events say, what its files hold."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from runfolio.format.events import read_events
from runfolio.model.media import MediaItem, media_items
from runfolio.record.api import init
from runfolio.record.run import Run


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store_path: Path) -> Path:
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "false")
    monkeypatch.setattr("runfolio.record.session.session.observers", [])
    return store_path


@pytest.fixture
def run() -> Run:
    return init(id="r")


def told(run: Run) -> list[MediaItem]:
    """Return what the events say, once all of it is written."""
    run.finish(quiet=True)
    return [item for event in read_events(run.path) for item in media_items(event)]


def told_of(run: Run, values: dict[str, Any]) -> list[MediaItem]:
    """Log values, and return what the events say once all of it is written."""
    run.log(values)
    return told(run)


def file_of(run: Run, item: MediaItem) -> bytes:
    assert item.path is not None
    data = (run.path / item.path).read_bytes()
    assert len(data) == item.size_bytes
    return data


def pixels_of(run: Run, item: MediaItem) -> np.ndarray[Any, Any]:
    return np.asarray(Pillow.open(io.BytesIO(file_of(run, item))))


@pytest.fixture
def logged(run: Run) -> Callable[[object], MediaItem]:
    """Log one value and return the one item that became of it."""

    def log(value: object) -> MediaItem:
        run.log({"x": value})
        (item,) = told(run)
        assert run.life.refused_values == {}
        return item

    return log
