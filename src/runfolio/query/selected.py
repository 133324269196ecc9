"""The runs that somebody selected in a table."""

from __future__ import annotations

from collections.abc import Sequence

from runfolio.query.runs import Runs
from runfolio.store.store import Store

__all__ = ["SelectedRuns"]


class SelectedRuns(Runs):
    """Some runs of a store by their ids, in that order, as they stand now.

    Parameters
    ----------
    store : Store
    ids : sequence of str
        Those that are no longer in the store are passed over.
    """

    def __init__(self, store: Store, ids: Sequence[str]) -> None:
        super().__init__(store)
        found = {record.id: record for record in self.records}
        self.records = tuple(found[run] for run in dict.fromkeys(ids) if run in found)

    @property
    def ids(self) -> list[str]:
        """The ids of the runs."""
        return [record.id for record in self.records]
