"""The media of many runs held beside each other, each read when it is looked at."""

from __future__ import annotations

import bisect
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from runfolio.format.events import read_events
from runfolio.model.media import MediaItem
from runfolio.model.run import RunRecord
from runfolio.query.media import media_of
from runfolio.query.run_faults import fault
from runfolio.store.scan import is_run_folder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["KINDS", "Gallery", "RunMedia", "Strip", "kind_of"]

KINDS: Final = ("images", "tables", "histograms", "sounds", "videos", "pages", "files")
"""What can be looked at side by side, in the order in which it is offered."""

_KIND: Final[Mapping[str, str]] = {
    "image": "images", "figure": "images", "table": "tables", "histogram": "histograms",
    "audio": "sounds", "video": "videos", "html": "pages",
}  # fmt: skip

_MOST_RUNS: Final = 128
_MOST_ITEMS: Final = 200_000
_MOST_STEPS: Final = 1_000_000
_MOST_KEYS: Final = 10_000
_HEAVY: Final = 64


def kind_of(item: MediaItem) -> str:
    """Return which of `KINDS` an item is."""
    # Of a figure without a picture there is only its document.
    if item.type == "figure" and not _has_picture(item):
        return "files"
    return _KIND.get(item.type, "files")


def _has_picture(item: MediaItem) -> bool:
    preview = item.extra.get("preview")
    return isinstance(preview, str) or (item.path or "").endswith(".png")


@dataclass(slots=True)
class Strip:
    """What a run logged under one key, step by step.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    steps : list of float
        In order, each once.
    groups : list of list of MediaItem
        What was logged last at each step.
    """

    key: str
    kind: str
    steps: list[float] = field(default_factory=list)
    groups: list[list[MediaItem]] = field(default_factory=list)
    _last: dict[str, int] = field(default_factory=dict, repr=False)

    def at(self, step: float | None) -> tuple[float, Sequence[MediaItem]] | None:
        """Return the latest at or before a step, or the last of all; ``None`` before the first."""
        place = len(self.steps) if step is None else bisect.bisect_right(self.steps, step)
        return (self.steps[place - 1], self.groups[place - 1]) if place else None

    def exactly(self, step: float) -> Sequence[MediaItem]:
        """Return what was logged at a step, perhaps nothing."""
        place = bisect.bisect_left(self.steps, step)
        return self.groups[place] if self.steps[place : place + 1] == [step] else ()

    def items(self) -> Iterator[MediaItem]:
        """Yield all items, in order."""
        for group in self.groups:
            yield from group

    def add(self, item: MediaItem) -> None:
        """Take one more; they come in order of step, time and place among their likes."""
        if not self.steps or item.step != self.steps[-1]:
            self.steps.append(item.step)
            self.groups.append([])
            self._last = {}
        writer = _writer(item)
        # A call numbers its items from 0; one more call at a step takes the place of the first.
        if item.index <= self._last.get(writer, -1):
            self.groups[-1] = [one for one in self.groups[-1] if _writer(one) != writer]
        self._last[writer] = item.index
        self.groups[-1].append(item)


def _writer(item: MediaItem) -> str:
    first = (item.path or "").partition("/")[0]
    return first if first.startswith("rank") else ""


class RunMedia:
    """The media of one run by kind and key.

    Attributes
    ----------
    record : RunRecord
    strips : mapping of (kind, key) to Strip
        Keys come in the order in which they first appeared.
    problem : str
        Why there are none, where they could not be read.
    """

    def __init__(self, record: RunRecord, items: Iterable[MediaItem], problem: str = "") -> None:
        self.record = record
        self.problem = problem
        self.weight = 0
        self.strips: dict[tuple[str, str], Strip] = {}
        for item in items:
            kind = kind_of(item)
            strip = self.strips.get((kind, item.key))
            if strip is None:
                strip = self.strips[kind, item.key] = Strip(item.key, kind)
            strip.add(item)
            self.weight += _HEAVY if kind == "histograms" else 1


class Gallery:
    """Runs whose media are looked at together.

    Of the runs read last the media are kept, up to a bound, so that memory does not grow with
    the number of runs.

    Parameters
    ----------
    records : sequence of RunRecord
        The runs, in the order in which they stand beside each other.
    wants : callable, optional
        Whether a key is looked at.

    Attributes
    ----------
    keys : mapping of str to dict
        Of each kind the keys that the runs read so far have, with how many of them have it.
    """

    def __init__(
        self, records: Sequence[RunRecord], wants: Callable[[str], bool] | None = None
    ) -> None:
        self.records = records
        self.keys: dict[str, dict[str, int]] = {kind: {} for kind in KINDS}
        self._wants = wants or (lambda _: True)
        self._read: set[int] = set()
        self._steps: dict[tuple[str, str], set[float]] = {}
        self._n_steps = 0
        self._held: dict[int, RunMedia] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.records)

    @property
    def n_read(self) -> int:
        """How many of the runs have been read."""
        return len(self._read)

    def run(self, place: int) -> RunMedia:
        """Return the media of the run at a place."""
        with self._lock:
            found = self._held.pop(place, None)
            if found is None:
                found = self._media(self.records[place])
                self._know(place, found)
            self._held[place] = found
            while len(self._held) > 1 and self._is_much():
                del self._held[next(iter(self._held))]
            return found

    def read(self, seconds: float) -> None:
        """Read the first runs, as many as there is time for; what they have is known then."""
        end = time.monotonic() + seconds
        for place in range(min(len(self), _MOST_RUNS)):
            self.run(place)
            if time.monotonic() > end:
                break

    def steps(
        self, kind: str, keys: Iterable[str], place: int | None = None
    ) -> NDArray[np.float64]:
        """Return the steps at which a run, or any run read so far, has something, in order."""
        import numpy as np

        found: set[float] = set()
        strips = {} if place is None else self.run(place).strips
        for key in keys:
            if place is None:
                found |= self._steps.get((kind, key), set())
            elif (kind, key) in strips:
                found.update(strips[kind, key].steps)
        return np.array(sorted(found), np.float64)

    def _is_much(self) -> bool:
        return len(self._held) > _MOST_RUNS or (
            sum(media.weight for media in self._held.values()) > _MOST_ITEMS
        )

    def _media(self, record: RunRecord) -> RunMedia:
        if not is_run_folder(record.path):
            return RunMedia(record, (), f"{fault(record)}.")
        try:
            events = read_events(record.path, ("media",))
            return RunMedia(record, (i for i in media_of(events) if self._wants(i.key)))
        except OSError as error:
            return RunMedia(record, (), f"Its events cannot be read: {error.strerror or error}.")

    def _know(self, place: int, media: RunMedia) -> None:
        is_new = place not in self._read
        self._read.add(place)
        for (kind, key), strip in media.strips.items():
            known = self.keys[kind]
            if key not in known and len(known) >= _MOST_KEYS:
                continue
            known[key] = known.get(key, 0) + is_new
            steps = self._steps.setdefault((kind, key), set())
            before = len(steps)
            if self._n_steps < _MOST_STEPS:
                steps.update(strip.steps)
            self._n_steps += len(steps) - before
