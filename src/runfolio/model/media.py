"""What a run holds beside numbers and text: images, tables, histograms, sounds, pages, figures."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeGuard

__all__ = [
    "FOLDERS",
    "MediaItem",
    "media_items",
    "media_path",
    "sandboxed_document",
    "sandboxed_frame",
]

FOLDERS: Final[Mapping[str, str]] = {
    "image": "images",
    "table": "tables",
    "histogram": "histograms",
    "audio": "audio",
    "video": "video",
    "html": "html",
    "figure": "figures",
    "file": "files",
}
"""Type of a medium → its folder below ``media/``."""

# Only what a run wrote itself is ever looked up: no way out of its folder, nothing hidden.
_PATH = re.compile(r"(?:rank[0-9]{1,9}/)?media/[a-z0-9]+/[A-Za-z0-9][A-Za-z0-9._-]{0,199}\Z")

_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)
# A policy does not stop a link element from opening a connection ahead of time, nor a frame with a
# text of its own from holding such an element; neither has any other use here.
_REACHING_OUT = re.compile(r"(</?)(?=i?frame[\t\n\f\r />]|link[\t\n\f\r />])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MediaItem:
    """One image, table, sound … as an event of the run tells it.

    Attributes
    ----------
    key : str
        The name it was logged under.
    step : int or float
        The step it belongs to.
    time_ms : int
        When it was logged, milliseconds since 1970 UTC.
    type : str
        A key of `FOLDERS`; one that a later runfolio added is kept as it stands.
    index : int
        Which of the items logged at once under this key, from 0.
    path : str or None
        Its file below the run's folder, with ``/``; ``None`` where it has none (histograms), or
        where the event names a place outside the run's media.
    caption : str
        Words to it, perhaps empty.
    size_bytes : int
        Size of the file, 0 where there is none.
    extra : mapping
        All else: ``width`` and ``height``, ``bins`` and ``counts``, ``masks``, ``boxes`` … as
        found, unchecked.
    """

    key: str
    step: float
    time_ms: int
    type: str
    index: int = 0
    path: str | None = None
    caption: str = ""
    size_bytes: int = 0
    extra: Mapping[str, Any] = field(default_factory=dict)


def media_items(event: Mapping[str, Any]) -> list[MediaItem]:
    """Return what a ``media`` event holds; nothing where it is another kind or makes no sense.

    Parameters
    ----------
    event : mapping
        A line of ``events.jsonl``, from anybody: wrong types are passed over.
    """
    key, step, kind = event.get("key"), event.get("step"), event.get("type")
    items = event.get("items")
    if event.get("kind") != "media" or not isinstance(key, str) or not isinstance(kind, str):
        return []
    if not _is_step(step) or not isinstance(items, list):
        return []
    time_ms = _whole(event.get("time"))
    return [
        MediaItem(
            key,
            step,
            time_ms,
            kind,
            index,
            media_path(item.get("path")),
            item["caption"] if isinstance(item.get("caption"), str) else "",
            _whole(item.get("bytes")),
            {k: v for k, v in item.items() if k not in ("path", "caption", "bytes")},
        )
        for index, item in enumerate(items)
        if isinstance(item, dict)
    ]


def media_path(found: object) -> str | None:
    """Return a path that lies among a run's media, or ``None``.

    Parameters
    ----------
    found : object
        What stands in an event as ``path``, ``preview`` or as the path of a mask.
    """
    return found if isinstance(found, str) and _PATH.match(found) else None


def sandboxed_document(page: str) -> str:
    """Return a page of HTML from anybody as the text of a frame with an empty ``sandbox``."""
    harmless = _REACHING_OUT.sub(r"\1x-", page)
    return (
        f'<!doctype html><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta http-equiv="x-dns-prefetch-control" content="off">'
        f"{harmless}"
    )


def sandboxed_frame(page: str, *, title: str = "", height_px: int = 400) -> str:
    """Return a frame that shows a page of HTML and lets it do nothing else.

    No script runs in it, nothing is fetched, no form is sent, and it cannot reach the page around
    it: styles and pictures must lie in the page itself.

    Parameters
    ----------
    page : str
        HTML from anybody.
    title : str
        What the frame holds, for screen readers.
    height_px : int
        Height of the frame; its width is what there is.
    """
    document = sandboxed_document(page)
    return (
        f'<iframe sandbox="" referrerpolicy="no-referrer" loading="lazy" '
        f'title="{html.escape(title)}" srcdoc="{html.escape(document)}" '
        f'style="width:100%;height:{height_px}px;border:0"></iframe>'
    )


def _is_step(found: object) -> TypeGuard[float]:
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        return False
    return -(2**63) <= found < 2**63 if isinstance(found, int) else math.isfinite(found)


def _whole(found: object) -> int:
    return found if type(found) is int and found >= 0 else 0
