"""One thing that a run logged as a page gets it: words as text, pictures as checked files.

Nothing of a run reaches the page as a document of its own: a picture is passed on only where its
first bytes say that it is one and its size is small, else it is drawn anew; a page of HTML is the
text of a frame in which nothing runs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import numpy as np

from runfolio.charts.curves import label_text
from runfolio.charts.heatmap import heat_grid
from runfolio.charts.thumbnails import class_colour, thumbnail
from runfolio.errors import CorruptRecord
from runfolio.model.media import MediaItem, media_path, sandboxed_document
from runfolio.query.gallery import Strip
from runfolio.query.media import bins_of, file_bytes, histograms
from runfolio.query.pictures import film_type, is_whole, picture_head, sound_type

__all__ = [
    "Filed",
    "bin_at",
    "filed",
    "heat",
    "overlaid",
    "picture",
    "picture_path",
    "picture_token",
    "told",
]

_READ: Final = 64 << 20
_AS_IS_BYTES: Final = 300_000
_AS_IS_PIXELS: Final = 4_000_000
_AS_IS: Final = frozenset(("PNG", "JPEG", "GIF", "WEBP"))
_CAPTION: Final = 1000
_NAMES: Final = 12
_BOXES: Final = 2000


@dataclass(frozen=True, slots=True)
class Filed:
    """Bytes for a page, and what they are.

    Attributes
    ----------
    type : str
        A media type that a page may show: of pictures, sounds, films; ``text/html`` for the text
        of a frame in which nothing runs.
    width, height : int
        Of a picture, in its own pixels where it is passed on as it is.
    pixelated : bool
        Whether its few pixels are shown as squares.
    """

    data: bytes
    type: str
    width: int = 0
    height: int = 0
    pixelated: bool = False


def told(item: MediaItem) -> dict[str, Any]:
    """Return what a page is told of a thing beside its picture."""
    extra = item.extra
    found: dict[str, Any] = {
        "type": label_text(item.type, 40),
        "caption": label_text(" ".join(item.caption.split()), _CAPTION),
        "bytes": item.size_bytes,
    }
    for name in ("width", "height", "rows", "duration_s"):
        value = extra.get(name)
        if isinstance(value, (int, float)) and 0 <= value < 1e15:
            found[name] = value
    if isinstance(extra.get("columns"), list):
        found["columns"] = len(extra["columns"])
    return found


def overlaid(item: MediaItem) -> list[list[str]]:
    """Return colours and names of the classes that lie over a picture; nothing without any."""
    names: dict[int, dict[str, None]] = {}
    masks, boxes = item.extra.get("masks"), item.extra.get("boxes")
    for group in [*_groups(masks), *_groups(boxes)]:
        labels = group.get("labels")
        for key, name in labels.items() if isinstance(labels, Mapping) else ():
            is_number = isinstance(key, str) and key.isascii() and key.isdigit() and len(key) < 10
            # The class 0 of a mask is the picture behind it.
            if is_number and (key != "0" or "boxes" in group):
                names.setdefault(int(key), {})[label_text(str(name), 40)] = None
    legend = [[class_colour(n), ", ".join(called)] for n, called in list(names.items())[:_NAMES]]
    if len(names) > _NAMES:
        legend.append(["", f"{len(names) - _NAMES} more"])
    has_some = bool([*_groups(masks), *_groups(boxes)])
    return legend or ([["", ""]] if has_some else [])


def _groups(found: object) -> list[Mapping[str, Any]]:
    groups = found.values() if isinstance(found, Mapping) else ()
    return [group for group in groups if isinstance(group, Mapping)]


def picture_path(item: MediaItem) -> str | None:
    """Return where the picture of a thing lies; ``None`` where it has none."""
    if item.type == "figure":
        path = media_path(item.extra.get("preview")) or item.path
        return path if path is not None and path.endswith(".png") else None
    return item.path if item.type in ("image", "video") else None


def picture_token(folder: Path, item: MediaItem, px: int, *, over: bool) -> str:
    """Return what names a picture as it is shown; equal names are equal pictures."""
    drawn = repr((item.extra.get("masks"), item.extra.get("boxes"))) if over else ""
    said = f"{folder}\0{picture_path(item)}\0{px}\0{item.size_bytes}\0{drawn}"
    return blake2b(said.encode("utf-8", "replace"), digest_size=9).hexdigest()


def picture(
    folder: Path, item: MediaItem, px: int, *, over: bool = False, anew: bool = False
) -> Filed:
    """Return the picture of a thing, for a place of so many pixels.

    Parameters
    ----------
    over : bool
        Draw masks and boxes over it.
    anew : bool
        Draw it anew, however small its file is.

    Raises
    ------
    CorruptRecord
        There is none, or it is damaged.
    """
    path = picture_path(item)
    if path is None:
        raise CorruptRecord("Its event names no picture of this run.")
    data = file_bytes(folder, path, _READ)
    masks = list(_masks(folder, item)) if over else []
    boxes = _boxes(item) if over else []
    drawing = item.type == "figure"
    head = picture_head(data)
    if not anew and not masks and not boxes and head is not None and _may_pass(data, head.type):
        small = len(data) <= _AS_IS_BYTES or px >= 1000
        if small and 0 < head.width * head.height <= _AS_IS_PIXELS:
            return Filed(data, f"image/{head.type.lower()}", head.width, head.height)
    made = thumbnail(data, px, masks=masks, boxes=boxes, drawing=drawing)
    return Filed(made.data, made.type, made.width, made.height, made.pixelated)


def _may_pass(data: bytes, kind: str) -> bool:
    # A page shows of 16 bits a pixel the upper eight, which may all be dark.
    is_deep = kind == "PNG" and data[24:25] == b"\x10"
    return kind in _AS_IS and not is_deep and is_whole(data, kind)


def _masks(folder: Path, item: MediaItem) -> Iterator[bytes]:
    for mask in _groups(item.extra.get("masks")):
        path = media_path(mask.get("path"))
        if path is not None:
            with contextlib.suppress(CorruptRecord):  # the picture itself is there
                yield file_bytes(folder, path, _READ)


def _boxes(item: MediaItem) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for group in _groups(item.extra.get("boxes")):
        boxes = group.get("boxes")
        found += [b for b in boxes if isinstance(b, Mapping)] if isinstance(boxes, list) else []
    return found[:_BOXES]


def filed(folder: Path, item: MediaItem) -> Filed:
    """Return the file of a sound, a film or a page.

    Raises
    ------
    CorruptRecord
        It is gone, larger than 64 MiB, or not what it should be.
    """
    if item.path is None:
        raise CorruptRecord("Its event names no file of this run.")
    data = file_bytes(folder, item.path, _READ)
    if item.type == "html":
        page = sandboxed_document(data.decode("utf-8", "replace"))
        return Filed(page.encode(), "text/html")
    kind = sound_type(data) if item.type == "audio" else film_type(data)
    if kind is None and (head := picture_head(data)) is not None and head.type == "GIF":
        kind = "image/gif" if head.fits else None
    if kind is None:
        what = "sound" if item.type == "audio" else "film"
        raise CorruptRecord(f"{item.path} is no {what} that a page can play.")
    return Filed(data, kind)


def heat(strip: Strip) -> tuple[dict[str, Any], bytes] | None:
    """Return all histograms of a run under a key on a grid, and the buffer of its counts."""
    grid = heat_grid(histograms(strip.items(), strip.key))
    if grid is None:
        return None
    columns, rows = grid.counts.shape
    found = {
        "low": grid.low, "high": grid.high, "columns": columns, "rows": rows,
        "firsts": grid.firsts.tolist(), "last": strip.steps[-1], "n": len(strip.steps),
    }  # fmt: skip
    return found, grid.counts.astype(np.float32).tobytes()


def bin_at(items: Sequence[MediaItem], value: float) -> dict[str, Any] | None:
    """Return the bin of a histogram in which a value lies, with its exact count."""
    bins = bins_of(items[0]) if items else None
    if bins is None:
        return None
    counts, edges = bins
    place = int(np.searchsorted(edges, value, "right")) - 1
    if value == edges[-1]:
        place = len(counts) - 1
    inside = 0 <= place < len(counts)
    return {
        "count": float(counts[place]) if inside else 0.0,
        "from": float(edges[place]) if inside else None,
        "to": float(edges[place + 1]) if inside else None,
        "total": float(counts.sum()),
    }
