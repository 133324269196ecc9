"""Many files hashed several at a time: the same answers in the same order, faults among them."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from runfolio.capture.data_hash import Hashed, one_by_one, side_by_side


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Files of a megabyte and of a few bytes, and one that is not there."""
    paths = []
    for n in range(100):
        path = tmp_path / f"{n:03d}"
        if n != 50:
            path.write_bytes(b"x" * (1 << 18 if n % 5 else 10))
        paths.append(str(path))
    return paths


def size_of(path: str) -> Hashed:
    size = Path(path).stat().st_size
    return Hashed(f"blake3:{size}", size)


def test_the_answers_are_those_of_one_after_the_other(files: list[str]) -> None:
    def told(pairs):
        return [(path, str(found)) for path, found in pairs]

    assert told(side_by_side(files, size_of)) == told(one_by_one(files, size_of))
    assert isinstance(dict(side_by_side(files, size_of))[files[50]], FileNotFoundError)


def test_files_of_middling_size_are_read_at_the_same_time(files: list[str]) -> None:
    both = threading.Barrier(2, timeout=20)

    def meet(path: str) -> Hashed:
        if path in files[1:3]:
            both.wait()  # breaks where one waits for the other to end
        return Hashed(None, 0)

    assert len(list(side_by_side(files, meet))) == len(files)


def test_nothing_is_hashed_ahead_of_what_is_asked_for(files: list[str]) -> None:
    seen: list[str] = []

    def note(path: str) -> Hashed:
        seen.append(path)
        return Hashed(None, 0)

    next(side_by_side(iter(files), note))
    assert len(seen) < len(files)


def test_no_files_are_no_answers() -> None:
    assert list(side_by_side([], size_of)) == []
