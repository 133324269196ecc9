"""Media read back: by key and step, safely, whatever the events and files hold."""

from __future__ import annotations

import io
import json
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from runfolio.errors import CorruptRecord, UsageError
from runfolio.query.media import latest, media_of
from runfolio.query.pictures import open_picture, picture_head, sound_type
from runfolio.query.runs import LoadedRun, Runs, load
from runfolio.query.tables import read_table, table_head
from runfolio.record.api import init
from runfolio.record.media.histogram import Histogram as RecordedHistogram
from runfolio.store.reader import RunReader
from runfolio.store.store import Store

Events = list[dict[str, Any]]


def event(key: str, step: float, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    known = {"time": int(1000 * step), "kind": "media", "key": key, "step": step, "type": "image"}
    return known | {"items": list(items)} | more


def png(width: int = 4, height: int = 3) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(file, "png")
    return file.getvalue()


def png_that_says(width: int, height: int) -> bytes:
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n\0\0\0\r" + head + struct.pack(">I", zlib.crc32(head)) + b"\0" * 64


@pytest.fixture
def run_with(tmp_path: Path) -> Callable[..., LoadedRun]:
    """Return a function that lays out a run of these events and files, and reads it."""

    def make(events: Events, files: dict[str, bytes] | None = None) -> LoadedRun:
        folder = tmp_path / "20261122T213045-000001"
        folder.mkdir(exist_ok=True)
        lines = [json.dumps(line) for line in events]
        (folder / "events.jsonl").write_text("\n".join([*lines, ""]), encoding="utf-8")
        for name, data in (files or {}).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        return LoadedRun(RunReader(folder))

    return make


def test_media_are_found_by_key_and_step(run_with) -> None:
    run = run_with([event("a", 2, {}), event("b", 1, {}), event("a", 1, {}, {})])

    assert [(m.key, m.step, m.index) for m in run.media()] == [
        ("a", 1, 0), ("a", 1, 1), ("a", 2, 0), ("b", 1, 0),
    ]  # fmt: skip
    assert [m.step for m in run.media("a", step=2)] == [2]


def test_a_key_that_is_not_there_names_the_nearest(run_with) -> None:
    with pytest.raises(UsageError, match=r'"sampels".*samples'):
        run_with([event("samples", 1, {})]).media("sampels")


def test_an_image_is_read_with_its_fields(run_with) -> None:
    items = {"path": "media/images/aa.png", "width": 4, "caption": "a cat"}
    (medium,) = run_with([event("x", 1, items)], {"media/images/aa.png": png()}).media("x")

    assert medium.image().size == (4, 3)
    assert (medium.bytes(), medium.caption, medium.width) == (png(), "a cat", 4)


def test_a_mask_is_read_by_its_name(run_with) -> None:
    file = io.BytesIO()
    Image.fromarray(np.array([[0, 1], [2, 1]], np.uint8)).save(file, "png")
    masks = {"truth": {"path": "media/images/mm.png", "labels": {"1": "road"}}}
    run = run_with([event("x", 1, {"masks": masks})], {"media/images/mm.png": file.getvalue()})

    assert run.media("x")[0].mask("truth").tolist() == [[0, 1], [2, 1]]
    with pytest.raises(UsageError, match="truth"):
        run.media("x")[0].mask("thruth")


@pytest.mark.parametrize("suffix", ["parquet", "table.json"])
def test_a_table_is_read_as_a_frame(run_with, suffix: str) -> None:
    frame = pd.DataFrame({"n": [1.5, float("inf")], "word": ["a", "<b>"]})
    path = f"media/tables/t.{suffix}"
    parquet = frame.to_parquet()
    document = {
        "columns": [{"name": "n", "type": "float"}, {"name": "word", "type": "text"}],
        "data": [[1.5, "a"], ["Infinity", "<b>"]],
    }
    data = parquet if suffix == "parquet" else json.dumps(document).encode()
    run = run_with([event("t", 1, {"path": path}, type="table")], {path: data})

    pd.testing.assert_frame_equal(run.media("t")[0].frame(), frame)
    head = table_head(data, rows=1, columns=1)
    assert (head.columns, list(map(list, head.rows)), head.n_rows, head.n_columns) == (
        ["n"], [[1.5]], 2, 2,
    )  # fmt: skip


@pytest.mark.parametrize("data", [b"", b"PAR1PAR1", b"<html>", b'{"columns": 3}', b"[]", b"{"])
def test_a_table_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(CorruptRecord):
        read_table(data)
    with pytest.raises(CorruptRecord):
        table_head(data, 5, 5)


def test_a_cell_too_large_to_be_shown_is_not_even_unpacked() -> None:
    file = io.BytesIO()
    frame = pd.DataFrame({"small": ["a"], "large": ["a" * (65 << 20)]})
    frame.to_parquet(file, compression="zstd")
    assert len(file.getvalue()) < 100_000

    assert table_head(file.getvalue(), 5, 1).rows == [("a",)]
    with pytest.raises(CorruptRecord, match="too large"):
        table_head(file.getvalue(), 5, 2)


def test_histograms_become_arrays_over_the_steps(run_with) -> None:
    bins = [{"bins": [0, 1, 2], "counts": [3, 4]}, {"bins": [0, 5], "counts": [7]}]
    bad = {"bins": [0, 1], "counts": [1, 2]}
    run = run_with([event("w", n, b, type="histogram") for n, b in enumerate([*bins, bad])])

    found = run.histograms("w")

    assert found.step.tolist() == [0, 1]
    assert np.nan_to_num(found.counts, nan=-1).tolist() == [[3, 4], [7, -1]]
    assert [part.tolist() for part in run.media("w")[0].histogram()] == [[3, 4], [0, 1, 2]]
    with pytest.raises(CorruptRecord, match="edge"):
        run.media("w")[2].histogram()


@pytest.mark.parametrize(
    "item",
    [
        {"bins": [0, 1], "counts": [None]},
        {"bins": [0, 1], "counts": [-1]},
        {"bins": [1, 0], "counts": [1]},
        {"bins": [0, True], "counts": [1]},
        {"bins": ["0", "1"], "counts": [1]},
        {"bins": [], "counts": []},
        {"bins": 3},
    ],
)
def test_a_histogram_that_makes_no_sense_is_passed_over(run_with, item: Any) -> None:
    assert len(run_with([event("w", 1, item, type="histogram")]).histograms("w")) == 0


def test_the_latest_is_the_last_call_at_the_largest_step_of_every_process() -> None:
    def at(path: str) -> dict[str, str]:
        return {"path": path}

    events = [
        event("x", 2, at("media/images/old.png"), at("media/images/old2.png")),
        event("x", 1, at("media/images/early.png")),
        event("x", 2, at("media/images/new.png"), time=5000),
        event("x", 2, at("rank3/media/images/r.png")),
    ]

    paths = [item.path for item in latest(media_of(events))["x"]]

    assert paths == ["media/images/new.png", "rank3/media/images/r.png"]


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../x", "media/images/../../run.json", "media/images/.x", "run.json", 3, None],
)
def test_a_path_that_leads_elsewhere_is_no_file_of_the_run(run_with, path: Any) -> None:
    (medium,) = run_with([event("x", 1, {"path": path})]).media("x")

    assert medium.path is None
    with pytest.raises(UsageError, match="no file"):
        medium.bytes()


