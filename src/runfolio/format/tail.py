"""What a run logged and no manifest has counted: read from its live files, or from what is left of them.

A killed writer leaves lines behind that its last manifest, up to five seconds old, had not
counted. Whoever converts such a file keeps their sums in a small file beside the table,
``metrics.tail`` for ``metrics.jsonl``, so that a reader finds the same figures as before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from runfolio.errors import CorruptRecord
from runfolio.format import codec
from runfolio.format.codec import NONFINITE
from runfolio.format.disk import read_small
from runfolio.format.layout import PartName, RunPaths
from runfolio.format.lines import Part, live_parts, read_lines
from runfolio.format.summaries import summary_from_json, summary_to_json
from runfolio.format.tally import Tally, added
from runfolio.model.ports import Files
from runfolio.model.run import MetricSummary

__all__ = ["Remains", "Tail", "extend_from_log", "keep_tail", "read_tail", "remains"]

COUNTS: Final = ("points", "late", "duplicate", "nonfinite")


def _every(_: PartName) -> bool:
    return True


@dataclass(slots=True)
class Tail:
    """The sums of some lines.

    Attributes
    ----------
    metrics : mapping of str to MetricSummary
    counts : mapping of str to int
        How many ``points`` there are, and how many of them are ``late``, ``duplicate`` or
        ``nonfinite``.
    newest_ms : int or None
        Time of the newest line.
    upto : mapping of file name to offset
        How far into each live file lines were looked for, gone ones too: what a manifest that
        takes these sums over has to say in ``metrics_upto``.
    """

    metrics: dict[str, MetricSummary] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    newest_ms: int | None = None
    upto: dict[str, int] = field(default_factory=dict)

    def add(self, other: Tail) -> None:
        """Take in the sums of lines that were logged later."""
        for key, summary in other.metrics.items():
            before = self.metrics.get(key)
            self.metrics[key] = summary if before is None else added(before, summary)
        for name, n in other.counts.items():
            self.counts[name] = self.counts.get(name, 0) + n
        if other.newest_ms is not None:
            self.newest_ms = max(self.newest_ms or 0, other.newest_ms)
        self.upto |= other.upto


@dataclass(frozen=True, slots=True)
class Remains:
    """The files of a run that hold points which a manifest may not have counted.

    Attributes
    ----------
    live : mapping of PartName to Part
        Live files.
    left : mapping of PartName to Path
        What is left of live files that were converted, by the names of those.
    """

    folder: Path
    live: Mapping[PartName, Part]
    left: Mapping[PartName, Path]


def remains(folder: Path) -> Remains:
    """Return what a run has beside its manifests and tables, by one look at its folder each."""
    live = {part.name: part for part in live_parts(folder, "metrics")}
    # In this order: whoever converts a part keeps its sums before the live file goes.
    left = {name.with_ext("jsonl"): p for name, p in RunPaths(folder).parts("metrics", "tail")}
    return Remains(folder, live, left)


def extend_from_log(
    folder: Path,
    metrics: Mapping[str, MetricSummary],
    upto: object,
    *,
    of: Callable[[PartName], bool] = _every,
    among: Remains | None = None,
) -> Tail:
    """Return the summaries of a run that did not end, with the lines its manifest had not seen.

    Parameters
    ----------
    metrics : mapping of str to MetricSummary
        The manifest's, perhaps five seconds old.
    upto : mapping of file name to offset
        How far into each live file the manifest had counted.
    of : callable
        Which files are looked at: those of the manifest's writers, where a run has several.
    among : Remains, optional
        What `remains` found, for who asks of one writer after the other.

    Returns
    -------
    Tail
        ``metrics`` are the manifest's and those lines together, ``counts`` and ``newest_ms`` are
        of those lines alone.
    """
    whole = Tail(dict(metrics))
    for _, tail in _uncounted(among or remains(folder), metrics, upto, of):
        whole.add(tail)
    return whole


def keep_tail(
    folder: Path,
    part: Part,
    metrics: Mapping[str, MetricSummary],
    upto: object,
    files: Files,
    *,
    of: Callable[[PartName], bool] = _every,
) -> None:
    """Write beside a live file what no manifest had counted of it, if there is anything.

    Parameters
    ----------
    metrics, upto, of
        As `extend_from_log` takes them.
    """
    for name, tail in _uncounted(remains(folder), metrics, upto, of):
        if name == part.name and tail.newest_ms is not None:
            body = {
                "file": name.filename,
                "start": _offset(upto, name),
                "end": tail.upto[name.filename],
                "metrics": {key: summary_to_json(one) for key, one in tail.metrics.items()},
                "counts": tail.counts,
                "newest_ms": tail.newest_ms,
            }
            files.replace(folder / name.with_ext("tail").filename, codec.with_crc(body))


def read_tail(path: Path) -> tuple[Tail, int, int]:
    """Return the sums that are left of a live file, and the bytes of it they stand for.

    Returns
    -------
    tuple of Tail, int and int
        The sums; the offsets at which their lines begin and end.

    Raises
    ------
    CorruptRecord
        It is not as it was written.
    OSError
        It cannot be read.
    """
    body = codec.loads(read_small(path), path.name)
    if not isinstance(body, dict) or not codec.crc_matches(body):
        raise CorruptRecord(f"{path.name} is not as it was written; its figures do not count.")
    metrics, counts, newest_ms = body["metrics"], body["counts"], body["newest_ms"]
    tail = Tail({key: summary_from_json(one) for key, one in metrics.items()}, counts, newest_ms)
    return tail, body["start"], body["end"]


def _uncounted(
    among: Remains,
    metrics: Mapping[str, MetricSummary],
    upto: object,
    of: Callable[[PartName], bool] = _every,
) -> Iterator[tuple[PartName, Tail]]:
    """Yield the sums of each part's lines that no manifest had seen, in the order of parts."""
    newest: dict[tuple[int, int], dict[str, float]] = {}
    for name in sorted(filter(of, among.live.keys() | among.left.keys())):
        start = _offset(upto, name)
        # What a writer logs before its own last step is late; of others nothing is known here.
        mine = newest.setdefault((name.rank, name.segment), {})
        if start > 0 and not mine:
            mine |= {key: s.last_step for key, s in metrics.items() if s.last_step is not None}
        found = _count_lines(among.live[name], start, mine) if name in among.live else None
        tail, end = found or _left(among.folder / name.with_ext("tail").filename, start)
        tail.upto[name.filename] = end
        for key, summary in tail.metrics.items():
            if summary.last_step is not None:
                mine[key] = max(mine.get(key, summary.last_step), summary.last_step)
        yield name, tail


