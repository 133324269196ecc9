"""The names by which runs are read: those of the project's ``metrics.toml``, not only those logged."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from runfolio import settings
from runfolio.format.metrics_toml import read_metrics_toml
from runfolio.model.deferred import DEFINED, Figures, Outline
from runfolio.model.run import MetricSummary, RunRecord, told_later
from runfolio.model.series import Series
from runfolio.model.vocabulary import Vocabulary

__all__ = ["Wording", "in_words", "logged_names", "named", "project_words"]


def project_words(store: Path | None = None) -> Vocabulary:
    """Return the vocabulary of a project; empty without a file.

    Parameters
    ----------
    store : Path, optional
        Of the project in which this store lies. Where that says nothing, and without it, of the
        project in which this process works.
    """
    try:
        here = settings.metrics_file()
        there = here if store is None else settings.metrics_file(store.absolute().parent)
        words = read_metrics_toml(there).vocabulary
        return read_metrics_toml(here).vocabulary if words.is_empty and there != here else words
    except OSError:  # the current folder is gone
        return Vocabulary()


def in_words(record: RunRecord, words: Vocabulary) -> RunRecord:
    """Return a record with its metrics by the project's names; the run itself stays as it is."""
    return record if words.is_empty else replace(record, metrics=words.metrics(record.metrics))


class Wording:
    """Tells records by a project's names; of those that are read when asked for nothing is read.

    Parameters
    ----------
    words : Vocabulary
    """

    def __init__(self, words: Vocabulary) -> None:
        self.words = words
        self._outlines: dict[Outline, _Worded] = {}
        self._made: dict[str, tuple[RunRecord, RunRecord]] = {}

    def record(self, record: RunRecord) -> RunRecord:
        """Return a record with its metrics by the project's names."""
        if self.words.is_empty:
            return record
        before, made = self._made.get(record.id, (None, None))
        if before is record and made is not None:
            return made
        later = _InWords(record, self)
        made = told_later(later, record.id, record.status, unsettled=record.unsettled)
        self._made[record.id] = record, made
        return made

    def outline(self, logged: Outline) -> _Worded:
        """Return the names and definitions of metrics that were logged with these."""
        found = self._outlines.get(logged)
        if found is None:
            found = self._outlines[logged] = _worded(logged, self.words)
        return found


class _Worded(NamedTuple):
    """Names and definitions; name → what was logged; the names whose figure is another one now."""

    outline: Outline
    logged: Mapping[str, str]
    otherwise: frozenset[str]


def _worded(logged: Outline, words: Vocabulary) -> _Worded:
    before = {key: MetricSummary(**said) for key, said in logged.defined.items()}
    after = words.metrics(before)
    keys = dict(zip(after, before, strict=True))
    return _Worded(
        Outline({name: {what: getattr(s, what) for what in DEFINED} for name, s in after.items()}),
        keys,
        frozenset(
            name for name, s in after.items() if _figure_rule(s) != _figure_rule(before[keys[name]])
        ),
    )


def _figure_rule(said: MetricSummary) -> tuple[str, str | None]:
    """Return what decides which value stands for a metric."""
    rule = said.rule.partition(",")[0] if said.rule else "last"
    return rule, said.goal if rule == "best" else None


class _InWords:
    """Tells the fields of a record, its metrics by the project's names."""

    __slots__ = ("_record", "_wording")

    def __init__(self, record: RunRecord, wording: Wording) -> None:
        self._record = record
        self._wording = wording

    def __call__(self, name: str) -> Mapping[str, Any]:
        """Return the value of a field by its name."""
        if name == "metrics":
            return {name: self._metrics()}
        return {name: getattr(self._record, name)}

    def written(self, name: str) -> bytes | None:
        """Return JSON that has each key of a mapping, at any depth; ``None`` for none at hand."""
        if name == "metrics" and self._wording.words.aliases:
            return None
        return self._record.written(name)

    def figure_of(self, metric: str) -> float | None:
        """Return the one value that stands for a metric."""
        metrics = self._metrics()
        if isinstance(metrics, Figures):
            return metrics.figure_of(metric)
        summary = metrics.get(metric)
        return None if summary is None else summary.figure

    def _metrics(self) -> Mapping[str, MetricSummary]:
        metrics = self._record.metrics
        if isinstance(metrics, Figures):
            return _WordedMetrics(metrics, self._wording)
        return self._wording.words.metrics(metrics)


class _WordedMetrics(Figures[MetricSummary]):
    """The metrics of a run by the project's names."""

    __slots__ = ("_logged", "_told", "_whole", "_words")

    def __init__(self, logged: Figures[MetricSummary], wording: Wording) -> None:
        self._told = wording.outline(logged.outline)
        super().__init__(self._told.outline)
        self._logged = logged
        self._words = wording.words
        self._whole: Mapping[str, MetricSummary] | None = None

    @property
    def whole(self) -> Mapping[str, MetricSummary]:
        """All that is known of each metric."""
        if self._whole is None:
            self._whole = self._words.metrics(self._logged)
        return self._whole

    def figure_of(self, metric: str) -> float | None:
        """Return the one value that stands for a metric; ``None`` where there is none."""
        if metric in self._told.otherwise:
            return self.whole[metric].figure
        key = self._told.logged.get(metric)
        return None if key is None else self._logged.figure_of(key)


def logged_names(
    keys: Collection[str], wanted: Collection[str] | None, words: Vocabulary
) -> tuple[Collection[str] | None, Mapping[str, str]]:
    """Return by which names to read the metrics of a run that are asked for by the project's.

    Parameters
    ----------
    keys : collection of str
        What the run has logged.
    wanted : collection of str or None
        What is asked for; ``None`` for everything.

    Returns
    -------
    tuple
        The keys to read, and key → name for those that are called otherwise.
    """
    renamed = words.renamed(keys)
    if wanted is None or not renamed:
        return wanted, renamed
    by_name = {name: key for key, name in renamed.items()}
    return [by_name.get(name, name) for name in wanted if name not in renamed], renamed


def named(found: Mapping[str, Series], renamed: Mapping[str, str]) -> dict[str, Series]:
    """Return series by the names of the project, sorted by them."""
    if not renamed:
        return dict(found)
    called = {renamed.get(key, key): series for key, series in found.items()}
    return {name: replace(called[name], key=name) for name in sorted(called)}
