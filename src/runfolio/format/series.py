"""The points of a run: a live log of lines, a finished table in Parquet, one way to read both.

Live line: ``{"step":12,"time":1795383045123,"values":{"loss":0.31}}``. JSON has no NaN: such a
value is null in ``values`` and named in ``"nonfinite":{"loss":"NaN"}``, so that every reader
elsewhere still parses the line and nothing is lost for ours.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from runfolio.format.codec import NONFINITE
from runfolio.format.layout import RunPaths
from runfolio.format.lines import Part, live_parts, read_lines
from runfolio.model.series import Points, Series

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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
class _Rows:
    """Rows that share the same keys: their places and their values."""

    at: list[int] = field(default_factory=list)
    values: list[tuple[Any, ...]] = field(default_factory=list)


@dataclass(slots=True)
class Parsed:
    """What a stretch of live lines holds.

    Attributes
    ----------
    columns : mapping of key to (rows, values)
        ``rows`` are places in `steps` and `times`.
    damaged : int
        Lines that are no row.
    refused : int
        Values that are no number.
    """

    steps: list[Any] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    columns: dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]] = field(default_factory=dict)
    damaged: int = 0
    refused: int = 0


def parse_lines(lines: Iterable[bytes]) -> Parsed:
    """Return live lines as columns.

    Two lines that a damaged newline merged are parted again; whatever else is no row is
    counted and passed over.
    """
    import numpy as np

    parsed = Parsed()
    shapes: dict[tuple[str, ...], _Rows] = {}
    steps, times = parsed.steps, parsed.times
    for line in lines:
        for row in _rows(line, parsed):
            values = row["values"]
            if "nonfinite" in row:
                _put_back(values, row["nonfinite"])
            keys = tuple(values)
            shape = shapes.get(keys)
            if shape is None:
                shape = shapes[keys] = _Rows()
            shape.at.append(len(steps))
            shape.values.append(tuple(values.values()))
            steps.append(row["step"])
            times.append(row["time"])
    gathered: dict[str, list[tuple[NDArray[np.int64], NDArray[np.float64]]]] = {}
    for keys, shape in shapes.items():
        at = np.array(shape.at, dtype=np.int64)
        for place, key in enumerate(keys):
            column = [values[place] for values in shape.values]
            gathered.setdefault(key, []).append(_numbers(at, column, parsed))
    for key, pieces in gathered.items():
        rows = np.concatenate([rows for rows, _ in pieces])
        order = np.argsort(rows, kind="stable") if len(pieces) > 1 else slice(None)
        parsed.columns[key] = (
            rows[order],
            np.concatenate([v for _, v in pieces])[order],
        )
    return parsed


def _rows(line: bytes, parsed: Parsed) -> Iterable[dict[str, Any]]:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        return _parted(line, parsed)
    if not _is_row(row):
        parsed.damaged += 1
        return ()
    return (row,)


def _parted(line: bytes, parsed: Parsed) -> list[dict[str, Any]]:
    """Return the whole rows that a damaged line still holds."""
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
    parsed.damaged += lost or not found
    return found


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


def _numbers(
    at: NDArray[np.int64], column: list[Any], parsed: Parsed
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the places and values of what is a number; a null stands for no value here."""
    import numpy as np

    if set(map(type, column)) <= {float, int}:
        with contextlib.suppress(OverflowError):
            return at, np.array(column, dtype=np.float64)
    keep = [place for place, value in enumerate(column) if type(value) in (float, int)]
    parsed.refused += sum(value is not None for value in column) - len(keep)
    return at[keep], np.array([float(column[place]) for place in keep], dtype=np.float64)


def steps_array(steps: list[Any]) -> NDArray[Any]:
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

    parsed = parse_lines(line for _, line in read_lines(part.path, limit=part.limit))
    steps = steps_array(parsed.steps)
    times = np.array(parsed.times, dtype=np.int64)
    writer = (part.name.segment, part.name.rank)
    found = {
        key: [Points(steps[rows], times[rows], values, rows + first_row, *writer)]
        for key, (rows, values) in parsed.columns.items()
        if keys is None or key in keys
    }
    return found, len(parsed.steps)


def read_points(
    folder: Path, keys: Collection[str] | None = None, kind: str = "metrics"
) -> dict[str, list[Points]]:
    """Return every point of a run, finished or live, unresolved.

    Parameters
    ----------
    keys : collection of str, optional
        Only these metrics; Parquet then reads only their rows.
    kind : str
        ``metrics`` or ``system``.
    """
    # A writer that finishes meanwhile swaps a .jsonl for its .parquet: then look again.
    for _ in range(8):
        try:
            return _read_points(folder, keys, kind)
        except FileNotFoundError:
            if not folder.is_dir():
                raise
    return _read_points(folder, keys, kind)


def _read_points(folder: Path, keys: Collection[str] | None, kind: str) -> dict[str, list[Points]]:
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

            pieces = read_parquet(finished[name], keys, name)
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

    Later segments come after earlier ones; within a segment the order of `pieces`, which is
    that of the parts, and then the row number decide.
    """
    import numpy as np

    pieces = sorted(pieces, key=lambda points: (points.segment, points.rank))
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
    folder: Path, keys: Collection[str] | None = None, kind: str = "metrics"
) -> dict[str, Series]:
    """Return the metrics of a run by name, one value per step, in order of step."""
    return {
        key: resolve(key, pieces) for key, pieces in sorted(read_points(folder, keys, kind).items())
    }


def series_keys(folder: Path, kind: str = "metrics") -> list[str]:
    """Return the names of the metrics a run holds, sorted."""
    return sorted(read_points(folder, None, kind))
