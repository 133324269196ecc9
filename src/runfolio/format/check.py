"""Is a run directory as the format says? Names what is not, and mends nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runfolio.errors import CorruptRecord
from runfolio.format import seal
from runfolio.format.codec import loads
from runfolio.format.edits import read_edits
from runfolio.format.layout import RunPaths, is_run_id
from runfolio.format.lines import Part, live_parts, read_lines
from runfolio.format.manifest import read_record
from runfolio.format.series import parse_lines
from runfolio.format.sums import damaged_stretches, verified_bytes

__all__ = ["Finding", "check_run"]

_BATCH: Final = 4096


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    Attributes
    ----------
    file : str
        Path below the run directory.
    offset : int or None
        Byte at which the fault begins.
    fault : str
        What is wrong.
    severity : str
        ``fault`` (something is damaged or lost) or ``note`` (worth knowing, nothing is lost).
    """

    file: str
    offset: int | None
    fault: str
    severity: str = "fault"


def check_run(folder: Path) -> list[Finding]:
    """Return what is wrong with a run directory; an empty list means it is sound.

    Raises
    ------
    RunNotFound
        The folder is not there.
    """
    record = read_record(folder)
    found = [Finding("run.json", None, problem) for problem in record.problems]
    if not is_run_id(folder.name):
        found.append(Finding(".", None, f"{folder.name!r} is no valid run id"))
    found += [Finding("edits", None, problem) for problem in read_edits(folder)[1]
              if problem not in record.problems]  # fmt: skip
    for kind in ("metrics", "system", "events"):
        for part in live_parts(folder, kind):
            found += _sums(part)
            found += _lines(part, rows=kind != "events")
    for kind in ("metrics", "system"):
        for name, path in RunPaths(folder).parts(kind, "parquet"):
            found += _parquet(path, name.filename)
    try:
        found += [Finding(name, None, fault) for name, fault in seal.faults(folder)]
    except CorruptRecord as error:
        found.append(Finding("seal.json", None, str(error)))
    return found


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


def _parquet(path: Path, name: str) -> Iterator[Finding]:
    from runfolio.format.parquet import read_groups

    try:
        for group, problem in read_groups(path):
            yield Finding(name, None, f"row group {group} cannot be read: {problem}")
    except CorruptRecord as error:
        yield Finding(name, None, str(error))
