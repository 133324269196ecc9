"""The series of many runs: a few are read at once, and given out in their order."""

from __future__ import annotations

import os
import warnings
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

from runfolio.errors import CorruptRecord, RunfolioWarning, RunNotFound, UsageError
from runfolio.format.series import read_series
from runfolio.model.run import RunRecord
from runfolio.model.series import Series
from runfolio.store.store import Store
from runfolio.store.words import project_words

__all__ = ["each_series", "read_many"]

WORKERS: Final = min(os.cpu_count() or 1, 4)
"""Arrow decodes without the interpreter's lock; beyond a few threads the rest has to wait for it."""

Answer = TypeVar("Answer")


def each_series(
    store: Store, records: Iterable[RunRecord], keys: Collection[str] | None = None
) -> Iterator[tuple[RunRecord, dict[str, Series]]]:
    """Yield the runs with their points by metric, in the order given.

    Parameters
    ----------
    keys : collection of str, optional
        Only these metrics; a run that has none of them comes with an empty mapping.
    """
    return read_many(store, records, keys, lambda record, found: (record, dict(found)))


def read_many(
    store: Store,
    records: Iterable[RunRecord],
    keys: Collection[str] | None,
    work: Callable[[RunRecord, Mapping[str, Series]], Answer],
    steps: Callable[[RunRecord], tuple[float, float] | None] = lambda record: None,  # noqa: ARG005
) -> Iterator[Answer]:
    """Yield what `work` makes of each run's points, in the order of the records.

    Only a few runs are in memory at a time: what is kept of one is what `work` returns.

    Parameters
    ----------
    keys : collection of str, optional
        Only these metrics.
    work : callable
        Called in one of a few threads.
    steps : callable
        Returns between which steps a run's points are wanted: those beyond may be left out.

    Warns
    -----
    RunfolioWarning
        The series of a run cannot be read; it counts as one without points.
    """
    renames = bool(project_words(store.path).aliases)

    def one(record: RunRecord) -> tuple[Answer, str]:
        found, fault = _series(store, record, keys, steps(record), renames=renames)
        return work(record, found), fault

    waiting: deque[Future[tuple[Answer, str]]] = deque()
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="runfolio-read") as pool:
        try:
            for record in records:
                waiting.append(pool.submit(one, record))
                if len(waiting) > 2 * WORKERS:
                    yield _told(waiting.popleft())
            while waiting:
                yield _told(waiting.popleft())
        finally:
            for future in waiting:
                future.cancel()


def _told(future: Future[tuple[Answer, str]]) -> Answer:
    answer, fault = future.result()
    if fault:
        warnings.warn(fault, RunfolioWarning, stacklevel=4)
    return answer


def _series(
    store: Store,
    record: RunRecord,
    keys: Collection[str] | None,
    steps: tuple[float, float] | None,
    *,
    renames: bool,
) -> tuple[dict[str, Series], str]:
    """Return the points of a run, and a sentence where they cannot be read."""
    try:
        reader = store.reader(record.id)
    except (RunNotFound, UsageError):  # no run, or removed since it was listed
        return {}, ""
    try:
        if renames:  # old names take part, which the reader knows
            return reader.series(keys), ""
        try:
            return read_series(reader.path, keys, steps=steps), ""
        except CorruptRecord:  # the reader knows what to do where the live file is there still
            return reader.series(keys), ""
    except FileNotFoundError:
        return {}, ""
    except (CorruptRecord, OSError) as error:
        return {}, f"The series of the run {record.id} are left out: {error}"
