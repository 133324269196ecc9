"""What a run says of a metric: its x axis, which figure stands for it, which way is better."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["GOALS", "RULES", "Definition", "Definitions"]

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
    unit : str or None
        What its numbers are counted in: ``s``, ``nats``.
    """

    name: str
    step_metric: str | None = None
    rule: str | None = None
    goal: str | None = None
    hidden: bool | None = None
    unit: str | None = None

    def over(self, other: Definition) -> Definition:
        """Return this definition, with the other's word where it says nothing itself."""
        return Definition(
            self.name,
            self.step_metric if self.step_metric is not None else other.step_metric,
            self.rule if self.rule is not None else other.rule,
            self.goal if self.goal is not None else other.goal,
            self.hidden if self.hidden is not None else other.hidden,
            self.unit if self.unit is not None else other.unit,
        )

    def as_json(self) -> dict[str, Any]:
        """Return the definition as the manifest and the event hold it."""
        body = {"name": self.name, "step_metric": self.step_metric, "summary": self.rule,
                "goal": self.goal, "hidden": self.hidden, "unit": self.unit}  # fmt: skip
        return {key: value for key, value in body.items() if value is not None}

    @staticmethod
    def from_json(body: object) -> Definition | None:
        """Return the definition that a manifest holds; ``None`` where it is none."""
        if not isinstance(body, Mapping) or not isinstance(body.get("name"), str):
            return None
        along, rule, goal, hidden, unit = (
            body.get(key) for key in ("step_metric", "summary", "goal", "hidden", "unit")
        )
        return Definition(
            body["name"],
            along if isinstance(along, str) else None,
            rule if isinstance(rule, str) and all(r in RULES for r in rule.split(",")) else None,
            goal if goal in GOALS.values() else None,
            hidden if isinstance(hidden, bool) else None,
            unit if isinstance(unit, str) else None,
        )


class Definitions:
    """Everything that was defined, by name and by pattern.

    An exact name goes before a pattern, a later pattern before an earlier one; each says what
    the ones before it left open.

    Parameters
    ----------
    known : list of mapping
        What a manifest holds, as `as_json` returned it.
    """

    def __init__(self, known: object = None) -> None:
        self._exact: dict[str, Definition] = {}
        self._patterns: dict[str, tuple[re.Pattern[str], Definition]] = {}
        for item in known if isinstance(known, list) else []:
            found = Definition.from_json(item)
            if found is not None:
                self.add(found)

    def add(self, said: Definition, *, overwrite: bool = False) -> Definition:
        """Take a definition and return what holds for its name now.

        Parameters
        ----------
        overwrite : bool
            Forget what was said of this very name before; else the two are merged.
        """
        if "*" not in said.name:
            before = self._exact.get(said.name)
            held = said if overwrite or before is None else said.over(before)
            self._exact[said.name] = held
            return held
        entry = self._patterns.pop(said.name, None)
        held = said if overwrite or entry is None else said.over(entry[1])
        # Only * is special: names hold brackets and question marks of their own.
        text = said.name.replace("[", "[[]").replace("?", "[?]")
        self._patterns[said.name] = (re.compile(fnmatch.translate(text)), held)
        return held

    def of(self, key: str) -> Definition | None:
        """Return what holds for a metric, ``None`` if nothing was said of it."""
        found = self._exact.get(key)
        for pattern, said in reversed([*self._patterns.values()]):
            if pattern.match(key):
                found = said if found is None else found.over(said)
        return found if found is None else replace(found, name=key)

    def as_json(self) -> list[dict[str, Any]]:
        """Return everything that was defined, for the manifest."""
        said = [*(item for _, item in self._patterns.values()), *self._exact.values()]
        return [item.as_json() for item in said]
