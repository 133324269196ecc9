"""The media of a run: what there is, the latest of each key, and what their files hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runfolio.errors import CorruptRecord, UsageError, did_you_mean
from runfolio.format.disk import read_small
from runfolio.model.media import MediaItem, media_items, media_path
from runfolio.query.fields import printable
from runfolio.query.pictures import open_picture
from runfolio.query.tables import read_table

if TYPE_CHECKING:
    import builtins

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray
    from PIL.Image import Image

__all__ = [
    "MAX_BYTES",
    "HistogramSeries",
    "LoadedMedium",
    "bins_of",
    "file_bytes",
    "histograms",
    "latest",
    "media_of",
]

MAX_BYTES: Final = 1 << 30
"""Of a file that is read whole."""

_MOST_BINS: Final = 10_000


class LoadedMedium:
    """One image, table, sound … of a run: its fields as attributes, and what its file holds.

    Attributes
    ----------
    item : MediaItem
        ``key``, ``step``, ``type``, ``caption`` … which are attributes of this object, too.
    """

    def __init__(self, item: MediaItem, folder: Path) -> None:
        self.item = item
        self._folder = folder

    def __getattr__(self, name: str) -> Any:
        """Return a field of the item, or of its ``extra``, such as ``width`` and ``boxes``."""
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self.item.extra:
            return self.item.extra[name]
        return getattr(self.item, name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *MediaItem.__slots__, *self.item.extra})

    def __repr__(self) -> str:
        where = self.item.path or "in the event"
        return f"<{self.item.type} {self.item.key!r} at step {self.item.step:g}: {where}>"

    @property
    def path(self) -> Path | None:
        """The file in the run directory; ``None`` where it has none."""
        return None if self.item.path is None else self._folder / self.item.path

    def bytes(self) -> builtins.bytes:
        """Return the file as it is.

        Raises
        ------
        UsageError
            It has no file.
        CorruptRecord
            The file is gone, a link, or larger than 1 GiB.
        """
        if self.item.path is None:
            raise UsageError(
                f"{self!r} has no file: its values stand in the event. Try .histogram()."
            )
        return file_bytes(self._folder, self.item.path)

    def image(self) -> Image:
        """Return the picture of an image, a figure or an animation, for Pillow.

        Raises
        ------
        CorruptRecord
            There is no picture, or one that is damaged or too large.
        """
        preview = media_path(self.item.extra.get("preview"))
        return open_picture(file_bytes(self._folder, preview) if preview else self.bytes())

    def mask(self, name: str) -> NDArray[np.uint8]:
        """Return a mask of an image: the class of each pixel, shape (height, width).

        Raises
        ------
        UsageError
            The image has no mask of that name.
        CorruptRecord
            It cannot be read.
        """
        import numpy as np

        masks = self.item.extra.get("masks")
        found = masks.get(name) if isinstance(masks, Mapping) else None
        path = media_path(found.get("path")) if isinstance(found, Mapping) else None
        if path is None:
            known = map(str, masks) if isinstance(masks, Mapping) else ()
            raise UsageError(
                f"{self!r} has no mask {printable(name)!r}.{did_you_mean(name, known)}"
            )
        return np.asarray(open_picture(file_bytes(self._folder, path)).convert("L"))

    def frame(self) -> pd.DataFrame:
        """Return a table as a frame of pandas.

        Raises
        ------
        UsageError
            It is no table.
        CorruptRecord
            The file cannot be read.
        """
        if self.item.type != "table":
            raise UsageError(f"{self!r} is no table.")
        return read_table(self.bytes())

    def histogram(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return counts and edges of a histogram, as ``numpy.histogram`` does.

        Raises
        ------
        UsageError
            It is no histogram.
        CorruptRecord
            Counts and edges do not go together.
        """
        if self.item.type != "histogram":
            raise UsageError(f"{self!r} is no histogram.")
        found = bins_of(self.item)
        if found is None:
            raise CorruptRecord(f"{self!r} has no counts with one more edge than they are.")
        return found


