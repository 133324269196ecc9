"""What a page is told of a comparison: names and choices as text, all numbers in buffers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from runfolio.charts.curves import label_text
from runfolio.charts.importance import explained_words
from runfolio.charts.parallel import axis_words
from runfolio.charts.scatter import correlation_words
from runfolio.charts.spread import band_name
from runfolio.charts.tile import scale_labels, shown
from runfolio.model.run import RunRecord
from runfolio.query.comparison import Comparison
from runfolio.query.differing import Setting, number_of
from runfolio.query.parallel import AXES as PARALLEL_AXES
from runfolio.query.parallel import Axis, metric_axis, setting_axis
from runfolio.query.progress import Attempt
from runfolio.query.run_names import run_names
from runfolio.query.scatter import scatter
from runfolio.query.spread import Spread
from runfolio.query.summary import direction, unit_of
from runfolio.query.windows import Piece

__all__ = ["Buffers", "axes_of", "axis_told", "choices", "facts", "importance_told", "pieces_told", "progress_told", "scatter_told", "spread_told"]  # fmt: skip

_NAME: Final = 120
_METRICS: Final = 2000
_SETTINGS: Final = 400
_GROUPED: Final = 8
_WORDS: Final = 200


class Buffers:
    """The binary part of an answer: what is put in is told by its place."""

    def __init__(self) -> None:
        self.held: list[bytes] = []

    def put(self, values: Any) -> int:
        """Keep numbers as float64 and return the place of their buffer."""
        self.held.append(np.asarray(values, dtype=np.float64).tobytes())
        return len(self.held) - 1

    def optional(self, values: Sequence[float | None]) -> int:
        """Keep numbers of which some are missing: those are NaN."""
        return self.put([np.nan if value is None else value for value in values])


def facts(
    compared: Comparison, every: Sequence[RunRecord], query: str, total: int
) -> dict[str, Any]:
    """Return what there is to choose from, and who the runs are."""
    known = dict.fromkeys([*compared.shared, *(k for r in compared.records for k in r.metrics)])
    keys = [key for key in known if key != compared.x][:_METRICS]
    # A few lines that everybody can follow; beyond eight runs two panels are plenty to begin with.
    first = [compared.metric, *(key for key in compared.shared if key != compared.metric)]
    panels = [key for key in first if key and key != compared.x]
    return {
        "runs": [
            [r.id, label_text(name, _NAME), r.short_id, r.status.glyph, r.status.value]
            for r, name in zip(compared.records, run_names(compared.records), strict=True)
        ],
        "metrics": [
            {"key": key, "label": label_text(key, _NAME), "goal": direction(key, every),
             "unit": label_text(unit_of(key, compared.records) or "", 16)}
            for key in keys
        ],
        "settings": [
            {"key": s.key, "label": label_text(s.title, _NAME)}
            for s in compared.settings[:_SETTINGS]
        ],
        "metric": compared.metric, "x": compared.x, "by": compared.by or "",
        "panels": panels[: 4 if len(compared.records) <= _GROUPED else 2],
        "query": label_text(query, 200), "total": total,
        **choices(compared),
    }  # fmt: skip


def choices(compared: Comparison) -> dict[str, Any]:
    """Return what curves may run over, and what runs may be grouped by."""
    records = compared.records
    steps = {s.step_metric for r in records for s in r.metrics.values() if s.step_metric}
    epochs = {key for r in records for key in r.metrics if key.rpartition("/")[2] == "epoch"}
    own = sorted(steps | epochs | ({compared.x} - {"step", "relative", "time"}))[:20]
    bys = [
        (name, name)
        for name in ("group", "sweep")
        if len({getattr(r, name, None) for r in records}) > 1
    ]
    few = [s for s in compared.settings if 2 <= len({repr(v) for v in s.values}) <= _GROUPED]
    bys += [(f"config.{s.key}", s.title) for s in few[:40]]
    if compared.by and compared.by not in [name for name, _ in bys]:
        bys.insert(0, (compared.by, compared.by))
    return {
        "xs": [[key, label_text(key, 40)] for key in own],
        "bys": [[name, label_text(title, 40)] for name, title in bys],
    }


def pieces_told(
    found: Sequence[tuple[int, dict[str, Piece]]], keys: Sequence[str], buffers: Buffers
) -> list[dict[str, Any]]:
    """Return parts of curves; run and metric are told by their places."""
    told = []
    for run, pieces in found:
        for at, key in enumerate(keys):
            piece = pieces.get(key)
            if piece is None:
                continue
            # One buffer for all: a message of hundreds takes longer to make than to send.
            first = buffers.put(np.concatenate([piece.x, piece.y, piece.smooth_x, piece.smooth_y]))
            told.append(
                {"r": run, "k": at, "b": first, "raw": len(piece.x), "smooth": len(piece.smooth_x),
                 "w": piece.weight, "n": piece.n, "of": piece.of, "odd": piece.nonfinite}
            )  # fmt: skip
    return told


def axes_of(
    settings: Sequence[Setting], metric: str, figures: Sequence[float | None]
) -> list[Axis]:
    """Return the parallel axes: the settings, and the metric at the end."""
    last = [metric_axis(metric, figures)] if metric else []
    return [*map(setting_axis, settings[:PARALLEL_AXES]), *last]


def axis_told(axis: Axis, buffers: Buffers) -> dict[str, Any]:
    """Return one axis of settings or figures: where each run lies on it, from 0 to 1."""
    scale = axis.scale
    bottom, top, between = axis_words(axis)
    told: dict[str, Any] = {
        "key": axis.key, "label": label_text(axis.title, _NAME), "kind": scale.kind,
        "metric": axis.is_metric, "places": buffers.optional(scale.places),
        "bottom": bottom, "top": top, "between": [[place, words] for place, words in between],
        "labels": [[place, words] for place, words in scale_labels(scale)],
    }  # fmt: skip
    if scale.kind == "ordered":
        told["words"] = [shown(value) for value in scale.values[:_WORDS]]
    else:
        told["values"] = buffers.optional([number_of(value) for value in axis.values])
    return told


def scatter_told(
    setting: Setting, figures: Sequence[float | None], buffers: Buffers
) -> dict[str, Any]:
    """Return a setting against a metric."""
    found = scatter(setting, figures)
    axis = Axis(setting.key, setting.title, found.x, setting.values)
    return {
        "axis": axis_told(axis, buffers), "y": buffers.optional(found.y), "n": found.n,
        "words": correlation_words(found) if found.correlation is not None else "",
    }  # fmt: skip


def importance_told(compared: Comparison, metric: str, found: Any) -> dict[str, Any]:
    """Return how much the metric depends on each setting."""
    return {
        "metric": metric, "why": label_text(found.why, 300), "n": found.n_runs,
        "explained": explained_words(found) if found.shares else "",
        "more": len(found.more),
        "remarks": [label_text(remark, 300) for remark in compared.remarks],
        "shares": [
            {"key": s.key, "label": label_text(s.title, _NAME), "mean": s.mean, "low": s.low,
             "high": s.high}
            for s in found.shares
        ],
    }  # fmt: skip


def progress_told(found: Sequence[Attempt], buffers: Buffers) -> dict[str, Any]:
    """Return the best so far, run after run."""
    return {
        "n": len(found),
        "better": sum(one.is_better for one in found[1:]),
        "runs": buffers.put([one.place for one in found]),
        "at": buffers.put([one.at_ms for one in found]),
        "values": buffers.put([one.value for one in found]),
        "best": buffers.put([one.best for one in found]),
    }


def spread_told(key: str, found: Spread, buffers: Buffers) -> dict[str, Any]:
    """Return the mean of each group with its spread."""
    return {
        "key": key, "by": label_text(found.by, _NAME), "more": found.left_out,
        "bands": [
            {"label": band_name(band), "n": band.n_runs, "x": buffers.put(band.x),
             "mean": buffers.put(band.mean), "deviation": buffers.put(band.deviation)}
            for band in found.bands
        ],
    }  # fmt: skip
