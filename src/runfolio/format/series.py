"""The points of a run: a live log of lines, a finished table in Parquet, one way to read both.

Live line: ``{"step":12,"time":1795383045123,"values":{"loss":0.31}}``. JSON has no NaN: such a
value is null in ``values`` and named in ``"nonfinite":{"loss":"NaN"}``, so that every reader
elsewhere still parses the line and nothing is lost for ours.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from runfolio.format.codec import NONFINITE
from runfolio.format.layout import RunPaths
from runfolio.format.lines import Part, live_parts, read_blocks
from runfolio.format.shapes import WORTH, Stretch, read_alike
from runfolio.model.series import Points, Series

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Column = tuple[NDArray[np.int64], NDArray[np.float64]]

__all__ = [
    "parse_lines",
    "read_points",
    "read_series",
    "resolve",
    "series_keys",
]

KINDS: Final = ("metrics", "system")
_ROW: Final = b'{"step":'


@dataclass(slots=True)
class Parsed:
    """What a stretch of live lines holds.

    Attributes
    ----------
    steps : array, int64, or float64 where one is fractional or beyond 64 bits
    times : array, int64
        Milliseconds since 1970-01-01 UTC.
    columns : mapping of key to (rows, values)
        ``rows`` are places in `steps` and `times`.
    damaged : int
        Lines that are no row.
    refused : int
        Values that are no number.
    """

    steps: NDArray[Any]
    times: NDArray[np.int64]
    columns: dict[str, Column]
    damaged: int = 0
    refused: int = 0


def parse_lines(lines: Iterable[bytes]) -> Parsed:
    """Return live lines as columns.

    Two lines that a damaged newline merged are parted again; whatever else is no row is
    counted and passed over.

    Parameters
    ----------
    lines : iterable of bytes
        A whole line each, or many, as `read_blocks` gives them.
    """
    reading = _Reading()
    loose: list[bytes] = []
    for block in lines:
        if block.count(b"\n") >= WORTH:
            reading.take_lines(loose)
            loose.clear()
            reading.take_block(block)
        else:
            loose += block.removesuffix(b"\n").split(b"\n")
    reading.take_lines(loose)
    return reading.parsed()


@dataclass(slots=True)
class _Piece:
    """Rows of one shape: their places among all rows, and what stands there."""

    rows: NDArray[np.int64]
    steps: NDArray[Any]
    times: NDArray[np.int64]
    columns: dict[str, Column]


class _Reading:
    """Lines on their way to columns."""

    def __init__(self) -> None:
        self._n_rows = self._damaged = self._refused = 0
        self._pieces: list[_Piece] = []

    def take_block(self, block: bytes) -> None:
        """Take many lines; only those that are unlike the others are read one by one."""
        stretches, left = read_alike(block)
        lines = block.split(b"\n") if len(left) else []
        self._take([lines[place] for place in left.tolist()], left, stretches)

    def take_lines(self, lines: list[bytes]) -> None:
        """Take lines one by one."""
        import numpy as np

        self._take(lines, np.arange(len(lines)), [])

    def _take(self, lines: list[bytes], at: NDArray[np.int64], stretches: list[Stretch]) -> None:
        import numpy as np

        found = [self._rows(line) for line in lines]
        # A damaged line holds no row, or more than one: what follows it moves.
        n_rows = np.ones(len(lines) + sum(len(stretch.lines) for stretch in stretches), np.int64)
        n_rows[at] = [len(rows) for rows in found]
        first = self._n_rows + np.cumsum(n_rows) - n_rows
        self._n_rows += int(n_rows.sum())
        for stretch in stretches:
            places = first[stretch.lines]
            columns = {key: (places, values) for key, values in stretch.columns.items()}
            self._pieces.append(_Piece(places, stretch.steps, stretch.times, columns))
        shapes: dict[tuple[str, ...], list[tuple[int, dict[str, Any]]]] = {}
        for begin, rows in zip(first[at].tolist(), found, strict=True):
            for place, row in enumerate(rows, begin):
                shapes.setdefault(tuple(row["values"]), []).append((place, row))
        self._pieces += [self._piece(keys, placed) for keys, placed in shapes.items()]

    def _piece(self, keys: tuple[str, ...], placed: list[tuple[int, dict[str, Any]]]) -> _Piece:
        import numpy as np

        places = np.array([place for place, _ in placed], np.int64)
        values = [row["values"] for _, row in placed]
        return _Piece(
            places,
            _steps_array([row["step"] for _, row in placed]),
            np.array([row["time"] for _, row in placed], np.int64),
            {key: self._numbers(places, [row[key] for row in values]) for key in keys},
        )

    def _numbers(self, places: NDArray[np.int64], column: list[Any]) -> Column:
        """Return the places and values of what is a number; a null stands for no value here."""
        import numpy as np

        if set(map(type, column)) <= {float, int}:
            return places, np.array(column, dtype=np.float64)
        keep = [at for at, value in enumerate(column) if type(value) in (float, int)]
        self._refused += sum(value is not None for value in column) - len(keep)
        return places[keep], np.array([column[at] for at in keep], dtype=np.float64)

    def _rows(self, line: bytes) -> Sequence[dict[str, Any]]:
        """Return the rows of a line: one, unless it is damaged."""
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:
            rows, is_damaged = _parted(line)
        else:
            is_damaged = not _is_row(row)
            rows = [] if is_damaged else [row]
        self._damaged += is_damaged
        for row in rows:
            if "nonfinite" in row:
                _put_back(row["values"], row["nonfinite"])
        return rows

    def parsed(self) -> Parsed:
        """Return the columns of all lines taken."""
        import numpy as np

        kinds = {piece.steps.dtype.kind for piece in self._pieces}
        steps = np.empty(self._n_rows, np.float64 if "f" in kinds else np.int64)
        times = np.empty(self._n_rows, np.int64)
        gathered: dict[str, list[Column]] = {}
        for piece in self._pieces:
            steps[piece.rows] = piece.steps
            times[piece.rows] = piece.times
            for key, column in piece.columns.items():
                gathered.setdefault(key, []).append(column)
        columns = {key: _joined(parts) for key, parts in gathered.items()}
        return Parsed(steps, times, columns, self._damaged, self._refused)


def _joined(parts: list[Column]) -> Column:
    """Return the rows and values of one key, in order of row."""
    import numpy as np

    rows = np.concatenate([rows for rows, _ in parts])
    values = np.concatenate([values for _, values in parts])
    if len(parts) > 1 and not bool((rows[1:] > rows[:-1]).all()):
        order = np.argsort(rows, kind="stable")
        return rows[order], values[order]
    return rows, values


def _parted(line: bytes) -> tuple[list[dict[str, Any]], bool]:
    """Return the whole rows that a damaged line still holds, and whether something is lost."""
    # Inside a text a quote is escaped, so these bytes stand at the beginning of rows alone.
    before, *pieces = line.split(_ROW)
    found = []
    lost = bool(before.strip(b"\0\r "))
    for piece in pieces:
        try:
            row = orjson.loads(_ROW + piece.rstrip(b"\0\r "))
        except orjson.JSONDecodeError:
            row = None
        if _is_row(row):
            found.append(row)
        else:
            lost = True
    return found, lost or not found


def _is_row(row: object) -> bool:
    return (
        type(row) is dict
        and type(row.get("values")) is dict
        and type(row.get("step")) in (int, float)
        and type(row.get("time")) is int
        and abs(row["time"]) < 2**62
        and row["step"] == row["step"]
    )


def _put_back(values: dict[str, Any], nonfinite: object) -> None:
    if isinstance(nonfinite, Mapping):
        for key, name in nonfinite.items():
            if isinstance(name, str) and name in NONFINITE:
                values[key] = NONFINITE[name]


def _steps_array(steps: list[Any]) -> NDArray[Any]:
    """Return steps as int64, or float64 where one is fractional or beyond 64 bits."""
    import numpy as np

    if set(map(type, steps)) <= {int}:
        with contextlib.suppress(OverflowError):
            return np.array(steps, dtype=np.int64)
    return np.array(steps, dtype=np.float64)


def live_points(
    part: Part, keys: Collection[str] | None = None, *, first_row: int = 0
) -> tuple[dict[str, list[Points]], int]:
    """Return the points of a live part by key, and how many rows it has.

    Parameters
    ----------
    first_row : int
        Row number of the part's first row in its segment.
    """
    import numpy as np

    parsed = parse_lines(block for _, block in read_blocks(part.path, limit=part.limit))
    steps, times = parsed.steps, parsed.times
    n_rows, writer = len(steps), (part.name.segment, part.name.rank)
    numbers = np.arange(first_row, first_row + n_rows)
    found: dict[str, list[Points]] = {}
    for key, (rows, values) in parsed.columns.items():
        if keys is not None and key not in keys:
            continue
        # What is in every row, as most is, needs no columns of its own.
        at = slice(None) if len(rows) == n_rows else rows
        found[key] = [Points(steps[at], times[at], values, numbers[at], *writer)]
    return found, n_rows


def read_points(
    folder: Path,
    keys: Collection[str] | None = None,
    kind: str = "metrics",
    *,
    numbered: bool = True,
    steps: tuple[float, float] | None = None,
) -> dict[str, list[Points]]:
    """Return every point of a run, finished or live, unresolved.

    Parameters
    ----------
    keys : collection of str, optional
        Only these metrics; Parquet then reads only their rows.
    kind : str
        ``metrics`` or ``system``.
    numbered : bool
        Whether the row numbers of finished parts are wanted, see ``read_parquet``.
    steps : (float, float), optional
        Points beyond these steps may be left out, if that saves reading them.
    """
    # A writer that finishes meanwhile swaps a .jsonl for its .parquet: then look again.
    for _ in range(8):
        try:
            return _read_points(folder, keys, kind, numbered, steps)
        except FileNotFoundError:
            if not folder.is_dir():
                raise
    return _read_points(folder, keys, kind, numbered, steps)


def _read_points(
    folder: Path,
    keys: Collection[str] | None,
    kind: str,
    numbered: bool,
    steps: tuple[float, float] | None,
) -> dict[str, list[Points]]:
    # In this order: whoever converts a part makes the Parquet before the live file goes.
    live = {part.name: part for part in live_parts(folder, kind)}
    finished = {
        name.with_ext("jsonl"): path for name, path in RunPaths(folder).parts(kind, "parquet")
    }
    found: dict[str, list[Points]] = {}
    row_numbers: dict[tuple[int, int], int] = {}
    for name in sorted(live.keys() | finished.keys()):
        if name in finished:
            from runfolio.format.parquet import read_parquet

            pieces = read_parquet(finished[name], keys, name, numbered=numbered, steps=steps)
        else:
            pieces = _read_live(live[name], keys, row_numbers)
        for key, points in pieces.items():
            found.setdefault(key, []).extend(points)
    return found


def _read_live(
    part: Part, keys: Collection[str] | None, row_numbers: dict[tuple[int, int], int]
) -> dict[str, list[Points]]:
    writer = (part.name.rank, part.name.segment)
    first = row_numbers.get(writer, 0)
    pieces, rows = live_points(part, keys, first_row=first)
    row_numbers[writer] = first + rows
    return pieces


def resolve(key: str, pieces: list[Points]) -> Series:
    """Return one metric with one value per step: the one logged last.

    Rank 0 comes after the other ranks, and later segments after earlier ones; within a segment
    the order of `pieces`, which is that of the parts, and then the row number decide.
    """
    import numpy as np

    pieces = sorted(pieces, key=lambda points: (-points.rank, points.segment))
    step = np.concatenate([points.step for points in pieces])
    time_ms = np.concatenate([points.time_ms for points in pieces])
    value = np.concatenate([points.value for points in pieces])
    logged = len(value)
    if logged > 1 and not bool((step[1:] > step[:-1]).all()):
        order = np.argsort(step, kind="stable")
        step, time_ms, value = step[order], time_ms[order], value[order]
        is_last = np.append(step[1:] != step[:-1], True)
        step, time_ms, value = step[is_last], time_ms[is_last], value[is_last]
    return Series(key, step, time_ms, value, logged)


def read_series(
    folder: Path,
    keys: Collection[str] | None = None,
    kind: str = "metrics",
    *,
    steps: tuple[float, float] | None = None,
) -> dict[str, Series]:
    """Return the metrics of a run by name, one value per step, in order of step.

    Of what lies beyond `steps` they may lack some.
    """
    found = read_points(folder, keys, kind, numbered=False, steps=steps)
    return {key: resolve(key, pieces) for key, pieces in sorted(found.items())}


def series_keys(folder: Path, kind: str = "metrics") -> list[str]:
    """Return the names of the metrics a run holds, sorted."""
    return sorted(read_points(folder, None, kind))
