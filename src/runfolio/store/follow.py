"""What a run logged since somebody looked last: only that, and nothing of it is kept here."""

from __future__ import annotations

import contextlib
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runfolio.errors import CorruptRecord
from runfolio.format.layout import PartName, RunPaths
from runfolio.format.lines import Part, live_parts
from runfolio.format.parquet import read_parquet
from runfolio.format.series import parse_lines
from runfolio.store.tail import LineTail

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Follower", "News"]

_TRIES = 8
# A folder that changed within the tick of the file system's clock looks as it did before: what was
# listed so soon after a change is listed again.
_TICK_NS = 100_000_000


@dataclass(frozen=True, slots=True, eq=False)
class News:
    """New points of one metric, in the order in which one writer logged them.

    Attributes
    ----------
    step, time_ms, value : array, shape (n,), float64
    """

    key: str
    step: NDArray[np.float64]
    time_ms: NDArray[np.float64]
    value: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.value)


class Follower:
    """Follows the points of one run, from any process, while it is written and when it is over.

    Use it from one thread at a time.

    Parameters
    ----------
    path : Path
        The run directory.
    kind : str
        ``metrics`` or ``system``.
    """

    def __init__(self, path: Path, kind: str = "metrics") -> None:
        self._path = path
        self._kind = kind
        self._tails: dict[PartName, LineTail] = {}
        # Rows taken of each part, and parts of which everything was taken.
        self._rows: dict[PartName, int] = {}
        self._done: set[PartName] = set()
        self._restarted = False
        self._listed: tuple[int, dict[PartName, Part], dict[PartName, Path]] | None = None

    def news(self) -> tuple[list[News], bool]:
        """Return the points that are new, and whether all earlier ones are to be forgotten first.

        Raises
        ------
        FileNotFoundError
            The run directory is gone.
        """
        for attempt in range(_TRIES):
            # Whoever finishes the run swaps a live file for its Parquet meanwhile: then look again.
            try:
                return self._look()
            except FileNotFoundError:
                self._listed = None
                if attempt == _TRIES - 1 or not self._path.is_dir():
                    raise
        raise AssertionError

    def _look(self) -> tuple[list[News], bool]:
        self._restarted = False
        live, finished = self._parts()
        found: list[News] = []
        for name in sorted((live.keys() | finished.keys()) - self._done):
            if name in finished:
                with contextlib.suppress(CorruptRecord):
                    found += self._of_table(name, finished[name])
                    self._done.add(name)
                    self._tails.pop(name, None)
                    continue
            if name in live:
                found += self._of_lines(name, live[name])
        if not self._restarted:
            return found, False
        self._listed = None
        self._tails.clear()
        self._rows.clear()
        self._done.clear()
        return self._look()[0], True

    def _parts(self) -> tuple[dict[PartName, Part], dict[PartName, Path]]:
        """Return the live parts and the finished ones; listed when the folder has changed."""
        info = self._path.lstat()
        if not stat.S_ISDIR(info.st_mode):
            raise FileNotFoundError(self._path)
        if self._listed is not None and self._listed[0] == info.st_mtime_ns:
            return self._listed[1:]
        # In this order: whoever converts a part makes the Parquet before the live file goes.
        live = {part.name: part for part in live_parts(self._path, self._kind)}
        finished = {
            name.with_ext("jsonl"): path
            for name, path in RunPaths(self._path).parts(self._kind, "parquet")
        }
        settled = abs(time.time_ns() - info.st_mtime_ns) > _TICK_NS
        self._listed = (info.st_mtime_ns, live, finished) if settled else None
        return live, finished

    def _restart(self) -> None:
        self._restarted = True

    def _of_lines(self, name: PartName, part: Part) -> list[News]:
        tail = self._tails.setdefault(name, LineTail(self._restart))
        blocks = tail.read_blocks(part)
        if not blocks:
            return []
        parsed = parse_lines(blocks)
        self._rows[name] = self._rows.get(name, 0) + len(parsed.steps)
        return [
            _news(key, parsed.steps[at], parsed.times[at], values)
            for key, (at, values) in parsed.columns.items()
            if len(at)
        ]

    def _of_table(self, name: PartName, path: Path) -> list[News]:
        """Return what had not been taken of a part before it was finished."""
        import numpy as np

        writer = (name.rank, name.segment)
        first = sum(
            rows
            for other, rows in self._rows.items()
            if (other.rank, other.segment) == writer and other < name
        )
        taken = first + self._rows.get(name, 0)
        found = []
        last = taken
        for key, pieces in read_parquet(path, None, name).items():
            for points in pieces:
                order = np.argsort(points.seq, kind="stable")
                new = order[points.seq[order] >= taken]
                if len(new):
                    last = max(last, int(points.seq[new[-1]]) + 1)
                    found.append(
                        _news(key, points.step[new], points.time_ms[new], points.value[new])
                    )
        self._rows[name] = last - first
        return found


def _news(key: str, step: NDArray[Any], time_ms: NDArray[Any], value: NDArray[Any]) -> News:
    import numpy as np

    return News(key, *(np.asarray(column, dtype=np.float64) for column in (step, time_ms, value)))
