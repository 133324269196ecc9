"""The names by which runs are read: those of the project's ``metrics.toml``, not only those logged."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from runfolio import settings
from runfolio.format.metrics_toml import read_metrics_toml
from runfolio.model.run import RunRecord
from runfolio.model.series import Series
from runfolio.model.vocabulary import Vocabulary

__all__ = ["in_words", "logged_names", "named", "project_words"]


def project_words() -> Vocabulary:
    """Return the vocabulary of the project in which this process works; empty without a file."""
    try:
        return read_metrics_toml(settings.metrics_file()).vocabulary
    except OSError:  # the current folder is gone
        return Vocabulary()


def in_words(record: RunRecord, words: Vocabulary) -> RunRecord:
    """Return a record with its metrics by the project's names; the run itself stays as it is."""
    return record if words.is_empty else replace(record, metrics=words.metrics(record.metrics))


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
