"""Everything that differs between two runs but their code, read from their directories.

The parts stand in the order in which they explain a result: config, cells, environment, data,
seeds, metrics, files. The code is compared by :mod:`runfolio.replay.trees`, which needs git.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from runfolio.errors import RunfolioError
from runfolio.format.codec import flatten
from runfolio.format.lines import live_parts
from runfolio.format.sums import damaged_stretches
from runfolio.model.context import CellExecution
from runfolio.model.run import RunRecord
from runfolio.query.compare import Change, changes
from runfolio.query.diff_cells import CellsDiff, cells_diff, cells_of
from runfolio.query.diff_data import DataDiff, data_diff
from runfolio.query.diff_environment import EnvironmentDiff, environment_diff
from runfolio.query.diff_files import FilesDiff, files_diff
from runfolio.query.diff_metrics import MetricDiff, metrics_diff
from runfolio.query.diff_records import NotCompared, Side
from runfolio.query.diff_seeds import SeedsDiff, seeds_diff
from runfolio.store.reader import RunReader

__all__ = ["READ", "RunDiff", "run_diff"]

READ: Final = ("config", "cells", "environment", "data", "seeds", "metrics", "files")
"""The parts that are read here, in this order."""

_PROBLEMS: Final = 5


@dataclass(frozen=True, slots=True)
class RunDiff:
    """What differs between two runs, from the first to the second.

    Attributes
    ----------
    was, now : RunRecord
    config : tuple of Change
    cells : CellsDiff
    environment : EnvironmentDiff
    data : DataDiff
    seeds : SeedsDiff
    metrics : tuple of MetricDiff
        Of all metrics of either run, equal ones included.
    files : FilesDiff
    not_compared : tuple of NotCompared
        What is left out, part by part, and why; ``record`` stands for the run as a whole.
    """

    was: RunRecord
    now: RunRecord
    config: tuple[Change, ...] = ()
    cells: CellsDiff = field(default_factory=CellsDiff)
    environment: EnvironmentDiff = field(default_factory=EnvironmentDiff)
    data: DataDiff = field(default_factory=DataDiff)
    seeds: SeedsDiff = field(default_factory=SeedsDiff)
    metrics: tuple[MetricDiff, ...] = ()
    files: FilesDiff = field(default_factory=FilesDiff)
    not_compared: tuple[NotCompared, ...] = ()

    def why(self, part: str) -> list[str]:
        """Return what of a part is not compared."""
        return list(dict.fromkeys(one.why for one in self.not_compared if one.part == part))


def run_diff(was: RunReader, now: RunReader, parts: Collection[str] = READ) -> RunDiff:
    """Return what differs between two runs; what cannot be compared is named, the rest is there.

    Parameters
    ----------
    parts : collection of str
        Some of `READ`; the others stay empty.
    """
    first, second = Side.of(was), Side.of(now)
    a, b = first.record, second.record
    made: dict[str, Callable[[], tuple[Any, list[str]]]] = {
        "config": lambda: (tuple(changes(flatten(a.config), flatten(b.config))), []),
        "cells": lambda: _cells(first, second),
        "environment": lambda: environment_diff(a, b),
        "data": lambda: data_diff(a, b),
        "seeds": lambda: seeds_diff(a, b),
        "metrics": lambda: metrics_diff(first, second),
        "files": lambda: files_diff(a, b),
    }
    found: dict[str, Any] = {}
    left_out = [NotCompared("record", why) for one in (a, b) for why in _of_record(one)]
    for part in READ:
        if part in parts:
            found[part], told = made[part]()
            left_out += [NotCompared(part, why) for why in told]
    return RunDiff(a, b, **found, not_compared=tuple(left_out))


def _of_record(record: RunRecord) -> Iterator[str]:
    if not record.status.ended:
        yield f"{record.short_id} has not ended: it is compared as it stands now"
    for problem in record.problems[:_PROBLEMS]:
        yield f"{record.short_id}: {problem}"
    more = len(record.problems) - _PROBLEMS
    if more > 0:
        yield f"{record.short_id}: {more:,} more problems (runfolio check tells them)"


def _cells(was: Side, now: Side) -> tuple[CellsDiff, list[str]]:
    why: list[str] = []
    before, after = (_cells_of(side, why) for side in (was, now))
    if not why and bool(before) != bool(after):
        # All cells of the other run would pass for new.
        why.append(f"the cells: {(now if before else was).record.short_id} holds none")
    if why:
        return CellsDiff(), why
    return cells_diff(before, after), [words for one in (was, now) for words in _damage(one)]


def _cells_of(side: Side, why: list[str]) -> list[CellExecution]:
    try:
        return cells_of(side.record, side.reader.cells())
    except (RunfolioError, OSError) as error:
        why.append(f"the cells of {side.record.short_id} cannot be read: {error}")
        return []


def _damage(side: Side) -> Iterator[str]:
    for part in live_parts(side.reader.path, "events"):
        with contextlib.suppress(OSError):
            if any(damaged_stretches(part)):
                yield (
                    "cells that may have stood where "
                    f"{part.path.name} of {side.record.short_id} is damaged"
                )