def file_bytes(folder: Path, path: str, limit: int = MAX_BYTES) -> bytes:
    """Return a file of a run's media.

    Parameters
    ----------
    folder : Path
        The run directory.
    path : str
        As `media_path` lets it pass.
    limit : int
        What is larger is not read.

    Raises
    ------
    CorruptRecord
        It is gone, larger, no regular file, or reached through a link.
    """
    target = folder / path
    try:
        # A link in the way could lead to any file of the reader's.
        if target.parent.resolve() != folder.resolve() / Path(path).parent:
            raise CorruptRecord(f"{path} lies behind a link; a run holds files of its own.")
        return read_small(target, limit)
    except OSError as error:
        raise CorruptRecord(f"{path} cannot be read: {error.strerror or error}.") from error


def media_of(events: Iterable[Mapping[str, Any]]) -> list[MediaItem]:
    """Return the media that events tell of, by key, step, time and place among their likes.

    Keys come in the order in which they first appeared.
    """
    found = [item for event in events for item in media_items(event)]
    order: dict[str, int] = {}
    for item in found:
        order.setdefault(item.key, len(order))
    return sorted(found, key=lambda i: (order[i.key], i.step, i.time_ms, _rank(i), i.index))


def latest(items: Iterable[MediaItem]) -> dict[str, list[MediaItem]]:
    """Return for each key what was logged last: the largest step, and there the last call.

    Each process of a distributed run counts for itself: what all of them logged is there.
    """
    newest: dict[str, dict[int, list[MediaItem]]] = {}
    steps: dict[str, float] = {}
    for item in items:
        if item.step > steps.get(item.key, -float("inf")):
            steps[item.key] = item.step
            newest[item.key] = {}
        if item.step < steps[item.key]:
            continue
        group = newest[item.key].setdefault(_rank(item), [])
        # Each call numbers its items from 0.
        if group and (item.time_ms, item.index) > (group[-1].time_ms, group[-1].index):
            if item.index <= group[-1].index:
                group.clear()
            group.append(item)
        elif not group:
            group.append(item)
    return {
        key: [item for rank in sorted(groups) for item in groups[rank]]
        for key, groups in newest.items()
    }


def _rank(item: MediaItem) -> int:
    first = (item.path or "").partition("/")[0]
    return int(first[4:]) if first.startswith("rank") else 0


@dataclass(frozen=True, slots=True, eq=False)
class HistogramSeries:
    """The histograms of one key over the steps.

    Attributes
    ----------
    step : array, shape (n,), float64
    edges : array, shape (n, bins + 1), float64
    counts : array, shape (n, bins), float64
        Where one has fewer bins than the others the rest is NaN.
    """

    key: str
    step: NDArray[np.float64]
    edges: NDArray[np.float64]
    counts: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.step)


def histograms(items: Iterable[MediaItem], key: str) -> HistogramSeries:
    """Return the histograms of a key over the steps; what makes no sense is passed over."""
    import numpy as np

    found = [
        (item.step, *bins)
        for item in items
        if item.key == key and item.type == "histogram" and (bins := bins_of(item)) is not None
    ]
    most = max((len(counts) for _, counts, _ in found), default=0)
    edges = np.full((len(found), most + 1), np.nan)
    counts = np.full((len(found), most), np.nan)
    for row, (_, own_counts, own_edges) in enumerate(found):
        counts[row, : len(own_counts)] = own_counts
        edges[row, : len(own_edges)] = own_edges
    return HistogramSeries(key, np.array([step for step, _, _ in found], float), edges, counts)


def bins_of(item: MediaItem) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Return counts and edges of a histogram; ``None`` where they do not go together."""
    import numpy as np

    counts, edges = item.extra.get("counts"), item.extra.get("bins")
    if not isinstance(counts, list) or not isinstance(edges, list):
        return None
    if not 0 < len(counts) <= _MOST_BINS or len(edges) != len(counts) + 1:
        return None
    if any(type(number) not in (int, float) for number in (*counts, *edges)):
        return None
    try:
        found = np.array(counts, np.float64), np.array(edges, np.float64)
    except OverflowError:
        return None
    whole = all(np.isfinite(part).all() for part in found)
    return found if whole and (found[0] >= 0).all() and (np.diff(found[1]) >= 0).all() else None
