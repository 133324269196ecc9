"""The project's own words for its metrics: one name a thing, its other names, unit and goal."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from runfolio.model.metric import Definition, Definitions
from runfolio.model.run import MetricSummary

__all__ = ["Alias", "Vocabulary"]


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name of a metric; with one ``*`` on both sides, of all the metrics of a pattern.

    Attributes
    ----------
    alias : str
        What runs have logged: ``training_loss``, ``validation/*``.
    name : str
        What it is called: ``train/loss``, ``val/*``.
    """

    alias: str
    name: str

    def resolve(self, key: str) -> str | None:
        """Return the name of a logged key, ``None`` where this is no alias of it."""
        if "*" not in self.alias:
            return self.name if key == self.alias else None
        before, _, after = self.alias.partition("*")
        fits = key.startswith(before) and key.endswith(after)
        if not fits or len(key) <= len(before) + len(after):
            return None
        return self.name.replace("*", key[len(before) : len(key) - len(after)])


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a project's ``metrics.toml`` says.

    Attributes
    ----------
    definitions : Definitions
        Goal, unit, step axis and summary rule, by name and by pattern.
    names : tuple of str
        The metrics and patterns it lists, in its order.
    aliases : tuple of Alias
        The first that fits a key counts.
    """

    definitions: Definitions = field(default_factory=Definitions)
    names: tuple[str, ...] = ()
    aliases: tuple[Alias, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing."""
        return not self.names

    def name_of(self, key: str) -> str:
        """Return what a logged key is called: itself where it is no alias."""
        for alias in self.aliases:
            if (name := alias.resolve(key)) is not None:
                return name
        return key

    def renamed(self, keys: Collection[str]) -> dict[str, str]:
        """Return logged key → name, for those of one run's keys that are read by another name.

        A run that has the name itself, or two aliases of it, keeps both apart: no point is ever
        mixed with another's. Of several aliases the one that stands first in the file counts.
        """
        if not self.aliases:
            return {}
        taken = set(keys)
        found: dict[str, str] = {}
        for alias in self.aliases:
            for key in keys:
                if key in found or (name := alias.resolve(key)) is None:
                    continue
                if name not in taken:
                    taken.add(name)
                    found[key] = name
        return found

    def metrics(self, logged: Mapping[str, MetricSummary]) -> Mapping[str, MetricSummary]:
        """Return one run's metrics by their names, with what it did not say of them itself."""
        if self.is_empty:
            return logged
        renamed = self.renamed(logged)
        return {
            (name := renamed.get(key, key)): self._completed(name, summary, renamed)
            for key, summary in logged.items()
        }

    def _completed(
        self, name: str, summary: MetricSummary, renamed: Mapping[str, str]
    ) -> MetricSummary:
        along = summary.step_metric
        along = renamed.get(along, along) if along is not None else None
        said = self.definitions.of(name)
        if said is None:
            return summary if along == summary.step_metric else replace(summary, step_metric=along)
        return replace(
            summary,
            goal=summary.goal or said.goal,
            rule=summary.rule or said.rule,
            unit=summary.unit or said.unit,
            step_metric=along or said.step_metric,
            hidden=summary.hidden or bool(said.hidden),
        )


def vocabulary(said: Sequence[Definition], aliases: Sequence[Alias]) -> Vocabulary:
    """Return the vocabulary of some definitions, in their order."""
    definitions = Definitions()
    for one in said:
        definitions.add(one)
    return Vocabulary(definitions, tuple(one.name for one in said), tuple(aliases))
