"""What ``define_metric`` said so far, and what of it holds for a metric."""

from __future__ import annotations

import dataclasses
import fnmatch
import re
from collections.abc import Iterable, Mapping
from typing import Any

from runfolio.errors import UsageError, did_you_mean
from runfolio.model.metric import GOALS, RULES, Definition

__all__ = ["Definitions", "definition"]


def definition(
    name: object,
    step_metric: object = None,
    summary: object = None,
    goal: object = None,
    *,
    hidden: bool | None = None,
) -> Definition:
    """Return what a ``define_metric`` asks for.

    Raises
    ------
    UsageError
        A name that is no text, a rule or a goal that does not exist.
    """
    if not isinstance(name, str) or not name:
        raise UsageError(
            f"define_metric: the name is {name!r}; expected a metric's name or a pattern such as "
            "'val/*'."
        )
    along = getattr(step_metric, "name", step_metric)  # W&B takes what define_metric returned, too
    if along is not None and (not isinstance(along, str) or "*" in along):
        raise UsageError(
            f"define_metric({name!r}): step_metric is {along!r}; expected the name of one metric."
        )
    return Definition(name, along or None, _rule(name, summary), _goal(name, goal), hidden)


def _rule(name: str, summary: object) -> str | None:
    if summary is None:
        return None
    words = (
        summary.split(",") if isinstance(summary, str) else [str(word) for word in _each(summary)]
    )
    rules = [word.strip().lower() for word in words]
    # W&B's "copy" is its word for the last value.
    rules = list(dict.fromkeys("last" if rule == "copy" else rule for rule in rules if rule))
    for rule in rules:
        if rule not in RULES:
            raise UsageError(
                f"define_metric({name!r}): summary is {rule!r}; expected one or more of "
                f"{', '.join(RULES)}.{did_you_mean(rule, RULES)}"
            )
    return ",".join(rules) or None


def _each(summary: object) -> Iterable[object]:
    return summary if isinstance(summary, (list, tuple, set, frozenset)) else [summary]


def _goal(name: str, goal: object) -> str | None:
    if goal is None:
        return None
    found = GOALS.get(str(goal).lower())
    if found is None:
        raise UsageError(
            f"define_metric({name!r}): goal is {goal!r}; expected minimize or maximize."
        )
    return found


class Definitions:
    """Everything that was defined, by name and by pattern.

    An exact name goes before a pattern, a later pattern before an earlier one; each says what
    the ones before it left open.

    Parameters
    ----------
    known : iterable of mapping
        What earlier segments had defined, as `as_json` returned it.
    """

    def __init__(self, known: object = None) -> None:
        self._exact: dict[str, Definition] = {}
        self._patterns: dict[str, tuple[re.Pattern[str], Definition]] = {}
        for item in known if isinstance(known, list) else []:
            found = _from_json(item)
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
        return found if found is None else dataclasses.replace(found, name=key)

    def as_json(self) -> list[dict[str, Any]]:
        """Return everything that was defined, for the manifest."""
        said = [*(item for _, item in self._patterns.values()), *self._exact.values()]
        return [to_json(item) for item in said]


def to_json(said: Definition) -> dict[str, Any]:
    """Return one definition as the manifest and the event hold it."""
    body = {"name": said.name, "step_metric": said.step_metric, "summary": said.rule,
            "goal": said.goal, "hidden": said.hidden}  # fmt: skip
    return {key: value for key, value in body.items() if value is not None}


def _from_json(item: object) -> Definition | None:
    if not isinstance(item, Mapping):
        return None
    try:
        return definition(
            item.get("name"), item.get("step_metric"), item.get("summary"), item.get("goal"),
            hidden=item.get("hidden") if isinstance(item.get("hidden"), bool) else None,
        )  # fmt: skip
    except UsageError:
        return None  # of a manifest that somebody edited
