"""Which metrics of a live run are the axes of others, as the run says it while it goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from runfolio.model.metric import Definitions

__all__ = ["Axes"]


class Axes:
    """Knows the step metric of each metric; looks again where a metric is new.

    Parameters
    ----------
    events : callable
        Returns the run's events: a definition is among them before any manifest has it.
    """

    def __init__(self, events: Callable[[], Sequence[Mapping[str, Any]]]) -> None:
        self._events = events
        self._seen: set[str] = set()
        self._defined = Definitions()
        self.names: frozenset[str] = frozenset()
        """The metrics that serve others as an axis."""

    def see(self, keys: Iterable[str]) -> None:
        """Look for what was defined, if one of these metrics is new."""
        new = set(keys) - self._seen
        if new:
            self._seen |= new
            self.look()

    def look(self) -> None:
        """Look for what was defined meanwhile."""
        said = [event for event in self._events() if event.get("kind") == "define"]
        self._defined = Definitions(said)
        self.names = frozenset(str(one["step_metric"]) for one in said if one.get("step_metric"))

    def of(self, key: str) -> str | None:
        """Return the metric over whose values another one runs; ``None`` if over steps."""
        said = self._defined.of(key)
        return None if said is None or said.step_metric == key else said.step_metric
