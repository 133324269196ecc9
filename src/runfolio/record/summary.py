"""``run.summary``: the last value of each metric, and whatever the user puts there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

from runfolio.model.metric import RULES
from runfolio.model.run import MetricSummary
from runfolio.record.values import Unsupported, plain, scalar

__all__ = ["Summary"]


class Summary(MutableMapping[str, Any]):
    """One value per metric, by attribute and by item.

    It is the last value unless `define_metric` names another figure; ``summary["loss.min"]`` and
    the like give any of ``min``, ``max``, ``mean``, ``last`` and ``best``. A value set by hand
    goes before the metric's own.

    Parameters
    ----------
    figures : callable
        Returns the metrics' summaries as of now.
    changed : callable
        Told when a value was set by hand.
    """

    def __init__(
        self,
        figures: Callable[[], Mapping[str, MetricSummary]],
        changed: Callable[[], None],
    ) -> None:
        object.__setattr__(self, "_set", {})
        object.__setattr__(self, "_figures", figures)
        object.__setattr__(self, "_changed", changed)

    _set: dict[str, Any]
    _figures: Callable[[], Mapping[str, MetricSummary]]
    _changed: Callable[[], None]

    def __getitem__(self, key: str) -> Any:
        if key in self._set:
            return self._set[key]
        figures = self._figures()
        if key in figures:
            return figures[key].figure
        metric, _, rule = key.rpartition(".")
        if metric in figures and rule in RULES:
            return figures[metric].by(rule)
        raise KeyError(key)

    def __setitem__(self, key: str, value: Any) -> None:
        try:
            self._set[key] = scalar(value)
        except Unsupported:
            self._set[key] = plain(value)
        self._changed()

    def __delitem__(self, key: str) -> None:
        del self._set[key]
        self._changed()

    def __iter__(self) -> Iterator[str]:
        return iter({**self._figures(), **self._set})

    def __len__(self) -> int:
        return len({**self._figures(), **self._set})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"The summary has no value {name!r} yet.") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __repr__(self) -> str:
        return f"Summary({dict(self)!r})"

    def take(self, earlier: object) -> None:
        """Go on with what earlier segments had set."""
        if isinstance(earlier, Mapping):
            self._set.update(earlier)

    @property
    def by_hand(self) -> dict[str, Any]:
        """What was set by hand, as JSON values."""
        return {key: plain(value) for key, value in self._set.items()}
