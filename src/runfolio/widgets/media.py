"""The latest media of a run, small enough for a card that lives."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from runfolio.charts.curves import label_text
from runfolio.charts.figures import figure
from runfolio.charts.thumbnails import Thumbnail, thumbnail
from runfolio.errors import MissingDependency, RunfolioError
from runfolio.model.media import MediaItem, media_path
from runfolio.query.media import file_bytes, latest, media_of
from runfolio.store.reader import RunReader

__all__ = ["LatestMedia"]

_KEYS: Final = 6
_LARGEST: Final = 160
_READ: Final = 32 << 20


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was shown of a key last."""

    path: str | None
    step: float
    n: int


class LatestMedia:
    """Follows what a run logs beside numbers: of each key the last.

    Parameters
    ----------
    reader : RunReader
    """

    def __init__(self, reader: RunReader) -> None:
        self._reader = reader
        self._n_events = 0
        self._shown: dict[str, _Seen] = {}
        self._small: dict[str, Thumbnail] = {}

    def look(self) -> tuple[dict[str, Any], list[bytes]] | None:
        """Return a message with the latest of each key, or ``None`` where nothing is new."""
        events = self._reader.events()
        if len(events) == self._n_events:
            return None
        self._n_events = len(events)
        found = dict(list(latest(media_of(events)).items())[:_KEYS])
        seen = {
            key: _Seen(items[0].path, items[0].step, len(items)) for key, items in found.items()
        }
        if seen == self._shown:
            return None
        self._shown = seen
        return self._message(found)

    def again(self) -> tuple[dict[str, Any], list[bytes]] | None:
        """Return the message once more, for a page that has just been opened."""
        self._n_events, self._shown = 0, {}
        return self.look()

    def _message(self, found: dict[str, list[MediaItem]]) -> tuple[dict[str, Any], list[bytes]]:
        told: list[dict[str, Any]] = []
        buffers: list[bytes] = []
        for key, items in found.items():
            small = self._picture(key, items)
            told.append({
                "key": label_text(key), "step": figure(items[0].step), "n": len(items),
                "type": items[0].type[:40], "picture": -1 if small is None else len(buffers),
                "mime": "" if small is None else small.type,
                "width": 0 if small is None else small.width,
                "pixelated": small is not None and small.pixelated,
            })  # fmt: skip
            buffers += [] if small is None else [small.data]
        return {"kind": "media", "items": told}, buffers

    def _picture(self, key: str, items: Sequence[MediaItem]) -> Thumbnail | None:
        self._small.pop(key, None)
        item = items[0]
        path = media_path(item.extra.get("preview")) or item.path
        is_drawing = item.type == "figure"
        if (
            path is None
            or item.type not in ("image", "figure")
            or (is_drawing and not path.endswith(".png"))
        ):
            return None
        with contextlib.suppress(RunfolioError, MissingDependency, OSError):
            data = file_bytes(Path(self._reader.path), path, _READ)
            self._small[key] = thumbnail(data, _LARGEST, drawing=is_drawing)
        return self._small.get(key)
