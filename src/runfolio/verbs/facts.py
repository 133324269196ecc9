"""A run for machines: what every ``--json`` says of it."""

from __future__ import annotations

from typing import Any

from runfolio.format.summaries import summary_to_json
from runfolio.model.run import RunRecord
from runfolio.query.run_faults import fault

__all__ = ["record_facts"]


def record_facts(record: RunRecord) -> dict[str, Any]:
    """Return names, state, settings and figures of a run, ready for JSON."""
    return {
        "id": record.id,
        "name": record.name,
        "project": record.project,
        "group": record.group,
        "tags": list(record.tags),
        "notes": record.notes,
        "status": record.status.value,
        "note": record.note,
        "created_at": record.created_at,
        "ended_at": record.ended_at,
        "duration_s": record.duration_s,
        "command": list(record.command),
        "config": record.config,
        "metrics": {key: summary_to_json(figures) for key, figures in record.metrics.items()},
        "summary": record.summary,
        "git": record.git,
        "data": [dict(item) for item in record.data],
        "complete": dict(record.complete),
        "path": record.path,
        "fault": fault(record) or None,
        "problems": list(record.problems),
    }
