"""What the random generators were like before each cell, kept from the first cell on."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from runfolio.capture.generators import State, as_json, generator_states
from runfolio.capture.held_generators import HeldGenerators

__all__ = ["StateChange", "StateHistory"]

# About 200 cells that draw from random, numpy and torch. Each run gets all of it.
_MOST_CHARS: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class StateChange:
    """Generators that a cell found changed.

    Attributes
    ----------
    cell : int
        The cell that was about to be executed, by its order.
    states : mapping of str to mapping or None
        Generator → its full state as JSON-ready data; ``None`` where it is no longer kept.
    began : bool
        Whether the states were taken within the cell, because tracking began there.
    """

    cell: int
    states: Mapping[str, Mapping[str, Any] | None]
    began: bool = False


class StateHistory:
    """Takes the states before each cell and keeps those that changed.

    The first states are kept for good; of the others the oldest are let go of when all of them
    together become large.

    Parameters
    ----------
    most_chars : int
        Characters of JSON that are kept.
    """

    def __init__(self, most_chars: int = _MOST_CHARS) -> None:
        self._most = most_chars
        self._last: dict[str, State] = {}
        self._changes: list[StateChange] = []
        self._sizes: list[int] = []
        self._held = HeldGenerators()
        self._lock = threading.Lock()

    @property
    def changes(self) -> list[StateChange]:
        """What is kept, oldest first."""
        with self._lock:
            return list(self._changes)

    def look(
        self,
        cell: int,
        namespace: Mapping[str, Any],
        *,
        began: bool = False,
        quick: bool = False,
        within: Iterable[str] | None = None,
    ) -> StateChange | None:
        """Take the states before a cell, and return those that changed since the last look.

        Generators are searched for in the variables `within` and in what they hold, in all of them
        without it, and looked at ever after. See `generator_states` for `quick`.
        """
        with self._lock:
            held = self._held
            held.look_into(within, namespace)
            now = generator_states(held.own(namespace), quick=quick, held=held.found(namespace))
            last = self._last
            changed = {key: state for key, state in now.items() if last.get(key) != state}
            self._last = now
            return self._keep(cell, changed, began=began) if changed else None

    def look_at_new(self, cell: int, keys: Collection[str]) -> StateChange | None:
        """Take generators that came into being just now, in the middle of a cell.

        Until now they were drawn from by nobody: what they are like is what the cell finds.
        """
        with self._lock:
            new = generator_states(only=keys)
            new = {key: state for key, state in new.items() if key not in self._last}
            self._last |= new
            return self._keep(cell, new, began=False) if new else None

    def _keep(self, cell: int, changed: Mapping[str, State], *, began: bool) -> StateChange:
        change = StateChange(cell, {k: as_json(s) for k, s in changed.items()}, began=began)
        self._changes.append(change)
        self._sizes.append(sum(map(_size, change.states.values())))
        place = 1
        while sum(self._sizes) > self._most and place < len(self._changes) - 1:
            if self._sizes[place]:
                self._sizes[place] = 0
                gone = dict.fromkeys(self._changes[place].states)
                self._changes[place] = replace(self._changes[place], states=gone)
            place += 1
        return change


def _size(value: Any) -> int:
    if isinstance(value, Mapping):
        return sum(len(key) + _size(item) for key, item in value.items())
    return len(value) if isinstance(value, str) else 8
