"""The summary of one metric as a manifest holds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from runfolio.format.codec import NONFINITE, nonfinite_name
from runfolio.model.run import MetricSummary

__all__ = ["summary_from_json", "summary_to_json"]

_AS_DEFINED: Final = ("goal", "rule", "step_metric", "hidden", "nonfinite", "unit")
_FIGURES: Final = ("last", "min", "max", "last_step", "min_step", "max_step", "mean")


def summary_from_json(body: Mapping[str, Any]) -> MetricSummary:
    """Return the summary of one metric; a field of the wrong type counts as absent."""
    # Spelt out: a runs table reads hundreds of thousands of these.
    get = body.get
    n, goal, rule, along, nonfinite, unit = (
        get("n"), get("goal"), get("rule"), get("step_metric"), get("nonfinite"), get("unit"),
    )  # fmt: skip
    return MetricSummary(
        n if type(n) is int else 0,
        _figure(get("last")), _figure(get("min")), _figure(get("max")),
        _figure(get("last_step")), _figure(get("min_step")), _figure(get("max_step")),
        goal if type(goal) is str else None,
        rule if type(rule) is str else None,
        _figure(get("mean")),
        nonfinite if type(nonfinite) is int else 0,
        along if type(along) is str else None,
        get("hidden") is True,
        unit if type(unit) is str else None,
    )  # fmt: skip


def _figure(value: Any) -> float | None:
    kind = type(value)
    if kind is float or kind is int or value is None:
        return value  # type: ignore[no-any-return]
    return NONFINITE.get(value) if kind is str else None


def summary_to_json(summary: MetricSummary) -> dict[str, Any]:
    """Return the summary of one metric as JSON; a non-finite number by its name."""
    body: dict[str, Any] = {"n": summary.n}
    for name in _FIGURES:
        value = getattr(summary, name)
        if value is not None:
            body[name] = nonfinite_name(value) or value
    # Nothing is said of what is as usual.
    body |= {k: v for k in _AS_DEFINED if (v := getattr(summary, k))}
    return body
