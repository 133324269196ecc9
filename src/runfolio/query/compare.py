"""What differs between two runs, in the order in which it explains a result."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from runfolio.format.codec import flatten
from runfolio.model.run import RunRecord
from runfolio.query.fields import ABSENT
from runfolio.query.summary import MAXIMIZE, direction, figure

__all__ = ["Change", "Delta", "Difference", "changes", "difference", "same"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not the same; `was` or `now` is ``ABSENT`` where a run lacks it."""

    name: str
    was: Any
    now: Any


@dataclass(frozen=True, slots=True)
class Delta:
    """One metric in both runs.

    Attributes
    ----------
    was, now : float or None
        The summary figures; ``None`` where a run does not have it.
    delta : float or None
        ``now - was`` where both are finite.
    better : bool or None
        ``None`` where nothing changed or no direction is known.
    """

    key: str
    was: float | None
    now: float | None
    delta: float | None
    better: bool | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two runs.

    Attributes
    ----------
    config, environment, data, seeds : tuple of Change
    code : str
        A sentence such as ``13e8c94 → 90ab12f``; empty where the code is the same, or unknown.
    metrics : tuple of Delta
        All metrics of either run, equal ones included.
    """

    config: tuple[Change, ...]
    code: str
    environment: tuple[Change, ...]
    data: tuple[Change, ...]
    seeds: tuple[Change, ...]
    metrics: tuple[Delta, ...]


def difference(a: RunRecord, b: RunRecord) -> Difference:
    """Return what changed from run `a` to run `b`, by their manifests."""
    return Difference(
        config=tuple(changes(flatten(a.config), flatten(b.config))),
        code=_code(a, b),
        environment=tuple(changes(_environment(a), _environment(b))),
        data=tuple(changes(_data(a), _data(b))),
        seeds=tuple(changes(a.seeds, b.seeds)),
        metrics=tuple(_deltas(a, b)),
    )


def same(one: Any, other: Any) -> bool:
    """Return whether two settings are equal: ``1`` is ``1.0`` but not ``True``; NaN is itself."""
    if one is other:
        return True
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    return bool(one == other)


def changes(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    """Yield what differs between two mappings, in the order of the first and then the second."""
    for name in dict.fromkeys([*was, *now]):
        before, after = was.get(name, ABSENT), now.get(name, ABSENT)
        if not same(before, after):
            yield Change(name, before, after)


def _code(a: RunRecord, b: RunRecord) -> str:
    was, now = _revision(a), _revision(b)
    if was == now and not (a.git.get("dirty") or b.git.get("dirty")):
        return ""
    if was is None or now is None:
        return "" if was == now else f"{was or 'not recorded'} → {now or 'not recorded'}"
    if was != now:
        return f"{was} → {now}"
    return f"{now}, with uncommitted changes in one of them or both"


def _revision(record: RunRecord) -> str | None:
    sha = record.git.get("sha")
    if not isinstance(sha, str) or not sha:
        return None
    return sha[:7] + (" + changes" if record.git.get("dirty") else "")


def _environment(record: RunRecord) -> dict[str, Any]:
    software = dict(record.software)
    packages = software.pop("packages", None)
    return {**software, **(packages if isinstance(packages, Mapping) else {})}


def _data(record: RunRecord) -> dict[str, Any]:
    return {
        str(item.get("name") or item.get("uri") or f"data {place}"): item.get("hash")
        for place, item in enumerate(record.data, start=1)
    }


def _deltas(a: RunRecord, b: RunRecord) -> Iterator[Delta]:
    for key in dict.fromkeys([*a.metrics, *b.metrics]):
        was, now = figure(a.metrics.get(key)), figure(b.metrics.get(key))
        delta = None if was is None or now is None else now - was
        if delta is None or not math.isfinite(delta):
            yield Delta(key, was, now, None, None)
            continue
        way = direction(key, (a, b)) if delta else None
        yield Delta(key, was, now, delta, None if way is None else (delta > 0) == (way == MAXIMIZE))
