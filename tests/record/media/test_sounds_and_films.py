"""Sounds and films: samples and frames become files that others play, files stay as they are."""

from __future__ import annotations

import io
import shutil
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageSequence
from tests.record.media.conftest import file_of, told, told_of

from runfolio.errors import RunfolioWarning, UsageError
from runfolio.model.media import MediaItem
from runfolio.record.media.audio import Audio
from runfolio.record.media.video import Video
from runfolio.record.run import Run

Log = Callable[[object], MediaItem]


def samples_of(data: bytes) -> tuple[np.ndarray[Any, Any], int]:
    with wave.open(io.BytesIO(data)) as file:
        kind = {2: "<i2", 4: "<i4"}[file.getsampwidth()]
        frames = np.frombuffer(file.readframes(file.getnframes()), kind)
        return frames.reshape(-1, file.getnchannels()), file.getframerate()


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (np.array([0.0, 0.5, -1.0, 2.0]), [[0], [16384], [-32767], [32767]]),
        (np.array([[0.0, 1.0]]), [[0, 32767]]),
        (np.zeros((1, 100), np.float32), [[0]] * 100),
        (np.array([1, -2], np.int16), [[1], [-2]]),
        (np.array([1, -(2**31)], np.int32), [[1], [-(2**31)]]),
        (np.array([128, 0], np.uint8), [[0], [-32768]]),
        (np.array([70_000, 1]), [[32767], [1]]),
        ([0.0, 1.0], [[0], [32767]]),
    ],
)
def test_samples_become_a_wav_file(
    run: Run, logged: Log, samples: Any, expected: list[list[int]]
) -> None:
    item = logged(Audio(samples, sample_rate=8000, caption="a click"))

    found, rate = samples_of(file_of(run, item))
    assert (found.tolist(), rate, item.caption) == (expected, 8000, "a click")
    assert item.extra == {
        "duration_s": len(expected) / 8000, "channels": len(expected[0]), "sample_rate": 8000,
    }  # fmt: skip


def test_a_sound_file_is_kept_as_it_is(run: Run, logged: Log) -> None:
    Path("a.MP3").write_bytes(b"ID3")
    item = logged(Audio("a.MP3"))

    assert (file_of(run, item), Path(item.path or "").suffix) == (b"ID3", ".mp3")


def test_sounds_and_films_play_themselves_in_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = Audio(np.zeros(4), sample_rate=8000)
    film, kept = Video(np.zeros((2, 3, 4, 4), np.uint8)), Video(io.BytesIO(b"film"), format="mp4")

    assert sound._repr_html_().startswith('<audio controls src="data:audio/wav;base64,')
    assert film._repr_html_().startswith('<img src="data:image/gif;base64,R0lGOD')
    assert kept._repr_html_().startswith('<video controls src="data:video/mp4;base64,')
    monkeypatch.setattr("runfolio.record.media.files._SHOWN_BYTES", 3)
    assert (sound._repr_html_(), film._repr_html_()) == (
        "<p>a long sound</p>",
        "<p>a long film</p>",
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda: Audio(np.zeros(4)), lambda: Audio(np.zeros(4), sample_rate=0),
        lambda: Audio(np.zeros((2, 2, 2)), sample_rate=1), lambda: Audio([], sample_rate=1),
        lambda: Audio("missing.wav"),
        lambda: Video(np.zeros((4, 4))), lambda: Video(np.zeros((2, 2, 4, 4))),
        lambda: Video(np.zeros((2, 3, 4, 4)), fps=-1), lambda: Video("a.avi"),
        lambda: Video(np.zeros((2, 3, 4, 4)), format="avi"), lambda: Video(3),
        lambda: Video(np.broadcast_to(np.uint8(0), (2, 3, 13000, 13000))),
    ],
)  # fmt: skip
def test_what_is_no_sound_or_film_is_refused_at_once(make: Callable[[], object]) -> None:
    with pytest.raises(UsageError):
        make()


def frames_of(run: Run, item: MediaItem) -> np.ndarray[Any, Any]:
    with Pillow.open(io.BytesIO(file_of(run, item))) as opened:
        return np.stack([np.asarray(f.convert("RGB")) for f in ImageSequence.Iterator(opened)])


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_frames_become_a_gif(run: Run, logged: Log, channels: int) -> None:
    levels = np.array([0, 128, 255], np.uint8)
    frames = np.broadcast_to(levels[:, None, None, None], (3, channels, 8, 6)).copy()
    item = logged(Video(frames, fps=5, caption="a film"))

    assert frames_of(run, item)[:, 0, 0, 0].tolist() == [0, 128, 255]
    assert item.extra == {"width": 6, "height": 8, "frames": 3, "fps": 5}
    with Pillow.open(io.BytesIO(file_of(run, item))) as opened:
        assert opened.info["duration"] == 200


def test_several_films_lie_side_by_side(run: Run, logged: Log) -> None:
    films = np.zeros((3, 2, 3, 4, 6), np.uint8)
    films[1], films[2] = 100, 200
    found = frames_of(run, logged(Video(films)))

    assert found.shape[1:3] == (8, 12)
    corners = [found[0, y, x, 0] for y, x in ((0, 0), (0, 7), (5, 0), (5, 7))]
    assert corners == [0, 100, 200, 0]


def test_a_film_changed_after_it_was_made_does_not_change_the_record(run: Run) -> None:
    frames = np.zeros((2, 3, 4, 4), np.uint8)
    frames[1] = 255
    run.log({"x": Video(frames)})
    frames[:] = 7
    (item,) = told(run)

    assert frames_of(run, item)[:, 0, 0, 0].tolist() == [0, 255]


@pytest.mark.parametrize("source", [Path("a.mp4"), "a.mp4", io.BytesIO(b"film"), b"film"])
def test_a_film_that_is_a_file_already_is_kept_as_it_is(run: Run, logged: Log, source: Any) -> None:
    Path("a.mp4").write_bytes(b"film")
    item = logged(Video(source, format="mp4"))

    assert (file_of(run, item), Path(item.path or "").suffix) == (b"film", ".mp4")


def test_where_ffmpeg_is_missing_the_film_is_a_gif_and_it_is_said(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runfolio.record.media.video._ffmpeg", lambda: None)
    with pytest.warns(RunfolioWarning, match="needs ffmpeg"):
        (item,) = told_of(run, {"x": Video(np.zeros((2, 3, 4, 4), np.uint8), format="mp4")})

    assert file_of(run, item).startswith(b"GIF89a")


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
@pytest.mark.parametrize(("ending", "mark"), [("mp4", b"ftyp"), ("webm", b"webm")])
def test_frames_become_a_film_of_the_format_that_was_asked_for(
    run: Run, logged: Log, ending: str, mark: bytes
) -> None:
    item = logged(Video(np.zeros((4, 3, 17, 33), np.uint8), format=ending))

    assert mark in file_of(run, item)[:64]
