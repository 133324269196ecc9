"""The states of the random generators that a run recorded: at its start, and before each cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from runfolio.errors import CorruptRecord, UsageError
from runfolio.format.codec import loads
from runfolio.format.disk import read_small
from runfolio.format.events import read_events
from runfolio.format.layout import RunPaths

__all__ = ["RecordedStates", "states_before_cell", "states_of_start"]

_FILE: Final = re.compile(r"rng/([0-9a-f]{32})\.json")
_NO_LONGER: Final = "it had changed, and was no longer kept when the run was opened"


@dataclass(slots=True)
class RecordedStates:
    """What a run holds of one moment.

    Attributes
    ----------
    states : dict of str to mapping
        Generator → its full state.
    missing : dict of str to str
        Generator → why its state is not there.
    began_within : bool
        Whether tracking began within that very cell: what the cell had drawn before is not known.
    """

    states: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    began_within: bool = False


def states_of_start(folder: Path) -> RecordedStates:
    """Return the states that a run began with.

    Raises
    ------
    UsageError
        The run holds none.
    """
    try:
        body = loads(read_small(RunPaths(folder).seeds), "seeds.json")
    except FileNotFoundError:
        body = None
    names = body.get("states") if isinstance(body, dict) else None
    if not isinstance(names, dict) or not names:
        raise UsageError(
            f"The run {folder.name} holds no states of random generators: it was recorded with "
            "RUNFOLIO_CAPTURE=false, or ended before they were written."
        )
    return _read(folder, names)


def states_before_cell(folder: Path, cell: int) -> RecordedStates:
    """Return the states that a cell of the run's notebook found.

    A package that a later cell imported for the first time is there as it was right after that:
    until then nobody drew from it.

    Parameters
    ----------
    cell : int
        Its execution count.

    Raises
    ------
    UsageError
        The run saw no cells, or not this one.
    """
    told = _last_telling(read_events(folder, ["rng"]))
    cells = [e["order"] for e in read_events(folder, ["cell"]) if isinstance(e.get("order"), int)]
    if not told or not cells:
        raise UsageError(
            f"The run {folder.name} recorded no states before cells: it was no notebook's, or not "
            "captured. Without cell= its start is restored."
        )
    first, last = told[0]["cell"], max(cells)
    if not first <= cell <= last:
        raise UsageError(
            f"cell is {cell}; the run {folder.name} knows the states before the cells {first} to "
            f"{last} (their execution counts)."
        )
    names: dict[str, Any] = {}
    for event in told:
        for key, name in event["states"].items():
            if event["cell"] <= cell or (key not in names and not key.startswith("variable:")):
                names[key] = name
    found = _read(folder, names)
    found.began_within = told[0].get("began") is True and cell == first
    return found


def _last_telling(events: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the changes that the newest kernel told, in order of cell."""
    told: list[Mapping[str, Any]] = []
    for event in events:
        if not isinstance(event.get("cell"), int) or not isinstance(event.get("states"), dict):
            continue
        # A kernel that goes on with the run tells everything from its own first cell on.
        if told and (event.get("began") or event["cell"] < told[-1]["cell"]):
            told = []
        told.append(event)
    return told


def _read(folder: Path, names: Mapping[str, Any]) -> RecordedStates:
    import blake3

    found = RecordedStates()
    for key, name in names.items():
        match = _FILE.fullmatch(name) if isinstance(name, str) else None
        if match is None:
            found.missing[key] = _NO_LONGER if name is None else f"{name!r} is no file of states"
            continue
        try:
            content = read_small(folder / name)
            if blake3.blake3(content).hexdigest()[:32] != match[1]:
                raise CorruptRecord(f"{name} is damaged: its content does not fit its name")
            found.states[key] = loads(content, name)
        except (OSError, CorruptRecord) as error:
            reason = str(error.strerror) if isinstance(error, OSError) else str(error)
            found.missing[key] = reason if name in reason else f"{name}: {reason}"
    return found
