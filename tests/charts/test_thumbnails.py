"""Pictures made small: what is drawn over them, and that nothing else of the file is left."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from runfolio.charts.bars import histogram_svg
from runfolio.charts.thumbnails import class_colour, thumbnail
from runfolio.errors import CorruptRecord


def png(picture: Image.Image, **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, "png", **options)
    return file.getvalue()


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def rgb(colour: str) -> list[int]:
    return list(bytes.fromhex(colour[1:]))


WHITE = png(Image.new("RGB", (400, 200), "white"))


def test_a_large_picture_is_shown_at_its_size_and_kept_twice_as_sharp() -> None:
    small = thumbnail(WHITE, 160)
    assert (small.width, small.height, small.pixelated) == (160, 80, False)
    assert pixels(small.data).shape == (160, 320, 3)


def test_a_small_picture_keeps_its_pixels_and_is_shown_larger() -> None:
    tiny = png(Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)))
    small = thumbnail(tiny, 160)
    assert (small.width, small.height, small.pixelated) == (96, 96, True)
    assert (pixels(small.data) == pixels(tiny)).all()


def test_a_thumbnail_holds_nothing_of_the_file_but_the_picture() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("comment", "<script>SECRET</script>")
    data = png(Image.new("RGB", (20, 20)), pnginfo=info) + b"<script>SECRET</script>"
    assert b"SECRET" in data
    assert b"SECRET" not in thumbnail(data, 160).data


def test_a_mask_colours_its_classes_and_leaves_the_rest() -> None:
    mask = np.zeros((200, 400), np.uint8)
    mask[:, 200:] = 3
    shown = pixels(thumbnail(WHITE, 160, masks=[png(Image.fromarray(mask))]).data)
    mixed = 0.55 * 255 + 0.45 * np.array(rgb(class_colour(3)))
    assert shown[80, 40].tolist() == [255, 255, 255]
    assert np.abs(shown[80, 280] - mixed).max() <= 1


@pytest.mark.parametrize(
    "box",
    [
        {"min_x": 0.25, "min_y": 0.25, "max_x": 0.75, "max_y": 0.75, "domain": "fraction"},
        {"min_x": 100, "min_y": 50, "max_x": 300, "max_y": 150, "domain": "pixel"},
    ],
)
def test_a_box_is_drawn_where_it_lies(box) -> None:
    shown = pixels(thumbnail(WHITE, 160, boxes=[box | {"class_id": 1}]).data)
    assert shown[80, 81].tolist() == rgb(class_colour(1))
    assert shown[80, 160].tolist() == [255, 255, 255]


@pytest.mark.parametrize(
    "box", [{}, {"min_x": "1"}, {k: float("nan") for k in ("min_x", "min_y", "max_x", "max_y")},
            {"min_x": 2, "min_y": 0, "max_x": 1, "max_y": 1},
            dict.fromkeys(("min_x", "min_y", "max_x", "max_y"), True)],
    ids=range(5),
)  # fmt: skip
def test_a_box_that_makes_no_sense_is_left_out(box) -> None:
    assert (pixels(thumbnail(WHITE, 160, boxes=[box]).data) == 255).all()


def test_a_box_beyond_all_bounds_costs_nothing() -> None:
    box = {"min_x": -1e300, "min_y": -5, "max_x": 10**300, "max_y": 1e308, "domain": "pixel"}
    assert pixels(thumbnail(WHITE, 160, boxes=[box]).data).shape == (160, 320, 3)


def test_a_mask_that_cannot_be_read_leaves_the_picture() -> None:
    assert (pixels(thumbnail(WHITE, 160, masks=[b"<html>"]).data) == 255).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_of_a_png_can_be_shown(mode: str) -> None:
    picture = Image.new(mode, (200, 100))
    small = thumbnail(png(picture), 160, boxes=[{"min_x": 0, "min_y": 0, "max_x": 1, "max_y": 1}])
    assert small.width == 160


def test_sixteen_bits_a_pixel_keep_their_contrast() -> None:
    deep = Image.fromarray(np.linspace(1000, 60_000, 256).reshape(16, 16).astype(np.uint16))
    shown = pixels(thumbnail(png(deep), 160).data)
    assert (shown.min(), shown.max()) == (0, 255)


def test_a_photo_becomes_small_and_a_drawing_stays_sharp() -> None:
    photo = np.random.default_rng(0).integers(0, 255, (320, 320, 3), dtype=np.uint8)
    assert thumbnail(png(Image.fromarray(photo)), 160).type == "image/jpeg"
    assert thumbnail(png(Image.fromarray(photo)), 160, drawing=True).type == "image/png"


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(CorruptRecord):
        thumbnail(b"<svg onload=alert(1)>", 160)


@pytest.mark.parametrize(
    ("counts", "edges"),
    [([1, 2], [0, 1, 2]), ([0], [0, 0]), ([5], [-1.7e308, 1.7e308]), ([1] * 512, range(513)),
     ([1e300, 1], [1, 1, 1 + 1e-16])],
)  # fmt: skip
def test_a_histogram_is_drawn_whatever_its_edges(counts, edges) -> None:
    drawn = histogram_svg(np.array(counts, float), np.array(edges, float))
    assert drawn.count("M") == sum(count > 0 for count in counts) + 1
    assert not any(word in drawn for word in ("nan", "inf"))