def test_neither_a_link_nor_a_folder_that_is_one_leads_out_of_the_run(run_with, tmp_path) -> None:
    (tmp_path / "away").mkdir()
    (tmp_path / "away" / "b.png").write_bytes(png())
    run = run_with([event("x", 1, {"path": "media/images/a.png"}),
                    event("y", 1, {"path": "media/tables/b.png"})],
                   {"media/images/c.png": b""})  # fmt: skip
    (run.path / "media/images/a.png").symlink_to(tmp_path / "away" / "b.png")
    (run.path / "media/tables").symlink_to(tmp_path / "away")

    for medium in run.media():
        with pytest.raises(CorruptRecord, match="link"):
            medium.bytes()


def test_a_file_that_is_gone_says_so(run_with) -> None:
    (medium,) = run_with([event("x", 1, {"path": "media/images/a.png"})]).media("x")

    with pytest.raises(CorruptRecord, match="cannot be read"):
        medium.image()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_picture_is_known_by_its_first_bytes(kind: str, mode: str) -> None:
    file = io.BytesIO()
    Image.new(mode, (37, 21)).save(file, kind)

    head = picture_head(file.getvalue())

    assert head is not None
    assert (head.type, head.width, head.height, head.fits) == (kind, 37, 21, True)


def test_a_lossless_and_an_animated_webp_are_known_too() -> None:
    frames = [Image.new("RGBA", (37, 21), (n, 0, 0, 99)) for n in range(3)]
    for options in ({"lossless": True}, {"save_all": True, "append_images": frames[1:]}):
        file = io.BytesIO()
        frames[0].save(file, "WEBP", **options)
        head = picture_head(file.getvalue())
        assert head is not None
        assert (head.width, head.height) == (37, 21)