def _offset(upto: object, name: PartName) -> int:
    start = upto.get(name.filename, 0) if isinstance(upto, dict) else 0
    return start if type(start) is int and start >= 0 else 0


def _left(path: Path, start: int) -> tuple[Tail, int]:
    """Return what is left of a live file; nothing where it cannot be understood (``check`` says so)."""
    try:
        tail, _, end = read_tail(path)
    except (OSError, CorruptRecord, LookupError, TypeError, AttributeError):
        return Tail(), start
    return (tail, end) if start < end else (Tail(), start)


def _count_lines(part: Part, start: int, newest: Mapping[str, float]) -> tuple[Tail, int] | None:
    """Return the sums of a live file's lines from an offset on, and where the last of them ends.

    ``None``: the file has gone.
    """
    tallies: dict[str, Tally] = {}
    newest_ms: int | None = None
    end = start
    try:
        for offset, line in read_lines(part.path, start, part.limit):
            end = offset + len(line) + 1
            time_ms = _count(line, tallies, newest)
            if time_ms is not None:
                newest_ms = max(newest_ms or 0, time_ms)
    except FileNotFoundError:
        return None
    except OSError:
        pass  # what could be read counts
    found = Tail(newest_ms=newest_ms)
    for key, tally in tallies.items():
        found.metrics[key] = tally.summary()
        for name in COUNTS:
            found.counts[name] += tally.n if name == "points" else getattr(tally, name)
    return found, end


def _count(line: bytes, tallies: dict[str, Tally], newest: Mapping[str, float]) -> int | None:
    """Count one line and return its time; ``None`` for what is no row."""
    try:
        row: Any = orjson.loads(line)
        step, time_ms = row["step"], row["time"]
        values: Iterable[tuple[str, Any]] = row["values"].items()
        strange = row.get("nonfinite") or {}
        for key, value in values:
            number = NONFINITE.get(strange.get(key, "")) if value is None else value
            if isinstance(number, (int, float)) and not isinstance(number, bool):
                if key not in tallies:
                    tallies[key] = Tally()
                    tallies[key].newest = newest.get(key)
                tallies[key].add(step, float(number))
        return int(time_ms)
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, ValueError):
        return None
