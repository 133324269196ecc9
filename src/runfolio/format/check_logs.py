"""Checking the files of lines: every synced byte as it was written, every line one of its kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from runfolio.errors import CorruptRecord
from runfolio.format.codec import loads
from runfolio.format.finding import Finding
from runfolio.format.layout import PartName, RunPaths
from runfolio.format.lines import Part, live_parts, read_lines
from runfolio.format.series import parse_lines
from runfolio.format.sums import damaged_stretches, verified_bytes
from runfolio.format.tail import read_tail

__all__ = ["check_logs"]

KINDS: Final = ("metrics", "system", "events")
_BATCH: Final = 4096


def check_logs(folder: Path) -> Iterator[Finding]:
    """Yield what is wrong with the files of lines, their sums, and the tables made of them."""
    for kind in KINDS:
        for part in live_parts(folder, kind):
            yield from _sums(part)
            yield from _lines(part, rows=kind != "events")
        found = RunPaths(folder).parts(kind, "jsonl", "parquet", "sums", "tail")
        yield from _gaps([name for name, _ in found])
        for name, path in found:
            if name.ext == "sums":
                yield from _sum_lines(path)
            elif name.ext == "parquet":
                yield from _table(path)
                if (name.with_ext("jsonl"), path.with_suffix(".jsonl")) in found:
                    yield Finding(path.name, None, "stands beside its live file; it counts, and gc "
                                  "removes the other", "note")  # fmt: skip
            elif name.ext == "tail":
                yield from _tail(path)


def _gaps(names: list[PartName]) -> Iterator[Finding]:
    """Name the parts that are missing before the last one of a writer."""
    # Sums alone tell of a part as well: its writer was killed, or found no room, before the rest.
    parts: dict[tuple[int, int], set[int]] = {}
    for name in names:
        parts.setdefault((name.rank, name.segment), set()).add(name.part)
    for (rank, segment), there in parts.items():
        for number in sorted(set(range(1, max(there))) - there):
            missing = PartName(names[0].kind, rank, segment, number)
            yield Finding(missing.filename, None, "is missing; a later part is there")


def _sum_lines(path: Path) -> Iterator[Finding]:
    """Look at each line of a file of sums; the bytes that they sum up are looked at elsewhere."""
    end, last = 0, 0
    for offset, line in read_lines(path):
        end = offset + len(line) + 1
        try:
            entry: Any = loads(line, path.name)
            if set(entry) == {"after"} and offset == 0:
                continue
            reached, crc = entry["end"], entry["crc32"]
            int(crc, 16)
        except (CorruptRecord, LookupError, TypeError, ValueError):
            yield Finding(path.name, offset, "a line is no sum")
            return
        if set(entry) != {"end", "crc32"} or type(reached) is not int or reached < last:
            yield Finding(path.name, offset, "a line is no sum")
            return
        last = reached
    if end < path.stat().st_size:
        yield Finding(
            path.name, end, "the last line is torn; what it summed up is unverified", "note"
        )


def _tail(path: Path) -> Iterator[Finding]:
    try:
        read_tail(path)
    except (CorruptRecord, OSError, LookupError, TypeError, AttributeError) as error:
        text = str(error) if isinstance(error, CorruptRecord) else f"{path.name} is not as expected"
        yield Finding(path.name, None, text)


def _sums(part: Part) -> Iterator[Finding]:
    """Compare the bytes with the sums written at each sync."""
    name, size = part.path.name, _length(part)
    for start, end in damaged_stretches(part):
        if start == size:
            yield Finding(name, size, f"ends at {size:,}; {end:,} bytes were synced")
        else:
            yield Finding(name, start, f"bytes {start:,} to {end:,} are not as written")
    start = verified_bytes(part)
    if start < size:
        yield Finding(
            name,
            start,
            f"{size - start:,} bytes after the last sum are unverified",
            "note",
        )


def _lines(part: Part, *, rows: bool) -> Iterator[Finding]:
    name, end = part.path.name, 0
    lines: list[tuple[int, bytes]] = []
    for offset, line in read_lines(part.path, limit=part.limit):
        if offset > end:
            yield Finding(name, end, f"a line of {offset - end:,} bytes is passed over")
        end = offset + len(line) + 1
        lines.append((offset, line))
        if len(lines) == _BATCH:
            yield from _rows(name, lines) if rows else _events(name, lines)
            lines.clear()
    yield from _rows(name, lines) if rows else _events(name, lines)
    size = _length(part)
    if end < size:
        yield Finding(name, end, f"the last {size - end:,} bytes are no whole line", "note")


def _rows(name: str, lines: list[tuple[int, bytes]]) -> Iterator[Finding]:
    parsed = parse_lines(line for _, line in lines)
    if not parsed.damaged and not parsed.refused:
        return  # the usual case; only a batch with a fault is looked at line by line
    for offset, line in lines:
        alone = parse_lines([line])
        if alone.damaged:
            yield Finding(name, offset, "a line is no row of points")
        if alone.refused:
            yield Finding(name, offset, f"{alone.refused} values are no numbers")


def _events(name: str, lines: list[tuple[int, bytes]]) -> Iterator[Finding]:
    for offset, line in lines:
        yield from _event(name, offset, line)


def _event(name: str, offset: int, line: bytes) -> Iterator[Finding]:
    try:
        event = loads(line, name)
    except CorruptRecord:
        event = None
    if not isinstance(event, dict):
        yield Finding(name, offset, "a line is no event")


def _length(part: Part) -> int:
    size = part.path.stat().st_size
    return size if part.limit is None else min(size, part.limit)


def _table(path: Path) -> Iterator[Finding]:
    from runfolio.format.parquet import read_groups

    try:
        for group, problem in read_groups(path):
            yield Finding(path.name, None, f"row group {group} cannot be read: {problem}")
    except CorruptRecord as error:
        yield Finding(path.name, None, str(error))
