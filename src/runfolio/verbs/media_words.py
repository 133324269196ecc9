"""The media of a run in words: a line for each key, and the same for machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from runfolio.model.media import MediaItem
from runfolio.query.media import bins_of
from runfolio.verbs.figures import size
from runfolio.verbs.terminal import one_line

__all__ = ["media_facts", "media_words", "step_words"]

_NAMES: Final[Mapping[str, str]] = {
    "image": "image", "table": "table", "histogram": "histogram", "audio": "sound",
    "video": "video", "html": "page", "figure": "figure", "file": "file",
}  # fmt: skip


def media_words(items: Sequence[MediaItem]) -> str:
    """Return what was logged at once: ``3 images 64 × 64``, ``table of 4 columns × 120 rows``."""
    first = items[0]
    n = len(items)
    name = _NAMES.get(first.type) or f"item of type {one_line(first.type, 20)}"
    words = f"{n:,} {name}s" if n > 1 else name
    return f"{words} {about}" if (about := _about(first)) and _alike(items) else words


def _alike(items: Sequence[MediaItem]) -> bool:
    return len({_about(item) for item in items[:100]}) == 1


def _about(item: MediaItem) -> str:
    extra = item.extra
    if item.type == "table":
        rows, columns = _count(extra.get("rows")), extra.get("columns")
        if rows is not None and isinstance(columns, list):
            return (
                f"of {len(columns):,} column{'s' * (len(columns) != 1)} × "
                f"{rows:,} row{'s' * (rows != 1)}"
            )
    if item.type == "histogram":
        bins = bins_of(item)
        return f"of {len(bins[0]):,} bin{'s' * (len(bins[0]) != 1)}" if bins else "without bins"
    width, height = _count(extra.get("width")), _count(extra.get("height"))
    if item.type in ("image", "video") and width and height:
        return f"{width:,} × {height:,}"
    if item.type == "figure" and isinstance(extra.get("source"), str):
        return f"of {one_line(extra['source'], 20)}"
    seconds = extra.get("duration_s")
    if item.type == "audio" and isinstance(seconds, (int, float)) and 0 <= seconds < 1e9:
        return f"of {seconds:.3g} s"
    return f"of {size(item.size_bytes)}" if item.size_bytes else ""


def _count(found: object) -> int | None:
    return found if type(found) is int and 0 <= found < 10**15 else None


def step_words(items: Sequence[MediaItem]) -> str:
    """Return where they belong: ``step 12``."""
    step = items[0].step
    return f"step {step:,.0f}" if step == int(step) and abs(step) < 1e15 else f"step {step:g}"


def media_facts(media: Mapping[str, Sequence[MediaItem]]) -> dict[str, Any]:
    """Return the latest media of each key, ready for JSON."""
    return {
        key: {
            "type": items[0].type,
            "step": items[0].step,
            "items": [
                {"path": item.path, "bytes": item.size_bytes, "caption": item.caption}
                for item in items
            ],
        }
        for key, items in media.items()
    }
