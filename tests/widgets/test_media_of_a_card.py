"""What a live card shows of media: the latest of each key, small."""

from __future__ import annotations

import numpy as np
import pytest

import runfolio
from runfolio.store.reader import RunReader
from runfolio.widgets.media import LatestMedia


@pytest.fixture
def run() -> runfolio.Run:
    run = runfolio.init()
    for step in range(2):
        picture = np.full((300, 400, 3), 40 * step, np.uint8)
        run.log(
            {"samples": [runfolio.Image(picture)] * 2, "weights": runfolio.Histogram([1, 2, 3])}
        )
    run.finish()
    return run


def test_the_latest_of_each_key_is_told_with_a_small_picture(run: runfolio.Run) -> None:
    found = LatestMedia(RunReader(run.path)).look()

    assert found is not None
    message, buffers = found
    assert [(item["key"], item["step"], item["n"]) for item in message["items"]] == [
        ("samples", "1", 2), ("weights", "1", 1)]  # fmt: skip
    assert [item["picture"] for item in message["items"]] == [0, -1]
    assert buffers[0][:2] in (b"\xff\xd8", b"\x89P")
    assert len(buffers[0]) < 40_000


def test_what_was_told_is_not_told_again_but_to_a_new_page(run: runfolio.Run) -> None:
    media = LatestMedia(RunReader(run.path))
    first = media.look()

    assert media.look() is None
    assert media.again() == first


def test_a_picture_that_is_gone_leaves_its_name(run: runfolio.Run) -> None:
    for file in (run.path / "media").rglob("*.png"):
        file.unlink()

    found = LatestMedia(RunReader(run.path)).look()

    assert found is not None
    assert [item["picture"] for item in found[0]["items"]] == [-1, -1]