def test_a_picture_that_claims_too_many_pixels_is_not_decoded() -> None:
    with pytest.raises(CorruptRecord, match="60,000 × 60,000"):
        open_picture(png_that_says(60_000, 60_000))


@pytest.mark.parametrize(
    "data",
    [b"<html><script>", b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff", b"BM", b"RIFF",
     b"\xff\xd8\xff\xe0\0\0" + b"\xff\xff" * 9, png()[:50], png_that_says(0, 9)],
    ids=range(10),
)  # fmt: skip
def test_what_is_no_picture_is_refused_whatever_its_name_says(data: bytes) -> None:
    with pytest.raises(CorruptRecord):
        open_picture(data)


def test_a_sound_is_known_by_its_first_bytes_and_a_wav_by_its_sizes() -> None:
    import wave

    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(b"\0\0" * 80)
    sound = file.getvalue()

    assert sound_type(sound) == "audio/wav"
    assert sound_type(sound[:-20]) is None
    assert sound_type(sound[:40] + b"\xff\xff\xff\x7f" + sound[44:]) is None
    assert [sound_type(start + b"\0" * 9) for start in (b"OggS", b"fLaC", b"ID3", b"<htm")] == [
        "audio/ogg", "audio/flac", "audio/mpeg", None,
    ]  # fmt: skip


def test_lines_that_make_no_sense_leave_the_others(run_with) -> None:
    run = run_with(
        [event("x", 1, {}), {"kind": "media"}, event("y", 1) | {"step": "?"}, event("z", 1, 3)]
    )

    assert [medium.key for medium in run.media()] == ["x"]


def test_runs_of_a_store_give_their_media_by_id(store_path: Path) -> None:
    recorded = []
    for key in ("x", "y", "x"):
        run = init("digits")
        run.log({key: RecordedHistogram([1.0, 2.0])})
        run.finish(quiet=True)
        recorded.append(run.id)

    found = Runs(Store(store_path)).media("x")

    assert set(found) == {recorded[0], recorded[2]}
    assert [medium.histogram()[0].sum() for media in found.values() for medium in media] == [2, 2]


def test_media_of_a_live_run_are_read_as_they_come(store_path: Path) -> None:
    run = init("digits", name="live")
    reading = load("live", Store(store_path))
    assert reading.media() == []
    run.log({"x": RecordedHistogram([1.0, 2.0])})

    deadline = time.monotonic() + 60
    while not reading.media():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    run.finish(quiet=True)

    assert [medium.key for medium in reading.media("x")] == ["x"]
