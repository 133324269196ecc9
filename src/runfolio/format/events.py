"""Everything that happened to a run and is not a number, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from runfolio.errors import CorruptRecord
from runfolio.format.codec import loads
from runfolio.format.lines import live_parts, read_lines

__all__ = ["read_events"]


def read_events(folder: Path, kinds: Iterable[str] = ()) -> Iterator[dict[str, Any]]:
    """Yield the events of a run in order of writer, then of time.

    A damaged line is passed over; :func:`runfolio.format.check.check_run` names it.

    Parameters
    ----------
    kinds : iterable of str
        Only these; of the others most lines are not even parsed.
    """
    wanted = frozenset(kinds)
    words = [f'"{kind}"'.encode() for kind in wanted]
    for part in live_parts(folder, "events"):
        for offset, line in read_lines(part.path, limit=part.limit):
            if words and not any(word in line for word in words):
                continue
            try:
                event = loads(line, f"{part.path.name} at byte {offset}")
            except CorruptRecord:
                continue
            if isinstance(event, dict) and (not wanted or event.get("kind") in wanted):
                yield event
