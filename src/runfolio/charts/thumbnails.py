"""Pictures of a run made small: drawn anew, with masks and boxes over them."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from runfolio._optional import require
from runfolio.charts.theme import LIGHT
from runfolio.errors import CorruptRecord
from runfolio.query.pictures import open_picture

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Thumbnail", "class_colour", "thumbnail"]

_SMALL: Final = 0.6
_SHARPNESS: Final = 2
_COLOURS: Final = 128
_FEW_PIXELS: Final = 4096
_QUALITY: Final = 82
_COVER: Final = 0.45
_MOST_BOXES: Final = 200
_MOST_MASKS: Final = 4


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small picture that holds nothing of the original's file but what it shows.

    Attributes
    ----------
    type : str
        ``image/png`` or ``image/jpeg``.
    width, height : int
        At which it is shown, in pixels of a page.
    pixelated : bool
        Whether its few pixels are shown as squares.
    """

    data: bytes
    type: str
    width: int
    height: int
    pixelated: bool


def class_colour(number: int) -> str:
    """Return the colour of a class in masks and boxes."""
    return LIGHT.series[number % len(LIGHT.series)]


def thumbnail(
    data: bytes,
    largest: int,
    *,
    masks: Sequence[bytes] = (),
    boxes: Iterable[Mapping[str, Any]] = (),
    drawing: bool = False,
) -> Thumbnail:
    """Return a picture at a size for a page.

    Parameters
    ----------
    data : bytes
        PNG, JPEG, GIF, WebP or BMP.
    largest : int
        Of width and height, in pixels of a page; a small picture is shown larger than it is.
    masks : sequence of bytes
        Files with the class of each pixel, drawn over it; 0 is nothing. One that cannot be read
        is left out.
    boxes : iterable of mapping
        As an event tells of them; what makes no sense is left out.
    drawing : bool
        Whether it is lines and letters, which a photo's compression would blur.

    Raises
    ------
    CorruptRecord
        It is no picture that can be read.
    """
    picture = _flat(open_picture(data))
    width, height = _shown_size(picture.size, largest)
    for mask in list(masks)[:_MOST_MASKS]:
        picture = _covered(picture, mask)
    outlined = list(boxes)[:_MOST_BOXES]
    sharp = (_SHARPNESS * width, _SHARPNESS * height)
    if picture.width > sharp[0] or picture.height > sharp[1]:
        picture = picture.resize(sharp, _pillow().Resampling.LANCZOS, reducing_gap=1)
    elif outlined:
        picture = picture.resize(sharp, _pillow().Resampling.NEAREST)
    if outlined:
        picture = _outlined(picture, outlined, original=open_picture(data).size)
    made, kind = _encoded(picture, drawing=drawing)
    return Thumbnail(made, kind, width, height, pixelated=picture.width < width)


def _pillow() -> Any:
    return require("PIL.Image", feature="pictures", install="pillow")


def _flat(picture: Image) -> Image:
    """Return a picture in colours a page can show."""
    if picture.mode.startswith("I"):
        import numpy as np

        # 16 bits a pixel: Pillow would cut off all but the darkest 256 levels.
        values = np.asarray(picture, np.float64)
        values -= values.min()
        levels = (values * (255 / max(values.max(), 1.0))).astype(np.uint8)
        return _pillow().fromarray(levels).convert("RGB")  # type: ignore[no-any-return]
    has_alpha = "A" in picture.getbands() or "transparency" in picture.info
    mode = "RGBA" if has_alpha else "RGB"
    return picture if picture.mode == mode else picture.convert(mode)


def _shown_size(size: tuple[int, int], largest: int) -> tuple[int, int]:
    longest = max(size)
    if longest > largest:
        return max(round(size[0] * largest / longest), 1), max(
            round(size[1] * largest / longest), 1
        )
    # By a whole number, so that its pixels stay squares of one size.
    times = max(int(_SMALL * largest) // longest, 1)
    return size[0] * times, size[1] * times


def _covered(picture: Image, mask: bytes) -> Image:
    """Return a picture with the classes of a mask in their colours over it."""
    import numpy as np

    try:
        classes = open_picture(mask).convert("L")
    except CorruptRecord:
        return picture
    if classes.size != picture.size:
        classes = classes.resize(picture.size, _pillow().Resampling.NEAREST)
    colours = np.array([_rgb(class_colour(number)) for number in range(256)], np.float32)
    number = np.asarray(classes)
    pixels = np.asarray(picture).copy()
    inside = number > 0
    mixed = (1 - _COVER) * pixels[inside][:, :3] + _COVER * colours[number[inside]]
    pixels[inside, :3] = mixed.round().astype(np.uint8)
    made: Image = _pillow().fromarray(pixels)
    return made


def _outlined(
    picture: Image, boxes: Iterable[Mapping[str, Any]], original: tuple[int, int]
) -> Image:
    """Return a picture with boxes round what is in it."""
    draw = require("PIL.ImageDraw", feature="pictures", install="pillow").Draw(picture)
    for box in boxes:
        edges = [box.get(name) for name in ("min_x", "min_y", "max_x", "max_y")]
        if not all(type(e) in (int, float) and math.isfinite(e) for e in edges):  # type: ignore[arg-type]
            continue
        whole = original if box.get("domain") == "pixel" else (1, 1)
        places = [
            min(max(float(edge) / whole[n % 2], -0.01), 1.01) * picture.size[n % 2]  # type: ignore[arg-type]
            for n, edge in enumerate(edges)
        ]
        if places[0] <= places[2] and places[1] <= places[3]:
            number = box.get("class_id")
            colour = class_colour(number if type(number) is int else 0)
            draw.rectangle(places, outline=colour, width=_SHARPNESS * 2)
    return picture


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _encoded(picture: Image, *, drawing: bool) -> tuple[bytes, str]:
    """Return a small file that looks the same, and its media type."""
    file = io.BytesIO()
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (255, 255):
        picture = picture.convert("RGB")
    if drawing and picture.mode == "RGB":
        picture = picture.quantize(_COLOURS, dither=_pillow().Dither.NONE)
    elif picture.mode == "RGB" and picture.getcolors(_COLOURS) is None and _is_large(picture):
        picture.save(file, "JPEG", quality=_QUALITY)
        return file.getvalue(), "image/jpeg"
    picture.save(file, "PNG")
    return file.getvalue(), "image/png"


def _is_large(picture: Image) -> bool:
    # Of fewer pixels each one counts, and no file of them is large.
    return picture.width * picture.height > _FEW_PIXELS
