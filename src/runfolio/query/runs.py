"""The doors for Python: the runs a query selects, and one run by its id or name."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from runfolio.errors import UsageError, did_you_mean
from runfolio.model.context import CellExecution
from runfolio.model.run import RunRecord
from runfolio.model.series import Series
from runfolio.query.alerts import Alert, alerts_of
from runfolio.query.arrow import arrow_frame, arrow_history, as_arrow, as_kind, check_kind
from runfolio.query.fields import no_such_metric, printable
from runfolio.query.filter import parse
from runfolio.query.frame import frame, long_history, points_told, wide_history
from runfolio.query.frame_columns import all_wanted, wanted_by
from runfolio.query.media import HistogramSeries, LoadedMedium, histograms, media_of
from runfolio.query.output import matching_lines, output_lines
from runfolio.query.overlay import BUCKETS, Overlay, overlay
from runfolio.query.select import find
from runfolio.query.sql import ask
from runfolio.store.collector import collector_paused
from runfolio.store.reader import RunReader
from runfolio.store.series import each_series
from runfolio.store.store import Store

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LoadedRun", "Runs", "load"]


class Runs(Sequence[RunRecord]):
    """The runs of a store that a query selects, as they stood when it was asked.

    Parameters
    ----------
    store : Store
    query : str
        Empty for all runs, newest first.

    Attributes
    ----------
    records : tuple of RunRecord
    query : str
    store : Store
    total : int
        Runs in the store.
    notes : list of str
        What is worth knowing about the query: names that could mean something else, too.
    sorted_by : str or None
        The metric the query sorts by first, if any.

    Raises
    ------
    QueryError
        The query cannot be read; the error knows the character.
    """

    def __init__(self, store: Store, query: str = "") -> None:
        self.store = store
        self.query = query
        parsed = parse(query)
        with collector_paused():  # a filter reads a setting of every run
            found = store.records()
            self.total = len(found)
            answer = parsed.answer(found)
        self.records: tuple[RunRecord, ...] = tuple(answer.records)
        self.notes: list[str] = answer.notes
        self.sorted_by = answer.sorted_by

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[RunRecord]:
        return iter(self.records)

    @overload
    def __getitem__(self, place: int) -> RunRecord: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[RunRecord, ...]: ...
    def __getitem__(self, place: int | slice) -> RunRecord | tuple[RunRecord, ...]:
        """Return a record, or several for a slice."""
        return self.records[place]

    def __repr__(self) -> str:
        return f"<{len(self)} of {self.total} runs in {str(self.store.path)!r}>"

    @overload
    def frame(
        self,
        as_: Literal["pandas"] = "pandas",
        *,
        columns: Collection[str] | str | None = None,
    ) -> pd.DataFrame: ...
    @overload
    def frame(self, as_: str, *, columns: Collection[str] | str | None = None) -> Any: ...
    def frame(self, as_: str = "pandas", *, columns: Collection[str] | str | None = None) -> Any:
        """Return one row a run; see :func:`runfolio.query.frame.frame` for the columns.

        Parameters
        ----------
        as_ : str
            ``pandas``, ``polars`` or ``arrow``; the last two have exact types and nulls.
        columns : str or collection of str, optional
            Only the columns of these names, ``*`` and ``?`` for any characters:
            ``["id", "config.lr", "metrics.val/*"]``.

        Raises
        ------
        UsageError
            There is no column of such a name.
        MissingDependency
            polars is not installed.
        """
        check_kind(as_)
        wanted = all_wanted if columns is None else wanted_by(columns, self.records)
        if as_ == "pandas":
            return frame(self.records, wanted)
        return as_kind(arrow_frame(self.records, wanted), as_)

    @overload
    def history(
        self, keys: Collection[str] | str | None = None, as_: Literal["pandas"] = "pandas"
    ) -> pd.DataFrame: ...
    @overload
    def history(self, keys: Collection[str] | str | None, as_: str) -> Any: ...
    def history(self, keys: Collection[str] | str | None = None, as_: str = "pandas") -> Any:
        """Return one row a point: ``run_id``, ``name``, ``key``, ``step``, ``time``, ``value``.

        Parameters
        ----------
        keys : str or collection of str, optional
            Only these metrics.
        as_ : str
            ``pandas``, ``polars`` or ``arrow``.

        Raises
        ------
        UsageError
            None of the runs has one of the keys.
        """
        wanted = _wanted(keys, self.records)
        check_kind(as_)
        expected = points_told(self.records, wanted)
        found = long_history(each_series(self.store, self.records, wanted), expected)
        return found if as_ == "pandas" else as_kind(as_arrow(found), as_)

    def overlay(self, key: str, buckets: int = BUCKETS, *, x: str = "step") -> Overlay:
        """Return one metric of all these runs in buckets with their exact extremes.

        See :func:`runfolio.query.overlay.overlay`; memory grows with runs times buckets, however
        long the runs are.

        Raises
        ------
        UsageError
            None of the runs has the metric, or the one that `x` names.
        """
        return overlay(self.store, self.records, key, buckets, x=x)

    def sql(self, statement: str, *, as_: str = "pandas", timeout_s: float = 60.0) -> Any:
        """Return what a SELECT over ``runs``, ``metrics``, ``events`` and ``artifacts`` finds.

        The tables hold these runs alone; see :func:`runfolio.query.sql.ask`.

        Parameters
        ----------
        as_ : str
            ``pandas``, ``polars`` or ``arrow``.

        Raises
        ------
        UsageError
            The statement cannot be read or carried out.
        """
        return ask(self.store, self.records, statement, as_=as_, timeout_s=timeout_s)

    def media(
        self, key: str | None = None, step: float | None = None
    ) -> dict[str, list[LoadedMedium]]:
        """Return images, tables, sounds … by the id of their run, runs without any left out.

        Parameters
        ----------
        key : str, optional
            Only what was logged under this name.
        step : number, optional
            Only what belongs to this step.
        """
        found = {
            record.id: LoadedRun(self.store.reader(record.id)).media(step=step)
            for record in self.records
        }
        kept = {
            run: [medium for medium in media if key is None or medium.key == key]
            for run, media in found.items()
        }
        return {run: media for run, media in kept.items() if media}


class LoadedRun:
    """One run to read: its fields as attributes, its points, events and cells.

    A run that is still being written answers each call with what is there by then.

    Parameters
    ----------
    reader : RunReader
    """

    def __init__(self, reader: RunReader) -> None:
        self._reader = reader

    def __getattr__(self, name: str) -> Any:
        """Return a field of the record: ``config``, ``status``, ``tags`` and so on."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._reader.record, name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *RunRecord.__slots__, "short_id"})

    def __repr__(self) -> str:
        record = self.record
        return f"<run {record.name!r} {record.id} {record.status.value}>"

    @property
    def record(self) -> RunRecord:
        """The run as its manifest and edits tell it by now."""
        return self._reader.record

    @property
    def path(self) -> Path:
        """The run directory."""
        return self._reader.path

    def keys(self) -> list[str]:
        """Return the names of the metrics, sorted."""
        return self._reader.keys()

    def series(self, key: str) -> Series:
        """Return the points of one metric, one value per step, in order of step.

        Raises
        ------
        UsageError
            The run has no such metric.
        """
        found = self._reader.series([key]).get(key)
        if found is None:
            raise UsageError(no_such_metric(key, self.keys()))
        return found

    @overload
    def history(
        self,
        keys: Collection[str] | str | None = None,
        x: str | None = None,
        as_: Literal["pandas"] = "pandas",
    ) -> pd.DataFrame: ...
    @overload
    def history(
        self, keys: Collection[str] | str | None = None, x: str | None = None, *, as_: str
    ) -> Any: ...
    def history(
        self,
        keys: Collection[str] | str | None = None,
        x: str | None = None,
        as_: str = "pandas",
    ) -> Any:
        """Return the metrics as columns over ``step``, NaN where one has no value at a step.

        Parameters
        ----------
        keys : str or collection of str, optional
            Only these metrics, in this order; by default all, sorted.
        x : str, optional
            A metric that stands in the index instead of the step, such as ``epoch``: its value
            at each step, else its last before it.
        as_ : str
            ``pandas``, ``polars`` or ``arrow``; the last two have the index as first column and
            tell a missing value (null) from a NaN that was logged.

        Raises
        ------
        UsageError
            The run has none of that name.
        MissingDependency
            polars was asked for and is not installed.
        """
        check_kind(as_)
        axis = None if x is None else self.series(x)
        found = self._chosen(keys, x)
        if as_ == "pandas":
            return wide_history(found, axis)
        return as_kind(arrow_history(found, axis), as_)

    def _chosen(self, keys: Collection[str] | str | None, x: str | None) -> dict[str, Series]:
        if keys is None:
            return {key: s for key, s in self._reader.series().items() if key != x}
        wanted = [keys] if isinstance(keys, str) else list(keys)
        found = self._reader.series(wanted)
        for key in wanted:
            if key not in found:
                raise UsageError(no_such_metric(key, self.keys()))
        return {key: found[key] for key in wanted}

    def events(self) -> list[dict[str, Any]]:
        """Return everything that happened and is not a number, in order."""
        return self._reader.events()

    def media(self, key: str | None = None, step: float | None = None) -> list[LoadedMedium]:
        """Return images, tables, sounds … in order of key and step.

        Parameters
        ----------
        key : str, optional
            Only what was logged under this name.
        step : number, optional
            Only what belongs to this step.

        Raises
        ------
        UsageError
            The run has no media of that name.
        """
        found = media_of(self._reader.events())
        if key is not None:
            known = list(dict.fromkeys(item.key for item in found))
            if key not in known:
                near = did_you_mean(printable(key), map(printable, known))
                raise UsageError(f'There are no media of the name "{printable(key)}".{near}')
            found = [item for item in found if item.key == key]
        return [LoadedMedium(i, self.path) for i in found if step is None or i.step == step]

    def histograms(self, key: str) -> HistogramSeries:
        """Return the histograms of a key as arrays over the steps.

        Raises
        ------
        UsageError
            The run has no media of that name.
        """
        return histograms([medium.item for medium in self.media(key)], key)

    def output(self, search: str | None = None) -> list[str]:
        """Return the lines the run printed, as a person would have seen them.

        Parameters
        ----------
        search : str, optional
            Only lines that hold this text, in large or small letters.
        """
        lines = output_lines(self.path)
        return [line for _, line in matching_lines(lines, search)] if search else list(lines)

    def alerts(self) -> list[Alert]:
        """Return the alerts, in order of time."""
        return alerts_of(self._reader.events())

    def cells(self) -> list[CellExecution]:
        """Return the notebook cells that ran, in true order."""
        return self._reader.cells()


def load(run: str, store: Store | None = None) -> LoadedRun:
    """Return one run to read, by id, a piece of it, name, ``@last`` or ``@best:METRIC``.

    Parameters
    ----------
    store : Store, optional
        By default the store of this process.

    Raises
    ------
    RunNotFound
        No run is meant, or more than one.

    Examples
    --------
    >>> runfolio.load("@best:val/acc").history(["val/acc"])  # doctest: +SKIP
    """
    store = store or Store.default()
    return LoadedRun(store.reader(find(store.records(), run).id))


def _wanted(keys: Collection[str] | str | None, records: Sequence[RunRecord]) -> list[str] | None:
    if keys is None:
        return None
    wanted = [keys] if isinstance(keys, str) else list(keys)
    known = dict.fromkeys(key for record in records for key in record.metrics)
    for key in wanted:
        if records and key not in known:
            raise UsageError(no_such_metric(key, known))
    return wanted
