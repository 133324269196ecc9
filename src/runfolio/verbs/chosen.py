"""Which runs are meant where a verb takes runs or a query."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from runfolio.errors import RunNotFound, UsageError
from runfolio.query.runs import Runs
from runfolio.verbs.lookup import find

if TYPE_CHECKING:
    from runfolio.model.run import RunRecord
    from runfolio.store.store import Store

__all__ = ["chosen", "has_query_sign"]

_QUERY: Final = re.compile(r"[:<>=!()*]|^(and|or|not)$")


def chosen(runs: Sequence[Any], store: Store) -> tuple[list[RunRecord], str]:
    """Return the runs that are meant, and the query that selected them.

    Parameters
    ----------
    runs : sequence of str, run or runs
        Names and ids, or the words of a query.

    Raises
    ------
    RunNotFound, UsageError
        One of them is meant by nothing, and together they are no query.
    QueryError
        The query cannot be read.
    """
    found: dict[str, RunRecord] = {}
    for run in runs:
        if not isinstance(run, str) and isinstance(run, Iterable):
            found |= {record.id: record for record in (find(one, store) for one in run)}
            continue
        try:
            record = find(run, store)
        except (RunNotFound, UsageError):
            if not isinstance(run, str) or run.startswith("@") or not _is_query(runs):
                raise
            query = " ".join(runs)
            return list(Runs(store, query).records), query
        found[record.id] = record
    return list(found.values()), ""


def has_query_sign(word: str) -> bool:
    """Return whether a word has what a query has and the name of a run seldom does."""
    return _QUERY.search(word) is not None


def _is_query(runs: Sequence[Any]) -> bool:
    return all(isinstance(run, str) for run in runs) and any(
        has_query_sign(word) for run in runs for word in str(run).split()
    )
