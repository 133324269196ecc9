"""What a reader knows of one run."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from runfolio.model.deferred import Deferred, Later, later_of

__all__ = ["MetricSummary", "RunRecord", "Status", "told_later"]


class Status(StrEnum):
    """How a run stands. The last two are a reader's finding, never written by the run itself."""

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    STOPPED = "stopped"
    PRUNED = "pruned"
    CRASHED = "crashed"
    SILENT = "silent"

    @property
    def glyph(self) -> str:
        """One character that stands for the status in every table and card."""
        return _GLYPHS[self]

    @property
    def ended(self) -> bool:
        """Whether nothing more is expected to be written."""
        return self not in (Status.RUNNING, Status.SILENT)


_GLYPHS = {
    Status.RUNNING: "●",
    Status.FINISHED: "✓",
    Status.FAILED: "✕",
    Status.INTERRUPTED: "‖",
    Status.STOPPED: "■",
    Status.PRUNED: "✂",
    Status.CRASHED: "⚠",
    Status.SILENT: "◌",
}


@dataclass(frozen=True, slots=True)
class MetricSummary:
    """The short form of one metric: enough for a table row.

    Attributes
    ----------
    n : int
        Points logged, non-finite ones counted.
    last, min, max : float or None
        ``last`` may be NaN or infinite; ``min`` and ``max`` are over finite points only.
    last_step, min_step, max_step : float or None
        The step at which each of them stands.
    goal : str or None
        ``"minimize"`` or ``"maximize"``, if the run said so.
    rule : str or None
        Which figures the summary shows, the first one first: ``last`` (default), ``min``,
        ``max``, ``mean``, ``best``, ``none``, separated by commas.
    mean : float or None
        Over finite points only.
    nonfinite : int
        How many of the points were NaN or infinite.
    step_metric : str or None
        The metric that is this one's x axis, if the run said so.
    hidden : bool
        Whether charts leave it out unless they are asked for it.
    unit : str or None
        What its numbers are counted in, if the project's ``metrics.toml`` says so.
    """

    n: int = 0
    last: float | None = None
    min: float | None = None
    max: float | None = None
    last_step: float | None = None
    min_step: float | None = None
    max_step: float | None = None
    goal: str | None = None
    rule: str | None = None
    mean: float | None = None
    nonfinite: int = 0
    step_metric: str | None = None
    hidden: bool = False
    unit: str | None = None

    @property
    def figure(self) -> float | None:
        """The one value that stands for the metric in tables and cards, by its rule."""
        return self.by(self.rule.partition(",")[0] if self.rule else "last")

    def by(self, rule: str) -> float | None:
        """Return the value that a rule names; ``None`` for ``none`` and for what is not known.

        ``best`` is the smallest or largest value as the goal says, and the last without a goal.
        """
        match rule:
            case "min":
                return self.min
            case "max":
                return self.max
            case "mean":
                return self.mean
            case "best" if self.goal is not None:
                return self.min if self.goal == "minimize" else self.max
            case "last" | "best":
                return self.last
        return None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RunRecord(Deferred):
    """One run as its manifest and edits tell it; every field is typed, whatever the file held.

    Attributes
    ----------
    path : Path
        The run directory.
    config : mapping of str to value
        Nested, as written; :func:`runfolio.format.codec.flatten` gives the dotted names.
    config_source : mapping of str to str
        Dotted name → ``argument``, ``cell``, ``update`` …
    summary : mapping of str to value
        What the run put into ``run.summary`` by hand; metric figures are in `metrics`.
    git, seeds, software, complete, cost : mapping
        Short forms; the whole lies in ``code/``, ``seeds.json``, ``environment/``.
    artifacts : mapping
        ``made`` and ``used``: the newest fifty of each as ``[name, version, type]``;
        :func:`runfolio.model.artifact_uses.uses_of` reads them.
    duration_s : float or None
        Seconds from start to end; for a live run, to the last sign of life.
    note : str
        Why the status is what it is, where a reader found it (``process gone``).
    problems : tuple of str
        What could not be understood in the files, each naming the field or file; the gravest
        first.
    unsettled : bool
        Whether a writer beside the one that opened the run has not said its end.
    """

    id: str
    path: Path
    name: str = ""
    project: str = ""
    group: str | None = None
    job_type: str | None = None
    tags: tuple[str, ...] = ()
    notes: str = ""
    status: Status = Status.RUNNING
    note: str = ""
    signal: str | None = None
    exit_code: int | None = None
    created_at: datetime | None = None
    ended_at: datetime | None = None
    duration_s: float | None = None
    host: str | None = None
    user: str | None = None
    pid: int | None = None
    command: tuple[str, ...] = ()
    notebook: str | None = None
    kernel_id: str | None = None
    parent: str | None = None
    rerun_of: str | None = None
    sweep: str | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    config_source: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, MetricSummary] = field(default_factory=dict)
    summary: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    complete: Mapping[str, Any] = field(default_factory=dict)
    git: Mapping[str, Any] = field(default_factory=dict)
    seeds: Mapping[str, Any] = field(default_factory=dict)
    data: tuple[Mapping[str, Any], ...] = ()
    artifacts: Mapping[str, Any] = field(default_factory=dict)
    cost: Mapping[str, Any] = field(default_factory=dict)
    software: Mapping[str, Any] = field(default_factory=dict)
    format: int = 1
    problems: tuple[str, ...] = ()
    unsettled: bool = False

    def __repr__(self) -> str:
        # A store is listed as these: each stays a line.
        return f"<RunRecord {self.name!r} {self.id} {self.status.value}>"

    def figure_of(self, metric: str) -> float | None:
        """Return the one value that stands for a metric; ``None`` where there is none."""
        later = later_of(self)
        if later is not None:
            return later.figure_of(metric)
        summary = self.metrics.get(metric)
        return None if summary is None else summary.figure

    def written(self, mapping: str) -> bytes | None:
        """Return JSON that has each key of a field that is a mapping, at any depth.

        To search it costs less than to look. ``None`` where there is none at hand.
        """
        later = later_of(self)
        return None if later is None else later.written(mapping)

    @property
    def short_id(self) -> str:
        """The last six characters of the id, as tables show it."""
        return self.id[-6:]


_NEW: Final = functools.partial(object.__new__, RunRecord)
# Past the guard of a frozen class, and ten thousand times in a refresh.
_SET_ID, _SET_STATUS, _SET_UNSETTLED, _SET_LATER = (
    getattr(RunRecord, name).__set__ for name in ("id", "status", "unsettled", "_later")
)


def told_later(
    later: Later, run_id: str, status: Status | None, *, unsettled: bool = False
) -> RunRecord:
    """Return a record that is asked for its other fields one by one.

    Parameters
    ----------
    status : Status or None
        ``None`` where it is told later, too.
    """
    record: RunRecord = _NEW()
    _SET_ID(record, run_id)
    _SET_UNSETTLED(record, unsettled)
    if status is not None:
        _SET_STATUS(record, status)
    _SET_LATER(record, later)
    return record
