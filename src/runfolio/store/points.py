"""The points of one part of a run: a live file that grows, or a finished table."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runfolio.format.layout import PartName
from runfolio.format.lines import Part
from runfolio.format.parquet import open_table, read_parquet, runs_of_keys
from runfolio.format.series import parse_lines
from runfolio.model.series import Points
from runfolio.store.tail import LineTail

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FinishedPart", "LivePart"]


class LivePart:
    """A live file, read as it grows.

    Parameters
    ----------
    first_row : int
        Row number of its first row in the writer's segment.
    restarted : callable
        Called when what was read before turned out not to count.

    Attributes
    ----------
    rows : int
        Rows read so far.
    """

    def __init__(self, first_row: int, restarted: Callable[[], None]) -> None:
        self.rows = 0
        self._restarted = restarted
        self._first_row = first_row
        self._points: dict[str, list[Points]] = {}
        self._tail = LineTail(self._restart)

    def _restart(self) -> None:
        self.rows = 0
        self._points.clear()
        self._restarted()

    def follow(self, part: Part) -> None:
        """Take in what was appended since the last time."""
        blocks = self._tail.read_blocks(part)
        if not blocks:
            return
        parsed = parse_lines(blocks)
        steps, times = parsed.steps, parsed.times
        first = self._first_row + self.rows
        self.rows += len(steps)
        for key, (at, values) in parsed.columns.items():
            if len(at):
                points = Points(steps[at], times[at], values, at + first, part.name.segment,
                                part.name.rank)  # fmt: skip
                self._append(key, points)

    def _append(self, key: str, points: Points) -> None:
        pieces = self._points.setdefault(key, [])
        pieces.append(points)
        # Merged as they grow, each point is copied a few times in all and pieces stay few.
        while len(pieces) > 1 and len(pieces[-2]) <= 2 * len(pieces[-1]):
            last = pieces.pop()
            pieces[-1] = _merged(pieces[-1], last)

    @property
    def names(self) -> Collection[str]:
        """Names of the metrics."""
        return self._points.keys()

    def points(self, keys: Collection[str] | None) -> dict[str, list[Points]]:
        """Return the points by metric, in order of logging."""
        wanted = self._points if keys is None else [key for key in keys if key in self._points]
        return {key: list(self._points[key]) for key in wanted}


class FinishedPart:
    """A finished table; each metric is read once, when it is asked for."""

    def __init__(self, path: Path, name: PartName) -> None:
        self._path = path
        self._name = name
        self._stamp = _file_stamp(path)
        self._keys: frozenset[str] = frozenset()
        self._points: dict[str, list[Points]] = {}

    def open(self) -> None:
        """Look which metrics the table holds.

        A damaged table is read whole at once: that names the damage and keeps the rest.

        Raises
        ------
        CorruptRecord
            Nothing of it can be read.
        """
        import pyarrow as pa

        keys: frozenset[Any] = frozenset((None,))
        try:
            column = open_table(self._path).read(columns=["key"])
            keys = frozenset(key for key, _, _ in runs_of_keys(column))
        except FileNotFoundError:
            raise
        except (pa.ArrowException, OSError, LookupError, TypeError):
            pass
        if not all(isinstance(key, str) for key in keys):
            self._points = read_parquet(self._path, None, self._name, numbered=False)
            keys = frozenset(self._points)
        self._keys = keys

    @property
    def names(self) -> Collection[str]:
        """Names of the metrics."""
        return self._keys

    def is_current(self) -> bool:
        """Return whether the file is still the one that was opened."""
        return _file_stamp(self._path) == self._stamp

    def points(self, keys: Collection[str] | None) -> dict[str, list[Points]]:
        """Return the points by metric, in order of step and logging.

        Raises
        ------
        CorruptRecord
            The table cannot be read.
        """
        wanted = self._keys if keys is None else self._keys.intersection(keys)
        missing = wanted - self._points.keys()
        if missing:
            everything = missing == self._keys
            wanted_there = None if everything else missing
            found = read_parquet(self._path, wanted_there, self._name, numbered=False)
            self._points.update(found)
        return {key: list(self._points[key]) for key in wanted if key in self._points}


def _file_stamp(path: Path) -> tuple[int, int, int]:
    info = path.lstat()
    return info.st_ino, info.st_mtime_ns, info.st_size


def _merged(one: Points, other: Points) -> Points:
    import numpy as np

    def joined(field: str) -> NDArray[Any]:
        return np.concatenate([getattr(one, field), getattr(other, field)])

    return Points(joined("step"), joined("time_ms"), joined("value"), joined("seq"), one.segment,
                  one.rank)  # fmt: skip
