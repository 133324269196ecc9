"""Small real data, and what a run of the store holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import runfolio
from runfolio.format.events import read_events
from runfolio.format.manifest import read_record
from runfolio.model.media import MediaItem, media_items
from runfolio.model.run import RunRecord

Digits = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
Only = Callable[[], RunRecord]


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch, store_path: Path) -> Iterator[None]:
    """A store of the test's own, nothing logs by itself; code and environment are others' to test."""
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "false")
    yield
    runfolio.autolog(on=False)


@pytest.fixture(scope="session")
def digits() -> Digits:
    """Pictures and digits to learn from, and to test with."""
    pictures, numbers = load_digits(return_X_y=True)
    x, x_test, y, y_test = train_test_split(pictures, numbers, random_state=0)
    return x, x_test, y, y_test


@pytest.fixture
def only(store_path: Path) -> Only:
    """Read the one run of the store."""

    def read() -> RunRecord:
        (path,) = [path for path in store_path.iterdir() if (path / "run.json").is_file()]
        return read_record(path)

    return read


def media_of(record: RunRecord) -> list[MediaItem]:
    """Return all media of a run, in order."""
    events = [event for event in read_events(record.path) if event["kind"] == "media"]
    return [item for event in events for item in media_items(event)]


def charts_of(record: RunRecord) -> set[str]:
    """Return the keys of the figures; each has its document in the run."""
    figures = [item for item in media_of(record) if item.type == "figure"]
    assert all(item.path and (record.path / item.path).is_file() for item in figures)
    return {item.key for item in figures}
