"""The manifest of the run that is being written: what is known of it, as a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from runfolio.format import codec
from runfolio.format.layout import FORMAT
from runfolio.format.lease import this_process
from runfolio.format.summaries import summary_to_json
from runfolio.model.run import MetricSummary, Status

__all__ = ["Document"]


@dataclass(slots=True)
class Document:
    """The facts of one run that do not come from its points.

    Attributes
    ----------
    labels : dict
        ``name``, ``project``, ``group``, ``job_type``, ``tags``, ``notes`` …
    started_ms : int
        Milliseconds UTC; of the first segment.
    applied : list of str
        Ids of the edits that were taken in.
    defined : list of dict
        What `define_metric` said.
    joined : bool
        Whether the run was opened by another process.
    rank : int
        Process of a distributed run.
    given : dict
        Labels that a process that joined was given by its program.
    """

    run_id: str
    labels: dict[str, Any]
    started_ms: int
    status: Status = Status.RUNNING
    reason: str = ""
    signal: str | None = None
    exit_code: int | None = None
    ended_ms: int | None = None
    duration_s: float | None = None
    earlier_s: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)
    applied: list[str] = field(default_factory=list)
    defined: list[dict[str, Any]] = field(default_factory=list)
    joined: bool = False
    rank: int = 0
    given: dict[str, Any] = field(default_factory=dict)

    def took_place(self, started_ms: int, ended_ms: int) -> None:
        """Say when that took place which is recorded afterwards; ms UTC."""
        self.started_ms, self.ended_ms = started_ms, max(started_ms, ended_ms)

    def ends(self, now_ms: int, elapsed_s: float) -> None:
        """Note when the run ends, unless it took place long ago."""
        if self.ended_ms is not None:
            self.duration_s = (self.ended_ms - self.started_ms) / 1000
            return
        # The clock may have been set back since.
        self.ended_ms, self.duration_s = max(now_ms, self.started_ms), elapsed_s

    def as_json(
        self,
        *,
        config: Mapping[str, Any],
        config_source: Mapping[str, str],
        metrics: Mapping[str, MetricSummary],
        summary: Mapping[str, Any],
        counts: Mapping[str, int],
        metrics_upto: Mapping[str, int],
        complete: Mapping[str, str],
        segment: int = 1,
    ) -> dict[str, Any]:
        """Return the manifest, in the order in which a person would read it."""
        return {
            "format": FORMAT,
            "id": self.run_id,
            **self.labels,
            **self._as_joined(),
            "status": self.status.value,
            "reason": self.reason,
            "signal": self.signal,
            "exit_code": self.exit_code,
            "created_at": codec.rfc3339(self.started_ms),
            "ended_at": codec.rfc3339(self.ended_ms) if self.ended_ms is not None else None,
            "duration_s": self.duration_s,
            **this_process(),
            "config": dict(config),
            "config_source": dict(config_source),
            "metrics": {key: summary_to_json(value) for key, value in metrics.items()},
            "defined": list(self.defined),
            "summary": dict(summary),
            "counts": dict(counts),
            "metrics_upto": dict(metrics_upto),
            "segment": segment,
            "complete": dict(complete),
            "git": self.facts.get("git", {}),
            "seeds": self.facts.get("seeds", {}),
            "data": self.facts.get("data", []),
            "artifacts": self.facts.get("artifacts", {}),
            "cost": {},
            "software": self.facts.get("software", {}),
            "applied": [] if self.joined else list(self.applied),
        }

    def _as_joined(self) -> dict[str, Any]:
        """Return what only the manifest of a process that joined says."""
        if not self.joined:
            return {}
        # Tags and edits are the whole run's: whoever opened it holds them.
        said: dict[str, Any] = {"tags": [], "joined": True, "given": dict(self.given)}
        return said | ({"rank": self.rank} if self.rank else {})
