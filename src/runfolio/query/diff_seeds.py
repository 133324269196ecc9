"""What two runs drew from: the seeds that were set, and the generators' states at their start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from runfolio.model.run import RunRecord
from runfolio.query.compare import Change, changes
from runfolio.query.diff_records import both_lack, document, mapping

__all__ = ["SeedsDiff", "seeds_diff"]

_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class SeedsDiff:
    """What differs between the random numbers of two runs.

    Attributes
    ----------
    set : tuple of Change
        Seeds that were set, by library.
    states : tuple of Change
        Generators that began in different states, by the hashes of those.
    same_set, same_states : tuple of str
        The seeds and the generators that are the same.
    """

    set: tuple[Change, ...] = ()
    states: tuple[Change, ...] = ()
    same_set: tuple[str, ...] = ()
    same_states: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether nothing is known to differ."""
        return not (self.set or self.states)


def seeds_diff(a: RunRecord, b: RunRecord) -> tuple[SeedsDiff, list[str]]:
    """Return what differs between the seeds of two runs, and what was not compared.

    A state of a generator is compared only where both runs hold one.
    """
    was, now = (document(record, "seeds.json") for record in (a, b))
    set_was, set_now = (
        mapping(one.body.get("set")) if one.body else record.seeds
        for one, record in ((was, a), (now, b))
    )
    why = both_lack(a, b, "seeds.json", [one.why for one in (was, now) if one.why])
    states = (_states(was.body), _states(now.body)) if not why else ({}, {})
    both = [({name: state[name] for name in states[0] if name in states[1]}) for state in states]
    alone = sorted(states[0].keys() ^ states[1].keys())
    if alone:
        why.append(f"the states of {', '.join(alone[:8])}, which only one run holds")
    differ = tuple(changes(set_was, set_now)), tuple(changes(*both))
    left = [{change.name for change in part} for part in differ]
    found = SeedsDiff(
        *differ,
        tuple(str(name) for name in set_was if name not in left[0]),
        tuple(name for name in both[0] if name not in left[1]),
    )
    return found, why


def _states(body: Mapping[str, Any]) -> dict[str, str]:
    return {
        str(name): str(file).removeprefix("rng/").removesuffix(".json")[:_DIGITS]
        for name, file in mapping(body.get("states")).items()
    }
