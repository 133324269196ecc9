"""The sums beside a live file: which stretches of it are as they were written."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from runfolio.errors import CorruptRecord
from runfolio.format.codec import loads
from runfolio.format.lines import Part, read_lines

__all__ = ["damaged_stretches", "read_sums", "verified_bytes"]

_CHUNK: Final = 1 << 20


def read_sums(path: Path) -> list[tuple[int, int]]:
    """Return ``(end offset, CRC-32)`` per fsync; a torn or damaged line ends the list."""
    sums: list[tuple[int, int]] = []
    last = 0
    try:
        for _, line in read_lines(path):
            entry = loads(line, path.name)
            if "after" in entry:
                continue
            end, crc = int(entry["end"]), int(entry["crc32"], 16)
            if end < last:
                break
            sums.append((end, crc))
            last = end
    except (CorruptRecord, KeyError, TypeError, ValueError, OSError):
        pass  # what follows counts as unverified
    return sums


def damaged_stretches(part: Part) -> Iterator[tuple[int, int]]:
    """Yield ``(start, end)`` of each synced stretch of a part that is not as it was written.

    A part that is shorter than what was synced yields the missing bytes last.
    """
    size = _size(part)
    start = 0
    with part.path.open("rb") as file:
        for end, expected in read_sums(_beside(part)):
            if end > size:
                # The rest was given up and repeated in the next part, or is gone.
                if part.limit is None:
                    yield size, end
                return
            if _crc(file, start, end) != expected:
                yield start, end
            start = end


def verified_bytes(part: Part) -> int:
    """Return how many bytes of a part some sum covers."""
    size = _size(part)
    ends = [end for end, _ in read_sums(_beside(part)) if end <= size]
    return ends[-1] if ends else 0


def _beside(part: Part) -> Path:
    return part.path.with_name(part.name.with_ext("sums").filename)


def _size(part: Part) -> int:
    size = part.path.stat().st_size
    return size if part.limit is None else min(size, part.limit)


def _crc(file: IO[bytes], start: int, end: int) -> int:
    file.seek(start)
    crc = 0
    while start < end:
        chunk = file.read(min(_CHUNK, end - start))
        if not chunk:
            break
        crc = zlib.crc32(chunk, crc)
        start += len(chunk)
    return crc
