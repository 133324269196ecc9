"""What a run says of a metric: its x axis, which figure stands for it, which way is better."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["GOALS", "RULES", "Definition"]

GOALS = {"minimize": "minimize", "min": "minimize", "maximize": "maximize", "max": "maximize"}
"""How a goal may be written → how it is kept."""

RULES = ("last", "min", "max", "mean", "best", "none")
"""Which figure of a metric its summary shows."""


@dataclass(frozen=True, slots=True)
class Definition:
    """What `define_metric` said; ``None`` where it said nothing.

    Attributes
    ----------
    name : str
        A metric, or a pattern in which ``*`` stands for any text: ``val/*``.
    step_metric : str or None
        The metric whose values are the x axis.
    rule : str or None
        One or more of `RULES`, separated by commas.
    goal : str or None
        ``minimize`` or ``maximize``.
    hidden : bool or None
        Whether charts leave it out unless they are asked for it.
    """

    name: str
    step_metric: str | None = None
    rule: str | None = None
    goal: str | None = None
    hidden: bool | None = None

    def over(self, other: Definition) -> Definition:
        """Return this definition, with the other's word where it says nothing itself."""
        return Definition(
            self.name,
            self.step_metric if self.step_metric is not None else other.step_metric,
            self.rule if self.rule is not None else other.rule,
            self.goal if self.goal is not None else other.goal,
            self.hidden if self.hidden is not None else other.hidden,
        )
