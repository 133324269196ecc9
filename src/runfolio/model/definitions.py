"""What a ``define_metric`` asks for, checked at the call."""

from __future__ import annotations

from collections.abc import Iterable

from runfolio.errors import UsageError, did_you_mean
from runfolio.model.metric import GOALS, RULES, Definition

__all__ = ["definition"]


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
