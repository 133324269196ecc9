"""What the columns of a table of runs are called, and which metrics come first."""

from __future__ import annotations

import collections
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from runfolio.model.run import RunRecord
from runfolio.query.fields import FIELDS
from runfolio.query.summary import headline, told_alike, units

__all__ = ["Column", "ranked_metrics", "titled"]

_UNITS: Final = {"_ms": "ms", "_s": "s", "_bytes": "B", "_percent": "%"}

_FIXED: Final = frozenset({*FIELDS, "run", "id", "took", "started", "tags", "status"})


@dataclass(frozen=True, slots=True)
class Column:
    """One chosen column.

    Attributes
    ----------
    key : str
        Flat name of the setting or metric.
    title : str
        The short form of it that is still unique in this table, without the unit.
    kind : str
        ``config``, ``metric`` or ``field`` (one of every run, where asked for).
    unit : str
        As ``metrics.toml`` says, else from the end of the name: ``time_s`` has ``s``.
    """

    key: str
    title: str
    kind: str
    unit: str = ""


def ranked_metrics(records: Sequence[RunRecord], main: str | None) -> list[str]:
    """Return all metrics that are results, by how early and how often they stand in headlines."""
    score: collections.defaultdict[str, float] = collections.defaultdict(float)
    for record, n in told_alike(records):
        for place, key in enumerate(headline(record)):
            score[key] += n / (place + 1)
    ranked = sorted(score, key=score.__getitem__, reverse=True)
    if main is not None and any(main in record.metrics for record in records):
        ranked = [main, *(key for key in ranked if key != main)]
    return ranked


def titled(columns: Sequence[tuple[str, str]], records: Sequence[RunRecord]) -> list[Column]:
    """Return the columns of some names, each of a kind, with titles that tell them apart."""
    said = units(record for record, _ in told_alike(records))
    names = [_last(key) if kind == "config" else key for key, kind in columns]
    often = collections.Counter(names)
    found = []
    for (key, kind), short in zip(columns, names, strict=True):
        # `opt.name` must not read as the name of the run.
        title = short if often[short] == 1 and (short == key or short not in _FIXED) else key
        stem, unit = _unit(title, said.get(key)) if kind == "metric" else (title, "")
        found.append(Column(key, stem, kind, unit))
    return found


def _last(name: str) -> str:
    return re.split(r"(?<!\\)\.", name)[-1].replace("\\.", ".").replace("\\\\", "\\") or name


def _unit(title: str, said: str | None) -> tuple[str, str]:
    """Return a title and the unit: the one that was defined, else what the name ends with."""
    if said is not None:
        return title.removesuffix(f"_{said}") or title, said
    for ending, unit in _UNITS.items():
        if title.endswith(ending) and len(title) > len(ending):
            return title.removesuffix(ending), unit
    return title, ""
